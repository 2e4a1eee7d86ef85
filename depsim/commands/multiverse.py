"""What ``depsim sweep --help`` and ``--dry-run`` say of a multiverse."""

from __future__ import annotations

from collections.abc import Sequence

from depsim.commands.progress import format_cost, format_seconds
from depsim.config.overrides import override_text
from depsim.execution.job import Job
from depsim.execution.plan import baseline_seconds, seconds_each
from depsim.report.terminal import say
from depsim.report.words import counted
from depsim.search.multiverse import MultiversePlan
from depsim.search.multiverse_file import MOST_POINTS
from depsim.search.sweeps import Sweep


def explain_multiverse(sweep: Sweep) -> None:
    """Say what a multiverse varies and why, at how many points, and what it costs.

    Args:
        sweep: of which some points are composed.
    """
    plan, jobs = sweep.multiverse, sweep.jobs
    assert plan is not None
    say(f"study {jobs[0].study}; at every point: {', '.join(arm.label for arm in plan.arms)}")
    for key, space in plan.space.items():
        reason = f"; {space.reason}" if space.reason else ""
        say(f"  varied: {key}: {space.text} (paper: {override_text(plan.papers[key])}){reason}")
    for key, text in plan.held.items():
        say(f"  held: {key}: {text}")
    say(_size(plan))
    seconds = sum(
        each * len(job.seeds) for each, job in zip(seconds_each([job.arm for job in jobs]), jobs, strict=True)
    )
    composed = len({job.point.number for job in jobs if job.point is not None})
    say(format_cost(seconds * plan.points / composed, sweep.specs[0].resources))


def multiverse_lines(plan: MultiversePlan, missed: Sequence[tuple[Job, frozenset[int]]]) -> list[str]:
    """What a dry run adds: how many points and who is at them, and what the healthy networks cost.

    Args:
        plan: of the multiverse.
        missed: a condition and those of its individuals that are to be computed, each.
    """
    networks = {(job.arm.baseline, seed): baseline_seconds(job.arm.baseline) for job, seeds in missed for seed in seeds}
    healthy = f"{counted(len(networks), 'healthy network')}: about {format_seconds(sum(networks.values()))} of that"
    return [_size(plan), healthy]


def _size(plan: MultiversePlan) -> str:
    """How many points of how many settings, and whose individuals."""
    seeds, last = plan.seeds(0), plan.seeds(plan.points - 1)
    fresh = f"{counted(len(seeds), 'fresh individual')} at each, none at two"
    apart = f", {MOST_POINTS} apart" if len(seeds) > 1 else ""
    return (
        f"{counted(plan.points, 'set')} of {counted(len(plan.space), 'setting')}, the paper's own first; {fresh} "
        f"(seeds from {seeds[0]} to {last[-1]}{apart}); {counted(len(plan.arms) * plan.points, 'condition')}"
    )
