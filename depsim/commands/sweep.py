"""``depsim sweep``: a prepared question, answered as far as it is not answered yet."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Callable, Sequence

from depsim.commands import search
from depsim.commands.explain import explain, list_sweeps
from depsim.commands.outcome import exit_code, guarded
from depsim.commands.progress import TerminalProgress, format_cost, format_seconds
from depsim.commands.ui import ui_command
from depsim.config import ConfigError, JobSpec
from depsim.config.building import construct
from depsim.execution.job import Job, scientific_settings
from depsim.execution.plan import seconds_each
from depsim.execution.recorder import JobRecord
from depsim.execution.runner import run_jobs
from depsim.report.ask import read_asks
from depsim.report.compose import compose
from depsim.report.terminal import say, show_page, show_plan
from depsim.report.words import counted
from depsim.search.plan import SearchPlan
from depsim.search.sweep_files import SearchFile, is_search, load_sweep
from depsim.search.sweeps import Sweep, plan_search_sweep, plan_sweep
from depsim.study import published
from depsim.study.expected_precision import expected_precision
from depsim.study.experiment import NothingToReportError
from depsim.study.naming import name_conditions
from depsim.study.reading import read_study
from depsim.study.recorded import study_of_records
from depsim.terminal_text import Parser
from depsim.tracking import mlflow_store
from depsim.treatment import Regimen, Treatment
from depsim.treatment.regimen_words import spell_regimen


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
        return _dry_run(plan(overrides))
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


def _dry_run(sweep: Sweep) -> int:
    """List the jobs, what is left of them and what it costs."""
    first = sweep.specs[0]
    tracker = first.tracking.peek()
    jobs = sweep.jobs
    left, missed, total = [], [], 0.0
    for job, seconds in zip(jobs, seconds_each([job.arm for job in jobs]), strict=True):
        missing = frozenset(job.seeds) - (tracker.status(job).finished if tracker is not None else frozenset())
        left.append((job.title, len(job.seeds), len(missing), format_seconds(seconds * len(missing))))
        missed.append((job, missing))
        total += seconds * len(missing)
    show_plan(sweep.file.question, left)
    say(format_cost(total, first.resources))
    again = _by_other_sources(missed) if tracker is not None else []
    for line in (*again, *_timelines(jobs), *_expected_precision(jobs)):
        say(line)
    return 0


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
    return [
        f"{count:,} of the individuals to compute are in the study, by other sources: an earlier version of depsim, or "
        "code edited since. They are computed again; the stored ones stay, and reports take the newer."
    ] if count else []  # fmt: skip


def _timelines(jobs: Sequence[Job]) -> list[str]:
    """Each regimen among the conditions, what is given when and for how many epochs."""
    settings = [{k: v for k, v in job.params().items() if k.partition(".")[0] == "treatment"} for job in jobs]
    given = {name: job.config["treatment"] for name, job in zip(name_conditions(settings), jobs, strict=True)}
    built = {name: construct(Treatment, "treatment", own) for name, own in given.items()}  # type: ignore[type-abstract]
    found = [f"{name}: {spell_regimen(own)}" for name, own in built.items() if isinstance(own, Regimen)]
    return ["regimens:", *(f"  {line}" for line in found)] if found else []


def _expected_precision(jobs: Sequence[Job]) -> list[str]:
    """What the conditions that are the paper's will be able to tell, from the spreads of the project's finding."""
    settings = {job.identity: scientific_settings(job.params()) for job in jobs}
    papers = [
        job
        for job in jobs
        if published.is_papers(settings[job.identity]) and published.is_papers_treatment(settings[job.identity])
    ]
    if not papers:
        return []
    n, data = min(len(job.seeds) for job in papers), papers[0].arm.baseline.data
    lines = expected_precision({job.choices["treatment"] for job in papers}, data, n)
    return lines and [
        f"What {counted(n, 'individual')} can tell, if they differ as those of docs/finding ({data} data):",
        *lines,
    ]


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
    if retry_failed:
        tracker = first.tracking.open()
        only = {job.identity: tracker.status(job).failed for job in jobs}
        jobs = [job for job in jobs if only[job.identity]]
        if not jobs:
            say("no individual has failed: nothing to try again")
            return 0
    if first.tracking.keeps_files:
        tracker = first.tracking.open()
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
    if len(job.seeds) == 1 and "seed" not in sweep.file.settings:
        say(f"      depsim sweep {sweep.name} cohort=pilot    for twelve individuals with data of their own")
