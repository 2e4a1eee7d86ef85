"""The tables of docs/explanation/calibration.md and the file of all figures beside it, written from what is stored."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from benchmarks.calibration.figures import KINDS, Figure, stored_figures

PAGE = Path(__file__).parents[2] / "docs/explanation/calibration.md"
BEGIN, END = "<!-- make calibrate: {} -->\n", "<!-- end -->\n"
SHOWN = 50
"""Individuals of the simulated studies that the page shows; the file has all."""
_NAMES = {kind: kind.removeprefix("real_") for kind in KINDS}
"""Of kinds of values, as headings."""
_STALE = "*"


def write(stale: Collection[str]) -> None:
    """Write the tables and their summary into the page, and the file beside it.

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
    shown = [figure for figure in figures if figure.kind and figure.n == SHOWN]
    return {"summary": _summary(figures, stale), "kinds": _kinds_table(shown, stale)}


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
    if old:
        words.append(f"{old} were reached by an earlier version of the code ({_STALE}).")
    return " ".join(words)


def _kinds_table(figures: Sequence[Figure], stale: Collection[str]) -> str:
    rows = []
    for what in dict.fromkeys(figure.what for figure in figures):
        by_kind = {figure.kind: figure for figure in figures if figure.what == what}
        rows.append((what, *(_cell(by_kind[kind], stale) if kind in by_kind else "–" for kind in KINDS)))
    return _table(("share of simulated studies, %", *_NAMES.values()), rows, len(KINDS))


def _cell(figure: Figure, stale: Collection[str]) -> str:
    shown = f"{100 * figure.reached:.1f}{_STALE if figure.key in stale else ''}"
    return shown if figure.kept else f"**{shown}**"


def _limits(figure: Figure) -> str:
    if figure.power:
        return "power, weak" if figure.weak else "power"
    low, high = (None if share is None else f"{100 * share:g}" for share in (figure.lowest, figure.highest))
    if low is not None and high is not None:
        return f"{low} to {high}"
    return f"at least {low}" if low is not None else f"at most {high}" if high is not None else "not gated"


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]], numbers: int) -> str:
    """A table in Markdown, of which so many columns after the first are numbers."""
    rule = ["---", *["---:"] * numbers, *["---"] * (len(headings) - numbers - 1)]
    return "\n".join(f"| {' | '.join(line)} |" for line in (headings, rule, *rows))
