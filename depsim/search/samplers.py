"""Optuna's samplers and pruners, made by their own names from keyword arguments that their signatures take."""

from __future__ import annotations

import inspect
import itertools
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import create_model

from depsim.component import Component, Count
from depsim.config import ConfigError, validate
from depsim.search.settings import OptunaClass, Pruner, Sampler
from depsim.search.space import Dimension

if TYPE_CHECKING:
    from optuna.pruners import BasePruner
    from optuna.samplers import BaseSampler

_PLAIN = {"int", "float", "bool", "str", "None"}
"""What an annotation of an argument that a file can hold is made of; functions and objects are none."""


def plain_parameters(settings: OptunaClass) -> dict[str, inspect.Parameter]:
    """The parameters of one of Optuna's classes that take plain values, by name."""
    parameters = inspect.signature(_class_of(settings)).parameters
    return {name: given for name, given in parameters.items() if set(str(given.annotation).split(" | ")) <= _PLAIN}


def all_arguments(settings: OptunaClass) -> dict[str, Any]:
    """The plain arguments of a sampler or pruner: those given, and of all others Optuna's own default.

    Raises:
        ConfigError: if one is given that its class does not take, or of another kind.
    """
    fields: Any = {
        name: (Count if given.annotation == "int" else given.annotation, given.default)
        for name, given in plain_parameters(settings).items()
    }
    signature = create_model(settings.name, __base__=Component, __module__="optuna", **fields)
    return validate(signature, type(settings).__name__.lower(), settings.arguments).model_dump()


def make_sampler(settings: Sampler, asked: int, space: Sequence[Dimension]) -> BaseSampler:
    """A sampler for the next trial.

    A sampler that is made again with its seed would repeat its first points after a resume. So a new one is made for
    every trial, from its seed and how many trials there have been, which makes a resumed search the uninterrupted one.

    Args:
        settings: which one.
        asked: how many trials there have been.
        space: what is searched.

    Raises:
        ConfigError: naming an argument that is wrong.
    """
    import numpy as np

    if settings.is_grid:
        all_arguments(settings)
        return _grid_points(space, settings.seed)
    seed = int(np.random.SeedSequence([settings.seed, asked]).generate_state(1)[0])
    sampler: BaseSampler = _made(settings, {"seed": seed})
    return sampler


def make_pruner(settings: Pruner) -> BasePruner:
    """A pruner; a step is an individual.

    Raises:
        ConfigError: naming an argument that is wrong.
    """
    pruner: BasePruner = _made(settings, {})
    return pruner


def _made(settings: OptunaClass, others: Mapping[str, Any]) -> Any:
    all_arguments(settings)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a class is experimental: tests hold on to what it does
        try:
            return _class_of(settings)(**{**settings.arguments, **others})
        except (TypeError, ValueError) as error:
            raise ConfigError(f"{type(settings).__name__.lower()}={settings.name}: {error}") from None


def _class_of(settings: OptunaClass) -> Any:
    """The class of that name; :class:`OptunaClass` allows no other names than its choices."""
    import optuna

    return getattr(optuna.samplers if isinstance(settings, Sampler) else optuna.pruners, settings.name)


def _grid_points(space: Sequence[Dimension], seed: int) -> BaseSampler:
    """Every point once, in random order. Optuna's own grid counts on uninterrupted trial numbers, and on its loop.

    Args:
        space: of dimensions with an end.
        seed: of the order.
    """
    import numpy as np
    from optuna.distributions import BaseDistribution
    from optuna.samplers import RandomSampler
    from optuna.study import Study
    from optuna.trial import FrozenTrial

    keys = [dimension.key for dimension in space]
    points = list(itertools.product(*(dimension.values() or [] for dimension in space)))
    order = [points[index] for index in np.random.default_rng(seed).permutation(len(points))]

    class GridPoints(RandomSampler):
        def sample_independent(
            self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
        ) -> Any:
            """The coordinate of the first point that no other trial has."""
            others = [other for other in study.get_trials(deepcopy=False) if other.number != trial.number]
            taken = {tuple(other.params.get(key) for key in keys) for other in others}
            point = next((point for point in order if point not in taken), order[0])
            return point[keys.index(param_name)]

    return GridPoints(seed)
