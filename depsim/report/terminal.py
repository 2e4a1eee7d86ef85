"""Tables and summaries on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from depsim.outcomes import is_own
from depsim.report.document import Sheet
from depsim.report.tables import Table, spell_cell
from depsim.report.wording import counted, spell_value
from depsim.stages import STAGES
from depsim.statistics import Summary, summarise_individuals
from depsim.study.reliability import People
from depsim.terminal_text import visible

_WIDTH = 155
"""Room for the widest table; a narrower terminal wraps lines, which beats cutting numbers off."""
_SUMMARISED = ("clean", "standard", "combined", "internal_noise_2.5", "resilience_auc", "sparsity")


class _Output(Console):
    """A console that leaves it to the command what happens when nobody reads its output any more."""

    def on_broken_pipe(self) -> None:
        """Rich would end the program."""
        raise BrokenPipeError


def console() -> Console:
    """Standard output, wide enough for a table also where it is no terminal."""
    return _Output(width=max(_WIDTH, Console().width), highlight=False, emoji=False)


def show_table(table: Table) -> None:
    """Print a table of ours beside the published."""
    grid = Grid(title=_shown(table.title), title_justify="left")
    grid.add_column("", no_wrap=True)
    for column in table.columns:
        grid.add_column(_shown(column), justify="right", no_wrap=True)
    for name, cells in table.rows:
        grid.add_row(_shown(name), *map(_shown, map(spell_cell, cells)))
    console().print(grid)


def show_condition(title: str, people: People) -> None:
    """Print what was measured in one condition, stage by stage."""
    size = len(people)
    grid = Grid(title=f"{_shown(title)} ({'one individual' if size == 1 else f'mean ± SD of {size} individuals'})")
    grid.title_justify = "left"
    for column in ("stage", *(name.replace("internal_noise_", "sigma ") for name in _SUMMARISED)):
        grid.add_column(column, justify="left" if column == "stage" else "right")
    summaries = summarise_individuals(list(people.values()))
    for stage in STAGES:
        cells = [_format_value(summaries.get(f"{stage}/{name}")) for name in _SUMMARISED]
        if any(cells):
            grid.add_row(stage, *cells)
    console().print(grid)
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
    grid = Grid(title=_shown(question), title_justify="left", show_footer=True)
    grid.add_column("condition", no_wrap=True, footer=counted(len(jobs), "condition"))
    grid.add_column("individuals", justify="right", footer=str(sum(size for _, size, _, _ in jobs)))
    grid.add_column("to compute", justify="right", footer=str(sum(missing for _, _, missing, _ in jobs)))
    grid.add_column("on one core, about", justify="right")
    for title, size, missing, time in jobs:
        grid.add_row(_shown(title), str(size), str(missing), time if missing else "finished")
    console().print(grid)


def show_rows(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a plain table."""
    grid = Grid(title=_shown(title), title_justify="left")
    for number, column in enumerate(columns):
        grid.add_column(_shown(column), justify="right" if number else "left")
    for row in rows:
        grid.add_row(*map(_shown, row))
    console().print(grid)


def show_sheet(sheet: Sheet) -> None:
    """Print a table of a report."""
    rows = [
        [spell_value(value, column) for value, column in zip(row, sheet.columns, strict=True)] for row in sheet.rows
    ]
    show_rows(sheet.title, [column.heading for column in sheet.columns], rows)


def say(text: str) -> None:
    """Print a line as it is."""
    console().print(visible(text), markup=False, soft_wrap=True)


def _shown(text: str) -> str:
    """A text as a part of a table: no markup, nothing that steers the terminal."""
    return escape(visible(text))


def _format_value(summary: Summary | None, form: str | None = None) -> str:
    if summary is None:
        return ""
    form = form or (".1f" if abs(summary.mean) >= 0.1 or summary.mean == 0 else ".2g")
    text = f"{summary.mean:{form}}"
    return f"{text} ± {summary.sd:{form}}" if summary.sd else text
