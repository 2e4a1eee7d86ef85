"""Treatments at equal dose: what they do where their doses overlap."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from depsim.report.columns import columns_of
from depsim.report.contrasts import contrast_cells, contrast_columns, spell_contrast
from depsim.report.document import Block, Column, Paragraph, Picture, Section, Sheet, Value
from depsim.report.figures.iso_dose import Difference, Panel, Treated, draw_iso_dose
from depsim.report.wording import counted, listed, spell_seeds, told_apart
from depsim.statistics import MEAN_INTERVAL, fewest_to_judge
from depsim.statistics.iso_dose import SHARES
from depsim.study.iso_dose import MIDDLE, OUTCOMES, EqualDosePair, IsoDose, iso_doses, pairs
from depsim.study.reading import Study

_DOSE = "L1 dose: mean change of a weight"
_NAMED = 3
"""Differences that the answer names."""
_RANGES = columns_of(
    "treatment",
    Column("conditions", "doses"),
    "n",
    Column("smallest", "smallest dose", ".3g"),
    Column("largest", "largest dose", ".3g"),
)
_COMMON = columns_of("seed", Column("low", "common doses from", ".3g"), Column("high", "to", ".3g"))
_PAIRS = columns_of(
    "outcome a b",
    Column("share", "place in the range, %", ".0f"),
    Column("dose", "dose", ".3g"),
    *contrast_columns("A − B, points"),
)
_POINTS = columns_of(
    "treatment seed", Column("dose", "dose", ".4g"), *(Column(o.column, f"{o.name}, %", ".2f") for o in OUTCOMES)
)


def section(study: Study) -> Section | None:
    """The section; None where no two treatments have three doses or more."""
    found = iso_doses(study)
    if not found:
        return None
    text = (
        "Treatments differ in how much they change weights, so a difference between them may be one of dose. Here the "
        "dose is the mean |change| of a weight (dose/l1). Within each individual the conditions of a treatment make "
        "one curve: sorted by the dose that was measured, conditions of one dose averaged, straight lines between them "
        "on the log dose, whatever setting led there. Curves are compared inside the range of doses that all "
        "treatments have in common in this individual, at a quarter, the middle and three quarters of it; nothing is "
        "extrapolated."
    )
    blocks: list[Block] = [Paragraph(text)]
    for iso, suffix, whose in told_apart(found, lambda iso: iso.data):
        blocks += _blocks(iso, suffix, whose)
    return Section("iso_dose", "At equal dose", tuple(blocks))


def answer_lines(study: Study) -> list[str]:
    """What is left of the differences at equal dose; nothing where no two treatments have three doses or more."""
    return [_answer(iso) for iso in iso_doses(study)[:1]]


def _answer(iso: IsoDose) -> str:
    if not iso.found:
        return f"At equal dose nothing can be compared: the doses of {listed(iso.treatments)} do not overlap."
    rows = _tested(pairs(iso))
    n, fewest = len(iso.found), fewest_to_judge(len(rows))
    told = [row for row in rows if row.contrast.beyond_chance]
    shown = sorted(told or rows, key=lambda row: -abs(row.contrast.difference.mean))[:_NAMED]
    named = "; ".join(f"{r.a} − {r.b} {spell_contrast(r.contrast, ' points')} ({r.outcome.name})" for r in shown)
    if n < fewest:
        said = f"too few individuals to tell (at least {fewest} are needed); the largest: {named}"
    elif told:
        said = f"{len(told)} of {counted(len(rows), 'difference')} are beyond chance, the largest: {named}"
    else:
        said = f"none of {counted(len(rows), 'difference')} is beyond chance; the largest: {named}"
    where = f"{rows[0].dose:.2g}, the middle of what the treatments have in common in {n} of {n + len(iso.apart)}"
    return f"At equal L1 dose ({where}): {said}."


def _tested(rows: Sequence[EqualDosePair]) -> list[EqualDosePair]:
    return [row for row in rows if row.share == SHARES[MIDDLE]]


def _blocks(iso: IsoDose, suffix: str, whose: str) -> list[Block]:
    note = "Smallest and largest dose of an individual, geometric means over the n that have the treatment."
    blocks: list[Block] = [
        Sheet(f"iso_dose_ranges{suffix}", f"Doses of each treatment{whose}", _RANGES, _ranges(iso), note)
    ]
    if iso.apart:
        blocks.append(Paragraph(_apart(iso), "warning"))
    rows = pairs(iso)
    blocks.append(_picture(iso, rows, suffix, whose))
    if rows:
        blocks += [_sheet(rows, suffix, whose), _common(iso, suffix, whose)]
    return blocks


def _ranges(iso: IsoDose) -> tuple[tuple[Value, ...], ...]:
    rows: list[tuple[Value, ...]] = []
    for name, curves in iso.curves.items():
        ends = [(curve.log_dose[0], curve.log_dose[-1]) for curve in curves.values()]
        low, high = np.exp(np.mean(ends, axis=0)).tolist() if ends else (None, None)
        rows.append((name, iso.conditions[name], len(ends), low, high))
    return tuple(rows)


def _apart(iso: IsoDose) -> str:
    none = f"{listed(iso.treatments)} have no range of doses in common in"
    if not iso.found:
        return f"{none} any individual, so nothing is compared."
    everyone = len(iso.found) + len(iso.apart)
    return f"{none} {len(iso.apart)} of {everyone} individuals: seeds {spell_seeds(iso.apart)}, in no comparison."


def _sheet(rows: Sequence[EqualDosePair], suffix: str, whose: str) -> Sheet:
    cells = tuple(
        (row.outcome.name, row.a, row.b, 100 * row.share, row.dose, *contrast_cells(row.contrast)) for row in rows
    )
    note = (
        f"Differences are paired within individuals, each at the same dose under both, with the {MEAN_INTERVAL}. The "
        "dose differs between individuals as their ranges do; its geometric mean is shown. p of the sign-flip "
        "permutation test in the middle of the range, beside Holm's over all pairs and outcomes there; other places "
        "are shown without a test."
    )
    return Sheet(f"iso_dose{suffix}", f"Differences at equal dose{whose}", _PAIRS, cells, note)


def _common(iso: IsoDose, suffix: str, whose: str) -> Sheet:
    rows = tuple((seed, each.low, each.high) for seed, each in iso.found.items())
    note = "Doses that all treatments reach in this individual."
    return Sheet(f"iso_dose_common{suffix}", f"Common ranges{whose}", _COMMON, rows, note, folded=True)


def _picture(iso: IsoDose, rows: Sequence[EqualDosePair], suffix: str, whose: str) -> Picture:
    panels = [_panel(iso, rows, place) for place in range(len(OUTCOMES))]
    ranges = np.array([(each.low, each.high) for each in iso.found.values()]).reshape(-1, 2)
    doses = iso.doses if iso.found else np.empty(0)
    points: list[tuple[Value, ...]] = [
        (name, seed, float(np.exp(dose)), *(float(value) for value in own))
        for name, curves in iso.curves.items()
        for seed, curve in curves.items()
        for dose, own in zip(curve.log_dose, curve.outcomes, strict=True)
    ]
    caption = "Thin lines are individuals, through all doses of a treatment."
    if rows:
        caption += (
            f" Grey: doses that the treatments have in common, darker where more of the {len(ranges)} individuals "
            "have them. Symbols on the left: means at the compared doses, those of each individual a quarter, a half "
            "and three quarters of the way through its own range; on the right: paired differences with the "
            f"{MEAN_INTERVAL}, drawn side by side at one dose."
        )
    return Picture(
        name=f"iso_dose{suffix}",
        title=f"Outcomes by dose{whose}",
        caption=caption,
        draw=partial(draw_iso_dose, panels, ranges, doses, _DOSE),
        data=Sheet(f"iso_dose_points{suffix}", f"Points of the curves{whose}", _POINTS, tuple(points)),
        alt=f"Outcomes against the dose of {listed(iso.treatments)}; numbers in the tables.",
    )


def _panel(iso: IsoDose, rows: Sequence[EqualDosePair], place: int) -> Panel:
    outcome = OUTCOMES[place]
    treated = []
    for number, (name, curves) in enumerate(iso.curves.items()):
        people = [(np.exp(curve.log_dose), curve.outcomes[:, place]) for curve in curves.values()]
        compared = [each.outcomes[number, :, place] for each in iso.found.values()]
        treated.append(Treated(name, people, np.mean(compared, axis=0) if compared else np.empty(0)))
    own: dict[str, list[tuple[float, float, float]]] = {}
    for row in rows:
        if row.outcome is outcome:
            ends = row.contrast.difference.interval or (np.nan, np.nan)
            own.setdefault(f"{row.a} − {row.b}", []).append((row.contrast.difference.mean, *ends))
    differences = [Difference(name, *np.array(values).T) for name, values in own.items()]
    return Panel(outcome.name, outcome.unit, treated, differences)
