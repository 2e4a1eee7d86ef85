"""What stands in a place of a table: a value until it is printed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from depsim.report.words import DASH, number, p_value
from depsim.study.estimate import Estimate


@dataclass(frozen=True)
class Cell:
    """A number with what belongs to it.

    Args:
        value: the number; None for none, printed as a dash.
        low, high: its interval, or None.
        reference: what was published of it, or None.
        digits: decimals.
        signed: whether a plus is printed.
        after: words behind it.
        spelled: what is printed in place of the number where decimals do not say it, such as ``< 0.001``.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    reference: float | None = None
    digits: int = 1
    signed: bool = False
    after: str = ""
    spelled: str = ""

    def text(self, *, interval: bool = True, reference: bool = True) -> str:
        """As it is printed.

        Args:
            interval, reference: whether these are shown.

        >>> Cell(97.46, 97.1, 97.83, 96.0, after="yes").text()
        '97.5 [97.1, 97.8] | 96.0 yes'
        >>> Cell(97.46, 97.1, 97.83, 96.0).text(interval=False, reference=False), Cell(None).text()
        ('97.5', '–')
        """
        parts = [self.spelled or number(self.value, self.digits, self.signed)]
        if interval and self.low is not None and self.high is not None:
            low, high = (number(end, self.digits, self.signed) for end in (self.low, self.high))
            parts.append(f"[{low}, {high}]")
        if reference and self.reference is not None:
            parts.append(f"| {number(self.reference)}")
        return f"{' '.join(parts)}{' ' * (self.after[:1] not in ('', ','))}{self.after}"

    def __str__(self) -> str:
        """All of it."""
        return self.text()


Content = str | Cell
"""Words or a number."""
NOTHING = Cell(None, spelled=DASH)
"""Where nothing was measured."""


def mean_cell(row: Estimate, digits: int = 1, signed: bool = False) -> Cell:
    """A row's estimate with its interval."""
    low, high = row.interval or (None, None)
    return Cell(row.value, low, high, digits=digits, signed=signed)


def difference_cell(row: Estimate) -> Cell:
    """A difference with its interval and signs; to the second decimal where one would hide it."""
    digits = 2 if any(0 < abs(end) < 0.05 for end in row.interval or ()) else 1
    return mean_cell(row, digits, signed=True)


def number_cell(value: float | None, digits: int = 1, signed: bool = False) -> Cell:
    """A number alone."""
    return Cell(value, digits=digits, signed=signed)


def count_cell(count: float, of: int | None = None) -> Cell:
    """A whole number, or how many of so many."""
    return Cell(count, digits=0, after="" if of is None else f"of {of}")


def p_cell(p: float | None) -> Cell:
    """A p value."""
    return Cell(p, spelled=p_value(p))


def with_words(cell: Cell, words: str) -> Cell:
    """A cell with words behind its number."""
    return replace(cell, after=words)
