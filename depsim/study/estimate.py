"""The one kind of row that a study's results come in: who or what, how many, an estimate, its interval and its test."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from depsim.statistics import Contrast, Proportion, Summary, holm
from depsim.statistics.families import Verdict

if TYPE_CHECKING:
    from pandas import DataFrame

Value = str | int | float | bool | None


class Estimate(NamedTuple):
    """An estimate with all that belongs to it.

    Args:
        key: what it is of, the leading columns of a table: condition, outcome, a and b, x, layer, trait and the like.
        n: individuals behind it.
        value: the estimate; None where nobody was measured.
        low, high: its 95 % interval, or None.
        sd: over individuals.
        p: of its test, by itself; None where nothing is tested.
        p_holm: adjusted over the family of tests that it is one of.
        verdict: what follows from the test.
        more: further columns.
    """

    key: Mapping[str, str | float]
    n: int
    value: float | None
    low: float | None = None
    high: float | None = None
    sd: float | None = None
    p: float | None = None
    p_holm: float | None = None
    verdict: Verdict | None = None
    more: Mapping[str, Value] = {}

    def of(self, column: str) -> str:
        """A part of the key as text; empty where it has none of that name."""
        return str(self.key.get(column, ""))

    def number(self, column: str) -> float | None:
        """A further column as a number; None where it has none."""
        value = self.more.get(column)
        return float(value) if isinstance(value, int | float) else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Both ends, or None."""
        return None if self.low is None or self.high is None else (self.low, self.high)


def family(rows: Sequence[Estimate], tests: int | None = None) -> tuple[Estimate, ...]:
    """These rows with their p adjusted by Holm over all of them; a row without p does not count.

    Args:
        rows: one family.
        tests: how many tests were declared, where more than were measured.
    """
    adjusted = holm([row.p for row in rows], tests)
    return tuple(row._replace(p_holm=p) for row, p in zip(rows, adjusted, strict=True))


def frame(rows: Iterable[Estimate]) -> DataFrame:
    """Rows as a table: the columns of the keys, the estimate's own, and what else any row has.

    Shape: one line per row; what a row lacks is missing.
    """
    import pandas as pd

    lines = [
        {
            **row.key,
            "n": row.n,
            "value": row.value,
            "low": row.low,
            "high": row.high,
            "sd": row.sd,
            "p": row.p,
            "p_holm": row.p_holm,
            "verdict": row.verdict,
            **row.more,
        }
        for row in rows
    ]
    fields = [name for name in Estimate._fields if name not in ("key", "more")]
    keys = dict.fromkeys(name for row in rows for name in row.key) if isinstance(rows, Sequence) else {}
    more = dict.fromkeys(name for line in lines for name in line if name not in keys and name not in fields)
    return pd.DataFrame(lines, columns=[*keys, *fields, *more])


def of_summary(key: Mapping[str, str | float], summary: Summary, **more: Value) -> Estimate:
    """A mean over individuals."""
    low, high = summary.ends
    value = summary.mean if summary.n else None
    return Estimate(key, summary.n, value, low, high, summary.sd, more=more)


def of_contrast(key: Mapping[str, str | float], contrast: Contrast, **more: Value) -> Estimate:
    """A mean of paired differences with its test."""
    low, high = contrast.difference.ends
    value = contrast.difference.mean if contrast.n else None
    return Estimate(key, contrast.n, value, low, high, contrast.difference.sd, contrast.p, more=more)


def of_proportion(key: Mapping[str, str | float], share: Proportion, **more: Value) -> Estimate:
    """A share of individuals, in per cent."""
    value, low, high = share.per_cent
    return Estimate(key, share.n, value if share.n else None, low, high, more={"count": share.count, **more})
