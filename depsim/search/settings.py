"""How a search goes about it: what a sweep file's ``search`` block or ``hydra/sweeper=depsim_optuna`` says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import ConfigDict, Field, field_validator, model_validator

from depsim.component import Component, Count, Seed
from depsim.study.objective import Constraint, Objective
from depsim.terminal_text import meant

MOST_TRIALS = 100_000
"""Of one search."""
_Trials = Annotated[int, Field(ge=1, le=MOST_TRIALS)]


class OptunaClass(Component):
    """A class of Optuna's by its name, and keyword arguments of its own, which stand beside the name.

    ``{name: X, n: 3}`` is ``X(n=3)``, ``X`` alone is ``X()``. :mod:`depsim.search.samplers` checks the arguments.
    """

    model_config = ConfigDict(extra="allow")
    choices: ClassVar[tuple[str, ...]]
    """The names that are allowed: nothing else is ever constructed."""

    name: str

    @model_validator(mode="before")
    @classmethod
    def _a_name_alone(cls, given: Any) -> Any:
        return given if isinstance(given, Mapping | cls) else {"name": given}

    @field_validator("name", mode="before")
    @classmethod
    def _known(cls, name: Any) -> Any:
        if name not in cls.choices:
            raise ValueError(f"must be one of {', '.join(cls.choices)}{meant(str(name), cls.choices)}")
        return name

    @property
    def arguments(self) -> Mapping[str, Any]:
        """The keyword arguments that were given."""
        return {key: value for key, value in self.__dict__.items() if key != "name"} | (self.model_extra or {})


class Sampler(OptunaClass):
    """Optuna's class that chooses points, and its arguments.

    Args:
        name: of the class in ``optuna.samplers``.
        seed: of its draws.
    """

    # CmaEsSampler keeps pickles in the database; others cannot go on in another process, or take objects.
    choices = ("TPESampler", "RandomSampler", "GridSampler", "GPSampler", "NSGAIISampler", "NSGAIIISampler")
    name: str
    seed: Seed = 0

    @property
    def is_grid(self) -> bool:
        """Whether it tries every point once."""
        return self.name == "GridSampler"


class Pruner(OptunaClass):
    """Optuna's class that stops unpromising trials, and its arguments; a step of a trial is an individual.

    Args:
        name: of the class in ``optuna.pruners``.
    """

    # The others take the values of steps for a course that improves, which those of individuals are not.
    choices = ("NopPruner", "WilcoxonPruner")
    name: str

    @property
    def stops(self) -> bool:
        """Whether it ever stops a trial."""
        return self.name != "NopPruner"


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


class SearchSettings(Component):
    """How to search.

    Args:
        space: configuration key to the values to search, in Hydra's sweep syntax.
        objectives: what a trial is judged by; of several the trade-off is sought.
        constraints: what a trial has to keep.
        n_trials: how many trials there shall be in all, whenever and wherever they ran.
        batch: how many are chosen at once and computed together.
        sampler: Optuna's class that chooses points, with its arguments.
        pruner: Optuna's class that stops an unpromising trial early, with its arguments.
        portion: individuals of a trial that are computed before the pruner is asked again.
        fresh: on whom the winner is scored again.
    """

    space: dict[str, str]
    objectives: Annotated[tuple[Objective, ...], Field(min_length=1, strict=False)]
    constraints: Annotated[tuple[Constraint, ...], Field(strict=False)]
    n_trials: _Trials
    batch: _Trials
    sampler: Sampler
    pruner: Pruner
    portion: Count = 2
    fresh: Fresh

    @model_validator(mode="after")
    def _pruning_needs_one_value(self) -> Self:
        if len(self.objectives) > 1 and self.pruner.stops:
            raise ValueError(
                f"pruner {self.pruner.name} compares one value; with {len(self.objectives)} objectives "
                "only NopPruner is allowed"
            )
        names = [objective.metric for objective in self.objectives]
        if len(set(names)) != len(names):
            raise ValueError(f"objectives name {names[0]} twice")
        return self
