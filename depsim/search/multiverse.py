"""A multiverse as conditions: every arm at every point, each with fresh individuals."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from hydra.core.override_parser.types import Override

from depsim.config import Composer, ConfigError, JobSpec, parse_overrides, prepare
from depsim.config.naming import name_jobs
from depsim.config.overrides import override_text
from depsim.execution.job import PointRef
from depsim.search.grids import sweep_grids
from depsim.search.multiverse_file import MOST_POINTS, MultiverseFile
from depsim.search.placebos import placebo_point
from depsim.search.points import sobol_shares
from depsim.search.routes import Route, papers_value, routes_of
from depsim.search.sweep_files import SweepFile
from depsim.study.setting_range import SettingRange, dump_space

_POINTS = "points"
_WHO = ("seed", "cohort.size", "cohort.first_seed", "cohort.seeds")
_LAST_SEED = 4_294_966


@dataclass(frozen=True)
class MultiverseArm:
    """A condition that every point has.

    Args:
        label: what it is called at every point.
        lines: the overrides that compose it, without who its individuals are.
        base: it with the paper's value of every setting.
    """

    label: str
    lines: tuple[str, ...]
    base: JobSpec


@dataclass(frozen=True)
class MultiversePlan:
    """A multiverse whose settings are known to be settings of its arms.

    Args:
        name: of the sweep.
        arms: its conditions.
        space: what is varied, without what the command line holds.
        held: settings that the command line holds, by key of the file, as text.
        routes: by key of the file, the configuration keys that it is in each arm.
        points: how many there are, the paper's own among them.
        composer: of the conditions.
        arm_keys: keys in which the arms differ.
    """

    name: str
    arms: tuple[MultiverseArm, ...]
    space: Mapping[str, SettingRange]
    held: Mapping[str, str]
    routes: Mapping[str, Route]
    points: int
    composer: Composer
    arm_keys: frozenset[str]

    @cached_property
    def papers(self) -> dict[str, Any]:
        """The paper's own point: the value of every setting that is varied."""
        return {key: papers_value(self.routes[key], [arm.base.job for arm in self.arms]) for key in self.space}

    def seeds(self, point: int) -> tuple[int, ...]:
        """The individuals of a point, who are at no other one; more of them, or more points, change nobody."""
        population = self.arms[0].base.job.population
        first = population.members[0] + point
        return tuple(first + MOST_POINTS * place for place in range(len(population.members)))

    def settings(self, point: int) -> dict[str, str]:
        """Every setting at a point as text."""
        values = self.papers if point == 0 else self._drawn[point - 1]
        return {key: override_text(value) for key, value in values.items()}

    def spec(self, arm: MultiverseArm, settings: Mapping[str, str], seeds: Sequence[int]) -> JobSpec:
        """An arm at some settings.

        Raises:
            ConfigError: if it cannot be composed there.
        """
        here = [
            f"{key}={text}"
            for name, text in {**self.held, **settings}.items()
            for key in self.routes[name].keys_in(arm.label)
        ]
        who = f"cohort.seeds=[{','.join(map(str, seeds))}]"
        return prepare([*arm.lines, who, *here], self.composer)

    def specs(self) -> list[JobSpec]:
        """Every arm at every point, the paper's first.

        Raises:
            ConfigError: naming the point that a component refuses, and why.
        """
        dumped, made = dump_space(self.space), []
        for point in range(self.points):
            settings, seeds = self.settings(point), self.seeds(point)
            for arm in self.arms:
                ref = PointRef(point, arm.label, settings, dumped)
                try:
                    spec = self.spec(arm, settings if point else {}, seeds)
                except ConfigError as error:
                    raise ConfigError(f"sweep {self.name}: settings {point} of {arm.label}: {error}") from None
                made.append(replace(spec, job=replace(spec.job, name=ref.name, point=ref)))
        return made

    def check(self) -> None:
        """Compose each side of the space by itself, and all lower and all upper ends together.

        Raises:
            ConfigError: naming the corner that a component refuses, and why.
        """
        for key, space in self.space.items():
            for value in space.corners:
                self._check({key: value}, f"space.{key}: {override_text(value)}", self.routes[key].arms[:1])
        for which, place in (("low", 0), ("high", -1)):
            ends = {key: space.corners[place] for key, space in self.space.items()}
            self._check(ends, f"all settings at their {which} ends", [arm.label for arm in self.arms])

    def _check(self, values: Mapping[str, Any], where: str, labels: Sequence[str]) -> None:
        settings = {key: override_text(value) for key, value in values.items()}
        for arm in self.arms:
            if arm.label in labels:
                try:
                    self.spec(arm, settings, self.seeds(0))
                except ConfigError as error:
                    raise ConfigError(f"sweep {self.name}: {where}: {error}") from None

    @cached_property
    def _drawn(self) -> list[dict[str, Any]]:
        """The values at the points after the paper's."""
        shares = sobol_shares(self.points - 1, len(self.space))
        whole = {key: _is_whole(self.papers[key]) for key in self.space}
        return [
            {key: of.at(float(share), whole[key]) for share, (key, of) in zip(row, self.space.items(), strict=True)}
            for row in shares
        ]


def plan_multiverse(
    name: str, file: MultiverseFile, overrides: Sequence[str], composer: Composer, placebo: bool = False
) -> MultiversePlan:
    """Read a multiverse, and check that its settings are settings of its arms.

    Args:
        name: of the sweep.
        file: what it says.
        overrides: from the command line. ``points=256`` says how many points there are; a setting of the space is held
            at its value at every point; all others hold for every condition. The arms are the file's.
        composer: of the conditions.
        placebo: whether each treatment's placebo is an arm, whatever the file says.

    Raises:
        ConfigError: naming the key, the value and what is allowed.
    """
    parsed = parse_overrides(overrides)
    grids = file.arms if isinstance(file.arms, list) else [file.arms]
    arm_keys = frozenset(key for grid in grids for key in grid)
    _require_one_value(name, parsed, arm_keys)
    points, held = _points(name, file, parsed), _held(file, parsed)
    others = [word.input_line or "" for word in parsed if word.key_or_group not in (_POINTS, *held)]
    if twice := [key for key in file.space if key in file.settings]:
        raise ConfigError(f"sweep {name}: settings.{twice[0]}: is in the space, too; allowed in one of both")
    arms = _arms(name, file, others, composer, placebo or file.placebo)
    _require_room(name, arms, points)
    routes = routes_of(name, file.space, {arm.label: arm.base.job for arm in arms})
    space = {key: values for key, values in file.space.items() if key not in held}
    if not space:
        raise ConfigError(f"sweep {name}: every setting of its space is held; allowed is to hold some")
    plan = MultiversePlan(name, arms, space, held, routes, points, composer, arm_keys)
    _require_kinds(name, plan)
    return plan


def _points(name: str, file: MultiverseFile, parsed: Sequence[Override]) -> int:
    given = [word for word in parsed if word.key_or_group == _POINTS]
    value = given[-1].value() if given else file.points
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST_POINTS:
        raise ConfigError(
            f"sweep {name}: points={value}: must be a whole number from 1, the paper's own settings, to {MOST_POINTS}"
        )
    return value


def _require_one_value(name: str, parsed: Sequence[Override], arm_keys: frozenset[str]) -> None:
    """Refuse words that would change the arms."""
    for word in parsed:
        if word.key_or_group in arm_keys:
            raise ConfigError(
                f"sweep {name}: {word.input_line}: every point has the arms of the file; allowed are others there"
            )
        if word.is_sweep_override():
            raise ConfigError(
                f"sweep {name}: {word.input_line}: allowed is one value, which holds at every point; "
                "ranges stand in the file"
            )


def _held(file: MultiverseFile, parsed: Sequence[Override]) -> dict[str, str]:
    """The settings of the space that the command line holds, as text."""
    words = [(word.key_or_group, word.input_line or "") for word in parsed]
    return {key: line.partition("=")[2] for key, line in words if key in file.space}


def _arms(
    name: str, file: MultiverseFile, overrides: Sequence[str], composer: Composer, placebo: bool
) -> tuple[MultiverseArm, ...]:
    """The arms, each once."""
    grid = SweepFile(question=file.question, study=file.study, settings=file.settings, grid=file.arms)
    lines = [
        point for axes in sweep_grids(name, grid, overrides, composer) for point in itertools.product(*axes.values())
    ]
    if placebo:
        lines += list(dict.fromkeys(filter(None, map(placebo_point, lines))))
    bases = [prepare(point, composer) for point in lines]
    if listed := [spec for spec in bases if spec.job.config["cohort"].get("seeds") is not None]:
        seeds = override_text(listed[0].job.config["cohort"]["seeds"])
        raise ConfigError(
            f"sweep {name}: cohort.seeds={seeds}: every point has individuals of its own; allowed are "
            "cohort.size and cohort.first_seed"
        )
    jobs = name_jobs([spec.job for spec in bases], ())
    arms: dict[str, MultiverseArm] = {}
    for point, spec, job in zip(lines, bases, jobs, strict=True):
        without = tuple(line for line in point if line.partition("=")[0] not in _WHO)
        arms.setdefault(job.name, MultiverseArm(job.name, without, spec))
    return tuple(arms.values())


def _require_room(name: str, arms: Sequence[MultiverseArm], points: int) -> None:
    """Refuse more jobs than are allowed, and individuals beyond the last seed, before any is composed."""
    job = arms[0].base.job
    most = job.config["max_jobs"]
    if (count := len(arms) * points * job.population.replicates) > most:
        raise ConfigError(
            f"sweep {name}: points={points}: {count:,} jobs at once; allowed are {most:,}, or more with "
            f"max_jobs={count}"
        )
    first, size = job.population.members[0], len(job.population.members)
    if (last := first + MOST_POINTS * (size - 1) + points - 1) > _LAST_SEED:
        raise ConfigError(
            f"sweep {name}: cohort.size={size}: the last seed, {last}, is above {_LAST_SEED}: the "
            f"individuals of one point lie {MOST_POINTS} seeds apart"
        )


def _require_kinds(name: str, plan: MultiversePlan) -> None:
    """Refuse ranges of another kind than the setting's own value."""
    for key, space in plan.space.items():
        value = plan.papers[key]
        if space.values is not None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ConfigError(
                f"sweep {name}: space.{key}: {space.text}: is {override_text(value)} now, no number; "
                "allowed are values: [...]"
            )
        bounds = (space.low, space.high)
        if _is_whole(value) and not all(float(bound or 0).is_integer() for bound in bounds):
            raise ConfigError(f"sweep {name}: space.{key}: {space.text}: must be whole numbers, as {value} is")


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
