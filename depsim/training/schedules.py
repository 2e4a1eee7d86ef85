"""Schedules: what changes from epoch to epoch in a phase of training."""

from __future__ import annotations

from dataclasses import dataclass

from depsim.model.state import Activity


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


@dataclass(frozen=True)
class Phase:
    """One phase of training, with an Adam of its own.

    Args:
        learning_rate: Adam's.
        internal_noise: its standard deviation in each epoch; the length is the number of epochs.
        activity: of the hidden units in each epoch, or None to leave the networks in their standing state.
    """

    learning_rate: float
    internal_noise: tuple[float, ...]
    activity: tuple[Activity, ...] | None = None

    def __post_init__(self) -> None:
        """Refuse schedules of different lengths."""
        if self.activity is not None and len(self.activity) != len(self.internal_noise):
            raise ValueError(f"{len(self.activity)} epochs of activity, but {len(self.internal_noise)} of noise")

    @property
    def epochs(self) -> int:
        """How many passes over the training set."""
        return len(self.internal_noise)

    @staticmethod
    def plain(epochs: int, learning_rate: float) -> Phase:
        """A phase without noise.

        >>> Phase.plain(2, 1e-3)
        Phase(learning_rate=0.001, internal_noise=(0.0, 0.0), activity=None)
        """
        return Phase(learning_rate, (0.0,) * epochs)
