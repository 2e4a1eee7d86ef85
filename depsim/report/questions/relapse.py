"""Who reaches remission, how long it lasts while stress goes on, and how conditions differ in that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from depsim.report.cell import Cell, count_cell, difference_cell, mean_cell, number_cell, p_cell
from depsim.report.parts import CellOf, Figure, Finding, Table, table_of
from depsim.report.questions.curves import few_words, line
from depsim.report.questions.follow_up import Part, panels_of, parts_of, styles_of
from depsim.report.words import mean_interval, paragraph
from depsim.study.analyses.contrasts import Pair
from depsim.study.analyses.relapse import CYCLES, lasting, relapse_contrasts, relapse_pairs, relapse_rows
from depsim.study.estimate import Estimate
from depsim.study.groups import align
from depsim.study.reading import Study

_IN_A_SENTENCE, _PAIRS_IN_A_FIGURE = 5, 10
_FEWEST_AT_RISK = 3
"""Individuals in remission below which a mean of their cycles says nothing."""


def relapse(study: Study) -> list[Finding]:
    """Who reaches remission and how long it lasts, then the differences between conditions."""
    parts = parts_of(study)
    every = [[relapse_rows(condition, part.group.key) for condition in part.conditions] for part in parts]
    if not every:
        return []
    part, rows = parts[0], [row for condition_rows in every[0] for row in condition_rows]
    summaries = [row for row in rows if row.of("outcome") == CYCLES]
    first = Finding(
        name="relapse",
        title="Who reaches remission, and how long does it last?",
        sentence=(answer := lasting_words(part, summaries)),
        rows=tuple(row for part_rows in every for condition_rows in part_rows for row in condition_rows),
        table=_lasting_table(summaries, [condition_rows[0] for part_rows in every for condition_rows in part_rows]),
        figure=_free_figure(part, rows),
        text=paragraph(
            [
                answer,
                "A relapse is a deficit above `assessment.relapse_deficit` at two exams in a row, dated to the first.",
            ]
        ),
        caution=_diverged_words(part),
        conditions=tuple(condition.name for condition in part.group.conditions),
    )
    pairs = [relapse_pairs(study, part.conditions) for part in parts]
    tested = [relapse_contrasts(part_pairs, part.group.key) for part_pairs, part in zip(pairs, parts, strict=True)]
    return [first] if not tested[0] else [first, _differences(part, pairs[0], tested)]


def _differences(part: Part, pairs: Sequence[Pair], tested: Sequence[Sequence[Estimate]]) -> Finding:
    rows = tested[0]
    measured = [row for row in rows if row.n]
    sure = sorted((row for row in rows if row.verdict == "yes"), key=lambda row: row.of("how") != "follow_up")
    few = sum(row.verdict == "too few" for row in rows)
    if sure:
        longest = _outlasting(sure[0])
        sentence = f"{longest[:1].upper()}{longest[1:]}; {len(sure)} of {len(rows)} differences are established."
    else:
        sentence = f"None of {len(rows)} differences in relapse-free cycles is established."
    return Finding(
        name="relapse_contrasts",
        title="Does maintenance matter, and which treatment lasts longer?",
        sentence=sentence,
        rows=tuple(row for part_rows in tested for row in part_rows),
        table=_contrasts_table(rows, [row for part_rows in tested for row in part_rows]),
        figure=_contrasts_figure(part, pairs, rows) if any(row.n > 1 for row in rows) else None,
        text=paragraph([sentence, "Compared are those who were in remission under both conditions."]),
        also=tuple(f"{text[:1].upper()}{text[1:]}." for text in map(_outlasting, sure[1:2])),
        open=few_words(measured)
        or few_words(rows)
        or (f"Too few were in remission under both conditions for {few} of {len(rows)} differences." if few else ""),
        conditions=tuple(condition.name for condition in part.group.conditions),
    )


def _outlasting(row: Estimate) -> str:
    """Which condition lasts longer, with by how much."""
    value = row.value or 0.0
    a, b = (row.of("a"), row.of("b")) if value > 0 else (row.of("b"), row.of("a"))
    low, high = row.interval or (None, None)
    size = (
        row
        if value > 0
        else row._replace(value=-value, low=None if high is None else -high, high=None if low is None else -low)
    )
    return f"{a} lasts {mean_interval(size)} cycles longer than {b} (n = {row.n})"


def lasting_words(part: Part, rows: Sequence[Estimate]) -> str:
    """How long remission lasts with each treatment, and where hardly anybody reached it, how many did."""
    of = {row.of("condition"): row for row in rows}
    held, rare = [], []
    for condition in part.representatives[:_IN_A_SENTENCE]:
        row = of[condition.name]
        reached = f"{row.more['remitted']} of {row.more['with_deficit']}"
        if row.n < _FEWEST_AT_RISK and row.n < int(str(row.more["with_deficit"])):
            rare.append(f"{reached} under {part.treatment(condition)}")
        elif not row.n:
            rare.append(f"nobody had a deficit under {part.treatment(condition)}")
        else:
            held.append(f"{part.treatment(condition)} {mean_interval(row)} ({reached} remitted)")
    last = max(int(str(row.more["cycles"])) for row in rows)
    parts = [f"Relapse-free cycles of {last}{part.how}: {', '.join(held)}"] if held else []
    parts += [f"{', '.join(rare)} reached remission{'' if held else part.how}"] if rare else []
    return "; ".join(parts) + "."


def _diverged_words(part: Part) -> str:
    counts = [
        f"{condition.name} {len(seeds)}" for condition in part.conditions if (seeds := lasting(condition.arm).diverged)
    ]
    return f"Training diverged, which counts as a relapse: {', '.join(counts)}." if counts else ""


def _lasting_table(shown: Sequence[Estimate], every: Sequence[Estimate]) -> Table:
    columns: dict[str, CellOf] = {
        "condition": lambda row: row.of("condition"),
        "reached remission": lambda row: count_cell(
            int(row.number("remitted") or 0), int(row.number("with_deficit") or 0)
        ),
        "relapsed": lambda row: count_cell(row.number("relapses") or 0),
        "relapse-free cycles [95 % interval]": mean_cell,
    }
    last = max(int(str(row.more["cycles"])) for row in shown)
    without = sum(int(str(row.more["without_deficit"])) > 0 for row in shown)
    note = f"Cycles: mean of those who reached remission, of {last}."
    note += " Whoever had no deficit to begin with is left out." if without else ""
    return table_of("relapse", "Remission at cycle 0, and relapses after it", every, columns, shown=shown, note=note)


def _remitted(row: Estimate) -> Cell:
    return count_cell(row.number("remitted") or 0, int(row.number("with_deficit") or 0))


def _contrasts_table(shown: Sequence[Estimate], every: Sequence[Estimate]) -> Table:
    columns: dict[str, CellOf] = {
        "A − B": lambda row: f"{row.of('a')} − {row.of('b')}",
        "n": lambda row: count_cell(row.n),
        "A": lambda row: number_cell(row.number("mean_a")),
        "B": lambda row: number_cell(row.number("mean_b")),
        "difference [95 % interval]": difference_cell,
        "p (Holm)": lambda row: p_cell(row.p_holm),
        "differ?": lambda row: row.verdict or "",
    }
    ordered = sorted(shown, key=lambda row: row.n < _FEWEST_AT_RISK)
    note = f"n: in remission at cycle 0 under both. p adjusted by Holm over {len(shown)} tests."
    return table_of(
        "relapse_contrasts", "Paired differences in relapse-free cycles", every, columns, shown=ordered, note=note
    )


def _free_figure(part: Part, rows: Sequence[Estimate]) -> Figure | None:
    drawn = [row for row in rows if row.of("outcome") == "relapse_free"]
    if not drawn:
        return None

    def draw() -> Any:
        from depsim.report.figures.courses import draw_courses
        from depsim.report.figures.lines import Panel

        styles, panels = styles_of(part), []
        for title, conditions in panels_of(part).items():
            lines = []
            for condition in conditions:
                mine = [row for row in drawn if row.of("condition") == condition.name]
                if mine:
                    label = f"{part.names[condition.arm.arm_key][1]} (n = {mine[0].n})".strip()
                    lines.append(line(mine, styles[condition.name], label, steps=True))
            if lines:
                panels.append(Panel(title, "without a relapse, %", tuple(lines)))
        return draw_courses(panels, len(panels), "cycle of stress", shares=True)

    caption = "Of those who were in remission at cycle 0 (n). Band: log-log 95 % interval."
    return Figure("relapse", caption, draw, tuple(drawn))


def _contrasts_figure(part: Part, pairs: Sequence[Pair], rows: Sequence[Estimate]) -> Figure:
    places = [place for place, row in enumerate(rows) if row.n > 1][:_PAIRS_IN_A_FIGURE]
    drawn = tuple(rows[place] for place in places)

    def draw() -> Any:
        from depsim.report.figures.estimation import Difference, draw_differences

        differences = []
        for place in places:
            pair, row = pairs[place], rows[place]
            _, both = align([lasting(condition.arm).by_seed for condition in (pair.a, pair.b)])
            people = np.asarray(both[:, 0] - both[:, 1])
            differences.append(Difference(row.of("a"), row.of("b"), people, float(row.value or 0), row.interval, None))
        return draw_differences({"relapse-free cycles": differences}, styles_of(part), "cycles")

    caption = "Dots: individuals' differences A − B; line: mean and 95 % interval."
    return Figure("relapse_contrasts", caption, draw, drawn)
