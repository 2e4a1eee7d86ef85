"""The parts of a network that is a PyTorch module, as other code asks for them."""

from __future__ import annotations

from dataclasses import dataclass

from depsim.model.base import Architecture


@dataclass(frozen=True)
class ModuleArchitecture(Architecture):
    """The parts of a network whose parameters are a module's.

    Args:
        other_parameters: how many there are that are in no weight matrix.
        products: multiplications by weights of matrices that one sample takes.
        calls: of layers with a weight matrix and of activations that one sample takes.
        linear: matrices that lead to no activation, those of the outputs left out.
    """

    other_parameters: int = 0
    products: int = 0
    calls: int = 0
    linear: tuple[str, ...] = ()

    @property
    def biases(self) -> int:
        """Number of parameters that are in no weight matrix."""
        return self.other_parameters

    @property
    def remark(self) -> str:
        """Where noise acts, if most parameters are never pruned or a matrix leads to no activation; else empty."""
        total = self.weights + self.other_parameters
        if 2 * self.other_parameters <= total and not self.linear:
            return ""
        places = ", ".join(layer.name for layer in self.hidden)
        nowhere = f", and not behind {', '.join(self.linear)}" if self.linear else ""
        return (
            f"{self.other_parameters:,} of {total:,} parameters are never pruned; "
            f"noise and drugs act at: {places}{nowhere}"
        )
