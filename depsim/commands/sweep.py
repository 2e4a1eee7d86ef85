"""``depsim sweep``: a prepared question, answered as far as it is not answered yet."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Callable, Sequence

from depsim.commands import search
from depsim.commands.dry_run import list_jobs
from depsim.commands.explain import explain, list_sweeps
from depsim.commands.outcome import exit_code, guarded
from depsim.commands.progress import TerminalProgress
from depsim.commands.ui import ui_command
from depsim.config import ConfigError, JobSpec
from depsim.execution.recorder import JobRecord
from depsim.execution.runner import run_jobs
from depsim.report.asking import read_asks
from depsim.report.compose import compose
from depsim.report.terminal import say, show_page
from depsim.search.multiverse_record import require_same
from depsim.search.plan import SearchPlan
from depsim.search.sweep_files import SearchFile, is_search, load_sweep
from depsim.search.sweeps import Sweep, plan_search_sweep, plan_sweep
from depsim.study.recorded import study_of_records
from depsim.terminal_text import Parser


def main(words: Sequence[str]) -> int:
    """Run a sweep."""
    parser = Parser(
        prog="depsim sweep",
        description="Runs every condition of a prepared question, or searches for the best one. Again, it computes "
        "only what is missing. With NAME and --help: what that sweep varies.",
        add_help=False,
    )
    parser.add_argument("name", metavar="NAME", nargs="?", help="one of the sweeps below")
    parser.add_argument("overrides", metavar="KEY=VALUE", nargs="*", help="as for depsim run, e.g. cohort=pilot")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("-h", "--help", action="store_true", help="explain, and do nothing")
    mode.add_argument("--dry-run", action="store_true", help="list the jobs with time and memory; compute nothing")
    mode.add_argument("--retry-failed", action="store_true", help="compute only what failed before")
    mode.add_argument("--fresh", action="store_true", help="start again, as a study of its own; nothing is deleted")
    parser.add_argument("--placebo", action="store_true", help="also each treatment's placebo: its training alone")
    arguments = parser.parse_intermixed_args(list(words))
    name, overrides = arguments.name, list(arguments.overrides)
    if name is None:
        if not arguments.help:
            parser.error("which sweep? depsim sweep --help lists them")
        parser.print_help()
        return guarded(list_sweeps, "depsim sweep --help")
    again = shlex.join(["depsim", "sweep", *words])
    return guarded(lambda: _dispatch(name, overrides, arguments), again)


def _dispatch(name: str, overrides: list[str], arguments: argparse.Namespace) -> int:
    if arguments.help:
        return explain(name, overrides)
    if is_search(name):
        if arguments.placebo:
            raise ConfigError(f"--placebo: {name} is a search; allowed is a sweep over conditions")
        return _search(name, overrides, arguments)

    def plan(words: Sequence[str]) -> Sweep:
        return plan_sweep(name, words, placebo=arguments.placebo)

    if arguments.dry_run:
        sweep = plan(overrides)
        return list_jobs(sweep.file.question, sweep.specs, sweep.multiverse)
    if arguments.fresh:
        return _run_fresh(name, overrides, plan(overrides).specs[0], lambda words: _run(plan(words), False))
    return _run(plan(overrides), arguments.retry_failed)


def _search(name: str, overrides: list[str], arguments: argparse.Namespace) -> int:
    def plan(words: Sequence[str]) -> SearchPlan:
        return plan_search_sweep(name, words, shlex.join(["depsim", "sweep", name, *words]))

    file = load_sweep(name)
    assert isinstance(file, SearchFile)
    if arguments.dry_run:
        return search.dry_run(plan(overrides), file.question)
    if arguments.fresh:
        first = plan(overrides)
        first.check()
        return _run_fresh(name, overrides, first.base, lambda words: search.run_search(plan(words), file=file))
    return search.run_search(plan(overrides), retry_failed=arguments.retry_failed, file=file)


def _run_fresh(name: str, overrides: list[str], first: JobSpec, run: Callable[[list[str]], int]) -> int:
    """Run a sweep as a study of its own.

    Args:
        name, overrides: of the sweep.
        first: one of its conditions.
        run: runs it with other overrides.
    """
    study = first.tracking.open().new_study(first.job.study)
    kept = [*(word for word in overrides if not word.startswith("study=")), f"study={study}"]
    again = shlex.join(["depsim", "sweep", name, *kept])
    say(f"study {study}, a new one; to go on with it: {again}")
    return guarded(lambda: run(kept), again)


def _run(sweep: Sweep, retry_failed: bool) -> int:
    first = sweep.specs[0]
    jobs, only = sweep.jobs, None
    record = require_same(sweep.multiverse, first.tracking.open()) if sweep.multiverse is not None else {}
    if retry_failed:
        tracker = first.tracking.open()
        only = {job.identity: tracker.status(job).failed for job in jobs}
        jobs = [job for job in jobs if only[job.identity]]
        if not jobs:
            say("no individual has failed: nothing to try again")
            return 0
    if first.tracking.keeps_files:
        tracker = first.tracking.open()
        if sweep.multiverse is not None:
            tracker.note_multiverse(jobs[0].study, record)
        for study in dict.fromkeys(job.study for job in jobs):
            tracker.note_asked(study, sweep.file.question, sweep.file.report)
    records = run_jobs(jobs, first.tracking, first.resources, TerminalProgress(), only)
    if only is None:
        _show_answer(sweep, records)
    _show_next(sweep, records)
    return exit_code(records)


def _show_answer(sweep: Sweep, records: Sequence[JobRecord]) -> None:
    """Print what these conditions answer, as the page of the study has it on its first screen."""
    study = study_of_records(records[0].job.study, records)
    if study.arms:
        asks = None if sweep.file.report is None else read_asks(sweep.file.report)
        show_page(compose(study, (), f"depsim sweep {sweep.name}", sweep.file.question, asks))


def _show_next(sweep: Sweep, records: Sequence[JobRecord]) -> None:
    job = records[0].job
    if sweep.specs[0].tracking.keeps_files:
        say(f"next: {shlex.join(['depsim', 'report', job.study])}    for the page with figures and tests")
        say(f"      {ui_command(job.study)}    to look at every run, curve and mask")
    if sweep.multiverse is not None:
        more = 2 * sweep.multiverse.points
        say(f"      depsim sweep {sweep.name} points={more}    for more settings; what is finished stays")
    elif len(job.seeds) == 1 and "seed" not in sweep.file.settings:
        say(f"      depsim sweep {sweep.name} cohort=pilot    for twelve individuals with data of their own")
