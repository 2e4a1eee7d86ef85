"""Where in a space something does not hold: the one setting, and the bound on it, that tells best."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

_FEWEST, _CLEAR, _RARE = 3, 0.5, 0.01
_SHUFFLES, _SEED = 499, 0


class ExceptionRule(NamedTuple):
    """A bound beyond which something mostly does not hold.

    Args:
        setting: place of the setting.
        above: whether exceptions lie above the bound.
        bound: between the two values that it separates.
        covered: exceptions beyond it.
        exceptions: in all.
        beyond: points beyond it, at which it holds or not.
    """

    setting: int
    above: bool
    bound: float
    covered: int
    exceptions: int
    beyond: int


def exception_rule(places: np.ndarray, holds: np.ndarray) -> ExceptionRule | None:
    """The bound on one setting that separates best where something holds from where it does not.

    None where there are fewer than three points of either kind, where no bound separates them clearly, and where
    shuffled points are separated as well in 1 % of the shuffles: among many settings and bounds one always looks good.

    Args:
        places: of the points, (P, D).
        holds: whether it holds there, (P,) booleans.
    """
    count = int((~holds).sum())
    if min(count, int(holds.sum())) < _FEWEST:
        return None
    draw = np.random.default_rng(_SEED)
    labels = np.array([~holds, *(draw.permutation(~holds) for _ in range(_SHUFFLES))])
    gaps = [_gaps(labels, column) for column in places.T]
    setting = int(np.argmax([np.abs(gap[0]).max() for gap in gaps]))
    at = int(np.abs(gaps[setting][0]).argmax())
    closest = np.max([np.abs(gap).max(axis=1) for gap in gaps], axis=0)
    clear, others = closest[0], closest[1:]
    if clear < _CLEAR or float((others >= clear).mean()) >= _RARE:
        return None
    ordered = np.sort(places[:, setting])
    above = bool(gaps[setting][0, at] < 0)
    bound = float(ordered[at] + ordered[at + 1]) / 2
    beyond = places[:, setting] > bound if above else places[:, setting] < bound
    return ExceptionRule(setting, above, bound, int((beyond & ~holds).sum()), count, int(beyond.sum()))


def _gaps(exceptions: np.ndarray, column: np.ndarray) -> np.ndarray:
    """By how much larger the share of all exceptions below each cut is than the share of all other points.

    Args:
        exceptions: several labellings of the points, (R, P) booleans.
        column: where the points lie on one setting, (P,).

    Shape: (R, P - 1), from -1 to 1; 0 where two neighbours are equal, as nothing can be cut there.
    """
    order = np.argsort(column, kind="stable")
    below = exceptions[:, order].cumsum(axis=1)[:, :-1]
    counts, points = exceptions.sum(axis=1, keepdims=True), column.size
    places = np.arange(1, points)
    gaps: np.ndarray = below / counts - (places - below) / (points - counts)
    return np.where(column[order][1:] > column[order][:-1], gaps, 0.0)
