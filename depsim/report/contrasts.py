"""A paired contrast in a report: its columns and cells in a table, and its words."""

from __future__ import annotations

from collections.abc import Iterable

from depsim.report.columns import columns_of, with_interval
from depsim.report.document import Column, Value
from depsim.report.wording import counted, tests_together
from depsim.statistics import Contrast, fewest_to_judge

_HIDDEN = 0.05
"""Points that one decimal rounds to nothing."""


def contrast_columns(heading: str, form: str = "+.2f", start: str = "95 % from") -> list[Column]:
    """The columns of :func:`contrast_cells`.

    Args:
        heading, form: of the difference; its interval has the same form.
        start: heading of the interval's lower end.
    """
    return [*columns_of("n"), *with_interval("difference", heading, form, start=start), *columns_of("p p_holm")]


def contrast_cells(found: Contrast) -> tuple[Value, ...]:
    """n, the mean difference, both ends of its interval, p and Holm's p over its family."""
    return found.n, found.difference.mean, *found.difference.ends, found.p, found.p_holm


def superiority_cells(found: Contrast) -> tuple[Value, Value, Value]:
    """The share of individuals with A above B, and both ends of its interval."""
    share = found.superiority
    return (share.share, share.low, share.high) if share else (None, None, None)


def spell_contrast(found: Contrast, unit: str = "") -> str:
    """A mean difference with its interval, if it has one; to the second decimal where one would hide a sign."""
    interval = found.difference.interval or ()
    digits = 2 if any(0 < abs(end) < _HIDDEN for end in interval) else 1
    ends = f" [{', '.join(f'{end:+.{digits}f}' for end in interval)}]" if interval else ""
    return f"{found.difference.mean:+.{digits}f}{unit}{ends}"


def doubt(found: Contrast) -> str:
    """What is added to a difference that is not beyond chance."""
    return "" if found.beyond_chance else ", not beyond chance"


def too_few(what: str, found: Iterable[Contrast], tests: int) -> list[str]:
    """A line that says so, where none of these contrasts has the individuals that so many tests together need.

    Args:
        what: cannot be told then.
        found: the contrasts.
        tests: of their family.
    """
    most = max(each.n for each in found)
    if most >= fewest_to_judge(tests):
        return []
    return [f"{what} cannot be told from {counted(most, 'individual')}: too few for {tests_together(tests)}."]
