"""``depsim sweep``: a prepared question, answered as far as it is not answered yet."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence

from depsim.commands.outcome import exit_code, guarded
from depsim.config import ConfigError, prepare
from depsim.execution.job import Job
from depsim.population import spell_seeds
from depsim.progress import show_progress
from depsim.report.tables import People, paper_table, sequel_table
from depsim.report.terminal import say, show_condition, show_table
from depsim.runner import run_jobs
from depsim.sweep import Sweep, load_sweep, plan_sweep, sweep_names
from depsim.tracking import JobLog

_ONE_DRAW = (
    "Cells: ours | published. Both are one draw: the same seed gives other numbers on another machine,\n"
    "so single cells need not agree; only distributions over individuals can."
)


def main(words: Sequence[str]) -> int:
    """Run a sweep."""
    parser = argparse.ArgumentParser(
        prog="depsim sweep",
        description="Runs every condition of a prepared question. Again, it computes only what is missing.",
        epilog="sweeps: " + "; ".join(f"{name}: {_question(name)}" for name in sweep_names()),
    )
    parser.add_argument("name", metavar="NAME", help="one of the sweeps below")
    parser.add_argument("overrides", metavar="KEY=VALUE", nargs="*", help="as for depsim run, e.g. cohort=pilot")
    arguments = parser.parse_args(list(words))
    again = shlex.join(["depsim", "sweep", *words])
    return guarded(lambda: _run(arguments.name, arguments.overrides), again)


def _question(name: str) -> str:
    try:
        return load_sweep(name).question
    except ConfigError as error:
        return str(error)


def _run(name: str, overrides: Sequence[str]) -> int:
    sweep = plan_sweep(name, overrides)
    first = sweep.orders[0]
    logs = run_jobs([order.job for order in sweep.orders], first.tracking.open(), first.resources, show_progress)
    people = [(log.job, log.metrics()) for log in logs]
    if sweep.file.tables == "paper":
        for group in _alike_but_for_treatment(people):
            _show_paper(group)
    else:
        for job, individuals in people:
            if individuals:
                show_condition(job.title, individuals)
    _show_next(sweep, logs)
    return exit_code(logs)


def _alike_but_for_treatment(people: Sequence[tuple[Job, People]]) -> list[list[tuple[Job, People]]]:
    """One group per table: jobs that differ in nothing but the treatment."""
    groups: dict[tuple[str, ...], list[tuple[Job, People]]] = {}
    for job, individuals in people:
        rest = tuple(override for override in job.overrides if not override.startswith("treatment="))
        groups.setdefault(rest, []).append((job, individuals))
    return list(groups.values())


def _show_paper(people: Sequence[tuple[Job, People]]) -> None:
    """Tables 1 and 2 beside the published, and the sequel's where it can be compared."""
    arms = {job.choices["treatment"]: individuals for job, individuals in people if individuals}
    if not arms:
        return
    job = people[0][0]
    sizes = {len(individuals) for individuals in arms.values()}
    size = f"n={min(sizes)}" if len(sizes) == 1 else f"n={min(sizes)} to {max(sizes)}"
    who = f"{size}, individuals {spell_seeds(job.seeds)}, data {job.population.data}"
    for number in (1, 2):
        show_table(paper_table(number, arms))
    if sizes == {1}:
        say(f"{who}. {_ONE_DRAW}")
    else:
        say(f"{who}. Cells: ours, mean ± SD | published, one individual (seed 42), which no mean needs to equal.")
    if job.population.data == "individual" and min(sizes) > 1:
        table = sequel_table(arms)
        show_table(table)
        far = table.far_cells()
        said = "; ".join(far) if far else f"all {table.compared} compared cells lie within three standard errors"
        say(f"Cells: ours | sequel, mean ± SD (difference in standard errors). Beside the sequel, {said}.")
    for difference in _differences([job for job, _ in people]):
        say(f"note: {difference}")


def _differences(jobs: Sequence[Job]) -> list[str]:
    """In which parts these conditions are not the paper's."""
    found = []
    for job in jobs:
        own, published = job.condition, prepare([f"treatment={job.choices['treatment']}"]).job.condition
        parts = [
            name
            for name, mine, theirs in (
                ("task", own.origin.task, published.origin.task),
                ("model", own.origin.model, published.origin.model),
                ("training", own.origin.training, published.origin.training),
                ("pathology", own.pathology, published.pathology),
                ("treatment", own.treatment, published.treatment),
                ("assessment", own.assessment, published.assessment),
            )
            if mine != theirs
        ]
        if parts:
            found.append(f"{job.title} is not the paper's condition; different: {', '.join(parts)}")
    return found


def _show_next(sweep: Sweep, logs: Sequence[JobLog]) -> None:
    job = logs[0].job
    if sweep.orders[0].tracking.keeps_files:
        say(f"next: depsim ui    to look at every run, curve and mask (study {job.study})")
    if len(job.seeds) == 1:
        say(f"      depsim sweep {sweep.name} cohort=pilot    for ten individuals with data of their own")
