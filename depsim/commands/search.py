"""Searches: what one would do, and what one found."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from depsim.commands import FAILED, OK
from depsim.commands.progress import TerminalProgress, format_cost
from depsim.commands.ui import ui_command
from depsim.config import Composer, ConfigError, JobSpec, validate
from depsim.execution.plan import arm_seconds, baseline_seconds, remarks_on
from depsim.population import format_seeds
from depsim.report.terminal import say, show_rows
from depsim.report.words import difference, number
from depsim.search.plan import SearchPlan, plan_search
from depsim.search.settings import SearchSettings
from depsim.search.space import bare
from depsim.search.sweep_files import SearchFile
from depsim.study.analyses.search import gain_word, search_rows
from depsim.study.searches import COMPLETE, Search, Trial, Winner

if TYPE_CHECKING:
    from depsim.study.estimate import Estimate

_SHOWN = 10
"""Trials in the table of the best."""
_FRONT = 10
"""Trials of a trade-off, about."""


def run_search(plan: SearchPlan, *, retry_failed: bool = False, file: SearchFile | None = None) -> int:
    """Check a search's space, run what is missing of it and show what came out.

    Args:
        plan: of the search.
        retry_failed: try those trials again that failed, and nothing else.
        file: that it comes from, which says what its report asks; None for one on Hydra's command line.
    """
    from depsim.search.engine import search

    specs, progress = plan.check(), TerminalProgress()
    if retry_failed and not any(trial.state == "FAIL" for trial in _begun_trials(plan)):
        say("no trial has failed")
        return OK
    for remark in _remarks(specs):
        progress.message(remark)
    result = search(plan, progress, retry_failed=retry_failed)
    if file is not None and plan.tracking.keeps_files:
        plan.tracking.open().note_asked(plan.study, file.question, file.report)
    show_result(plan, result)
    scored = all(winner.fresh.values for winner in result.winners)
    return OK if result.finished and result.winners and scored else FAILED


def _begun_trials(plan: SearchPlan) -> tuple[Trial, ...]:
    """The trials of a search that count, none if it has not been begun; nothing is written.

    Raises:
        OSError: if they cannot be read.
    """
    from depsim.search.storage import exists, in_words, open_storage
    from depsim.search.trials import find_trials

    if not (plan.tracking.keeps_files and exists()):
        return ()
    with in_words(plan.title, "read"):
        known = find_trials(plan, open_storage(keeps=True))
        return known.counted() if known is not None else ()


def dry_run(plan: SearchPlan, question: str) -> int:
    """List what a search varies, how far it is and what it costs."""
    specs = plan.check()
    settings = plan.settings
    show_rows(question, ("key", "values"), [(bare(d.key), d.text) for d in plan.space])
    for objective in settings.objectives:
        say(f"{objective.direction}: {objective.title}")
    for constraint in settings.constraints:
        say(f"as long as: {constraint.text}")
    done = sum(trial.is_finished for trial in _begun_trials(plan))
    say(
        f"{done} of {plan.n_trials} trials are there, each of individuals {format_seeds(plan.seeds)}; "
        f"sampler {settings.sampler.name}, pruner {settings.pruner.name}; "
        f"{len(specs)} corners of the space are fine"
    )
    winner = "the winner" if len(settings.objectives) == 1 else "those of the trade-off"
    say(f"then {winner} and the paper's settings on individuals {format_seeds(settings.fresh.seeds)}")
    say(search_cost(plan, done))
    for remark in _remarks(specs):
        say(f"note: {remark}")
    return OK


def _remarks(corners: Sequence[JobSpec]) -> list[str]:
    """What a user may not expect of the networks of a search; of the first, where they differ."""
    return remarks_on(spec.job.arm for spec in corners)[:1]


def search_cost(plan: SearchPlan, done: int = 0) -> str:
    """Time and memory of a search of which some trials are there, in words."""
    return format_cost(search_seconds(plan, done), plan.base.resources)


def search_seconds(plan: SearchPlan, done: int = 0) -> float:
    """About how long one core takes over a search of which some trials are there."""
    arms = [spec.job.arm for spec in plan.corner_specs]
    one = sum(map(arm_seconds, arms)) / len(arms)
    baselines = {arm.baseline for arm in arms}
    healthy = sum(map(baseline_seconds, baselines)) / len(baselines)
    left = max(plan.n_trials - done, 0)
    winners = 1 if len(plan.settings.objectives) == 1 else _FRONT
    individuals = left * len(plan.seeds) + plan.settings.fresh.size * (winners + 1)  # and the paper's settings
    return individuals * one + (bool(left) * len(plan.seeds) + plan.settings.fresh.size) * healthy


def from_hydra(arguments: Sequence[str], sweeper: Mapping[str, Any], command: str, composer: Composer) -> SearchPlan:
    """The search that ``hydra/sweeper=depsim_optuna`` and a command line ask for.

    Args:
        arguments: the overrides of the jobs.
        sweeper: the keys of ``hydra.sweeper``.
        command: that goes on with it.
        composer: of its conditions.

    Raises:
        ConfigError: naming the key, the value and what is allowed.
    """
    block = {key: value for key, value in sweeper.items() if key not in ("_target_", "name")}
    name = sweeper.get("name")
    if not isinstance(name, str) or not name:
        raise ConfigError(f"hydra.sweeper.name={name}: must be a name")
    settings = validate(SearchSettings, "hydra.sweeper", block)
    return plan_search(name, settings, arguments, command, composer)


def show_result(plan: SearchPlan, result: Search) -> None:
    """Print the best trials, and what the winner gained on fresh individuals.

    Args:
        plan: of the search.
        result: what there is of it.
    """
    sign = result.objectives[0].sign
    complete = [trial for trial in result.trials if trial.state == COMPLETE]
    if complete:
        best = sorted(complete, key=lambda trial: (-sign * trial.values[0], trial.number))[:_SHOWN]
        keys = [bare(dimension.key) for dimension in plan.space]
        head = ("trial", *(objective.title for objective in result.objectives), *keys)
        title = f"search {plan.title}: the best of {len(complete)} complete trials"
        show_rows(title, head, [_cells(trial, keys) for trial in best])
    states = [trial.state for trial in result.trials]
    words = (("PRUNED", "stopped early"), ("FAIL", "failed"))
    rest = ", ".join(f"{states.count(state)} {word}" for state, word in words if state in states)
    done = sum(trial.is_finished for trial in result.trials)
    say(f"{done} of {max(done, plan.n_trials)} trials{': ' if rest else ''}{rest}")
    if not result.finished:
        say("not through: some trials are left; the same command goes on")
        return
    if not result.winners:
        say("no trial is complete and keeps the constraints: there is no winner")
    rows, count = search_rows(result), len(result.objectives)
    for place, winner in enumerate(result.winners):
        _show_winner(plan, winner, rows[place * count : (place + 1) * count])
    if result.run_id is not None:
        say(f"next: {shlex.join(['depsim', 'report', plan.study])}    for the page with figures and tests")
        say(f"      {ui_command(plan.study)}    for its trials as charts (run {result.run_id})")


def _show_winner(plan: SearchPlan, winner: Winner, rows: Sequence[Estimate]) -> None:
    if winner.fresh.values is None:
        say(f"trial {winner.trial} could not be scored on fresh individuals: {winner.fresh.failure}")
        return
    for row in rows:
        fresh, in_search, optimism = (float(row.more[key] or 0.0) for key in ("fresh", "in_search", "optimism"))
        say(
            f"winner, trial {winner.trial}: {row.of('objective')} {fresh:.4g} on {plan.settings.fresh.size} fresh "
            f"individuals, {in_search:.4g} in the search (optimism {number(optimism, 2, True)})"
        )
        if row.more["reference"] is not None:
            reference = f"{float(row.more['reference']):.4g}"
            say(f"  {gain_word(row)} over the paper's settings ({reference}): {difference(row)}")
    if winner.reference.values is None:
        say(f"the paper's settings could not be scored on fresh individuals: {winner.reference.failure}")
    for constraint in winner.breaks:
        say(f"trial {winner.trial} does not keep this on the fresh individuals: {constraint}")


def _cells(trial: Trial, keys: Sequence[str]) -> tuple[str, ...]:
    point = (trial.point[key] for key in keys)
    return (
        str(trial.number),
        *(f"{value:.4g}" for value in trial.values),
        *(f"{value:.4g}" if isinstance(value, float) else str(value) for value in point),
    )
