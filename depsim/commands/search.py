"""Searches: what one would do, and what one has come to."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from depsim.__main__ import FAILED, OK
from depsim.commands.outcome import guarded
from depsim.config import ConfigError, validate
from depsim.execution.cost import GIB_PER_WORKER, condition_seconds, healthy_seconds
from depsim.population import spell_seeds
from depsim.progress import show_progress, spell_seconds
from depsim.report.terminal import say, show_rows
from depsim.search.plan import SearchPlan, plan_search
from depsim.search.settings import SearchSettings, with_presets
from depsim.search.space import bare

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

    from depsim.search.engine import Report

_SHOWN = 10
"""Trials in the table of the best."""
_FRONT = 10
"""Trials of a trade-off, about."""


def run_search(plan: SearchPlan, *, retry_failed: bool = False) -> int:
    """Check a search's space, run what is missing of it and show what came out."""
    from depsim.search.engine import search

    plan.check()
    if retry_failed and not any(trial.state.name == "FAIL" for trial in _begun_trials(plan)):
        say("no trial has failed")
        return OK
    report = search(plan, show_progress, retry_failed=retry_failed)
    show_report(report)
    return OK if report.is_complete and report.winners and all(w.fresh.values for w in report.winners) else FAILED


def _begun_trials(plan: SearchPlan) -> list[FrozenTrial]:
    """The trials of a search that count, none if it has not been begun; nothing is written.

    Raises:
        OSError: if they cannot be read.
    """
    from depsim.search.storage import exists, in_words, open_storage
    from depsim.search.trials import find_trials

    if not (plan.tracking.keeps_files and exists()):
        return []
    with in_words(plan.title, "read"):
        known = find_trials(plan, open_storage(keeps=True))
        return known.counted() if known is not None else []


def run_fresh(plan: Callable[[Sequence[str]], SearchPlan], name: str, overrides: Sequence[str]) -> int:
    """Run a search as a study of its own.

    Args:
        plan: makes the search from overrides.
        name: of the sweep.
        overrides: from the command line.
    """
    first = plan(overrides)
    first.check()
    study = first.tracking.open().start_afresh(first.study)
    kept = [word for word in overrides if not word.startswith("study=")] + [f"study={study}"]
    again = shlex.join(["depsim", "sweep", name, *kept])
    say(f"study {study}, begun anew; to go on with it: {again}")
    return guarded(lambda: run_search(plan(kept)), again)


def dry_run(plan: SearchPlan, question: str) -> int:
    """List what a search varies, how far it is and what it costs."""
    orders = plan.check()
    settings = plan.settings
    show_rows(question, ("key", "values"), [(bare(d.key), d.text) for d in plan.space])
    for objective in settings.objectives:
        say(f"{objective.direction}: {objective.statistic} of {objective.metric}")
    for constraint in settings.constraints:
        say(f"as long as: {constraint.text}")
    done = sum(trial.state.is_finished() for trial in _begun_trials(plan))
    say(
        f"{done} of {plan.n_trials} trials are there, each of individuals {spell_seeds(plan.seeds)}; "
        f"sampler {settings.sampler.name}, pruner {settings.pruner.name}; "
        f"{len(orders)} corners of the space are fine"
    )
    winner = "the winner" if len(settings.objectives) == 1 else "those of the trade-off"
    say(f"then {winner} again on individuals {spell_seeds(settings.fresh.seeds)}")
    say(spell_cost(plan, done))
    return OK


def spell_cost(plan: SearchPlan, done: int = 0) -> str:
    """Time and memory of a search of which some trials are there, in words."""
    corners = [plan.order(point).job.condition for point in plan.corners()]
    one = sum(map(condition_seconds, corners)) / len(corners)
    origins = {condition.origin for condition in corners}
    healthy = sum(map(healthy_seconds, origins)) / len(origins)
    left = max(plan.n_trials - done, 0)
    winners = 1 if len(plan.settings.objectives) == 1 else _FRONT
    people = left * len(plan.seeds) + plan.settings.fresh.size * winners
    total = people * one + (bool(left) * len(plan.seeds) + plan.settings.fresh.size) * healthy
    processes = plan.base.resources.processes
    return (
        f"in all about {spell_seconds(total)} of one core, {spell_seconds(total / processes)} on {processes}; "
        f"about {(processes + 1) * GIB_PER_WORKER:.1f} GiB of memory. Rough: from the rates of one machine "
        "(docs/engine.md)."
    )


def from_hydra(arguments: Sequence[str], sweeper: Mapping[str, Any], command: str, extra_dir: str | None) -> SearchPlan:
    """The search that ``hydra/sweeper=depsim_optuna`` and a command line ask for.

    Args:
        arguments: the overrides of the jobs.
        sweeper: the keys of ``hydra.sweeper``.
        command: that goes on with it.
        extra_dir: the folder given with ``--config-dir``.

    Raises:
        ConfigError: naming the key, the value and what is allowed.
    """
    block = {key: value for key, value in sweeper.items() if key not in ("_target_", "name")}
    name = sweeper.get("name")
    if not isinstance(name, str) or not name:
        raise ConfigError(f"hydra.sweeper.name={name}: must be a name")
    return plan_search(
        name, validate(SearchSettings, "hydra.sweeper", with_presets(block)), arguments, command, extra_dir
    )


def show_report(report: Report) -> None:
    """Print the best trials, and how the winner did on fresh individuals."""
    from optuna.trial import TrialState

    plan, objectives = report.plan, report.plan.settings.objectives
    complete = [trial for trial in report.counted if trial.state == TrialState.COMPLETE]
    sign = objectives[0].sign
    best = sorted(complete, key=lambda trial: (-sign * trial.values[0], trial.number))[:_SHOWN]
    head = ("trial", *(f"{o.statistic} of {o.metric}" for o in objectives), *(bare(d.key) for d in plan.space))
    if best:
        show_rows(f"search {plan.title}: the best of {len(complete)} complete trials", head,
                  [_row(plan, trial) for trial in best])  # fmt: skip
    states = [trial.state.name for trial in report.counted]
    rest = ", ".join(f"{states.count(s)} {word}" for s, word in (("PRUNED", "stopped early"), ("FAIL", "failed"))
                     if s in states)  # fmt: skip
    done = sum(trial.state.is_finished() for trial in report.counted)
    say(f"{done} of {max(done, plan.n_trials)} trials{': ' if rest else ''}{rest}")
    if not report.is_complete:
        say("not through: another driver has trials in hand, or some are left; the same command goes on")
        return
    if not report.winners:
        say("no trial is complete and keeps the constraints: there is no winner")
    for winner in report.winners:
        _show_winner(report, winner)
    if report.run_id is not None:
        say(f"next: {shlex.join(['depsim', 'report', plan.study])}    for tables, figures and one page on all of it")
        say(f"      depsim ui    (study {plan.study}, run {report.run_id})")


def _show_winner(report: Report, winner: Any) -> None:
    settings = report.plan.settings
    optimism = winner.optimism([objective.sign for objective in settings.objectives])
    if optimism is None:
        say(f"trial {winner.trial.number} could not be scored on fresh individuals: {winner.fresh.reason}")
        return
    for objective, own, fresh, rosy in zip(
        settings.objectives, winner.trial.values, winner.fresh.values, optimism, strict=True
    ):
        say(
            f"winner, trial {winner.trial.number}: {objective.statistic} of {objective.metric} {own:.4g} searched, "
            f"{fresh:.4g} on {settings.fresh.size} fresh individuals; the search's value is too "
            f"{'rosy' if rosy > -1e-9 else 'modest'} by {abs(round(rosy, 9)):.2g}"
        )
    for constraint in winner.broken(settings.constraints):
        say(f"trial {winner.trial.number} does not keep this on the fresh individuals: {constraint}")


def _row(plan: SearchPlan, trial: FrozenTrial) -> tuple[str, ...]:
    values = (f"{value:.4g}" for value in trial.values)
    point = (trial.params[dimension.key] for dimension in plan.space)
    return str(trial.number), *values, *(f"{v:.4g}" if isinstance(v, float) else str(v) for v in point)
