"""Sweeps whose conditions are all composed and checked."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from depsim.config import Composer, ConfigError, JobSpec, UnknownKeyError, parse_overrides, prepare
from depsim.config.naming import given_keys, name_jobs
from depsim.config.overrides import override_text
from depsim.execution.job import Job, scientific_settings
from depsim.registry import fields_of_choice
from depsim.report.ask import AskError
from depsim.report.asking import read_asks
from depsim.search.grids import refuse_hydra, sweep_grids
from depsim.search.multiverse import MultiversePlan, plan_multiverse
from depsim.search.multiverse_file import MultiverseFile
from depsim.search.placebos import placebo_point
from depsim.search.plan import SearchPlan, plan_search
from depsim.search.sweep_files import SearchFile, SweepFile, load_sweep


@dataclass(frozen=True)
class Sweep:
    """A sweep whose jobs are all composed and checked.

    Args:
        name: its file's.
        file: what it says.
        specs: its jobs, none twice.
        multiverse: how a multiverse was planned; None for a grid.
    """

    name: str
    file: SweepFile | MultiverseFile
    specs: tuple[JobSpec, ...]
    multiverse: MultiversePlan | None = None

    @property
    def jobs(self) -> list[Job]:
        """What there is to run: each job for each replicate of its individuals."""
        return [job for spec in self.specs for job in spec.job.replicates]


def _require_answers(name: str, file: SweepFile | MultiverseFile, jobs: Sequence[Job]) -> None:
    """Refuse a report whose options the conditions cannot answer."""
    settings = [scientific_settings(job.params()) for job in jobs]
    values: dict[str, set[str]] = {}
    for key, value in itertools.chain.from_iterable(overrides.items() for overrides in settings):
        values.setdefault(key, set()).add(value)
    varied = {key for key, words in values.items() if len(words) > 1}
    for ask in read_asks(file.report or []):
        try:
            ask.check(varied, {job.choices["treatment"] for job in jobs})
        except AskError as error:
            raise ConfigError(f"sweep {name}: {error}") from None


def plan_sweep(
    name: str,
    overrides: Sequence[str],
    networks: int | None = None,
    composer: Composer | None = None,
    placebo: bool = False,
) -> Sweep:
    """Compose and check every job of a sweep.

    Args:
        name: of the sweep.
        overrides: from the command line; one that names a key of a grid replaces its values there, any other goes to
            all grids; several values (``pathology.sparsity=0.8,0.9``) make a new axis. Of several grids, those that
            vary settings of a choice (``treatment.epochs``) keep of its values the given ones.
        networks: the first so many of an array's, or of a multiverse's points; all if left out.
        composer: of the jobs, where several sweeps share one.
        placebo: whether each treatment's placebo is a condition, whatever the file says; a placebo that takes the same
            steps as a condition that is there is none more.

    Raises:
        ConfigError: naming the sweep's or the configuration's key, the value and what is allowed.
    """
    file = load_sweep(name)
    if isinstance(file, SearchFile):
        raise ConfigError(f"{name}: a search, no grid")
    composer = composer or Composer()
    if isinstance(file, MultiverseFile):
        return _plan_multiverse(plan_multiverse(name, file, overrides, composer, placebo), file, networks)
    specs: list[JobSpec] = []
    rows: list[tuple[str, ...]] = [()] if file.array is None else file.array.rows()[:networks]
    try:
        points = [
            (*point, *row)
            for axes in sweep_grids(name, file, overrides, composer)
            for point, row in itertools.product(itertools.product(*axes.values()), rows)
        ]
        specs += [prepare(point, composer) for point in points]
        if placebo or file.placebo:
            specs += _placebos(points, specs, composer)
    except UnknownKeyError as error:
        choices = {str(choice) for grid in file.grids for choice in grid.get(error.above, ())}
        if any(error.name in fields_of_choice(error.above, choice) for choice in choices):
            raise ConfigError(f"{error}. Where only some choices have a setting, write a list of grids") from None
        raise
    named: dict[tuple[str, str], JobSpec] = {}
    jobs = name_jobs([spec.job for spec in specs], given_keys(overrides))
    for spec, job in zip(specs, jobs, strict=True):
        named.setdefault(job.identity, replace(spec, job=job))
    _require_answers(name, file, [spec.job for spec in named.values()])
    return Sweep(name, file, tuple(named.values()))


def _plan_multiverse(plan: MultiversePlan, file: MultiverseFile, points: int | None) -> Sweep:
    """A multiverse with every arm at every point, or at the first so many points, whose corners are not checked."""
    if points is None:
        plan.check()
    shown = plan if points is None else replace(plan, points=min(points, plan.points))
    specs = tuple(shown.specs())
    _require_answers(plan.name, file, [spec.job for spec in specs])
    return Sweep(plan.name, file, specs, plan)


def _placebos(points: Sequence[Sequence[str]], specs: Sequence[JobSpec], composer: Composer) -> list[JobSpec]:
    """The placebos of these conditions that take other steps than all that are there."""
    there = {(spec.job.arm_key, spec.job.seeds) for spec in specs}
    added = []
    for point in dict.fromkeys(filter(None, map(placebo_point, points))):
        spec = prepare(point, composer)
        if (key := (spec.job.arm_key, spec.job.seeds)) not in there:
            there.add(key)
            added.append(spec)
    return added


def plan_search_sweep(
    name: str, overrides: Sequence[str], command: str, composer: Composer | None = None
) -> SearchPlan:
    """The search that a sweep file describes; every corner of its space is composed and checked.

    Args:
        name: of the sweep.
        overrides: from the command line. ``search.n_trials=50`` and the like change how it searches, several values or
            an interval what it searches, all others what is fixed.
        command: that goes on with the search.
        composer: of its conditions, where several sweeps share one.

    Raises:
        ConfigError: naming the key, the value and what is allowed.
    """
    parsed = parse_overrides(overrides)
    changes = [override for override in parsed if override.key_or_group.startswith("search.")]
    file = load_sweep(name, changes)
    if not isinstance(file, SearchFile):
        raise ConfigError(f"{name}: a grid, no search")
    has_cohort = any(override.key_or_group == "cohort" for override in parsed)  # a chosen one has a size of its own
    settings = {key: value for key, value in file.settings.items() if not (has_cohort and key.startswith("cohort."))}
    fixed = [
        f"study={override_text(file.study)}",
        *(f"{key}={override_text(value)}" for key, value in settings.items()),
    ]
    unchanged = [override.input_line or "" for override in parsed if override not in changes]
    refuse_hydra([*fixed, *unchanged])
    return plan_search(name, file.search, [*fixed, *unchanged], command, composer)
