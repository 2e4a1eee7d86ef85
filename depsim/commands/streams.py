"""Which stream of chance matters, on a terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from depsim.execution.job import HOLD, Job, scientific_settings
from depsim.report.terminal import say
from depsim.report.words import counted
from depsim.statistics import Component, split_variance
from depsim.study.naming import name_conditions
from depsim.study.searches import People

_METRIC = "treated/combined"


def show_streams(measured: Sequence[tuple[Job, People]]) -> None:
    """Print a line for each condition that networks made of held streams underwent; they are no individuals.

    Args:
        measured: the jobs, one per network and condition, and what was measured.
    """
    settings = [_without_streams(job) for job, _ in measured]
    conditions: dict[str, list[tuple[dict[str, int], float | None]]] = {}
    for (job, people), name in zip(measured, name_conditions(settings), strict=True):
        hold = job.population.hold
        streams = {name: seed for name in type(hold).model_fields if (seed := getattr(hold, name)) is not None}
        values = [metrics.get(_METRIC) for metrics in people.values()] or [None]
        conditions.setdefault(name, []).extend((streams, value) for value in values)
    for name, runs in conditions.items():
        say(f"{name}, {counted(len(runs), 'network')}, combined stress: {_answer(runs)}")


def _without_streams(job: Job) -> dict[str, str]:
    """What was done to a job's network, whichever streams it was made of."""
    return {key: value for key, value in scientific_settings(job.params()).items() if not key.startswith(HOLD)}


def _answer(runs: Sequence[tuple[dict[str, int], float | None]]) -> str:
    values = np.array([math.nan if value is None else value for _, value in runs])
    levels = {stream: [streams[stream] for streams, _ in runs] for stream in runs[0][0]}
    if missing := int((~np.isfinite(values)).sum()):
        return f"{counted(missing, 'network')} missing, so no variance components"
    try:
        split = split_variance(values, levels)
    except ValueError as error:  # whose design is not what it takes
        return f"no variance components: {error}"
    if all(part.low is None for part in split.components):
        return "the same for all"
    return f"shares of the variance {', '.join(map(_share, split.components))}"


def _share(part: Component) -> str:
    """A component's share with its interval, in per cent."""
    return f"{part.name} {100 * part.share:.0f} [{100 * (part.low or 0):.0f}, {100 * (part.high or 0):.0f}] %"
