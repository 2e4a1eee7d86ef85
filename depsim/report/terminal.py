"""Pages, tables and summaries on a terminal, as wide as it is."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from depsim.outcomes import PRIMARY, is_bounded, is_own
from depsim.report.cell import Cell
from depsim.report.files import right_aligned
from depsim.report.parts import Page, Table
from depsim.report.words import counted, true_minus
from depsim.stages import STAGES
from depsim.statistics import Summary, summarise_individuals
from depsim.study.searches import People
from depsim.terminal_text import visible

_SUMMARISED = ("combined", "internal_noise_2.5", "resilience_auc", "standard", "clean", "sparsity")
_BETWEEN = 2
"""Blanks between columns."""
_TITLE_PART = re.compile(r"(, | · )")
"""What separates the parts of a condition's title."""
_MOST_LINES, _FEWEST_ROWS, _AROUND = 23, 5, 4
"""Of a page with its path and the next command; of a table; and of its title, headings and rule."""
_SHORT = {outcome.heading: outcome.short for outcome in PRIMARY}
"""Headings of the small table as a terminal has them."""


class _Output(Console):
    """A console that leaves it to the command what happens when nobody reads its output any more."""

    def on_broken_pipe(self) -> None:
        """Rich would end the program."""
        raise BrokenPipeError


def console() -> Console:
    """Standard output, as wide as the terminal or ``COLUMNS`` says; 80 columns where neither does."""
    return _Output(highlight=False, emoji=False)


def show_page(page: Page, path: Path | None = None) -> None:
    """Print what a page has on its first screen: the answer, the small table, the bullets and where the page lies.

    The table has as many rows as leave all of it within 25 lines.
    """
    above = [*_lines(page.title), *_lines(page.answer)]
    below = [line for bullet in page.bullets for line in _lines(bullet, "- ")]
    below += [str(path)] if path is not None else []
    for line in above:
        say(line)
    if page.table is not None:
        show_table(page.table, max(_FEWEST_ROWS, _MOST_LINES - len(above) - len(below)))
    for line in below:
        say(line)


def show_table(table: Table, lines: int | None = None) -> None:
    """Print a table: where it is too wide without intervals, then without what was published, then without columns.

    Args:
        table: what is printed.
        lines: that it may take, title and headings included; all its rows where it is left out.
    """
    width = console().width
    cells = _cells(table, interval=True, reference=True)
    headings = [_SHORT.get(heading, _shown_text(heading)) for heading in table.headings]
    title, right, note = table.title, right_aligned(table), ""
    for reference, named in ((True, " [95 % interval]"), (False, " | published")):
        if _needed(headings, cells) > width:
            cells = _cells(table, interval=False, reference=reference)
            title = title.replace(named, "")
    while len(headings) > 2 and _needed(headings, cells) > width:
        headings, cells = headings[:-1], [row[:-1] for row in cells]
    if hidden := len(table.headings) - len(headings):
        note = f"{counted(hidden, 'more column')} on the page"
    if lines is not None and (left := len(cells) - (lines - _AROUND)) > 0:
        cells = cells[: lines - _AROUND]
        note = ", ".join(filter(None, (counted(left, "more row"), note))).removesuffix(" on the page") + " on the page"
    _grid(title + (f" ({note})" if note else ""), headings, cells, right)


def _cells(table: Table, *, interval: bool, reference: bool) -> list[list[str]]:
    """What a table shows, with as much of each number as there is room for."""
    return [
        [_shown_text(c.text(interval=interval, reference=reference) if isinstance(c, Cell) else c) for c in row]
        for row in table.cells
    ]


def show_condition(title: str, people: People) -> None:
    """Print what was measured in one condition, stage by stage."""
    size = len(people)
    summaries = summarise_individuals(list(people.values()), is_bounded)
    rows = []
    for stage in STAGES:
        cells = [_format_value(summaries.get(f"{stage}/{name}")) for name in _SUMMARISED]
        if any(cells):
            rows.append([stage, *cells])
    names = (name.replace("internal_noise_", "sigma ").replace("resilience_auc", "area") for name in _SUMMARISED)
    headings = ["stage", *names]
    while len(headings) > 2 and _needed(headings, rows) > console().width:
        headings, rows = headings[:-1], [row[:-1] for row in rows]
    number = "one individual" if size == 1 else f"mean ± SD of {size} individuals"
    _grid(f"{title} ({number})", headings, rows, [False, *(True for _ in _SUMMARISED)])
    drop, dose, turnover = (_format_value(summaries.get(name)) for name in ("relapse_drop", "dose/l1", "dose/turnover"))
    say(f"relapse drop {drop} points, dose {dose}, turnover {turnover} %")
    for name in filter(is_own, summaries):
        say(f"{name} {_format_value(summaries[name], '.4g')}")


def show_plan(question: str, jobs: Sequence[tuple[str, int, int, str]]) -> None:
    """Print what a sweep would do.

    Args:
        question: what the sweep asks.
        jobs: title, individuals, individuals that are missing, and time of each condition.
    """
    titles, shared = _without_shared_end([title for title, *_ in jobs])
    question = f"{question} ({shared})" if shared else question
    rows = [
        [title, str(size), str(missing), time if missing else "finished"]
        for title, (_, size, missing, time) in zip(titles, jobs, strict=True)
    ]
    total = sum(size for _, size, _, _ in jobs), sum(missing for _, _, missing, _ in jobs)
    rows.append([counted(len(jobs), "condition"), *map(str, total), ""])
    show_rows(question, ("condition", "individuals", "to compute", "on one core, about"), rows)


def _without_shared_end(titles: Sequence[str]) -> tuple[list[str], str]:
    """Titles of several conditions without the parts at the end that all of them have, and these parts.

    >>> _without_shared_end(["untreated, individuals 10-59 · n=50", "ssri, 9 epochs, individuals 10-59 · n=50"])
    (['untreated', 'ssri, 9 epochs'], 'individuals 10-59, n=50')
    >>> _without_shared_end(["ssri · seed 42"])
    (['ssri · seed 42'], '')
    """
    parts = [_TITLE_PART.split(title) for title in titles]  # each part is followed by what separates it from the next
    shared: list[str] = []
    while len(parts) > 1 and all(len(title) > 1 for title in parts) and len({title[-1] for title in parts}) == 1:
        shared.insert(0, parts[0][-1])
        parts = [title[:-2] for title in parts]
    return ["".join(title) for title in parts], ", ".join(shared)


def show_rows(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a plain table."""
    _grid(title, list(columns), [list(row) for row in rows], [bool(place) for place in range(len(columns))])


def say(text: str) -> None:
    """Print a line as it is."""
    console().print(visible(text), markup=False, soft_wrap=True)


def _lines(text: str, start: str = "") -> list[str]:
    """Text in lines that fit."""
    shown = visible(true_minus(text)).replace("`", "")
    after = " " * len(start)
    return textwrap.wrap(shown, console().width, initial_indent=start, subsequent_indent=after, break_long_words=False)


def _grid(title: str, headings: Sequence[str], cells: Sequence[Sequence[str]], right: Sequence[bool]) -> None:
    grid = Grid(title=_shown(title), title_justify="left", box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for place, heading in enumerate(headings):
        grid.add_column(_shown(heading), justify="right" if right[place] else "left", overflow="fold")
    for row in cells:
        grid.add_row(*map(_shown, row))
    console().print(grid)


def _needed(headings: Sequence[str], cells: Sequence[Sequence[str]]) -> int:
    """Columns of a terminal that a table takes."""
    longest = [len(heading) for heading in headings]
    widths = [max([length, *(len(row[place]) for row in cells)]) for place, length in enumerate(longest)]
    return sum(widths) + _BETWEEN * len(widths)


def _shown_text(text: str) -> str:
    return visible(true_minus(text)).replace("`", "")


def _shown(text: str) -> str:
    """A text as a part of a table: no markup, nothing that steers the terminal."""
    return escape(visible(text))


def _format_value(summary: Summary | None, form: str | None = None) -> str:
    if summary is None:
        return ""
    form = form or (".1f" if abs(summary.mean) >= 0.1 or summary.mean == 0 else ".2g")
    text = f"{summary.mean:{form}}"
    return f"{text} ± {summary.sd:{form}}" if summary.sd else text
