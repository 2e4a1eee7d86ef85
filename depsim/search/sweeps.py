"""Sweeps whose conditions are all composed and checked."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hydra.core.override_parser.types import Override

from depsim.config import Composer, ConfigError, JobSpec, UnknownKeyError, parse_overrides, prepare
from depsim.config.naming import given_keys, name_jobs
from depsim.config.overrides import first_value, override_text, refuse_too_many, single_values
from depsim.execution.job import HOLD, Job, scientific_settings
from depsim.registry import fields_of_choice
from depsim.report.ask import AskError, read_asks
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
    """

    name: str
    file: SweepFile
    specs: tuple[JobSpec, ...]

    @property
    def jobs(self) -> list[Job]:
        """What there is to run: each job for each replicate of its individuals."""
        return [job for spec in self.specs for job in spec.job.replicates]


def _require_answers(name: str, file: SweepFile, jobs: Sequence[Job]) -> None:
    """Refuse a report whose options the conditions cannot answer."""
    settings = [scientific_settings(job.params()) for job in jobs]
    values: dict[str, set[str]] = {}
    for key, value in itertools.chain.from_iterable(own.items() for own in settings):
        values.setdefault(key, set()).add(value)
    varied = {key for key, own in values.items() if len(own) > 1}
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
        networks: the first so many of an array's; all if left out.
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


def sweep_grids(
    name: str, file: SweepFile, overrides: Sequence[str], composer: Composer | None = None
) -> list[dict[str, list[str]]]:
    """The settings of a sweep's jobs, grid by grid: by their key, all its values as overrides.

    Args:
        name: of the sweep.
        file: what it says.
        overrides: from the command line, which have the last word.
        composer: of the first jobs, which are composed to see whether there are too many.

    Raises:
        ConfigError: naming the key, the value and what is allowed.
    """
    words = {override.get_key_element(): override for override in parse_overrides(overrides)}
    if clash := [key for key in {**file.settings, **words} if file.array and key.startswith(HOLD.rstrip("."))]:
        raise ConfigError(f"{clash[0]}: the array of the sweep {name} says which streams are held")
    known = {key for grid in file.grids for key in grid}
    grids = [axes for grid in file.grids if all((axes := _axes(name, file, grid, words, known)).values())]
    if not grids:
        given = [word.input_line for key, word in words.items() if key in known]
        raise ConfigError(f"sweep {name}: no grid of it has {' '.join(map(str, given))}")
    networks = [parse_overrides(row[0] for row in file.array.rows())] if file.array is not None else []
    for axes in grids:
        first = [first_value(axis[0]) for axis in axes.values()]
        _refuse_hydra(first)
        config = (composer or Composer()).compose(parse_overrides(first)).config
        refuse_too_many([*axes.values(), *networks], config)
    return [{key: [line for word in axis for line in single_values(word)] for key, axis in a.items()} for a in grids]


def _axes(
    name: str, file: SweepFile, grid: Mapping[str, list[Any]], words: Mapping[str, Override], known: set[str]
) -> dict[str, list[Override]]:
    """The axes of one grid, among them those that the command line changes or adds.

    Args:
        name, file: of the sweep.
        grid: one of the file's.
        words: the command line's overrides, by key.
        known: the keys of all of the file's grids; a word for one of them goes to the grids that have it.

    Shape: an axis without values where no condition of the grid is wanted.
    """
    if empty := [key for key, values in grid.items() if not values]:
        raise ConfigError(f"sweep {name}: grid.{empty[0]}=[]: needs at least one value")
    fixed = {key: [value] for key, value in {"study": file.study, **file.settings}.items()}
    own = {
        key: parse_overrides(f"{key}={override_text(value)}" for value in values)
        for key, values in {**fixed, **grid}.items()
    }
    axes = own | {key: [word] for key, word in words.items() if key in grid or key not in known}
    for key in words.keys() & grid.keys() if len(file.grids) > 1 else ():
        if any(other.startswith(f"{key}.") for other in grid):  # settings of its own values, which others lack
            wanted = single_values(words[key])
            axes[key] = [each for each in own[key] if single_values(each)[0] in wanted]
    return axes


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
    fixed = [
        f"study={override_text(file.study)}",
        *(f"{key}={override_text(value)}" for key, value in file.settings.items()),
    ]
    own = [override.input_line or "" for override in parsed if override not in changes]
    _refuse_hydra([*fixed, *own])
    return plan_search(name, file.search, [*fixed, *own], command, composer)


def _refuse_hydra(lines: Iterable[str]) -> None:
    """Refuse keys of Hydra's own: a sweep does without its launchers, sweepers and folders."""
    for line in lines:
        if re.match(r"[+~]*hydra([./@=]|$)", line):
            raise ConfigError(f"{line}: of no effect on a sweep, which runs its jobs itself; depsim run -m takes it")
