"""Optuna's samplers and pruners, with every argument pinned."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from optuna.distributions import BaseDistribution
from optuna.exceptions import ExperimentalWarning
from optuna.pruners import BasePruner, NopPruner, WilcoxonPruner
from optuna.samplers import BaseSampler, GPSampler, NSGAIISampler, RandomSampler, TPESampler
from optuna.study import Study
from optuna.trial import FrozenTrial

from depsim.search.settings import Gp, Grid, NoPruning, NsgaII, Random, Tpe, Wilcoxon
from depsim.search.space import Dimension

_SAMPLERS: dict[type, Callable[..., BaseSampler]] = {
    Tpe: TPESampler, Random: RandomSampler, Gp: GPSampler, NsgaII: NSGAIISampler,
}  # fmt: skip
"""Settings and sampler have the same names for everything."""


def make_sampler(settings: Tpe | Random | Grid | Gp | NsgaII, answered: int, space: Sequence[Dimension]) -> BaseSampler:
    """A sampler for the next trial.

    A sampler that is made again with its seed would repeat its first points after a resume. So a new one is made for
    every trial, from its seed and how many trials there have been, which makes a resumed search the uninterrupted one.

    Args:
        settings: which one.
        answered: how many trials there have been.
        space: what is searched.
    """
    seed = int(np.random.SeedSequence([settings.seed, answered]).generate_state(1)[0])
    if isinstance(settings, Grid):
        return GridPoints(space, settings.seed)
    return _SAMPLERS[type(settings)](**settings.model_dump(exclude={"name", "seed"}), seed=seed)


def make_pruner(settings: NoPruning | Wilcoxon) -> BasePruner:
    """A pruner; a step is an individual."""
    if isinstance(settings, Wilcoxon):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)  # a test holds on to what it does
            return WilcoxonPruner(p_threshold=settings.p_threshold, n_startup_steps=settings.n_startup_steps)
    return NopPruner()


class GridPoints(BaseSampler):
    """Every point once. Optuna's own grid counts on uninterrupted trial numbers and on ``Study.optimize``.

    Args:
        space: of dimensions with an end.
        seed: of the order.
    """

    def __init__(self, space: Sequence[Dimension], seed: int) -> None:
        self._keys = [dimension.key for dimension in space]
        points = list(itertools.product(*(dimension.values() or [] for dimension in space)))
        order = np.random.default_rng(seed).permutation(len(points))
        self._points = [points[index] for index in order]

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """Nothing is inferred: the point is chosen as a whole."""
        return {}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: Mapping[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Nothing is sampled together."""
        return {}

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """The coordinate of the first point that no other trial has."""
        others = [other for other in study.get_trials(deepcopy=False) if other.number != trial.number]
        taken = {tuple(other.params.get(key) for key in self._keys) for other in others}
        point = next((point for point in self._points if point not in taken), self._points[0])
        return point[self._keys.index(param_name)]
