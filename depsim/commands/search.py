"""Searches: what one would do, and what one found."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from depsim.commands import FAILED, OK
from depsim.commands.progress import TerminalProgress, format_cost
from depsim.commands.ui import ui_command
from depsim.config import Composer, ConfigError, validate
from depsim.execution.plan import arm_seconds, baseline_seconds
from depsim.population import format_seeds
from depsim.report.terminal import say, show_rows
from depsim.report.words import difference, number
from depsim.search.plan import SearchPlan, plan_search
from depsim.search.settings import SearchSettings, with_presets
from depsim.search.space import bare
from depsim.search.sweep_files import SearchFile
from depsim.study.analyses.search import gain_word

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

    from depsim.search.engine import SearchResult
    from depsim.search.results import Winner
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

    plan.check()
    if retry_failed and not any(trial.state.name == "FAIL" for trial in _begun_trials(plan)):
        say("no trial has failed")
        return OK
    result = search(plan, TerminalProgress(), retry_failed=retry_failed)
    if file is not None and plan.tracking.keeps_files:
        plan.tracking.open().note_asked(plan.study, file.question, file.report)
    show_result(result)
    scored = all(winner.fresh.verdict.values for winner in result.winners)
    return OK if result.is_complete and result.winners and scored else FAILED


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


def dry_run(plan: SearchPlan, question: str) -> int:
    """List what a search varies, how far it is and what it costs."""
    specs = plan.check()
    settings = plan.settings
    show_rows(question, ("key", "values"), [(bare(d.key), d.text) for d in plan.space])
    for objective in settings.objectives:
        say(f"{objective.direction}: {objective.title}")
    for constraint in settings.constraints:
        say(f"as long as: {constraint.text}")
    done = sum(trial.state.is_finished() for trial in _begun_trials(plan))
    say(
        f"{done} of {plan.n_trials} trials are there, each of individuals {format_seeds(plan.seeds)}; "
        f"sampler {settings.sampler.name}, pruner {settings.pruner.name}; "
        f"{len(specs)} corners of the space are fine"
    )
    winner = "the winner" if len(settings.objectives) == 1 else "those of the trade-off"
    say(f"then {winner} and the paper's settings on individuals {format_seeds(settings.fresh.seeds)}")
    say(search_cost(plan, done))
    return OK


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
    settings = validate(SearchSettings, "hydra.sweeper", with_presets(block))
    return plan_search(name, settings, arguments, command, composer)


def show_result(result: SearchResult) -> None:
    """Print the best trials, and what the winner gained on fresh individuals."""
    from optuna.trial import TrialState

    from depsim.search.results import gains

    plan, objectives = result.plan, result.plan.settings.objectives
    complete = [trial for trial in result.counted if trial.state == TrialState.COMPLETE]
    sign = objectives[0].sign
    best = sorted(complete, key=lambda trial: (-sign * trial.values[0], trial.number))[:_SHOWN]
    head = ("trial", *(o.title for o in objectives), *(bare(d.key) for d in plan.space))
    if best:
        title = f"search {plan.title}: the best of {len(complete)} complete trials"
        show_rows(title, head, [_row(plan, trial) for trial in best])
    states = [trial.state.name for trial in result.counted]
    words = (("PRUNED", "stopped early"), ("FAIL", "failed"))
    rest = ", ".join(f"{states.count(state)} {word}" for state, word in words if state in states)
    done = sum(trial.state.is_finished() for trial in result.counted)
    say(f"{done} of {max(done, plan.n_trials)} trials{': ' if rest else ''}{rest}")
    if not result.is_complete:
        say("not through: another driver has trials in hand, or some are left; the same command goes on")
        return
    if not result.winners:
        say("no trial is complete and keeps the constraints: there is no winner")
    for winner, gained in zip(result.winners, gains(plan, result.winners), strict=True):
        _show_winner(plan, winner, gained)
    if result.run_id is not None:
        say(f"next: {shlex.join(['depsim', 'report', plan.study])}    for the page with figures and tests")
        say(f"      {ui_command(plan.study)}    for its trials as charts (run {result.run_id})")


def _show_winner(plan: SearchPlan, winner: Winner, gained: Sequence[Estimate]) -> None:
    optimism, fresh, reference = winner.optimism(plan), winner.fresh.verdict, winner.reference.verdict
    name = f"winner, trial {winner.trial.number}"
    if optimism is None:
        say(f"trial {winner.trial.number} could not be scored on fresh individuals: {fresh.reason}")
        return
    size = plan.settings.fresh.size
    for place, objective in enumerate(plan.settings.objectives):
        off = number(optimism[place], 2, True)
        say(f"{name}: {objective.title} {fresh.values[place]:.4g} on {size} fresh individuals, "
            f"{winner.trial.values[place]:.4g} in the search (optimism {off})")  # fmt: skip
        if reference.values:
            row = gained[place]
            say(f"  {gain_word(row)} over the paper's settings ({reference.values[place]:.4g}): {difference(row)}")
    if not reference.values:
        say(f"the paper's settings could not be scored on fresh individuals: {reference.reason}")
    for constraint in winner.broken(plan):
        say(f"trial {winner.trial.number} does not keep this on the fresh individuals: {constraint}")


def _row(plan: SearchPlan, trial: FrozenTrial) -> tuple[str, ...]:
    values = (f"{value:.4g}" for value in trial.values)
    point = (trial.params[dimension.key] for dimension in plan.space)
    return str(trial.number), *values, *(f"{v:.4g}" if isinstance(v, float) else str(v) for v in point)
