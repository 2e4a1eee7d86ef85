"""``--dry-run`` of ``depsim run`` and ``depsim sweep``: what there is to compute, and what that takes."""

from __future__ import annotations

from collections.abc import Sequence

from depsim.commands import OK
from depsim.commands.multiverse import multiverse_lines
from depsim.commands.progress import format_cost, format_seconds
from depsim.config import JobSpec
from depsim.config.building import construct
from depsim.execution.job import Job, scientific_settings
from depsim.execution.plan import remarks_on, seconds_each
from depsim.report.terminal import say, show_plan
from depsim.search.multiverse import MultiversePlan
from depsim.search.multiverse_record import require_same
from depsim.study.experiment import NothingToReportError
from depsim.study.naming import name_conditions
from depsim.study.reading import read_study
from depsim.study.reference import references
from depsim.tracking import mlflow_store
from depsim.treatment import Regimen, Treatment
from depsim.treatment.regimen_words import spell_regimen


def list_jobs(title: str, specs: Sequence[JobSpec], multiverse: MultiversePlan | None = None) -> int:
    """List the jobs of one command, what is left of them and what it costs.

    Args:
        title: of the list.
        specs: the jobs.
        multiverse: that they are points of.
    """
    first, jobs = specs[0], [job for spec in specs for job in spec.job.replicates]
    tracker = first.tracking.peek()
    if multiverse is not None and tracker is not None:
        require_same(multiverse, tracker)
    left, missed, total = [], [], 0.0
    for job, seconds in zip(jobs, seconds_each([job.arm for job in jobs]), strict=True):
        missing = frozenset(job.seeds) - (tracker.status(job).finished if tracker is not None else frozenset())
        left.append((job, len(missing), seconds * len(missing)))
        missed.append((job, missing))
        total += seconds * len(missing)
    show_plan(title, _plan_rows(left))
    say(format_cost(total, first.resources))
    for remark in remarks_on(job.arm for job in jobs):
        say(f"note: {remark}")
    again = _by_other_sources(missed) if tracker is not None else []
    shown = [job for job in jobs if job.point is None or not job.point.number]
    more = _expected_precision(jobs) if multiverse is None else multiverse_lines(multiverse, missed)
    for line in (*again, *_timelines(shown), *more):
        say(line)
    return OK


def _plan_rows(left: Sequence[tuple[Job, int, float]]) -> list[tuple[str, int, int, str]]:
    """A row for each condition; one for all points of a condition of a multiverse.

    Args:
        left: each condition with how many of its individuals are missing, and their seconds.
    """
    rows: dict[object, tuple[str, int, int, float]] = {}
    for place, (job, missing, seconds) in enumerate(left):
        row, title = (place, job.title) if job.point is None else (job.point.arm, job.point.arm)
        _, size, before, time = rows.get(row, (title, 0, 0, 0.0))
        rows[row] = title, size + len(job.seeds), before + missing, time + seconds
    return [(title, size, missing, format_seconds(seconds)) for title, size, missing, seconds in rows.values()]


def _by_other_sources(missed: Sequence[tuple[Job, frozenset[int]]]) -> list[str]:
    """How many individuals are computed again though the study has them.

    Args:
        missed: a condition and those of its individuals that are to be computed, each.
    """
    if not any(seeds for _, seeds in missed):
        return []
    try:
        study = read_study(mlflow_store.open_client(), missed[0][0].study)
    except NothingToReportError:
        return []
    stored: dict[str, set[int]] = {}
    for arm in study.arms:
        stored.setdefault(arm.arm_key, set()).update(arm.seeds)
    count = sum(len(seeds & stored.get(job.arm_key, set())) for job, seeds in missed)
    if not count:
        return []
    return [
        f"{count:,} of the individuals to compute are in the study, by other sources: an earlier version of depsim, or "
        "code edited since. They are computed again; the stored ones stay, and reports take the newer."
    ]


def _timelines(jobs: Sequence[Job]) -> list[str]:
    """Each regimen among the conditions, what is given when and for how many epochs."""
    settings = [{k: v for k, v in job.params().items() if k.partition(".")[0] == "treatment"} for job in jobs]
    given = {name: job.config["treatment"] for name, job in zip(name_conditions(settings), jobs, strict=True)}
    built = {name: construct(Treatment, "treatment", part) for name, part in given.items()}  # type: ignore[type-abstract]
    lines = [f"  {name}: {spell_regimen(part)}" for name, part in built.items() if isinstance(part, Regimen)]
    return lines and ["regimens:", *lines]


def _expected_precision(jobs: Sequence[Job]) -> list[str]:
    """What the conditions will be able to tell, from what is known of others like them."""
    planned = [(scientific_settings(job.params()), len(job.seeds)) for job in jobs]
    return [line for reference in references() for line in reference.foretell(planned)]
