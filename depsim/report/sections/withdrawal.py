"""What is left of the relief while drugs are taken off step by step, without training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from depsim.outcomes import PRIMARY
from depsim.report.columns import columns_of, with_interval
from depsim.report.contrasts import doubt, spell_contrast, too_few
from depsim.report.document import Column, Paragraph, Picture, Section, Sheet, Value
from depsim.report.figures.lines import Curve, Panel, draw_lines
from depsim.report.figures.style import colours, markers
from depsim.report.points import band
from depsim.statistics import MEAN_INTERVAL, summarise
from depsim.study.naming import name_arms
from depsim.study.reading import Study
from depsim.study.withdrawals import MEASURES, Withdrawal, withdrawals

_NAMES = {outcome.column: outcome.name for outcome in PRIMARY} | {"biased_0.5": "biased noise (m = 0.5)"}
_CURVE = columns_of("condition outcome", Column("left", "left, %", "g"), "n mean", Column("low", "from", ".2f"), "high")
_BORROWED = columns_of(
    "condition outcome n",
    Column("relief", "relief with all of it", "+.2f"),
    *with_interval("borrowed", "of it borrowed, points", "+.2f"),
    "p p_holm",
    Column("step", "largest step"),
    *with_interval("lost", "lost in it, points", "+.2f", "lost_"),
    Column("agreeing", "individuals with that largest step"),
)


def section(study: Study) -> Section | None:
    """The section; None where no drug was taken off step by step."""
    found, names = withdrawals(study), name_arms(study.arms)
    if not found:
        return None
    text = (
        "From the treated networks, a share of what the drug sets is left on and the networks are examined, without "
        "any training in between. What is lost from all of the drug to none of it was borrowed: it lasts only as long "
        "as the drug is on."
    )
    note = (
        "Relief: accuracy with all of the drug less that of the depressed network, where that was measured. Borrowed: "
        f"accuracy with all of the drug less that without, paired within individuals, with the {MEAN_INTERVAL}; p of "
        "the sign-flip permutation test, Holm over this table. The largest step is that of the means; how many "
        "individuals lose most in the same step stands last."
    )
    rows = tuple(_row(each, names) for each in found)
    sheet = Sheet("withdrawal_borrowed", "How much of the relief is borrowed", _BORROWED, rows, note)
    return Section("withdrawal", "Taking the drug off", (Paragraph(text), _picture(found, names), sheet))


def answer_lines(study: Study) -> list[str]:
    """How much of the relief is borrowed, and where it is lost; nothing where no drug was taken off step by step."""
    every, names = withdrawals(study), name_arms(study.arms)
    found = [each for each in every if each.measure == MEASURES[0]]
    if not found:
        return []
    if few := too_few("How much of the relief is borrowed", [each.borrowed for each in found], len(every)):
        return few
    said = "; ".join(f"{names[each.arm.arm_key]} {_spell(each)}" for each in found)
    return [
        f"Borrowed, in points of {_NAMES[MEASURES[0]]} (all of the drug less none of it, without training): {said}."
    ]


def _spell(each: Withdrawal) -> str:
    borrowed = spell_contrast(each.borrowed)
    if not each.borrowed.beyond_chance:
        return borrowed + doubt(each.borrowed)
    if each.borrowed.difference.mean < 0:
        return f"{borrowed}, so that taking it off helps"
    relief = "" if each.relief is None else f" of a relief of {each.relief.difference.mean:.1f}"
    lost = float(each.losses.mean(axis=0)[each.steepest])
    most = 2 * lost > each.borrowed.difference.mean
    said = f"most of it ({lost:.1f})" if most else f"in no step most of it; the largest ({lost:.1f}) is"
    return f"{borrowed}{relief}, {said} from {_step(each)} ({each.agreeing} of {len(each.people)} lose most there)"


def _step(each: Withdrawal) -> str:
    """The largest step in words."""
    before, after = each.shares[each.steepest : each.steepest + 2]
    return f"{100 * before:g} to {100 * after:g} %"


def _row(each: Withdrawal, names: Mapping[str, str]) -> tuple[Value, ...]:
    (lost,), borrowed = summarise(each.losses[:, [each.steepest]]), each.borrowed
    return (
        names[each.arm.arm_key],
        _NAMES[each.measure],
        borrowed.n,
        None if each.relief is None else each.relief.difference.mean,
        borrowed.difference.mean,
        *borrowed.difference.ends,
        borrowed.p,
        borrowed.p_holm,
        _step(each),
        lost.mean,
        *lost.ends,
        each.agreeing,
    )


def _picture(found: Sequence[Withdrawal], names: Mapping[str, str]) -> Picture:
    """A panel per measure, a line per condition."""
    treatments = list(dict.fromkeys(each.arm.treatment for each in found))
    colour, marker = colours(treatments), markers(treatments)
    curves: dict[str, list[Curve]] = {}
    rows: list[tuple[Value, ...]] = []
    for each in found:
        own, name = summarise(each.people), names[each.arm.arm_key]
        mean, low, high = band(own)
        look = (colour[each.arm.treatment], marker[each.arm.treatment])
        gone = 100 * (1 - np.array(each.shares))
        curves.setdefault(each.measure, []).append(Curve(name, *look, "-", gone, mean, low, high, each.people))
        for share, cell in zip(each.shares, own, strict=True):
            rows.append((name, _NAMES[each.measure], 100 * share, cell.n, cell.mean, *cell.ends))
    panels = [Panel(_NAMES[measure], "accuracy, %", tuple(own)) for measure, own in curves.items()]
    shares = sorted({share for each in found for share in each.shares}, reverse=True)

    def draw() -> Any:
        return draw_lines(
            panels, "share of the drug that is left, %", [(100 * (1 - s), f"{100 * s:g}") for s in shares]
        )

    return Picture(
        name="withdrawal",
        title="Accuracy while the drug is taken off",
        caption="From left to right less and less of the drug is left. Thin lines: individuals; line with marks: their "
        f"mean (n in the table); band: its {MEAN_INTERVAL}.",
        draw=draw,
        data=Sheet("withdrawal", "Means", _CURVE, tuple(rows)),
        alt="Accuracy against the share of the drug that is left, a panel per measure and a line per condition.",
    )
