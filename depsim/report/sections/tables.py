"""Tables 1 and 2 of the paper and its sequel's figures, ours beside the published."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from depsim.execution.job import HOLD
from depsim.outcomes import PRIMARY, name_column
from depsim.report.columns import columns_of
from depsim.report.document import Block, Column, Paragraph, Picture, Section, Sheet, Value
from depsim.report.figures.looks import looks
from depsim.report.figures.strips import Strip, draw_strips
from depsim.report.sections.published import gaps_sheet, published_words
from depsim.statistics import MEAN_INTERVAL, Summary, summarise
from depsim.study.comparison import TABLES, Cell, Comparison, compare, sequel
from depsim.study.panels import Panel, panels
from depsim.study.published import published
from depsim.study.reading import Study

_SEQUEL = columns_of(
    "condition outcome n",
    Column("mean", "mean", ".1f"),
    Column("sd", "SD", ".1f"),
    Column("published_mean", "sequel's mean", ".1f"),
    Column("published_sd", "sequel's SD", ".1f"),
    Column("distance", "distance, standard errors", "+.1f"),
)


def section(study: Study) -> Section | None:
    """The section; None where no condition is the paper's."""
    subs = [_compared(panel) if panel.is_papers else _apart(panel) for panel in panels(study)]
    if not subs:
        return None
    if not any(panel.is_papers for panel in panels(study)):
        return Section("tables", "Primary outcomes", (), subs)
    intro = (
        "The paper shows one individual, seed 42, on shared data. Could that one be one of ours? A mean says where "
        "individuals lie, its interval how well we know that; where a single published value lies is judged by "
        "a prediction interval, which covers 95 % of new individuals."
    )
    return Section("tables", "Tables 1 and 2: ours beside the published", (Paragraph(intro),), subs)


def _compared(panel: Panel) -> Section:
    found = compare(panel)
    blocks: list[Block] = [Paragraph(published_words(found), "answer"), *_joint(panel, found)]
    if panel.data != published()["paper"]["data"]:
        blocks.append(
            Paragraph(
                "The paper used shared data. These individuals have data of their own, so they differ by more than "
                "the paper's would have.",
                "note",
            )
        )
    blocks += [_missing(panel)] if panel.missing else []
    blocks += [Paragraph(note, "note") for note in panel.notes]
    blocks += [_compact(panel, found.cells, table) for table in TABLES]
    blocks += [_strips(panel, found.cells)] if found.cells else []
    blocks += [gaps_sheet(panel, found.gaps)] if found.gaps else []
    if _is_the_sequels(panel):
        blocks.append(_sequel(panel))
    return Section(f"tables-{panel.name.replace('_', '-')}", panel.title, tuple(blocks))


def _joint(panel: Panel, found: Comparison) -> list[Sheet]:
    """The joint verdict in numbers."""
    joint = found.joint
    if joint is None:
        return []
    columns = columns_of(
        "values n",
        Column("rank", "rank of the published"),
        "p distinguishable",
        Column("noticed", "shift noticed in 8 of 10, SD"),
    )
    row = (joint.values, joint.n, joint.rank, joint.p, joint.distinguishable, found.noticed)
    title = f"All its values together: {panel.title}"
    note = "Ranks are by distance from the middle, over the published individual and ours; 1 is the farthest out."
    return [Sheet(f"joint_{panel.name}", title, columns, (row,), note, folded=True)]


def _is_the_sequels(panel: Panel) -> bool:
    """Whether these individuals are a sample like the sequel's: with data of their own, and nothing held."""
    held = any(text.startswith(HOLD) for text in panel.differs)
    return panel.data == published()["sequel"]["data"] and not held


def _missing(panel: Panel) -> Paragraph:
    return Paragraph(f"Not in this study: {', '.join(panel.missing)}.", "warning")


def _compact(panel: Panel, cells: Sequence[Cell], table: str) -> Sheet:
    """Two lines per condition: ours, and the published below."""
    data = published()["paper"][table]
    mine = {(cell.value.row, cell.value.column): cell for cell in cells if cell.value.table == table}
    rows: list[tuple[Value, ...]] = []
    for row in data["rows"]:
        line = [mine.get((row, column)) for column in data["columns"]]
        if any(line):
            n = max(cell.ours.n for cell in line if cell)
            rows.append((f"{row} (n = {n})", *(spell_summary(cell.ours) if cell else None for cell in line)))
            rows.append(("published", *(_spell_published(cell) if cell else None for cell in line)))
    free = [cell.ours for cell in mine.values() if cell.value.column != "sparsity"]  # that the protocol does not set
    equal = [(ours.n, share) for ours in free if (share := ours.may_differ) is not None]
    bound = f" (from {min(equal)[0]} equal ones follows: at most {min(equal)[1]:.0%} of others differ)" if equal else ""
    note = (
        f"Mean of our individuals [{MEAN_INTERVAL}], per cent (relapse drop: points); “constant” where all have the "
        f"same value{bound}. Below it the published value, marked where it lies outside what 95 % of new individuals "
        f"would show. {data['where']}"
    )
    columns = columns_of("condition", *(Column(key, name_column(key)) for key in data["columns"]))
    return Sheet(f"{table}_{panel.name}", data["title"], columns, tuple(rows), note)


def spell_summary(ours: Summary) -> str:
    """A mean with its interval.

    >>> spell_summary(Summary(3, 97.25, 0.2, (97.0, 97.5), 97.2, 97.0, 97.5))
    '97.2 [97.0, 97.5]'
    >>> spell_summary(Summary(3, 100.0, 0.0, None, 100.0, 100.0, 100.0))
    '100.0 constant'
    """
    mean = _tidy(ours.mean)
    if ours.constant:
        return f"{mean} constant"
    return mean if ours.interval is None else f"{mean} [{_tidy(ours.interval[0])}, {_tidy(ours.interval[1])}]"


def _spell_published(cell: Cell) -> str | None:
    if cell.value.mean is None:
        return None
    return _tidy(cell.value.mean) + (" outside" if cell.inside is False else "")


def _strips(panel: Panel, cells: Sequence[Cell]) -> Picture:
    """Distinct cells but the sparsity, which hardly varies, a panel per outcome."""
    look = looks(panel.conditions)
    distinct = {(cell.value.row, cell.value.column): cell for cell in cells if cell.value.column != "sparsity"}
    outcomes: dict[str, tuple[str, list[Strip]]] = {}
    for (row, column), cell in sorted(distinct.items(), key=lambda item: _place(item[0][1])):
        unit = "points" if column == "relapse_drop" else "accuracy, %"
        reach = (cell.prediction.low, cell.prediction.high) if cell.prediction else None
        strip = Strip(row, cell.samples, reach, cell.value.mean, cell.inside)
        outcomes.setdefault(name_column(column), (unit, []))[1].append(strip)
    n = max(cell.ours.n for cell in cells)
    rows = tuple(
        (row, name_column(column), seed, value)
        for (row, column), cell in distinct.items()
        for seed, value in zip(cell.seeds, cell.samples.tolist(), strict=True)
    )
    columns = columns_of("condition outcome seed value")
    caption = (
        f"Each small mark is one individual (n up to {n}); shaded: 95 % prediction interval for one new individual, "
        "from our individuals; diamond: the published value, filled where it lies inside and hollow where it does not."
    )
    return Picture(
        name=f"strips_{panel.name}",
        title=f"Is the published individual one of ours? {panel.title}",
        caption=caption,
        draw=lambda: draw_strips(outcomes, look),
        data=Sheet(f"strips_{panel.name}", "Individuals", columns, rows),
        alt="Strips of individuals per condition and outcome, with prediction intervals and the published values.",
    )


def _place(column: str) -> tuple[int, str]:
    order = ("clean", "standard", "combined", "relapse_drop")
    return (order.index(column) if column in order else len(order)), column


def _sequel(panel: Panel) -> Sheet:
    cells = sequel(panel)
    rows = tuple(
        (
            cell.value.row,
            name_column(cell.value.column),
            cell.ours.n,
            cell.ours.mean,
            cell.ours.sd,
            cell.value.mean,
            cell.value.sd,
            cell.distance,
        )
        for cell in cells
    )
    note = f"{published()['sequel']['source']} Distances are in standard errors of the difference of both means."
    return Sheet(f"sequel_{panel.name}", "Beside the sequel's ten individuals", _SEQUEL, rows, note)


def _apart(panel: Panel) -> Section:
    """A panel under other surroundings: its primary outcomes, beside nothing published."""
    rows: list[tuple[Value, ...]] = []
    for condition in panel.conditions:
        columns = [condition.values(outcome.column) for outcome in PRIMARY]
        own = [spell_summary(summarise(np.array(list(c.values()))[:, None])[0]) if c else None for c in columns]
        rows.append((f"{condition.name} (n = {max(map(len, columns))})", *own))
    heads = columns_of("condition", *(Column(outcome.column, outcome.name) for outcome in PRIMARY))
    note = f"Mean [{MEAN_INTERVAL}]. Nothing was published of such surroundings."
    sheet = Sheet(f"outcomes_{panel.name}", f"Primary outcomes: {panel.title}", heads, tuple(rows), note, folded=True)
    notes = tuple(Paragraph(text, "note") for text in panel.notes)
    return Section(f"tables-{panel.name.replace('_', '-')}", panel.title, (*notes, sheet))


def _tidy(value: float) -> str:
    text = f"{value:.1f}"
    return "0.0" if text == "-0.0" else text
