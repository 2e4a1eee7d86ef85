"""From the words of a regimen to steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from depsim.model.state import NO_DRUG, Activity
from depsim.registry import as_default
from depsim.steps import Examine, Keep, Modulate, Prune, Step, Train, Unless, state_after
from depsim.steps.examine import COMBINED_BEFORE
from depsim.steps.pruning_criteria import magnitude
from depsim.terminal_text import meant
from depsim.treatment.regimen_step import RegimenStep


class RegimenError(ValueError):
    """A regimen that makes no sense; the message names the step."""


@dataclass
class Planner:
    """Plans the steps of a regimen, one after the other.

    Args:
        drugs: the plan of each.
        on: what may be on now.
        given: whatever has been given.
        exams: how often an examination of a name was planned.
    """

    drugs: Mapping[str, Sequence[Step]]
    on: set[str] = field(default_factory=set)
    given: set[str] = field(default_factory=set)
    exams: Counter[str] = field(default_factory=Counter)

    def plan(self, steps: Iterable[RegimenStep], where: str = "steps") -> tuple[Step, ...]:
        """All of these.

        Raises:
            RegimenError: if one makes no sense; names it as ``where`` and its number.
        """
        return tuple(each for number, step in enumerate(steps) for each in self._one(step, f"{where}[{number}]"))

    def _one(self, step: RegimenStep, where: str) -> Iterator[Step]:
        before = set(self.on)
        done = tuple(self._acts(step, where))
        if step.unless is None:
            yield from done
            return
        self.on |= before  # whoever does not get the step keeps what was on
        if step.unless == "remitted":
            yield Unless(done, None, COMBINED_BEFORE)
        else:
            yield Unless(done, step.unless.combined)

    def _acts(self, step: RegimenStep, where: str) -> Iterator[Step]:
        if step.give:
            yield from self._give(step, where)
        elif step.stop:
            stopped = self._known(self.on if step.stop == ("all",) else step.stop, where)
            if missing := [name for name in stopped if name not in self.given]:
                raise RegimenError(f"{where}: stops {missing[0]}, which has not been given before")
            self.on -= set(stopped)
            yield Keep(self.standing(self.on))
        elif step.stress is not None:
            yield Prune(step.stress, magnitude.scores, of_survivors=True)
        elif step.examine is not None:
            yield Examine(step.examine, ordinal=self.exams[step.examine], keeps=False)
            self.exams[step.examine] += 1
        else:
            for number in range(step.repeat or 0):
                yield from self.plan(step.steps, f"{where}, round {number + 1}: steps")

    def _give(self, step: RegimenStep, where: str) -> Iterator[Step]:
        together, kept = self._known(step.give, where), self._known(step.keep, where)
        if missing := [name for name in kept if name not in self.given]:
            raise RegimenError(f"{where}: keeps {missing[0]}, which has not been given before")
        if twice := [name for name in kept if name in together]:
            raise RegimenError(f"{where}: {twice[0]} is given and kept; a step does one of them")
        training = [name for name in together if epochs_of(self.drugs[name])]
        if len(training) > 1:
            raise RegimenError(
                f"{where}: {' and '.join(training)} both train; of drugs given together one at most may have epochs "
                "(drugs.NAME.epochs: 0 for the others)"
            )
        fading = self._fading(step, where, kept)
        if self.standing(self.on):
            yield Keep(self.standing(name for name in kept if name in self.on))
        last = training[0] if training else together[-1]
        yield from _together({name: self.drugs[name] for name in together}, last, fading)
        self.given |= set(together)
        self.on = set(together) | (self.on & set(kept)) - set(step.taper)
        if fading:
            yield Keep(self.standing(self.on))

    def _fading(self, step: RegimenStep, where: str, kept: Sequence[str]) -> tuple[tuple[Activity, int], ...]:
        """What fades in the step's training, and in how many of its last epochs."""
        epochs = sum(epochs_of(self.drugs[name]) for name in step.give)
        for name, last in step.taper.items():
            if name not in kept:
                raise RegimenError(f"{where}: tapers {name}, which is not kept; keep: [{name}] keeps it")
            if last > epochs:
                raise RegimenError(f"{where}: tapers {name} over {last} epochs, but trains for {epochs}")
        return tuple((drug, last) for name, last in step.taper.items() for drug in self.standing([name]))

    def _known(self, names: Iterable[str], where: str) -> tuple[str, ...]:
        """Names of drugs."""
        for name in (listed := tuple(names)):
            if name not in self.drugs:
                there = f"allowed are {', '.join(self.drugs) or 'none'}"
                close = meant(name, self.drugs)
                more = close or f", or list it under defaults: {as_default(f'treatment.drugs.{name}')}"
                raise RegimenError(f"{where}: {name} is no drug of this regimen; {there}{more}")
        return listed

    def standing(self, names: Iterable[str]) -> tuple[Activity, ...]:
        """What these drugs leave on, in the order in which drugs are named."""
        wanted = set(names)
        states = [state_after(plan, NO_DRUG) for name, plan in self.drugs.items() if name in wanted]
        return tuple(state.activity for state in states if state.activity is not None)


def _together(
    plans: Mapping[str, Sequence[Step]], last: str, fading: tuple[tuple[Activity, int], ...]
) -> Iterator[Step]:
    """Drugs given at once: all standing states first, those of the one that trains last; then all acts in order."""
    leading = {name: _leading_states(plan) for name, plan in plans.items()}
    for name, states in leading.items():
        if name != last and states:
            yield from states
            yield Keep(tuple(s.activity for s in states if isinstance(s.activity, Activity)))
    yield from leading[last]
    for name, plan in plans.items():
        for step in plan[len(leading[name]) :]:
            if not isinstance(step, Train):
                yield step
            elif step.phase.epochs or len(plans) == 1:  # one of several that does not train takes no number
                yield replace(step, phase=replace(step.phase, fading=fading))


def _leading_states(plan: Sequence[Step]) -> list[Modulate]:
    """The changes of state that a plan begins with."""
    found: list[Modulate] = []
    for step in plan:
        if not isinstance(step, Modulate):
            break
        found.append(step)
    return found


def epochs_of(plan: Iterable[Step]) -> int:
    """How long a drug trains."""
    return sum(step.phase.epochs for step in plan if isinstance(step, Train))
