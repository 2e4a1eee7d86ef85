"""Do the conditions differ: all pairs, each against one control, or declared pairs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import ClassVar, Literal

from depsim.outcomes import name_column
from depsim.report.ask import Unasked, require
from depsim.report.pairs import Pairs
from depsim.report.parts import Finding
from depsim.report.questions.conditions import own_measurements
from depsim.report.questions.differences import placebo_sentence, range_sentence, untrained_words
from depsim.report.questions.response import default_responses
from depsim.report.questions.timelines import timelines_figure
from depsim.report.words import listed
from depsim.study.analyses.contrasts import COLUMNS, Pair, against, all_pairs
from depsim.study.analyses.gains import gain_pairs
from depsim.study.analyses.placebos import placebo_pairs
from depsim.study.analyses.regimens import TRAINING, regimen_pairs
from depsim.study.estimate import Estimate
from depsim.study.groups import Group, groups
from depsim.study.naming import PLACEBO
from depsim.study.reading import Study

_MOST_FOR_ALL_PAIRS = 6
"""Conditions up to which all pairs are compared; of more, each is compared with untreated individuals."""
_TITLES = {
    "regimens": "Does a regimen do more than its drugs alone, or than training as long?",
    "gains": "What does a gain of hidden activity change?",
}


class Contrasts(Pairs):
    """Whether conditions that differ in the treatment alone differ in their outcomes.

    Args:
        against: a treatment that all others are compared with, or ``placebo``: each drug with the same training without
            its ingredient; left out, all pairs but those with placebos are compared, of more than six conditions each
            with the untreated one.
        pairs: regimens, each with its drugs alone and with training as long, or drugs with a gain of hidden activity,
            each with the same drug without it; in place of ``against``.
        outcomes: columns of the outcomes; the primary ones where none are given.
    """

    word: ClassVar[str] = "contrasts"
    shorthand: ClassVar[str] = "against"

    against: str | None = None
    pairs: Literal["regimens", "gains"] | None = None

    def check(self, varied: Collection[str], treatments: Collection[str]) -> None:
        """Refuse a control that no condition of the sweep is."""
        require(self.word, "against", self.against, {*treatments, PLACEBO})

    def completed(self, made: Finding, parts: Sequence[Group], rows: Sequence[Estimate]) -> Finding:
        """With what regimens look like, and with a caution where drugs are compared with the untrained alone."""
        if self.pairs == "regimens":
            made = replace(made, picture=timelines_figure(parts[0]))
        if not any(map(placebo_pairs, parts)) and (words := untrained_words(rows)):
            made = replace(made, caution=words, text=" ".join(filter(None, (made.text, made.caution))))
        return made

    @classmethod
    def unasked(cls, study: Study) -> Sequence[Unasked]:
        """Pairs with a part less of a treatment; all pairs, but of one treatment along its settings; own outcomes."""
        whole = groups(study, ("treatment",))
        if not whole or len(whole[0].conditions) < 2:
            return ()
        asks = []
        if regimen_pairs(whole[0]):
            asks.append(Unasked(60, cls(pairs="regimens")))
        if gain_pairs(whole[0]):
            asks.append(Unasked(61, cls(pairs="gains")))
        if placebo_pairs(whole[0]):
            asks.append(Unasked(62, cls(against=PLACEBO)))
        if not default_responses(study) or len({arm.treatment for group in whole for arm in group.arms}) > 1:
            asks.append(Unasked(80, cls()))
        own = own_measurements(study)
        return [*asks, *([Unasked(190, cls(outcomes=own))] if own else [])]

    def sentence(self, group: Group, rows: Sequence[Estimate]) -> str:
        """What was asked of declared pairs; empty where the means of the conditions answer it."""
        if self.against == PLACEBO:
            return placebo_sentence(rows)
        if self.pairs == "gains" and len({(row.of("a"), row.of("b")) for row in rows}) > 1:
            return range_sentence("Beyond the same drug without its gain", rows)
        trained = [row for row in rows if row.of("how").startswith(TRAINING)]
        if self.pairs != "regimens" or not trained:
            return ""
        shams = [condition for condition in group.conditions if condition.name in {row.of("b") for row in trained}]
        rates = dict.fromkeys(shown for c in shams if (shown := c.arm.settings.get("treatment.learning_rate")))
        return range_sentence(f"Beyond training as long at a learning rate of {listed([*rates], 'or')}", trained)

    @property
    def stem(self) -> str:
        """The pairs, and whether outcomes are the primary ones."""
        suffix = "own" if self.outcomes != COLUMNS else ""
        return "_".join(filter(None, ("contrasts", self.pairs or self.against or "", suffix)))

    def heading(self, group: Group) -> str:
        """By what is compared."""
        if self.outcomes != COLUMNS:
            return f"What do the conditions do to {listed([name_column(column) for column in self.outcomes[:3]])}?"
        if self.pairs is not None:
            return _TITLES[self.pairs]
        if self.against is None:
            return "Which conditions differ?"
        if self.against == PLACEBO:
            return "Does a drug do more than the training that comes with it?"
        control = next(
            (condition.name for condition in group.conditions if condition.arm.treatment == self.against), self.against
        )
        return f"What does each treatment add to {control}?"

    def select(self, group: Group) -> Sequence[Pair]:
        """As asked."""
        if self.pairs is not None:
            return regimen_pairs(group) if self.pairs == "regimens" else gain_pairs(group)
        if self.against == PLACEBO:
            return placebo_pairs(group)
        if self.against is not None:
            controls = [condition for condition in group.conditions if condition.arm.treatment == self.against]
            return against(group, controls[0]) if len(controls) == 1 else []
        drugs = tuple(condition for condition in group.conditions if condition.arm.treatment != PLACEBO)
        if 1 < len(drugs) <= _MOST_FOR_ALL_PAIRS:
            return all_pairs(replace(group, conditions=drugs))
        return against(group, group.control) if group.control is not None else []
