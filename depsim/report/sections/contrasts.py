"""Treatment against treatment: paired contrasts on the primary outcomes."""

from __future__ import annotations

from collections.abc import Sequence

from depsim.outcomes import PRIMARY
from depsim.report.columns import columns_of, with_interval
from depsim.report.contrasts import contrast_cells, contrast_columns, superiority_cells
from depsim.report.document import Block, Column, Paragraph, Picture, Section, Sheet, Value
from depsim.report.figures.estimation import Difference, draw_differences
from depsim.report.figures.looks import looks
from depsim.report.figures.slopes import Slopes, draw_slopes
from depsim.report.wording import counted, span
from depsim.statistics import FEWEST_FOR_INFERENCE, MEAN_INTERVAL
from depsim.study.contrasts import Pair, contrasts
from depsim.study.panels import Panel, align, panels
from depsim.study.reading import Study

_COLUMNS = columns_of(
    "outcome a b",
    *contrast_columns("A − B, points", start="from"),
    "d_z",
    *with_interval("superiority", "A higher", ".0%", "superiority_", "from"),
    Column("margin", "margin", ".2f"),
    Column("as_good", "as good?"),
)


def section(study: Study) -> Section | None:
    """The section; None where no two of the conditions can be paired."""
    subs = [made for panel in panels(study) if (made := _sub(panel)) is not None]
    if not subs:
        return None
    text = (
        "The same individuals underwent all conditions, so conditions are compared within individuals. The family of "
        "tests is fixed: all pairs of conditions on the four primary outcomes, adjusted together by Holm; in the "
        "relapse drop only of treated ones, as who is at the floor cannot fall. “As good?” asks whether two treatments "
        "are as good as each other: two one-sided tests against a margin, a quarter of what the better of the two "
        "leaves to be gained (at least 0.2 points), adjusted by Holm and answered equivalent, different (by more than "
        "the margin) or undecided."
    )
    return Section("contrasts", "Treatment against treatment", (Paragraph(text),), subs)


def _sub(panel: Panel) -> Section | None:
    pairs = contrasts(panel)
    if not pairs:
        return None
    blocks: list[Block] = [Paragraph(text, "warning") for text in _warnings(pairs)]
    blocks += [_estimation(panel, pairs), _sheet(panel, pairs)]
    if (slopes := _slopes(panel)) is not None:
        blocks.append(slopes)
    return Section(f"contrasts-{panel.name.replace('_', '-')}", panel.title, tuple(blocks))


def _warnings(pairs: Sequence[Pair]) -> list[str]:
    said = []
    fewest = min(pair.contrast.n for pair in pairs)
    if fewest < FEWEST_FOR_INFERENCE:
        said.append(f"Too few for inference: {counted(fewest, 'individual')} in the smallest pair.")
    uneven = max(pair.left_out for pair in pairs)
    if uneven:
        said.append(
            f"Conditions have unequal sets of individuals: up to {counted(uneven, 'individual')} had only one of a "
            "pair and could not be paired. Each contrast is of those who had both; n says how many."
        )
    return said


def _sheet(panel: Panel, pairs: Sequence[Pair]) -> Sheet:
    note = (
        f"Mean paired difference with its {MEAN_INTERVAL}; p of the sign-flip permutation test, and Holm's over all "
        f"{sum(pair.contrast.p is not None for pair in pairs)} tests of this table; d_z: the mean difference in its "
        "own standard deviations; “A higher”: share of individuals with a higher value under A, ties half, with its "
        "95 % Wilson interval. For the relapse drop higher is worse."
    )
    rows = tuple(_row(pair) for pair in pairs)
    return Sheet(f"contrasts_{panel.name}", f"All contrasts: {panel.title}", _COLUMNS, rows, note, folded=True)


def _row(pair: Pair) -> tuple[Value, ...]:
    found = pair.contrast
    return (
        pair.outcome.name,
        pair.a,
        pair.b,
        *contrast_cells(found),
        found.d_z if found.n >= FEWEST_FOR_INFERENCE else None,
        *superiority_cells(found),
        pair.equivalence.margin if pair.equivalence else None,
        pair.as_good,
    )


def _estimation(panel: Panel, pairs: Sequence[Pair]) -> Picture:
    outcomes: dict[str, list[Difference]] = {}
    for pair in pairs:
        found = pair.contrast.difference
        margin = pair.equivalence.margin if pair.equivalence else None
        row = Difference(pair.a, pair.b, pair.differences, found.mean, found.interval, margin)
        outcomes.setdefault(pair.outcome.name, []).append(row)
    look = looks(panel.conditions)
    columns = columns_of("outcome a b seed difference")
    rows = tuple(
        (pair.outcome.name, pair.a, pair.b, seed, difference)
        for pair in pairs
        for seed, difference in zip(pair.seeds, pair.differences.tolist(), strict=True)
    )
    return Picture(
        name=f"estimation_{panel.name}",
        title=f"How much conditions differ: {panel.title}",
        caption="Dots: each individual's difference between two conditions (n = "
        f"{span(pair.contrast.n for pair in pairs)}), coloured as the first. Black mark: their mean; black bar: its "
        f"{MEAN_INTERVAL}. Grey band, between treatments: the margin below which a difference does not matter, a "
        "quarter of what the better of the two leaves to be gained. Right of 0 the first condition is higher: better "
        "for accuracies, worse for the relapse drop.",
        draw=lambda: draw_differences(outcomes, look),
        data=Sheet(f"estimation_{panel.name}", "Differences", columns, rows),
        alt="Paired differences between conditions for the primary outcomes, with intervals of their means.",
    )


def _slopes(panel: Panel) -> Picture | None:
    outcomes, rows = [], []
    for outcome in PRIMARY:
        measured = [(c.name, found) for c in panel.conditions if (found := c.values(outcome.column))]
        seeds, people = align([found for _, found in measured])
        names = tuple(name for name, _ in measured)
        if len(names) < 2 or not seeds:
            continue
        outcomes.append(Slopes(outcome.name, outcome.unit, names, people))
        rows += [
            (outcome.name, name, seed, float(people[i, j]))
            for j, name in enumerate(names)
            for i, seed in enumerate(seeds)
        ]
    if not outcomes:
        return None
    look = looks(panel.conditions)
    columns = columns_of("outcome condition seed value")
    return Picture(
        name=f"slopes_{panel.name}",
        title=f"The same individual under every condition: {panel.title}",
        caption="Thin lines: one individual each, of those who have all conditions (n above each panel). Marks and the "
        "thick line: means.",
        draw=lambda: draw_slopes(outcomes, look),
        data=Sheet(f"slopes_{panel.name}", "Individuals", columns, tuple(rows)),
        alt="One line per individual across the conditions, for each primary outcome.",
    )
