"""How large a push on all hidden units halves the accuracy."""

from __future__ import annotations

from collections.abc import Sequence

from depsim.report.cell import Cell, count_cell
from depsim.report.parts import CellOf, Figure, Finding, Table, table_of
from depsim.report.questions.curves import LINES, REFERENCES, draw_by_condition, few_words, names_of
from depsim.report.words import listed, n_words, number, paragraph
from depsim.study.analyses.bias import biases, individual_rows, sign_rows, threshold_rows
from depsim.study.analyses.course import curve_rows
from depsim.study.estimate import Estimate
from depsim.study.groups import groups
from depsim.study.reading import Study


def bias(study: Study) -> Finding | None:
    """Accuracy under noise that pushes all hidden units one way."""
    every = [(group, biases(group)) for group in groups(study, ("treatment",))]
    parts = [(group, exams) for group, exams in every if names_of([exam.curve for exam in exams])]
    if not parts:
        return None
    curves = [[exam.curve for exam in exams] for _, exams in parts]
    accuracies = [curve_rows(group_curves, group.key) for group_curves, (group, _) in zip(curves, parts, strict=True)]
    treated = [[exam for exam in exams if exam.curve.condition.name not in REFERENCES] for _, exams in parts]
    thresholds = [threshold_rows(exams, group.key) for exams, (group, _) in zip(treated, parts, strict=True)]
    signs = [sign_rows(exams, group.key) for exams, (group, _) in zip(treated, parts, strict=True)]
    people = [individual_rows(exams, group.key) for exams, (group, _) in zip(treated, parts, strict=True)]
    group, rows = parts[0][0], accuracies[0]
    here = [row for row in rows if row.of("condition") not in REFERENCES]
    together = [row for kind in (thresholds, signs, accuracies, people) for part in kind for row in part]
    return Finding(
        name="bias",
        title="How large a push halves the accuracy?",
        sentence=(answer := _threshold_words(thresholds[0])),
        rows=tuple(together),
        table=_bias_table(thresholds),
        figure=Figure(
            "bias",
            f"{LINES} {n_words(here)}.",
            lambda: draw_by_condition(group, curves[0], rows, "mean of the internal noise"),
            rows,
        ),
        text=paragraph(
            [
                answer,
                "The noise (SD 1) pushes all hidden units one way; a threshold is the mean that halves "
                "an individual's accuracy without noise.",
            ]
        ),
        also=_sign_words(signs[0]),
        open=few_words(signs[0]),
        conditions=names_of(curves[0]),
    )


def _threshold_words(rows: Sequence[Estimate]) -> str:
    measured = [row for row in rows if row.n]
    if not measured:
        return "No individual has a threshold: half of its accuracy without noise is below guessing."
    alike = len({row.n for row in measured}) == 1
    means = ", ".join(
        f"{_spell(row.more['median'])} under {row.of('condition')}" + ("" if alike else f" (n = {row.n})")
        for row in measured
    )
    each = f"medians, {n_words(measured)}" if alike else "medians of those who have a threshold"
    return f"Half of the accuracy is lost at a noise mean of {means} ({each})."


def _spell(threshold: object) -> str:
    return threshold if isinstance(threshold, str) else number(threshold if isinstance(threshold, float) else None, 2)


def _threshold(threshold: object) -> Cell:
    value = threshold if isinstance(threshold, float) else None
    return Cell(value, spelled=_spell(threshold))


def _bias_table(thresholds: Sequence[Sequence[Estimate]]) -> Table:
    shown = thresholds[0]
    columns: dict[str, CellOf] = {
        "condition": lambda row: row.of("condition"),
        "n": lambda row: count_cell(row.n),
        "median": lambda row: _threshold(row.more["median"]),
        "smallest": lambda row: _threshold(row.more["smallest"]),
        "largest": lambda row: _threshold(row.more["largest"]),
        "not reached": lambda row: count_cell(row.number("not_reached") or 0),
        "no threshold": lambda row: count_cell(row.number("no_threshold") or 0),
    }
    return table_of(
        "bias",
        "Mean of the noise that halves an individual's accuracy",
        [row for part in thresholds for row in part],
        columns,
        shown=shown,
        note="n: individuals with a threshold, reached or not; one that is not reached counts as "
        "larger than all that are.",
    )


def _sign_words(rows: Sequence[Estimate]) -> tuple[str, ...]:
    """The comparisons of thresholds that are established, in one sentence."""
    sure = [row for row in rows if row.verdict == "yes"]
    if not sure:
        return ()
    comparisons = []
    for row in sure[:3]:
        a, b = (row.of("a"), row.of("b")) if (row.value or 0) > 50 else (row.of("b"), row.of("a"))
        most = max(int(str(row.more["higher"])), int(str(row.more["lower"])))
        comparisons.append(f"higher under {a} than under {b} in {most} of {row.n}")
    more = f"; {len(sure) - 3} more pairs differ" if len(sure) > 3 else ""
    return (f"The threshold is {listed(comparisons)} (sign tests, Holm over {len(rows)}){more}.",)
