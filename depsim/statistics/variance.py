"""Which stream of chance matters: variance components of a balanced design."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np

from depsim.statistics.resampling import GENERATOR_SEED, RESAMPLES

RESIDUAL = "residual"
_TAILS = (0.025, 0.975)
_ROUNDING = 1e-20
"""Share of the total sum of squares below which one is 0."""

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


@dataclass(frozen=True)
class Lead:
    """How far the factor with the largest estimate is before the second.

    Args:
        first, second: the two factors.
        low, high: 95 % interval of the difference of their variances.
    """

    first: str
    second: str
    low: float
    high: float

    @property
    def is_certain(self) -> bool:
        """Whether the first may be called the largest."""
        return self.low > 0


@dataclass(frozen=True)
class VarianceSplit:
    """Where the variance of a value comes from.

    Args:
        components: those of the factors, of pairs of them where the design tells these apart, and the residual.
        lead: of the largest factor; None where all values are equal.
        freedom: degrees of freedom of the residual.
    """

    components: tuple[Component, ...]
    lead: Lead | None
    freedom: int


def split_variance(values: np.ndarray, levels: Mapping[str, Sequence[int]]) -> VarianceSplit:
    """Variance components of a balanced design with one value a run.

    All factors are random: a value is a mean plus one draw for each level of each factor, one for each pair of
    levels, and a residual. Where every three factors have all combinations equally often (strength 3), pairs have
    components of their own, each from the contrasts that no other pair shares; where only every two have (strength 2),
    a pair meets once and is residual. Estimates equate mean squares with their expectations. Intervals are generalised
    ones: the distribution of each component when every sum of squares is divided by a chi-square draw of its degrees of
    freedom, and those below 0 set to 0; for a difference of two factors they are not set to 0. A factor with one level
    alone was held fixed and is left out.

    Args:
        values: (n,).
        levels: factor to the level of each value.

    Raises:
        ValueError: for a value that is not finite, levels of two factors that do not meet equally often, or fewer than
            two factors that vary.

    References: Searle, Casella, McCulloch (1992), "Variance components", chapter 4; Weerahandi (1993), "Generalized
    confidence intervals"; Hedayat, Sloane, Stufken (1999), "Orthogonal Arrays", chapter 11.

    >>> [(c.name, c.variance) for c in split_variance(
    ...     np.array([1.0, 2.0, 5.0, 6.0]), {"data": [0, 0, 1, 1], "init": [0, 1, 0, 1]}).components]
    [('data', 8.0), ('init', 0.5), ('residual', 0.0)]
    """
    values = np.asarray(values, dtype=np.float64).ravel()
    names, codes = _varied(values, levels)
    order = np.lexsort((values, *reversed(codes)))  # the same bits whatever order the runs come in
    codes = [own[order] for own in codes]
    squares, freedom = _sums_of_squares(values[order], codes)
    effects = list(squares)
    labels = [" x ".join(names[factor] for factor in effect) or RESIDUAL for effect in effects]
    if sum(squares.values()) == 0:
        return VarianceSplit(tuple(Component(label, 0.0, 0.0, *(None,) * 4) for label in labels), None, freedom[()])
    sums, degrees = (np.array([part[effect] for effect in effects]) for part in (squares, freedom))
    to_variance = _coefficients(effects, [int(own.max()) + 1 for own in codes], values.size)
    generator = np.random.default_rng(GENERATOR_SEED)
    draws = (sums / generator.chisquare(degrees, size=(RESAMPLES, degrees.size))) @ to_variance.T
    estimates = to_variance @ (sums / degrees)
    variances, shares = _shares(estimates)
    variance_bounds, share_bounds = (np.quantile(part, _TAILS, axis=0) for part in _shares(draws))
    columns = (variances, shares, *share_bounds, *variance_bounds)
    components = tuple(Component(label, *(float(column[i]) for column in columns)) for i, label in enumerate(labels))
    first, second, *_ = sorted(range(len(names)), key=lambda factor: -estimates[effects.index((factor,))])
    low, high = np.quantile(draws[:, effects.index((first,))] - draws[:, effects.index((second,))], _TAILS)
    return VarianceSplit(components, Lead(names[first], names[second], float(low), float(high)), freedom[()])


def is_balanced(levels: Sequence[Sequence[int] | np.ndarray], strength: int = 2) -> bool:
    """Whether the levels of any so many factors have every combination, all equally often."""
    columns = [np.unique(np.asarray(own), return_inverse=True)[1] for own in levels]
    for chosen in combinations(columns, strength):
        counts = np.unique(np.stack(chosen), axis=1, return_counts=True)[1]
        if counts.size < np.prod([own.max() + 1 for own in chosen]) or np.ptp(counts) > 0:
            return False
    return True


def _varied(values: np.ndarray, levels: Mapping[str, Sequence[int]]) -> tuple[list[str], list[np.ndarray]]:
    """The factors that vary, and their levels counted from 0."""
    varied: dict[str, np.ndarray] = {}
    for name, own in levels.items():
        if len(own) != values.size:
            raise ValueError(f"{name} has {len(own)} levels for {values.size} values")
        place = np.unique(np.asarray(own), return_inverse=True)[1]
        if place.max(initial=0) > 0:
            varied[name] = place
    if len(varied) < 2:
        raise ValueError(f"two factors have to vary, got {', '.join(varied) or 'none'}")
    if missing := int((~np.isfinite(values)).sum()):
        raise ValueError(f"{missing} of {values.size} runs have no value: only a complete design can be split")
    if not is_balanced(list(varied.values())):
        raise ValueError("levels of two factors do not meet equally often: only a balanced design can be split")
    return list(varied), list(varied.values())


def _sums_of_squares(values: np.ndarray, codes: Sequence[np.ndarray]) -> tuple[dict[Effect, float], dict[Effect, int]]:
    """Sum of squares and degrees of freedom of each effect, the residual last."""
    left = np.zeros_like(values) if np.ptp(values) == 0 else values - values.mean()
    total, freedom_left = float((left**2).sum()), values.size - 1
    squares: dict[Effect, float] = {}
    freedom: dict[Effect, int] = {}
    for factor, own in enumerate(codes):
        part = (np.bincount(own, left) / np.bincount(own))[own]
        left = left - part
        squares[(factor,)], freedom[(factor,)] = float((part**2).sum()), int(own.max())
        freedom_left -= int(own.max())
    if len(codes) > 2 and is_balanced(codes, 3):
        clear, basis = _interplays(tuple(tuple(own.tolist()) for own in codes))
        if basis.shape[1] < freedom_left and all(space.size for space in clear.values()):  # else pairs are residual
            for pair, space in clear.items():
                squares[pair], freedom[pair] = float(((space.T @ left) ** 2).sum()), space.shape[1]
            left = left - basis @ (basis.T @ left)
            freedom_left -= basis.shape[1]
    if freedom_left < 1:
        raise ValueError("nothing is left to tell the residual by: the design has no more runs than its factors take")
    squares[()], freedom[()] = float((left**2).sum()), freedom_left
    return {effect: own if own > _ROUNDING * total else 0.0 for effect, own in squares.items()}, freedom


@lru_cache(maxsize=4)
def _interplays(codes: tuple[tuple[int, ...], ...]) -> tuple[dict[Effect, np.ndarray], np.ndarray]:
    """The contrasts of each pair of factors that no other pair shares, and those of all pairs together, orthonormal."""
    columns = [np.array(own) for own in codes]
    spaces = {pair: _interplay(columns[pair[0]], columns[pair[1]]) for pair in combinations(range(len(codes)), 2)}
    clear: dict[Effect, np.ndarray] = {}
    for pair, space in spaces.items():
        others = [other.T @ space for name, other in spaces.items() if name != pair]
        clear[pair] = space @ _null_space(np.concatenate(others))
    basis, sizes, _ = np.linalg.svd(np.concatenate(list(spaces.values()), axis=1), full_matrices=False)
    return clear, basis[:, sizes > 1e-6]


def _interplay(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Orthonormal contrasts of two balanced factors' interplay, (n, (a - 1)(b - 1))."""
    first, second = (_contrasts(int(own.max()) + 1)[own] for own in (one, other))
    products = (first[:, :, None] * second[:, None, :]).reshape(len(one), -1)
    return np.asarray(products * np.sqrt((one.max() + 1) * (other.max() + 1) / len(one)))


def _contrasts(size: int) -> np.ndarray:
    """Orthonormal contrasts of a factor's levels, (size, size - 1)."""
    basis: np.ndarray = np.linalg.qr(np.eye(size) - 1 / size)[0]
    return basis[:, : size - 1]


def _null_space(matrix: np.ndarray) -> np.ndarray:
    """Orthonormal vectors that a matrix takes to 0."""
    _, sizes, rows = np.linalg.svd(matrix)
    return rows[int((sizes > 1e-6).sum()) :].T


def _coefficients(effects: list[Effect], shape: Sequence[int], size: int) -> np.ndarray:
    """What turns mean squares into variances, (effects, effects)."""
    matrix = np.zeros((len(effects), len(effects)))
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
