"""What treatments do at equal dose: their curves by the dose that was measured, and differences in the middle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from depsim.report.parts import Figure, Finding, table_of
from depsim.report.questions.differences import DIFFERENCE_COLUMNS, collapse_words, majority_words, open_words
from depsim.report.questions.response_lines import outcome_words
from depsim.report.setting_words import fitting, n_words
from depsim.report.words import counted, difference, format_seeds, listed
from depsim.study.analyses.iso_dose import MIDDLE, OUTCOMES, IsoDose, equal_dose_pairs, iso_doses
from depsim.study.estimate import Estimate
from depsim.study.reading import Study

_DOSE = "L1 dose: mean change of a weight"
_TITLE = "What is left of the differences between treatments at equal dose?"


def dose_findings(study: Study) -> tuple[Finding, ...]:
    """One for each comparison of treatments at equal dose that a study allows."""
    comparisons = iso_doses(study)
    return tuple(_finding(iso, "" if place == 0 else f"_{place + 1}") for place, iso in enumerate(comparisons))


def _finding(iso: IsoDose, suffix: str) -> Finding:
    name, rows = f"response_dose{suffix}", equal_dose_pairs(iso)
    points = _points(iso)
    middle = [row for row in rows if row.key["share"] == MIDDLE]
    everyone = len(iso.equal) + len(iso.excluded)
    columns = {"dose": lambda row: f"{float(row.key['dose']):.2g}"} | {
        heading: cell for heading, cell in DIFFERENCE_COLUMNS.items() if heading != "as good?"
    }
    note = (
        f"At equal L1 dose in each individual; tested in the middle of the common range, p adjusted by Holm over "
        f"{len(middle)} tests.{majority_words(middle)}"
    )
    table = table_of(
        name, f"Differences at equal dose, points, {n_words(rows)}", rows, columns, shown=_shown(rows), note=note
    )
    return Finding(
        name=name,
        title=_TITLE,
        sentence=_sentence(iso, middle),
        rows=(*rows, *points),
        table=table if rows else None,
        figure=Figure(f"{name}_curves", _caption(iso), lambda: _draw(iso, rows), points),
        text=(
            "Doses are the mean change of a weight. Within each individual a treatment's conditions make one curve; "
            "curves are compared inside the range that all of them have in common "
            f"({len(iso.equal)} of {counted(everyone, 'individual')}), and nothing is extrapolated."
        ),
        open=open_words(middle) if middle else "",
        caution=_excluded(iso) or collapse_words(middle),
        conditions=(),
    )  # fmt: skip


def _shown(rows: Sequence[Estimate]) -> list[Estimate]:
    """Those in the middle first."""
    return sorted(rows, key=lambda row: row.key["share"] != MIDDLE)


def _sentence(iso: IsoDose, middle: Sequence[Estimate]) -> str:
    if not middle:
        apart = f"the doses of {listed(iso.treatments)} do not overlap (n = {len(iso.excluded)})"
        return f"Nothing can be compared at equal dose: {apart}."
    pairs: dict[str, list[Estimate]] = {}
    for row in middle:
        pairs.setdefault(f"{row.of('a')} − {row.of('b')}", []).append(row)
    where = f"At an equal dose of {float(middle[0].key['dose']):.2g}"
    n = f"(n = {middle[0].n})"
    if len(pairs) == 1:
        ((pair, rows),) = pairs.items()
        parts = [outcome_words(row.of("outcome"), difference(row)).replace(" % ", " points ") for row in rows]
        return f"{where}, {pair} is {' and '.join(parts)} {n}."
    full = [f"{pair} {'/'.join(difference(row) for row in rows)}" for pair, rows in pairs.items()]
    brief = [f"{pair} {'/'.join(f'{row.value:+.1f}' for row in rows)}" for pair, rows in pairs.items()]
    names = "combined stress/sigma 2.5"
    return fitting([f"{where}, {names}: {', '.join(parts)} points {n}." for parts in (full, brief)])


def _excluded(iso: IsoDose) -> str:
    if not iso.excluded:
        return ""
    everyone = len(iso.equal) + len(iso.excluded)
    return (
        f"{listed(iso.treatments)} have no range of doses in common in {len(iso.excluded)} of "
        f"{counted(everyone, 'individual')} (seeds {format_seeds(iso.excluded)}), who are in no comparison."
    )


def _caption(iso: IsoDose) -> str:
    return (
        "Thin lines: individuals; grey: doses that treatments have in common; symbols: means at a quarter, half and "
        f"three quarters of it, and paired differences with 95 % intervals. n = {len(iso.equal)}."
    )


def _points(iso: IsoDose) -> tuple[Estimate, ...]:
    """Each individual's curves: a row for each dose and outcome."""
    return tuple(
        Estimate({**iso.key, "treatment": name, "seed": float(seed), "dose": float(np.exp(dose)), "outcome": o.column},
                 1, float(value))
        for name, curves in iso.curves.items()
        for seed, curve in curves.items()
        for dose, values in zip(curve.log_dose, curve.outcomes, strict=True)
        for o, value in zip(OUTCOMES, values, strict=True)
    )  # fmt: skip


def _draw(iso: IsoDose, rows: Sequence[Estimate]) -> Any:
    from depsim.report.figures.iso_dose import DoseDifference, DosePanel, TreatmentCurves, draw_iso_dose

    panels = []
    for place, outcome in enumerate(OUTCOMES):
        treated = []
        for number, (name, curves) in enumerate(iso.curves.items()):
            people = [(np.exp(curve.log_dose), curve.outcomes[:, place]) for curve in curves.values()]
            compared = [person.outcomes[number, :, place] for person in iso.equal.values()]
            treated.append(TreatmentCurves(name, people, np.mean(compared, axis=0) if compared else np.empty(0)))
        by_pair: dict[str, list[tuple[float, float, float]]] = {}
        for row in rows:
            if row.of("outcome") == outcome.column and row.value is not None:
                pair = f"{row.of('a')} − {row.of('b')}"
                by_pair.setdefault(pair, []).append((row.value, *(row.interval or (np.nan, np.nan))))
        differences = [DoseDifference(name, *np.array(values).T) for name, values in by_pair.items()]
        panels.append(DosePanel(outcome.name, outcome.unit, treated, differences))
    ranges = np.array([(person.low, person.high) for person in iso.equal.values()]).reshape(-1, 2)
    return draw_iso_dose(panels, ranges, iso.doses, _DOSE)
