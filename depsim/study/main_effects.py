"""What share of the variance over points each setting of a multiverse accounts for, alone."""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np

FEWEST_POINTS = 60
"""Points below which no share is given."""
_TREES, _DEPTH = 32, 8
"""Of the forest of the estimate; deeper trees take longer and change nothing up to some hundred points."""
_RESAMPLED_TREES, _RESAMPLES, _SHUFFLES = 8, 60, 499
_SEED = 0
_BEATS, _RARE = 0.95, 0.01


class MainEffects(NamedTuple):
    """Shares of D settings.

    Args:
        shares: of the variance over the space, 0 to 1, (D,).
        low, high: 95 % interval of each, by resampling points, (D,).
        deciding: place of the setting that decides; None where none does.
    """

    shares: np.ndarray
    low: np.ndarray
    high: np.ndarray
    deciding: int | None


def main_effects(places: np.ndarray, effects: np.ndarray, resamples: int = _RESAMPLES) -> MainEffects | None:
    """Optuna's functional ANOVA: the main effect of each setting, which estimates its first-order Sobol index.

    A setting decides if it has the largest share in 95 % of the resampled sets of points, and follows the effects more
    closely than any setting follows shuffled effects but in 1 % of the shuffles: of many settings one always has the
    largest share.

    Args:
        places: of the points in the space, each coordinate from 0 to 1, (P, D).
        effects: at the points, (P,).
        resamples: how many sets of points are drawn for the intervals.

    Shape: None below 60 points, with a single setting, and where all effects are equal.

    References: Hutter, Hoos, Leyton-Brown (2014), "An efficient approach for assessing hyperparameter importance";
    Saltelli et al. (2008), "Global sensitivity analysis".
    """
    points, settings = places.shape
    if points < FEWEST_POINTS or settings < 2 or np.ptp(effects) == 0:
        return None
    inside = np.clip(places, 0.0, 1.0)
    shares = _shares(inside, effects, _TREES)
    draw = np.random.default_rng(_SEED)
    drawn = []
    for _ in range(resamples):
        chosen = draw.integers(points, size=points)
        drawn.append(_shares(inside[chosen], effects[chosen], _RESAMPLED_TREES))
    again = np.array(drawn)
    low, high = np.quantile(again, [0.025, 0.975], axis=0)
    largest = int(shares.argmax())
    first = float((again.argmax(axis=1) == largest).mean())
    deciding = largest if first >= _BEATS and _follows(inside, effects, largest, draw) else None
    return MainEffects(shares, np.minimum(low, shares), np.maximum(high, shares), deciding)


def _shares(places: np.ndarray, effects: np.ndarray, trees: int) -> np.ndarray:
    """The share of each setting, (D,)."""
    if np.ptp(effects) == 0:
        return np.zeros(places.shape[1])
    from optuna.distributions import BaseDistribution, FloatDistribution
    from optuna.importance import FanovaImportanceEvaluator
    from optuna.logging import get_verbosity, set_verbosity
    from optuna.study import create_study
    from optuna.trial import create_trial

    names = [f"{place:03d}" for place in range(places.shape[1])]
    space: dict[str, BaseDistribution] = {name: FloatDistribution(0.0, 1.0) for name in names}
    verbosity = get_verbosity()
    set_verbosity(40)
    try:
        study = create_study()
        study.add_trials(
            create_trial(params=dict(zip(names, map(float, row), strict=True)), distributions=space, value=float(value))
            for row, value in zip(places, effects, strict=True)
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that a class is experimental: tests hold on to what it does
            shares = FanovaImportanceEvaluator(n_trees=trees, max_depth=_DEPTH, seed=_SEED).evaluate(study)
    finally:
        set_verbosity(verbosity)
    return np.array([float(shares.get(name, 0.0)) for name in names])


def _follows(places: np.ndarray, effects: np.ndarray, setting: int, draw: np.random.Generator) -> bool:
    """Whether effects follow a setting more closely than shuffled ones follow any: explained by a parabola of it."""
    bases = [_parabola(column) for column in places.T]
    standard = (effects - effects.mean()) / effects.std()
    observed = _explained(bases[setting], standard[:, None])[0]
    shuffled = np.array([draw.permutation(standard) for _ in range(_SHUFFLES)]).T
    closest = np.max([_explained(basis, shuffled) for basis in bases], axis=0)
    return float((closest >= observed).mean()) < _RARE


def _parabola(column: np.ndarray) -> np.ndarray:
    """Orthonormal columns that span the centred parabolas of a setting, (P, 2) or fewer."""
    powers = np.stack([column, column**2], axis=1)
    left, sizes, _ = np.linalg.svd(powers - powers.mean(axis=0), full_matrices=False)
    return left[:, sizes > 1e-9]


def _explained(basis: np.ndarray, standard: np.ndarray) -> np.ndarray:
    """The share of the variance of standardised effects (P, R) that a basis explains, (R,)."""
    fitted: np.ndarray = ((basis.T @ standard) ** 2).sum(axis=0) / standard.shape[0]
    return fitted
