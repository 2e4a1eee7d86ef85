"""Which of several answers to several questions nothing beats."""

from __future__ import annotations

from collections.abc import Sequence


def non_dominated(gains: Sequence[Sequence[float]]) -> list[bool]:
    """Whether no other entry is as good everywhere and better somewhere; more is better.

    >>> non_dominated([(1.0, 3.0), (2.0, 2.0), (1.0, 2.0), (2.0, 2.0)])
    [True, True, False, True]
    """
    return [not any(all(o >= m for o, m in zip(other, entry, strict=True)) and tuple(other) != tuple(entry)
                    for other in gains) for entry in gains]  # fmt: skip
