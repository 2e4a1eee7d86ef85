"""Schedules: pure functions of the epoch."""

from __future__ import annotations


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


def constant(value: float, epochs: int) -> tuple[float, ...]:
    """The same value in every epoch.

    >>> constant(0.0, 2)
    (0.0, 0.0)
    """
    return (value,) * epochs
