"""What a gain of hidden activity changes, beside the same drug without it."""

from __future__ import annotations

from depsim.outcomes import PRIMARY
from depsim.report.columns import columns_of
from depsim.report.contrasts import contrast_cells, contrast_columns, doubt, spell_contrast, too_few
from depsim.report.document import Column, Paragraph, Section, Sheet
from depsim.report.wording import told_apart
from depsim.stages import TREATED
from depsim.statistics import MEAN_INTERVAL
from depsim.study.bias import ACTIVATION
from depsim.study.compared import Compared, compare_all
from depsim.study.components import without_crossed
from depsim.study.gains import gain_pairs
from depsim.study.kept import kept
from depsim.study.naming import name_arms
from depsim.study.reading import Study, paired

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
    "without outcome",
    *contrast_columns("difference", "+.3g"),
)


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
    for (_, own), suffix, whose in told_apart(groups, lambda group: group[0]):
        rows = tuple((each.a, each.b, each.outcome, *contrast_cells(each.contrast)) for each in own)
        sheets.append(Sheet(f"gains{suffix}", f"With the gain and without{whose}", _GAINS, rows, note))
    return Section("gains", "Gain of hidden activity", (Paragraph(text), *sheets))


def answer_lines(study: Study) -> list[str]:
    """What a gain changes under combined stress and under biased noise; nothing without a pair."""
    groups = _groups(study)
    if not groups:
        return []
    _, found = groups[0]
    if few := too_few("What a gain of hidden activity changes", [each.contrast for each in found], len(found)):
        return few
    lines = []
    for outcome in _ANSWERED:
        own = [each for each in found if each.outcome == outcome]
        said = [f"{each.a} − {each.b} {spell_contrast(each.contrast)}{doubt(each.contrast)}" for each in own]
        if said:
            lines.append(f"What a gain changes, in points of {outcome}, paired within individuals: {'; '.join(said)}.")
    return lines


@kept
def _groups(study: Study) -> list[tuple[str, tuple[Compared, ...]]]:
    """The data of each group that has a gain to compare, and each drug with its gain beside the same without."""
    names, found = name_arms(study.arms), []
    for group in without_crossed(study).groups():
        own = compare_all(
            (
                names[stronger.arm_key],
                names[weaker.arm_key],
                outcome,
                paired([stronger, weaker], f"{TREATED}/{column}")[1],
            )
            for stronger, weaker in gain_pairs(group.arms)
            for outcome, column in _OUTCOMES.items()
        )
        if own:
            found.append((group.data, own))
    return found
