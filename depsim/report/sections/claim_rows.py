"""A claim's finding as a row of tables."""

from __future__ import annotations

from collections.abc import Sequence

from depsim.report.columns import columns_of
from depsim.report.document import Column, Sheet, Value
from depsim.report.wording import counted
from depsim.statistics import MEAN_INTERVAL
from depsim.study.findings import TOO_FEW, Finding

_COLUMNS = columns_of(
    "claim verdict",
    Column("holds", "holds in"),
    Column("found", "share or mean [95 %]"),
    Column("asked", "has to be"),
    Column("p_text", "p"),
    Column("adjusted_text", "p, Holm"),
    Column("sensitivity", "other margin"),
    "status",
)
_SMALLEST_SHOWN = 0.0001


def row_of(finding: Finding) -> dict[str, Value]:
    """What is said of a claim, by column."""
    share, measured = finding.share, finding.share.n > 0
    return {
        "claim": finding.claim.name,
        "verdict": finding.verdict,
        "holds": f"{share.count:g}/{share.n}" if measured else None,
        "found": _found(finding) if measured else None,
        "asked": _asked(finding),
        "p_text": _p_text(finding.p),
        "adjusted_text": _p_text(finding.adjusted),
        "sensitivity": _sensitivity(finding),
        "status": ("confirming" if finding.confirming else "exploratory") if measured else None,
    }


def _found(finding: Finding) -> str:
    """The share, or the mean, with its interval."""
    share, difference = finding.share, finding.difference
    if difference is None:
        return "{:.3g}% [{:.3g}, {:.3g}]".format(*share.per_cent)
    if difference.interval is None:
        return f"{difference.mean:+.1f}"
    return f"{difference.mean:+.1f} [{difference.interval[0]:.1f}, {difference.interval[1]:.1f}]"


def _asked(finding: Finding) -> str:
    """What the share, or the mean difference, has to be."""
    claim = finding.claim
    if claim.required is not None:
        return f"> {claim.required:.0%}"
    if claim.holds.relation == "within":
        return f"± {claim.holds.margin:g}"
    return f"> {claim.holds.margin:g}" if claim.holds.relation == "above" else f"< {-claim.holds.margin or 0:g}"


def _p_text(p: float | None) -> str | None:
    """A p for people.

    >>> _p_text(0.03), _p_text(0.00001), _p_text(None)
    ('0.0300', '<0.0001', None)
    """
    return None if p is None else f"{p:.4f}" if p >= _SMALLEST_SHOWN else f"<{_SMALLEST_SHOWN:g}"


_SHORT = {TOO_FEW: "too few", None: "open"}


def _sensitivity(finding: Finding) -> str | None:
    """Whether the verdict stays with another margin; None where there is no verdict, or no margin."""
    if finding.halved is None or finding.verdict == TOO_FEW:
        return None
    others = (("½", finding.halved), ("2×", finding.doubled))
    changed = [f"{sign} {_SHORT.get(verdict, verdict)}" for sign, verdict in others if verdict != finding.verdict]
    return ", ".join(changed) or "stays"


def note_on(found: Sequence[Finding]) -> str:
    """What the numbers in the tables of a family are."""
    own = sum(one.p is not None and one.claim.implied_by is None for one in found)
    return (
        "In brackets: the Clopper-Pearson 95 % interval of the share of individuals for whom it holds, or, of the mean "
        f"difference of the two sides in points, the {MEAN_INTERVAL}. Holm's p is over {counted(own, 'claim')}; that "
        "of an implied one is what it would be in place of the claim that implies it."
    )


def status_counts(measured: Sequence[Finding]) -> str:
    """How many claims were declared in time.

    >>> status_counts([])
    'all are exploratory'
    """
    confirming = sum(one.confirming for one in measured)
    if confirming in (0, len(measured)):
        return f"all are {'confirming' if confirming else 'exploratory'}"
    return f"{confirming} are confirming, {len(measured) - confirming} exploratory"


def claim_sheet(name: str, title: str, found: Sequence[Finding], note: str) -> Sheet:
    """A table of claims."""
    rows = [row_of(one) for one in found]
    return Sheet(name, title, _COLUMNS, tuple(tuple(row[column.key] for column in _COLUMNS) for row in rows), note)
