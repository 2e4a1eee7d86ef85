"""What replicates say, on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from depsim.execution.recorder import JobRecord
from depsim.report.sections.reliability import statement
from depsim.report.terminal import say
from depsim.study.reliability import People, Replicated, replicated


def show_reliability(records: Sequence[JobRecord]) -> None:
    """Print a line for each condition whose individuals have replicates."""
    conditions: dict[tuple[str, str, tuple[int, ...]], dict[int, JobRecord]] = {}
    for record in records:
        job = record.job
        if job.population.replicates > 1 and len(job.seeds) > 1:
            conditions.setdefault((job.study, job.first_arm_key, job.seeds), {})[job.replicate] = record
    for found in conditions.values():
        if 0 in found and len(found) > 1:
            people: list[People] = [found[number].metrics() for number in sorted(found)]
            shares = ", ".join(map(_spelled, replicated(people)))
            say(f"{found[0].job.title}, {len(found)} replicates: reliability {shares}")


def _spelled(found: Replicated) -> str:
    share = None if found.reliability is None else found.reliability.share
    shown = "" if share is None else f" {share:.2f}"
    off = f", {found.when}" if found.when == "withdrawn" else ""
    return f"{found.outcome.name}{off}{shown} ({statement(found.reliability)})"
