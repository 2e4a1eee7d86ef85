"""A table as CSV: raw values at full precision."""

from __future__ import annotations

import csv
import io
import math

from depsim.report.document import Sheet, Value


def sheet_csv(sheet: Sheet) -> str:
    """A header of the columns' keys and a line per row; what is missing or not finite is empty."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([column.key for column in sheet.columns])
    writer.writerows([[_raw(value) for value in row] for row in sheet.rows])
    return file.getvalue()


def _raw(value: Value) -> str:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int) else repr(float(value))
