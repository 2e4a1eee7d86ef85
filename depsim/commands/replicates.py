"""What replicates say, on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from depsim.execution.recorder import JobRecord
from depsim.outcomes import short_name
from depsim.report.terminal import say
from depsim.report.words import mean_interval
from depsim.stages import EXAMINED_ON_AND_OFF, WITHDRAWN
from depsim.study.analyses.reliability import reliability_rows
from depsim.study.searches import People


def show_reliability(records: Sequence[JobRecord]) -> None:
    """Print a line for each condition whose individuals have replicates."""
    conditions: dict[tuple[str, str, tuple[int, ...]], dict[int, JobRecord]] = {}
    for record in records:
        job = record.job
        if job.population.replicates > 1 and len(job.seeds) > 1:
            conditions.setdefault((job.study, job.first_arm_key, job.seeds), {})[job.replicate] = record
    for replicates in conditions.values():
        if 0 in replicates and len(replicates) > 1:
            people: list[People] = [replicates[number].metrics() for number in sorted(replicates)]
            shares = ", ".join(text for stage in EXAMINED_ON_AND_OFF for text in _shares(people, stage))
            say(f"{replicates[0].job.title}, {len(replicates)} replicates: reliability {shares}")


def _shares(people: Sequence[People], stage: str) -> list[str]:
    off = f" {WITHDRAWN}" if stage == WITHDRAWN else ""
    return [
        f"{short_name(row.of('outcome'))}{off} {mean_interval(row, 2)} (n = {row.n})"
        for row in reliability_rows(people, "", stage)
    ]
