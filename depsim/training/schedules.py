"""Schedules: what changes from epoch to epoch in a phase of training."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from depsim.model.state import Activity, PerIndividual, StandingState, of_individual

Layers = tuple[int, ...] | None
"""Layers that learn, 1 for the one that reads the inputs; None for all."""

NORM_ABOVE_0 = 1e-6
"""Added to a gradient's norm that divides, as :func:`torch.nn.utils.clip_grad_norm_` does."""


def linear_taper(initial: float, epochs: int) -> tuple[float, ...]:
    """Values that fall linearly from ``initial`` in the first epoch to 0 in the last.

    Epoch e of E has ``initial * (1 - e / (E - 1))``; a single epoch has ``initial``.

    References: paper, Methods, "SSRI-like recovery".

    >>> linear_taper(0.5, 3)
    (0.5, 0.25, 0.0)
    >>> linear_taper(0.5, 1)
    (0.5,)
    >>> linear_taper(0.5, 0)
    ()
    """
    if epochs == 1:
        return (initial,)
    return tuple(initial * (1 - epoch / (epochs - 1)) for epoch in range(epochs))


def linear_rise(first: float, last: float, epochs: int) -> tuple[float, ...]:
    """Values that change linearly from ``first`` in the first epoch to ``last`` in the last; a single one has ``last``.

    >>> linear_rise(1.0, 2.0, 3), linear_rise(1.0, 2.0, 1), linear_rise(1.0, 2.0, 0)
    ((1.0, 1.5, 2.0), (2.0,), ())
    """
    if epochs == 1:
        return (last,)
    return tuple(first + (last - first) * epoch / (epochs - 1) for epoch in range(epochs))


def learning(layers: Layers, count: int) -> np.ndarray:
    """Whether each of so many layers learns, (L,) boolean.

    >>> learning((2,), 3).tolist(), learning(None, 2).tolist()
    ([False, True, False], [True, True])
    """
    return np.array([layers is None or layer in layers for layer in range(1, count + 1)])


@dataclass(frozen=True)
class Phase:
    """One phase of training, with an Adam of its own.

    Args:
        learning_rate: Adam's; one for all individuals, or one for each.
        internal_noise: its standard deviation in each epoch; the length is the number of epochs.
        activity: what the drug that is given sets in each epoch, or None to leave it as it is.
        fading: drugs that are kept, each with the number of last epochs in which it fades, if it is on.
        layers: whose weights and biases learn; those of the others stay as they are.
    """

    learning_rate: PerIndividual
    internal_noise: tuple[float, ...]
    activity: tuple[Activity, ...] | None = None
    fading: tuple[tuple[Activity, int], ...] = ()
    layers: Layers = None

    def __post_init__(self) -> None:
        """Refuse schedules of different lengths."""
        if self.activity is not None and len(self.activity) != len(self.internal_noise):
            raise ValueError(f"{len(self.activity)} epochs of activity, but {len(self.internal_noise)} of noise")

    def individual(self, index: int) -> Phase:
        """The phase of one individual."""
        return replace(self, learning_rate=of_individual(self.learning_rate, index))

    @property
    def epochs(self) -> int:
        """How many epochs, each of the task's passes over the training points."""
        return len(self.internal_noise)

    def state(self, epoch: int, standing: StandingState) -> StandingState:
        """The state of networks in an epoch.

        Args:
            epoch: from 0.
            standing: that they were in before the phase.

        >>> fades = Phase(1e-3, (0.0,) * 4, fading=((Activity(0.6, True), 2),))
        >>> before = StandingState(kept=(Activity(0.6, True),))
        >>> [fades.state(epoch, before).in_layer(1).damping_factor for epoch in range(4)]
        [0.6, 0.6, 0.8, 1.0]
        """
        if self.activity is not None:
            standing = replace(standing, activity=self.activity[epoch])
        begun = {drug: epoch - self.epochs + last + 1 for drug, last in self.fading}
        last = dict(self.fading)
        kept = tuple(drug.faded(begun[drug] / last[drug]) if begun.get(drug, 0) > 0 else drug for drug in standing.kept)
        return replace(standing, kept=kept) if kept != standing.kept else standing

    @staticmethod
    def plain(epochs: int, learning_rate: float) -> Phase:
        """A phase without noise.

        >>> Phase.plain(2, 1e-3)
        Phase(learning_rate=0.001, internal_noise=(0.0, 0.0), activity=None, fading=(), layers=None)
        """
        return Phase(learning_rate, (0.0,) * epochs)
