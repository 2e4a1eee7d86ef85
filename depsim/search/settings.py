"""How a search goes about it: what a sweep file's ``search`` block or ``hydra/sweeper=depsim_optuna`` says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from depsim.component import Component, Count, Seed
from depsim.config import ConfigError
from depsim.registry import own_folder
from depsim.search.objective import Constraint, Objective
from depsim.yaml_file import read_yaml

_PRESETS = {"sampler": ("tpe", "random", "grid", "gp", "nsgaii"), "pruner": ("none", "wilcoxon")}
_Probability = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Tpe(Component):
    """Tree-structured Parzen estimator: two densities, of the better and of the worse trials, and their ratio.

    Args:
        name: of the sampler.
        seed: of its draws.
        n_startup_trials: trials at random before the first estimate.
        n_ei_candidates: candidates that the ratio is compared on.
        multivariate: whether parameters are estimated together.
        group: whether parameters that are searched under the same condition are estimated together.
        constant_liar: whether running trials count as bad ones, so that trials chosen at once differ.

    References: Bergstra et al. (2011), "Algorithms for hyper-parameter optimization".
    """

    name: Literal["tpe"]
    seed: Seed
    n_startup_trials: Count
    n_ei_candidates: Count
    multivariate: bool
    group: bool
    constant_liar: bool

    @model_validator(mode="after")
    def _groups_are_multivariate(self) -> Tpe:
        if self.group and not self.multivariate:
            raise ValueError("group=true needs multivariate=true")
        return self


class Random(Component):
    """Points at random.

    Args:
        name: of the sampler.
        seed: of its draws.
    """

    name: Literal["random"]
    seed: Seed


class Grid(Component):
    """Every point of a space of choices and ranges once, in random order.

    Args:
        name: of the sampler.
        seed: of the order.
    """

    name: Literal["grid"]
    seed: Seed


class Gp(Component):
    """Gaussian process with expected improvement: for few, expensive trials.

    Args:
        name: of the sampler.
        seed: of its draws.
        n_startup_trials: trials at random before the first fit.
        deterministic_objective: whether the process is fitted without noise in a trial's value.
    """

    name: Literal["gp"]
    seed: Seed
    n_startup_trials: Count
    deterministic_objective: bool


class NsgaII(Component):
    """Evolution by non-dominated sorting: for several objectives and many trials.

    Args:
        name: of the sampler.
        seed: of its draws.
        population_size: trials in a generation.
        mutation_prob: how often a parameter is drawn anew; None for one parameter in each trial on average.
        crossover_prob: how often a trial has two parents.
        swapping_prob: how often a parameter comes from the second parent.

    References: Deb et al. (2002), "A fast and elitist multiobjective genetic algorithm: NSGA-II".
    """

    name: Literal["nsgaii"]
    seed: Seed
    population_size: Annotated[int, Field(ge=2)]
    mutation_prob: _Probability | None
    crossover_prob: _Probability
    swapping_prob: _Probability


class NoPruning(Component):
    """Every trial gets its whole cohort.

    Args:
        name: of the pruner.
    """

    name: Literal["none"]


class Wilcoxon(Component):
    """Stops a trial once a signed-rank test on the individuals it shares with the best trial says it is worse.

    Args:
        name: of the pruner.
        p_threshold: a trial stops below this p of the test, which is made again and again.
        n_startup_steps: individuals before the first test.
        portion: individuals computed between two tests.
    """

    name: Literal["wilcoxon"]
    p_threshold: _Probability
    n_startup_steps: Count
    portion: Count


class Fresh(Component):
    """The individuals that no trial has seen, on whom the winner is scored again.

    Args:
        size: how many.
        first_seed: the first one's seed; the others follow it.
    """

    size: Count
    first_seed: Seed

    @property
    def seeds(self) -> tuple[int, ...]:
        """Those."""
        return tuple(range(self.first_seed, self.first_seed + self.size))


Sampler = Annotated[Tpe | Random | Grid | Gp | NsgaII, Field(discriminator="name")]
Pruner = Annotated[NoPruning | Wilcoxon, Field(discriminator="name")]


MOST_TRIALS = 100_000
"""Of one search."""
_Trials = Annotated[int, Field(ge=1, le=MOST_TRIALS)]


class SearchSettings(Component):
    """How to search.

    Args:
        space: configuration key to the values to search, in Hydra's sweep syntax.
        objectives: what a trial is judged by; of several the trade-off is sought.
        constraints: what a trial has to keep.
        n_trials: how many trials there shall be in all, whenever and wherever they ran.
        batch: how many are chosen at once and computed together.
        sampler: chooses points.
        pruner: stops an unpromising trial early.
        fresh: on whom the winner is scored again.
    """

    space: dict[str, str]
    objectives: Annotated[tuple[Objective, ...], Field(min_length=1, strict=False)]
    constraints: Annotated[tuple[Constraint, ...], Field(strict=False)]
    n_trials: _Trials
    batch: _Trials
    sampler: Sampler
    pruner: Pruner
    fresh: Fresh

    @model_validator(mode="after")
    def _pruning_needs_one_value(self) -> SearchSettings:
        if len(self.objectives) > 1 and not isinstance(self.pruner, NoPruning):
            raise ValueError(f"pruner {self.pruner.name} compares one value; with {len(self.objectives)} objectives "
                             "only the pruner none is allowed")  # fmt: skip
        names = [objective.metric for objective in self.objectives]
        if len(set(names)) != len(names):
            raise ValueError(f"objectives name {names[0]} twice")
        return self


def with_presets(block: Mapping[str, Any]) -> dict[str, Any]:
    """A search block in which a sampler or pruner that is only named, or named in part, has all its settings.

    Raises:
        ConfigError: if there is none of that name.
    """
    filled = dict(block)
    for part in _PRESETS:
        given = filled.get(part)
        own = dict(given) if isinstance(given, Mapping) else {"name": given}
        if given is not None:
            filled[part] = preset(part, str(own.get("name"))) | own
    return filled


def preset(part: str, name: str) -> dict[str, Any]:
    """The settings of ``conf/hydra/sweeper/PART/NAME.yaml``.

    Raises:
        ConfigError: if there is none of that name.
    """
    if name not in _PRESETS[part]:
        reason = "; CMA-ES keeps pickles in the database, which depsim does not read" if name == "cmaes" else ""
        raise ConfigError(f"{part}={name}: unknown choice; allowed are {', '.join(_PRESETS[part])}{reason}")
    file = own_folder("conf") / "hydra" / "sweeper" / part / f"{name}.yaml"
    content = read_yaml(file)
    assert isinstance(content, dict)
    return content
