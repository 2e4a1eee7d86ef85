"""What a study will be able to see, before it is run: from how much individuals of the project's own finding differed.

``python -m depsim.paper.expected_precision REPORT ...`` stores the spreads of finished reports beside this module.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from depsim.outcomes import PRIMARY
from depsim.paper.published import published
from depsim.statistics import detectable_difference, fewest_to_judge, half_width

FILE = Path(__file__).with_name("spreads.json")
FACTS = "study.json"
"""The file of a report with the rows of all its findings."""
_DATA = "cohort.data"


class Spread(NamedTuple):
    """Standard deviation of the differences between two conditions in ``n`` individuals, in the outcome's unit."""

    data: str
    outcome: str
    a: str
    b: str
    n: int
    sd: float


@cache
def spreads() -> tuple[Spread, ...]:
    """Those of the finding."""
    return tuple(Spread(*entry) for entry in json.loads(FILE.read_text(encoding="utf-8")))


def expected_precision(treatments: Collection[str], data: str, n: int) -> list[str]:
    """A line per primary outcome on how well contrasts will be known; none where nothing is known beforehand.

    A difference counts as noticed if it is significant beside all contrasts of the study.

    Args:
        treatments: of the study, with the paper's settings.
        data: ``shared`` or ``individual``.
        n: individuals.
    """
    rows = {row for row, (treatment, _stage) in published()["rows"].items() if treatment in treatments}
    known = [s for s in spreads() if s.data == data and {s.a, s.b} <= rows]
    tests = len(known)
    if tests and n < (fewest := fewest_to_judge(tests)):
        return [f"too few to notice any difference among {tests} tests together: that takes {fewest}"]
    lines = []
    for outcome in PRIMARY:
        of_outcome = [spread for spread in known if spread.outcome == outcome.column]
        widths = [(half_width(s.sd, n), detectable_difference(s.sd, n, tests), s) for s in of_outcome]
        by_width = sorted((w, d, spread) for w, d, spread in widths if w is not None and d is not None)
        if by_width:
            (least, small, _), (most, large, widest) = by_width[0], by_width[-1]
            lines.append(
                f"{outcome.name}: contrasts to within ± {_span(least, most)} points; differences of "
                f"{_span(small, large)} points are noticed 8 times of 10 (the most for {widest.a} − {widest.b})"
            )
    return lines


def _span(low: float, high: float) -> str:
    """Two numbers, or one where they look alike.

    >>> _span(0.52, 3.14), _span(0.51, 0.52)
    ('0.5 to 3.1', '0.5')
    """
    first, last = f"{low:.1f}", f"{high:.1f}"
    return first if first == last else f"{first} to {last}"


def read_spreads(folder: Path) -> list[Spread]:
    """The spreads of a report's contrasts of all pairs of conditions.

    Args:
        folder: of the report, with its ``study.json``.

    Raises:
        ValueError: where it has no such contrasts, or conditions of both kinds of data without saying which are whose.
    """
    facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    rows = [row for finding in facts.get("findings", ()) if finding["name"] == "contrasts" for row in finding["rows"]]
    data = {(facts.get("settings", {}) | arm["settings"])[_DATA] for arm in facts["arms"]}
    if not rows or (len(data) > 1 and any(_DATA not in row["key"] for row in rows)):
        raise ValueError(f"{folder / FACTS}: no contrasts of all pairs of conditions with one kind of data")
    known = [(row["key"], row["n"], row["sd"]) for row in rows if row.get("sd") is not None]
    return [
        Spread(key.get(_DATA, min(data)), key["outcome"], key["a"], key["b"], n, round(sd, 4)) for key, n, sd in known
    ]


def main(folders: Sequence[str]) -> None:
    """Store the spreads of reports."""
    stored = [spread for folder in folders for spread in read_spreads(Path(folder))]
    FILE.write_text(json.dumps(stored, indent=0, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
