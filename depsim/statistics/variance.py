"""Which stream of chance matters: variance components of a crossed design."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from depsim.statistics.resampling import GENERATOR_SEED, RESAMPLES

_RESIDUAL = "residual"
_TAILS = (0.025, 0.975)

Effect = tuple[int, ...]
"""The factors that take part, by number; empty for the residual."""


@dataclass(frozen=True)
class Component:
    """What one source of chance contributes to the variance of a value.

    Args:
        name: a factor, two factors joined by `` x ``, or ``residual``.
        variance: its variance; a negative estimate is shown as 0.
        share: of the sum of all components, 0 to 1; 0 where that sum is 0.
        low, high: 95 % interval of the share; None where all values are equal.
        variance_low, variance_high: 95 % interval of the variance; None as above.
    """

    name: str
    variance: float
    share: float
    low: float | None
    high: float | None
    variance_low: float | None
    variance_high: float | None


def variance_components(values: np.ndarray, levels: Mapping[str, Sequence[int]]) -> list[Component]:
    """Variance components of a balanced, fully crossed design with one value a cell.

    All factors are random: a value is a mean plus one draw for each level of each factor, one for each pair of
    levels, and a residual. The residual holds what is left: interactions of three factors, or, of two factors, their
    one interaction. Estimates equate mean squares with their expectations. Intervals are generalised ones: the
    distribution of each component when every sum of squares is divided by a chi-square draw of its degrees of freedom,
    and those below 0 set to 0. A factor with one level alone was held fixed and is left out.

    Args:
        values: (n,).
        levels: factor to the level of each value.

    Raises:
        ValueError: for a cell that is missing (or NaN), taken twice, or fewer than two factors that vary.

    References: Searle, Casella, McCulloch (1992), "Variance components", chapter 4; Weerahandi (1993), "Generalized
    confidence intervals".

    >>> [(c.name, c.variance) for c in variance_components(
    ...     np.array([1.0, 2.0, 5.0, 6.0]), {"data": [0, 0, 1, 1], "init": [0, 1, 0, 1]})]
    [('data', 8.0), ('init', 0.5), ('residual', 0.0)]
    """
    names, table = _table(np.asarray(values, dtype=np.float64).ravel(), levels)
    squares, freedom = _sums_of_squares(table)
    effects = list(squares)
    labels = [" x ".join(names[factor] for factor in effect) or _RESIDUAL for effect in effects]
    if sum(squares.values()) == 0:
        return [Component(label, 0.0, 0.0, None, None, None, None) for label in labels]
    sums, degrees = (np.array([part[effect] for effect in effects]) for part in (squares, freedom))
    to_variance = _coefficients(effects, table.shape)
    generator = np.random.default_rng(GENERATOR_SEED)
    draws = sums / generator.chisquare(degrees, size=(RESAMPLES, degrees.size))
    variances, shares = _shares(to_variance @ (sums / degrees))
    variance_bounds, share_bounds = (np.quantile(part, _TAILS, axis=0) for part in _shares(draws @ to_variance.T))
    columns = (variances, shares, *share_bounds, *variance_bounds)
    return [Component(label, *(float(column[i]) for column in columns)) for i, label in enumerate(labels)]


def _table(values: np.ndarray, levels: Mapping[str, Sequence[int]]) -> tuple[list[str], np.ndarray]:
    """The factors that vary, and the values with an axis for each of them."""
    varied: dict[str, np.ndarray] = {}
    for name, own in levels.items():
        if len(own) != values.size:
            raise ValueError(f"{name} has {len(own)} levels for {values.size} values")
        place = np.unique(np.asarray(own), return_inverse=True)[1]
        if place.max(initial=0) > 0:
            varied[name] = place
    if len(varied) < 2:
        raise ValueError(f"two factors have to vary, got {', '.join(varied) or 'none'}")
    shape = tuple(int(column.max()) + 1 for column in varied.values())
    cells, count = np.unique(np.stack(list(varied.values())), axis=1, return_counts=True)
    if count.max() > 1:
        raise ValueError(f"a cell holds {count.max()} values: there is room for one")
    missing = int(np.prod(shape)) - cells.shape[1] + int(np.isnan(values).sum())
    if missing:
        raise ValueError(f"{missing} of {int(np.prod(shape))} cells have no value: only a complete design can be split")
    table = np.empty(shape)
    table[tuple(varied.values())] = values
    return list(varied), table


def _sums_of_squares(table: np.ndarray) -> tuple[dict[Effect, float], dict[Effect, int]]:
    """Sum of squares and degrees of freedom of each effect, the residual last."""
    factors, left = range(table.ndim), table - table.mean()
    if np.ptp(table) == 0:
        left = np.zeros_like(table)
    total = float((left**2).sum())
    squares: dict[Effect, float] = {}
    freedom: dict[Effect, int] = {}
    for order in range(1, min(2, table.ndim - 1) + 1):
        for effect in combinations(factors, order):
            others = tuple(factor for factor in factors if factor not in effect)
            part = left.mean(axis=others, keepdims=True)
            left = left - part
            squares[effect] = float((part**2).sum()) * table.size / part.size
            freedom[effect] = int(np.prod([table.shape[factor] - 1 for factor in effect]))
    residual = float((left**2).sum())
    squares[()] = residual if residual > 1e-20 * total else 0.0
    freedom[()] = table.size - 1 - sum(freedom.values())
    return squares, freedom


def _coefficients(effects: list[Effect], shape: tuple[int, ...]) -> np.ndarray:
    """What turns mean squares into variances, (effects, effects)."""
    matrix, size = np.zeros((len(effects), len(effects))), int(np.prod(shape))
    for row, effect in enumerate(effects):
        matrix[row, row] = 1.0
        if effect:
            above = [column for column, other in enumerate(effects) if set(effect) < set(other)]
            matrix[row, above] = -1.0
            matrix[row, effects.index(())] = len(above) - 1.0
            matrix[row] /= size / np.prod([shape[factor] for factor in effect])
    return matrix


def _shares(variances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Variances with negative ones set to 0, and their shares of the sum (along the last axis)."""
    variances = np.maximum(variances, 0.0)
    total = variances.sum(axis=-1, keepdims=True)
    return variances, np.divide(variances, total, out=np.zeros_like(variances), where=total > 0)
