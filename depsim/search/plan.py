"""A search that is composed and checked, before the first trial."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from hydra.core.override_parser.types import Override

from depsim.component import settings_of
from depsim.config import Composer, ConfigError, JobSpec, parse_overrides, prepare
from depsim.config.naming import name_job
from depsim.execution.job import Job, TrialRef
from depsim.execution.keys import digest
from depsim.population import format_seeds
from depsim.registry import neutral_keys
from depsim.search.samplers import all_arguments, make_pruner, make_sampler
from depsim.search.settings import MOST_TRIALS, SearchSettings
from depsim.search.space import Dimension, bare, grid_size, read_dimension
from depsim.tracking import Tracking

WINNER, REFERENCE = "winner", "reference"
"""The trials' names under which a winner is scored on fresh individuals, and the settings that it is compared with."""
_ALL_CORNERS = 128
"""Corners of a space up to which all of them are checked; of more, each side by itself."""
_IGNORED_KEYS = ("study", "seed", "cohort", "tracking", "workers", "chunk", "max_jobs", "cache_limit_gib", "device")
_CONDITIONS = "conditions"
_COHORT_KEYS = ("seed", "cohort.size", "cohort.first_seed", "cohort.seeds")

Point = Mapping[str, Any]
"""A value for every dimension, by its key."""


@dataclass(frozen=True)
class SearchPlan:
    """A search.

    Args:
        name: of the sweep, or what Hydra's user calls it.
        settings: how it goes about it.
        space: what it varies.
        fixed: the overrides that hold for every trial.
        command: that goes on with it.
        composer: of its conditions.
    """

    name: str
    settings: SearchSettings
    space: tuple[Dimension, ...]
    fixed: tuple[str, ...]
    command: str
    composer: Composer

    @cached_property
    def base(self) -> JobSpec:
        """The condition at the first corner: what all trials have in common is read from it."""
        return self.spec(self.corners()[0])

    @property
    def study(self) -> str:
        """What the runs are filed under."""
        return self.base.job.study

    @property
    def title(self) -> str:
        """What the search is called among all searches."""
        return self.study if self.name == self.study else f"{self.study}/{self.name}"

    @property
    def seeds(self) -> tuple[int, ...]:
        """The individuals of every trial."""
        return self.base.job.seeds

    @property
    def tracking(self) -> Tracking:
        """Who keeps the results."""
        return self.base.tracking

    @property
    def n_trials(self) -> int:
        """How many trials there shall be; a grid has an end of its own."""
        wanted = self.settings.n_trials
        size = grid_size(self.space) if self.settings.sampler.is_grid else None
        return wanted if size is None else min(wanted, size)

    def spec(self, point: Point) -> JobSpec:
        """The condition at a point.

        Raises:
            ConfigError: if it cannot be composed there.
        """
        return prepare([*self.fixed, *self._overrides(point)], self.composer)

    def trial(self, point: Point, trial: TrialRef) -> Job:
        """The job of a trial."""
        return name_job(replace(self.spec(point).job, trial=trial))

    def fresh_trial(self, point: Point, search: str) -> Job:
        """The job that scores a point on fresh individuals."""
        return self._fresh_job(self.fixed, self._overrides(point), TrialRef(search, WINNER))

    def reference_trial(self, point: Point, search: str) -> Job:
        """The job that a point is compared with on the same fresh individuals: the paper's settings of its treatment.

        What is chosen there, the treatment say, is chosen here; settings of the treatment and those that are searched
        are the ones that their files give.
        """
        fixed = [override for override in self.fixed if not _bare_key(override).startswith("treatment.")]
        chosen = [override for override in self._overrides(point) if "." not in _bare_key(override)]
        return self._fresh_job(fixed, chosen, TrialRef(search, REFERENCE))

    def _fresh_job(self, fixed: Sequence[str], overrides: Sequence[str], trial: TrialRef) -> Job:
        fresh = self.settings.fresh
        others = [override for override in fixed if _bare_key(override) not in _COHORT_KEYS]
        who = ["cohort.seeds=null", f"cohort.size={fresh.size}", f"cohort.first_seed={fresh.first_seed}"]
        return name_job(replace(prepare([*others, *who, *overrides], self.composer).job, trial=trial))

    def check(self) -> list[JobSpec]:
        """Compose the space's corners; a large space's one side at a time.

        Shape: their conditions.

        Raises:
            ConfigError: if one cannot be composed, the sampler or pruner does not take its arguments, or winners could
                not be scored on fresh individuals beside the paper's settings.
        """
        if self.settings.sampler.is_grid:
            self._require_countable_grid()
        make_sampler(self.settings.sampler, 0, self.space)
        make_pruner(self.settings.pruner)
        if (count := self.base.job.population.replicates) > 1:
            raise ConfigError(f"cohort.replicates={count}: a search judges individuals, each once; allowed is 1")
        specs = self.corner_specs
        if shared := sorted(set(self.seeds) & set(self.settings.fresh.seeds)):
            raise ConfigError(
                f"fresh: individual {shared[0]} is in the search's own cohort ({format_seeds(self.seeds)}); "
                "fresh.first_seed has to lead clear of it"
            )
        for job in (self.fresh_trial, self.reference_trial):
            job(self.corners()[0], "")
        return specs

    def _require_countable_grid(self) -> None:
        """Refuse a space whose points GridSampler cannot list."""
        if (size := grid_size(self.space)) is None:
            endless = next(dimension for dimension in self.space if dimension.count is None)
            raise ConfigError(f"{endless.key}: {endless.text}: GridSampler needs choices and ranges only")
        if size > MOST_TRIALS:
            raise ConfigError(f"search {self.name}: a grid of {size:,} points; allowed are {MOST_TRIALS:,}")

    @cached_property
    def corner_specs(self) -> list[JobSpec]:
        """The conditions at the corners."""
        return [self.spec(point) for point in self.corners()]

    def corners(self) -> list[Point]:
        """The points whose conditions are checked."""
        sides = {dimension.key: dimension.corners for dimension in self.space}
        if math.prod(map(len, sides.values())) <= _ALL_CORNERS:
            return [dict(zip(sides, point, strict=True)) for point in itertools.product(*sides.values())]
        first, last = ({key: side[end] for key, side in sides.items()} for end in (0, -1))
        return [first, last, *(first | {key: value} for key, side in sides.items() for value in side)]

    @cached_property
    def fingerprint(self) -> dict[str, str]:
        """All that makes trials comparable, as text: a search whose fingerprint changes is another one."""
        job, settings = self.base.job, self.settings
        prints = {f"space.{bare(dimension.key)}": dimension.text for dimension in self.space}
        for number, objective in enumerate(settings.objectives):
            prints[f"objective {number}"] = f"{objective.direction} {objective.title}"
        for number, constraint in enumerate(settings.constraints):
            prints[f"constraint {number}"] = constraint.text
        for part, chosen in (("sampler", settings.sampler), ("pruner", settings.pruner)):
            arguments = {"name": chosen.name, **all_arguments(chosen)}
            prints |= {f"{part}.{key}": str(value) for key, value in arguments.items()}
        if settings.pruner.stops:
            prints["pruner.portion"] = str(settings.portion)
        prints["cohort"] = f"individuals {format_seeds(job.seeds)}, data {job.population.data}"
        jobs = [spec.job for spec in self.corner_specs]
        prints["sources"] = digest(sorted({job.sources for job in jobs}))
        prints[_CONDITIONS] = digest(sorted({job.arm_key for job in jobs}))
        return prints | {"device": job.device_kind}

    @cached_property
    def settings_text(self) -> dict[str, str]:
        """What all trials have in common, as text; with it :func:`differences` explains another condition."""
        hold = settings_of(self.base.job.population.hold)
        return {f"hold.{key}": str(value) for key, value in hold.items()} | self._fixed_settings()

    @property
    def key(self) -> str:
        """Hash of the fingerprint."""
        return digest([self.name, self.fingerprint])

    def params(self) -> dict[str, str]:
        """How it searches, as MLflow's parameters."""
        settings = self.settings
        params = {f"space.{bare(dimension.key)}": dimension.text for dimension in self.space}
        params |= {"n_trials": str(self.n_trials), "batch": str(settings.batch)}
        params["directions"] = ", ".join(objective.direction for objective in settings.objectives)
        params["metric"] = ", ".join(objective.metric for objective in settings.objectives)
        params["statistic"] = ", ".join(objective.statistic for objective in settings.objectives)
        params["constraints"] = "; ".join(constraint.text for constraint in settings.constraints) or "none"
        params |= {"sampler": settings.sampler.name, "pruner": settings.pruner.name}
        params["cohort.seeds"], params["cohort.data"] = format_seeds(self.seeds), self.base.job.population.data
        params["fresh.seeds"] = format_seeds(settings.fresh.seeds)
        return params | {f"fixed.{key}": value for key, value in self._fixed_settings().items()}

    def _overrides(self, point: Point) -> list[str]:
        return [f"{dimension.key}={point[dimension.key]}" for dimension in self.space]

    def _fixed_settings(self) -> dict[str, str]:
        """The composed configuration, without what is searched and what decides no number."""
        job = self.base.job
        searched = [bare(dimension.key) for dimension in self.space]
        everything = {key: choice for key, choice in job.choices.items() if key != "experiment"}
        neutral = neutral_keys(job.config)
        everything |= {key: v for key, v in _flatten(job.config, "") if key not in neutral or v != neutral[key]}
        return {
            key: str(value)
            for key, value in sorted(everything.items())
            if key.split(".")[0] not in _IGNORED_KEYS
            and not any(key == other or key.startswith(f"{other}.") for other in searched)
        }


def plan_search(
    name: str, settings: SearchSettings, overrides: Sequence[str], command: str, composer: Composer | None = None
) -> SearchPlan:
    """A search from settings and overrides, in which the overrides have the last word.

    Args:
        name: of the search.
        settings: whose space is the search's, but for the keys that the overrides name.
        overrides: one with several values or an interval makes a dimension, any other one is fixed.
        command: that goes on with it.
        composer: of its conditions, with configuration of one's own.

    Raises:
        ConfigError: if there is nothing to search, or something that cannot be.
    """
    chosen: dict[str, Override] = {}
    for override in [*parse_overrides(f"{k}={v}" for k, v in settings.space.items()), *parse_overrides(overrides)]:
        chosen.pop(bare(override.key_or_group), None)
        chosen[bare(override.key_or_group)] = override
    space = tuple(read_dimension(override) for override in chosen.values() if override.is_sweep_override())
    if not space:
        raise ConfigError(f"search {name}: nothing to search; give a key several values or key=interval(a,b)")
    fixed = tuple(override.input_line or "" for override in chosen.values() if not override.is_sweep_override())
    return SearchPlan(name, settings, space, fixed, command, composer or Composer())


def differences(before: Mapping[str, str], now: Mapping[str, str], settings: Sequence[Mapping[str, str]]) -> list[str]:
    """What two searches differ in, a line each.

    Args:
        before, now: their fingerprints.
        settings: before and now, :attr:`SearchPlan.settings_text`; it counts only if their conditions differ, so that
            a setting with a neutral value can come later.

    >>> differences({"a": "1", "conditions": "x"}, {"a": "2", "conditions": "y"}, ({"b": "3"}, {"b": "4"}))
    ['a: 1 before, 2 now', 'b: 3 before, 4 now']
    """
    lines = _differences(*({key: text for key, text in texts.items() if key != _CONDITIONS} for texts in (before, now)))
    if before.get(_CONDITIONS) != now.get(_CONDITIONS):
        lines += _differences(*settings)
    return lines or _differences(before, now)


def _differences(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    keys = [key for key in {**before, **now} if before.get(key) != now.get(key)]
    return [f"{key}: {before.get(key, 'nothing')} before, {now.get(key, 'nothing')} now" for key in keys]


def _bare_key(override: str) -> str:
    return bare(override.partition("=")[0])


def _flatten(node: Mapping[str, Any], prefix: str) -> list[tuple[str, Any]]:
    """Dotted keys and values; a group whose keys have dots of their own is one value."""
    pairs: list[tuple[str, Any]] = []
    for name, value in node.items():
        is_group = isinstance(value, Mapping) and not any("." in str(key) for key in value)
        pairs += _flatten(value, f"{prefix}{name}.") if is_group else [(f"{prefix}{name}", value)]
    return pairs
