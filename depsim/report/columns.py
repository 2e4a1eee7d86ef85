"""The columns of tables: heading and format of each, once; a table adds those that are its own."""

from __future__ import annotations

from collections.abc import Iterable

from depsim.report.document import CODE, Column

_PLAIN = """
    answer below best claim component condition contrast cycle data distinguishable drug failed first individuals
    kind largest layer levels more n objective outcome reason relapses rule second seed seeds smallest stage status
    step table ties trait treatment trial unit values verdict what when where without
"""
"""Columns that are headed by their key."""
_COLUMNS = (
    *(Column(key, key) for key in _PLAIN.split()),
    Column("a", "A"),
    Column("arm_key", "arm key", CODE),
    Column("b", "B"),
    Column("began_utc", "began (UTC)"),
    Column("ci_high", "to", ".2f"),
    Column("ci_low", "95 % from", ".2f"),
    Column("d_z", "d_z", "+.2f"),
    Column("difference", "difference", "+.2f"),
    Column("high", "to", ".2f"),
    Column("mean", "mean", ".2f"),
    Column("measurement", "measurement", CODE),
    Column("p", "p", ".3g"),
    Column("p_holm", "p, Holm", ".3g"),
    Column("percentile", "percentile", ".0f"),
    Column("published", "true of the paper's tables"),
    Column("run_id", "MLflow run", CODE),
    Column("sd", "SD", ".2f"),
    Column("value", "value", ".2f"),
)
_KNOWN = {column.key: column for column in _COLUMNS}


def columns_of(*wanted: str | Column) -> tuple[Column, ...]:
    """The columns of a table.

    Args:
        wanted: keys, with spaces between them, and columns that are this table's own.

    Raises:
        KeyError: for an unknown key.

    >>> [column.heading for column in columns_of("n p_holm", Column("own", "its own"))]
    ['n', 'p, Holm', 'its own']
    """
    found: list[Column] = []
    for each in wanted:
        found += [each] if isinstance(each, Column) else [_KNOWN[key] for key in each.split()]
    return tuple(found)


def with_interval(key: str, heading: str, form: str, ends: str = "", start: str = "95 % from") -> tuple[Column, ...]:
    """An estimate and both ends of its interval, in one form.

    Args:
        key, heading, form: of the estimate.
        ends: what stands before ``low`` and ``high`` in the keys of the ends.
        start: heading of the lower end.

    >>> [(column.key, column.heading) for column in with_interval("share", "share, %", ".0f", "share_")]
    [('share', 'share, %'), ('share_low', '95 % from'), ('share_high', 'to')]
    """
    return Column(key, heading, form), Column(f"{ends}low", start, form), Column(f"{ends}high", "to", form)


def of_settings(keys: Iterable[str]) -> tuple[Column, ...]:
    """A column for each setting, under its configuration key."""
    return tuple(Column(key, key) for key in keys)
