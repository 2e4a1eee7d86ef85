"""What a gain of hidden activity changes, beside the same drug without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from depsim.outcomes import PRIMARY
from depsim.report.columns import columns_of
from depsim.report.document import Column, Paragraph, Section, Sheet, Value
from depsim.report.sections.sweep_answer import spell_contrast
from depsim.report.wording import counted, told_apart
from depsim.stages import TREATED
from depsim.statistics import MEAN_INTERVAL, Contrast, contrast, fewest_to_judge, holm
from depsim.study.bias import ACTIVATION
from depsim.study.components import without_crossed
from depsim.study.contrasts import LEVEL
from depsim.study.gains import gain_pairs
from depsim.study.kept import kept
from depsim.study.naming import name_arms
from depsim.study.reading import Group, Study, paired

_BIAS = "biased noise (m = 0.5)"
_OUTCOMES = {
    **{outcome.name: outcome.column for outcome in PRIMARY if outcome.column != "relapse_drop"},
    _BIAS: "biased_0.5",
    "activation": ACTIVATION,
}
"""What is compared, as far as it was measured: name to column."""
_ANSWERED = (PRIMARY[0].name, _BIAS)
_GAINS = columns_of(
    Column("with", "with the gain"),
    Column("without", "without"),
    "outcome n",
    Column("difference", "difference", "+.3g"),
    Column("low", "95 % from", "+.3g"),
    Column("high", "to", "+.3g"),
    "p p_holm",
)


@dataclass(frozen=True)
class _Gained:
    """A drug with its gain beside the same without, in one outcome."""

    with_gain: str
    without: str
    outcome: str
    contrast: Contrast
    p: float | None


def section(study: Study) -> Section | None:
    """The section; None where no two treatments differ in their gain alone."""
    groups = _groups(study)
    if not groups:
        return None
    text = (
        "A gain multiplies what all hidden units send; the internal noise comes before it, so that a gain protects "
        "later layers against noise, and damping exposes them. A drug with a gain, or with stronger damping, is "
        "compared with the same drug without, its gain on."
    )
    note = (
        f"Paired within individuals, in points and for the activation as it is, with the {MEAN_INTERVAL}; p of the "
        "sign-flip permutation test, Holm over this table."
    )
    sheets = []
    for place, (data, own) in enumerate(groups):
        suffix, whose = told_apart(place, len(groups), data)
        sheets.append(Sheet(f"gains{suffix}", f"With the gain and without{whose}", _GAINS, tuple(map(_row, own)), note))
    return Section("gains", "Gain of hidden activity", (Paragraph(text), *sheets))


def answer_lines(study: Study) -> list[str]:
    """What a gain changes under combined stress and under biased noise; nothing without a pair."""
    groups = _groups(study)
    if not groups:
        return []
    _, found = groups[0]
    most = max(each.contrast.n for each in found)
    if most < fewest_to_judge(len(found), LEVEL):
        return [
            f"What a gain of hidden activity changes cannot be told from {counted(most, 'individual')}: too few for "
            f"{len(found)} tests together."
        ]
    lines = []
    for outcome in _ANSWERED:
        own = [each for each in found if each.outcome == outcome]
        said = [f"{each.with_gain} − {each.without} {spell_contrast(each.contrast)}{_chance(each)}" for each in own]
        if said:
            lines.append(f"What a gain changes, in points of {outcome}, paired within individuals: {'; '.join(said)}.")
    return lines


@kept
def _groups(study: Study) -> list[tuple[str, list[_Gained]]]:
    """The data of each group that has a gain to compare, and what is compared."""
    names, groups = name_arms(study.arms), without_crossed(study).groups()
    return [(group.data, own) for group in groups if (own := _gained(group, names))]


def _chance(each: _Gained) -> str:
    return "" if each.p is not None and each.p < LEVEL else ", not beyond chance"


def _gained(group: Group, names: Mapping[str, str]) -> list[_Gained]:
    found: list[tuple[str, str, str, Contrast]] = []
    for stronger, weaker in gain_pairs(group.arms):
        for outcome, column in _OUTCOMES.items():
            _, both = paired([stronger, weaker], f"{TREATED}/{column}")
            if len(both):
                compared = contrast(both[:, 0], both[:, 1])
                found.append((names[stronger.arm_key], names[weaker.arm_key], outcome, compared))
    return [_Gained(*each, p) for each, p in zip(found, holm([own.p for *_, own in found]), strict=True)]


def _row(each: _Gained) -> tuple[Value, ...]:
    difference = each.contrast.difference
    ends = difference.interval or (None, None)
    return (
        each.with_gain, each.without, each.outcome, each.contrast.n, difference.mean, *ends, each.contrast.p, each.p,
    )  # fmt: skip
