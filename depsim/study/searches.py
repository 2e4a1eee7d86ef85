"""A search as a value: its trials, what each is worth, and winners beside the paper's settings."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from depsim.execution.recorder import ABANDONED
from depsim.study.objective import Objective

COMPLETE = "COMPLETE"
People = Mapping[int, Mapping[str, float]]
"""Seed to metric to value."""


@dataclass(frozen=True)
class Trial:
    """One condition that a search tried.

    Args:
        number: counted from 0.
        state: ``COMPLETE``, ``PRUNED``, ``FAIL`` or what Optuna calls it else.
        reason: why it was stopped or failed.
        individuals: that were examined.
        values: one per objective; empty unless complete.
        feasible: whether it keeps the constraints; unfinished ones do not.
        point: the varied settings.
    """

    number: int
    state: str
    reason: str
    individuals: int
    values: tuple[float, ...]
    feasible: bool
    point: Mapping[str, Any]

    @property
    def is_finished(self) -> bool:
        """Whether it has a verdict."""
        return self.state in (COMPLETE, "PRUNED", "FAIL")

    @property
    def status(self) -> str:
        """What became of it, in words: ``complete``, ``stopped early``, ``interrupted`` or ``failed``."""
        if self.state == "FAIL":
            return "interrupted" if self.reason == ABANDONED else "failed"
        return {COMPLETE: "complete", "PRUNED": "stopped early"}.get(self.state, self.state.lower())


@dataclass(frozen=True)
class Score:
    """What a condition reached on fresh individuals.

    Args:
        values: one per objective, or None where there are none.
        failure: why there are none.
        people: what was measured of each fresh individual.
        run_id: its record, if any.
        command: that runs it again.
    """

    values: tuple[float, ...] | None
    failure: str | None = None
    people: People = field(default_factory=dict)
    run_id: str | None = None
    command: str = ""


@dataclass(frozen=True)
class Winner:
    """A best trial, or one of the trade-off, and the paper's settings on the same fresh individuals.

    Args:
        trial: its number.
        point: the varied settings.
        values: those that it won with, one per objective.
        fresh: its condition on fresh individuals.
        reference: the paper's settings of its treatment on them.
        breaks: constraints, in words, that it does not keep on fresh individuals.
    """

    trial: int
    point: Mapping[str, Any]
    values: tuple[float, ...]
    fresh: Score
    reference: Score
    breaks: tuple[str, ...] = ()

    def optimism(self, objectives: Sequence[Objective]) -> tuple[float, ...] | None:
        """By how much the search's values were better than the fresh ones; positive is too good."""
        if self.fresh.values is None:
            return None
        parts = zip(objectives, self.values, self.fresh.values, strict=True)
        return tuple(objective.sign * (in_search - fresh) for objective, in_search, fresh in parts)


@dataclass(frozen=True)
class Search:
    """One search.

    Args:
        name: of its sweep; a second one of that name in a study gets a number.
        objectives: one or more.
        params: how it searched: sampler, pruner, space and so on.
        trials: by number; empty where none has ended yet.
        importance: setting, metric, and share of what moves the metric; empty while trials are missing or too few.
        winners: empty while trials are missing, or where none keeps the constraints.
        finished: whether it has all its trials.
        command: that made it or goes on with it.
        run_id: its record, if any.
    """

    name: str
    objectives: tuple[Objective, ...]
    params: Mapping[str, str]
    trials: tuple[Trial, ...]
    importance: tuple[tuple[str, str, float], ...]
    winners: tuple[Winner, ...]
    finished: bool
    command: str
    run_id: str | None = None

    def best_so_far(self) -> dict[int, float]:
        """The best value up to each trial that keeps the constraints; empty for several objectives."""
        if len(self.objectives) != 1:
            return {}
        best = itertools.accumulate((self._gains(trial)[0] for trial in self._eligible()), max)
        sign = self.objectives[0].sign
        return {trial.number: sign * gain for trial, gain in zip(self._eligible(), best, strict=True)}

    def front(self) -> list[Trial]:
        """The trials that keep the constraints and that no other one beats, the best in the first objective first.

        Of one objective it is the best trial; of equal trials the earliest.
        """
        first: dict[tuple[float, ...], Trial] = {}
        for trial in self._eligible():
            first.setdefault(self._gains(trial), trial)
        gains = sorted(first, reverse=True)
        if len(self.objectives) == 1:
            return [first[gain] for gain in gains[:1]]
        return [first[gain] for gain in gains if not any(_beats(other, gain) for other in gains)]

    def _eligible(self) -> list[Trial]:
        return [trial for trial in self.trials if trial.values and trial.feasible]

    def _gains(self, trial: Trial) -> tuple[float, ...]:
        """The values of a trial, turned so that more is better."""
        return tuple(o.sign * value for o, value in zip(self.objectives, trial.values, strict=True))


def _beats(gains: Sequence[float], others: Sequence[float]) -> bool:
    """Whether something is as good everywhere and better somewhere; more is better."""
    return gains != others and all(gain >= other for gain, other in zip(gains, others, strict=True))
