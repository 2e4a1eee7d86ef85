"""The summary in docs/explanation/calibration.md and the file of all figures beside it, written from what is stored."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from benchmarks.calibration.figures import KINDS, Figure, stored_figures

PAGE = Path(__file__).parents[2] / "docs/explanation/calibration.md"
BEGIN, END = "<!-- make calibrate: {} -->\n", "<!-- end -->\n"
_NAMES = {kind: kind.removeprefix("real_") for kind in KINDS}
"""Of kinds of values, as headings."""
_STALE = "*"


def write(stale: Collection[str]) -> None:
    """Write the summary into the page, and the file beside it.

    Args:
        stale: keys of figures that an earlier version of the code reached.
    """
    renew(blocks(stored_figures(), stale))
    PAGE.with_suffix(".csv").write_text(every_figure(stored_figures(), stale), encoding="utf-8")


def renew(made: Mapping[str, str]) -> None:
    """Write parts of the page, by the names of their places."""
    text = PAGE.read_text(encoding="utf-8")
    for name, part in made.items():
        text = renewed(text, name, part)
    PAGE.write_text(text, encoding="utf-8")


def renewed(text: str, name: str, made: str) -> str:
    """The text with what was made between the marks of this name."""
    before, mark, rest = text.partition(BEGIN.format(name))
    _, end, after = rest.partition(END)
    if not mark or not end:
        raise SystemExit(f"{PAGE}: no place for {name}")
    return f"{before}{mark}\n{made}\n\n{end}{after}"


def blocks(figures: Sequence[Figure], stale: Collection[str]) -> dict[str, str]:
    """Name of each place in the page to its text in Markdown."""
    return {"summary": _summary(figures, stale)}


def every_figure(figures: Iterable[Figure], stale: Collection[str]) -> str:
    """All figures as CSV."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(("share of simulated studies", "values", "n", "studies", "reached, %", "error, %", "limits, %"))
    for figure in figures:
        reached = f"{100 * figure.reached:.1f}{_STALE if figure.key in stale else ''}"
        numbers = figure.n, figure.replicates, reached, f"{100 * figure.error:.2f}"
        lines.writerow((figure.what, _NAMES.get(figure.kind, ""), *numbers, _limits(figure)))
    return text.getvalue()


def _summary(figures: Sequence[Figure], stale: Collection[str]) -> str:
    gated = [figure for figure in figures if figure.gated]
    power = [figure for figure in figures if figure.power]
    kept = sum(figure.kept for figure in gated)
    old = sum(figure.key in stale for figure in figures)
    words = [
        f"Of {len(figures)} shares {len(gated)} are gated, of which {kept} lie within their limits; {len(power)} are"
        f" powers, {sum(figure.weak for figure in power)} of them below 80 %; {len(figures) - len(gated) - len(power)}"
        " are not gated."
    ]
    means = [figure for figure in figures if re.fullmatch(f"mean_({'|'.join(KINDS)})", figure.key)]
    if means:
        reached = ", ".join(f"{100 * figure.reached:.0f} ({_NAMES[figure.kind]})" for figure in means)
        words.append(
            f"Of {means[0].n} individuals the interval of a mean in per cent holds it in {reached} % of studies."
        )
    if old:
        words.append(f"{old} were reached by an earlier version of the code ({_STALE}).")
    return " ".join(words)


def _limits(figure: Figure) -> str:
    if figure.power:
        return "power, weak" if figure.weak else "power"
    low, high = (None if share is None else f"{100 * share:g}" for share in (figure.lowest, figure.highest))
    if low is not None and high is not None:
        return f"{low} to {high}"
    return f"at least {low}" if low is not None else f"at most {high}" if high is not None else "not gated"
