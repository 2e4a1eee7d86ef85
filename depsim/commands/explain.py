"""What ``depsim sweep --help`` says: all sweeps with their questions, or one of them in full."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from depsim.commands import search
from depsim.commands.multiverse import explain_multiverse
from depsim.commands.progress import format_cost
from depsim.config import Composer, ConfigError
from depsim.execution.job import Job
from depsim.execution.plan import seconds_each
from depsim.registry import title_of
from depsim.report.terminal import say
from depsim.report.words import counted
from depsim.search.grids import sweep_grids
from depsim.search.multiverse_file import MultiverseFile
from depsim.search.plan import SearchPlan
from depsim.search.sweep_files import SearchFile, SweepFile, head_of, load_sweep, sweep_names
from depsim.search.sweeps import plan_search_sweep, plan_sweep
from depsim.terminal_text import visible

_FEW_POINTS = 4
"""Of a multiverse, whose cost stands for that of all."""


def list_sweeps() -> int:
    """Say every sweep's name and its question."""
    say("\nsweeps:")
    for name in sweep_names():
        try:
            text = load_sweep(name).question
        except ConfigError as error:
            text = str(error)
        say(textwrap.fill(f"  {name}: {visible(text)}", 100, subsequent_indent="      "))
    say("\ndepsim sweep NAME --help says what one varies and what it costs")
    return 0


def explain(name: str, overrides: list[str]) -> int:
    """Say what a sweep asks, what it varies, what it costs and how to run it."""
    question, comments = head_of(name)
    say(question)
    for comment in comments:
        say(f"  {comment}")
    file = load_sweep(name)
    if isinstance(file, SearchFile):
        _explain_search(plan_search_sweep(name, overrides, ""))
    elif isinstance(file, MultiverseFile):
        explain_multiverse(plan_sweep(name, overrides, networks=_FEW_POINTS))
    else:
        _explain_grid(name, file, overrides)
    say(f"depsim sweep {name} runs it, and goes on with it; --dry-run lists it with what is left to do;")
    say("--retry-failed runs what failed; --fresh begins a new study; KEY=VALUE changes it, e.g. cohort=smoke")
    return 0


def _networks(file: SweepFile) -> int:
    """The networks of an array, which cost the same; 1 without one."""
    return 1 if file.array is None else file.array.size


def _explain_search(plan: SearchPlan) -> None:
    fixed = [line for line in plan.fixed if not line.startswith("study=")]
    say(f"study {plan.study}; for every trial: {', '.join(fixed) or 'the defaults'}")
    for dimension in plan.space:
        say(f"  searched: {dimension.key}: {dimension.text}{title_of(plan.base.job.config, dimension.key)}")
    trials, individuals = counted(plan.n_trials, "trial"), counted(len(plan.seeds), "individual")
    say(f"{trials} of {individuals}, then the winner and the paper's settings on {plan.settings.fresh.size} more")
    say(search.search_cost(plan))


def _explain_grid(name: str, file: SweepFile, overrides: list[str]) -> None:
    composer = Composer()
    sweep = plan_sweep(name, overrides, networks=1, composer=composer)
    specs, replicates = sweep.specs, sweep.specs[0].job.population.replicates
    grids = sweep_grids(name, file, overrides, composer)
    array = file.array
    studies = ", ".join(dict.fromkeys(spec.job.study for spec in specs))
    common = {
        key: axis[0] for key, axis in grids[0].items() if len(axis) == 1 and all(g.get(key) == axis for g in grids)
    }
    fixed = [word for key, word in common.items() if key != "study"]
    say(f"study {studies}; for every job: {', '.join(fixed) or 'the defaults'}")
    for number, axes in enumerate(grids, 1):
        if len(grids) > 1:
            say(f"  grid {number} of {len(grids)}:")
        for key, lines in axes.items():
            if key not in common:
                values = ", ".join(line.partition("=")[2] for line in lines)
                title = max((title_of(spec.job.config, key) for spec in specs), key=len)
                say(f"  {'varied' if len(lines) > 1 else 'here'}: {key}: {values}{title}")
    if array is not None:
        networks = f"{array.size} networks in an orthogonal array of strength {array.strength}"
        say(f"  varied: {', '.join(array.keys)}: seeds 0 to 7, {networks}")
    repeats = f", each in {replicates} replicates" if replicates > 1 else ""
    conditions, individuals = len(specs) * _networks(file), len(specs[0].job.seeds)
    say(f"{counted(conditions, 'condition')} of {counted(individuals, 'individual')}{repeats}")
    say(format_cost(_seconds(sweep.jobs) * _networks(file), specs[0].resources))


def _seconds(jobs: Sequence[Job]) -> float:
    """About how long one core takes over all of it."""
    return sum(
        seconds * len(job.seeds) for job, seconds in zip(jobs, seconds_each([job.arm for job in jobs]), strict=True)
    )
