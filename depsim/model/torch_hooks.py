"""A PyTorch module with the parameters of one individual, and what its activations send."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from depsim.lazy_torch import torch

Send = Callable[[int, "torch.Tensor", "torch.Tensor"], "torch.Tensor"]
"""What an activation sends: from which call of any activation it is, from 0, what it received, and its response."""


class ModuleError(ValueError):
    """A module that cannot be a network of a cohort; the message says why, and what to do."""


class HookedModule:
    """A module whose activations send what each run of it says.

    Args:
        module: of any individual; its own parameters are never used.
        hidden: the names of its activations.
    """

    def __init__(self, module: torch.nn.Module, hidden: Sequence[str]) -> None:
        self._module = module
        self._calls = 0
        self._send: Send | None = None
        self._buffers = dict[torch.device, dict[str, torch.Tensor]]()
        for name in hidden:
            module.get_submodule(name).register_forward_hook(self._respond)

    def __call__(self, parameters: Mapping[str, torch.Tensor], x: torch.Tensor, send: Send, calls: int) -> torch.Tensor:
        """The outputs for inputs (B, ...) with these parameters.

        Raises:
            ModuleError: if its activations are not called so many times.
        """
        self._calls, self._send = 0, send
        try:
            tensors = {**self._buffers_on(x.device), **parameters}
            outputs: torch.Tensor = torch.func.functional_call(self._module, tensors, (x,))
        finally:
            self._send = None
        if self._calls != calls:
            raise ModuleError(
                f"its activations are called {self._calls} times, and were {calls} times when it was composed; "
                "forward() has to do the same for all inputs"
            )
        return outputs

    def _buffers_on(self, device: torch.device) -> dict[str, torch.Tensor]:
        """The module's constants on a device."""
        if device not in self._buffers:
            self._buffers[device] = {name: value.to(device) for name, value in self._module.named_buffers()}
        return self._buffers[device]

    def _respond(self, _module: torch.nn.Module, received: tuple[Any, ...], response: torch.Tensor) -> torch.Tensor:
        assert self._send is not None, "the module is called by itself only"
        self._calls += 1
        return self._send(self._calls - 1, received[0], response)
