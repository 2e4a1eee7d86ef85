"""Every cell of the paper's tables in full."""

from __future__ import annotations

from collections.abc import Sequence

from depsim.outcomes import is_primary, name_column
from depsim.report.columns import columns_of
from depsim.report.document import Column, Sheet, Value
from depsim.report.sections.published import INSIDE
from depsim.study.comparison import Cell
from depsim.study.panels import Panel

_COLUMNS = columns_of(
    "table condition outcome kind n mean",
    Column("low", "mean, from", ".2f"),
    "high sd",
    Column("median", "median", ".2f"),
    Column("smallest", "smallest", ".2f"),
    Column("largest", "largest", ".2f"),
    Column("may_differ", "others may differ, at most", ".0%"),
    Column("published", "published", ".1f"),
    Column("predicted_low", "predicted, from", ".2f"),
    Column("predicted_high", "to", ".2f"),
    Column("observed_coverage", "coverage of the range", ".0%"),
    "percentile",
    Column("verdict", "published value"),
)


def may_differ(cell: Cell) -> float | None:
    """As in the summary, but for the sparsity, which the protocol sets."""
    return None if cell.value.column == "sparsity" else cell.ours.may_differ


def cells_sheet(panel: Panel, cells: Sequence[Cell]) -> Sheet:
    """One row per published value, with all that is known of ours."""
    note = (
        "“others may differ”: where ours all have one value, the upper 95 % bound (Clopper and Pearson) of the share "
        "of others with another one. “predicted”: 95 % prediction interval for one new individual, for accuracies "
        "Student's t on the logit of the error, for clean accuracy order statistics of 39 or more; beside it how "
        "likely the range from our smallest to our largest value holds a new one. The percentile is the published "
        "value's place among ours, rounded alike. Primary outcomes were fixed beforehand; everything else is "
        "exploratory."
    )
    rows = tuple(_row(cell) for cell in cells)
    return Sheet(f"cells_{panel.name}", f"Every cell in full: {panel.title}", _COLUMNS, rows, note, folded=True)


def _row(cell: Cell) -> tuple[Value, ...]:
    ours, predicted = cell.ours, cell.prediction
    verdict = INSIDE[cell.inside]
    if ours.constant and verdict:
        verdict += ", ours constant"
    return (
        cell.value.table.replace("table_", ""),
        cell.value.row,
        name_column(cell.value.column),
        "primary" if is_primary(cell.value.column) else "exploratory",
        ours.n,
        ours.mean,
        *ours.ends,
        ours.sd,
        ours.median,
        ours.low,
        ours.high,
        may_differ(cell),
        cell.value.mean,
        predicted.low if predicted else None,
        predicted.high if predicted else None,
        predicted.coverage if predicted else None,
        cell.percentile,
        verdict,
    )
