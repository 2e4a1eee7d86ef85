"""Who benefits from what: how individuals differ in what a treatment does to them, and along which traits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from depsim.report.columns import columns_of, with_interval
from depsim.report.document import Block, Column, Paragraph, Picture, Section, Sheet, Value
from depsim.report.figures.benefit_map import Field, draw_benefit_map
from depsim.report.figures.style import colours
from depsim.report.sections.reliability import statement
from depsim.report.wording import counted, listed, told_apart
from depsim.statistics import MEAN_INTERVAL
from depsim.study.benefits import FEWEST_IN_A_CELL, OUTCOMES, BenefitMap, Benefits, Cell, TraitSlope, benefits
from depsim.study.naming import name_arms
from depsim.study.reading import Study
from depsim.study.triage import sentences

_NAMED = 4
_EFFECTS = columns_of(
    "condition outcome n",
    *with_interval("effect", "effect, points", "+.2f"),
    Column("sd", "SD of individuals", ".2f"),
    Column("replicates", "replicates of each"),
    *with_interval("reliability", "reliability", ".2f", "reliability_"),
    Column("statement", "about individuals"),
)
_SLOPES = columns_of(
    "condition outcome trait n",
    *with_interval("slope", "points per SD", "+.2f"),
    "p p_holm",
)
_MAP = columns_of(
    Column("sensitivity_low", "stress sensitivity from", ".3g"),
    Column("sensitivity_high", "to", ".3g"),
    Column("loss_low", "structural loss from", ".3g"),
    Column("loss_high", "to", ".3g"),
    "n best",
    Column("may_be_best", "may be the best"),
)
_SENTENCES = columns_of(
    Column("who", "individuals"),
    Column("says", "what the paper says"),
    "n",
    *with_interval("share", "holds for, %", ".0f"),
    Column("difference", "ahead of the next best, points", "+.2f"),
    "p p_holm verdict",
    Column("noticed", "would notice, %", ".0f"),
)


def section(study: Study) -> Section | None:
    """The section; None where individuals neither differ in traits nor have replicates, or nobody is untreated."""
    found = benefits(study)
    if not found:
        return None
    text = (
        "The effect of a treatment on an individual is its outcome less that of the same individual untreated. "
        "Reliability is the share of the variance of effects that would be there again: one-way analysis of variance "
        "over replicates, its interval for normal values or, where effects are skewed, by resampling individuals. "
        "Slopes are those of the effect on all traits together, on the scales that traits are drawn on (logit of the "
        "loss, logarithms of the others), by least squares with HC3 errors."
    )
    names, blocks = name_arms(study.arms), list[Block]([Paragraph(text)])
    for own, suffix, whose in told_apart(found, lambda own: own.data):
        blocks += _blocks(own, names, suffix, whose)
    for (_, said), suffix, whose in told_apart(sentences(study), lambda group: group[0]):
        note = (
            "Each sentence of the paper's Figure 4 as one comparison: in how many of these individuals it holds, "
            "Clopper and Pearson's interval, exact test against half of them, its p adjusted by Holm over this table; "
            "the p before it is of the mean difference (sign flips). Best is by the area under the resilience curve. "
            "Would notice: the share that so many individuals tell from half 8 times of 10."
        )
        rows: list[tuple[Value, ...]] = []
        for one in said:
            ahead, p = (None, None) if one.difference is None else (one.difference.difference.mean, one.difference.p)
            noticed = None if one.noticed is None else 100 * one.noticed
            rows.append((one.who, one.says, one.holds.n, *one.holds.per_cent, ahead, p, one.p, one.verdict, noticed))
        blocks.append(Sheet(f"triage_sentences{suffix}", f"What the paper says of kinds of individuals{whose}",
                            _SENTENCES, tuple(rows), note))  # fmt: skip
    return Section("benefits", "Who benefits from what", tuple(blocks))


def answer_lines(study: Study) -> list[str]:
    """How effects go with traits, where which treatment is best, and what becomes of the paper's sentences."""
    found, names = benefits(study), name_arms(study.arms)
    if not found:
        return []
    lines = [_slopes_in_words(found[0], names), _map_in_words(found[0].map, names)]
    if told := sentences(study):
        said = [f"“{one.who}: {one.says}” {100 * one.holds.share:.0f} %, {one.verdict}" for one in told[0][1]]
        lines.append(
            f"The paper's sentences about kinds of individuals, and for how many of them each holds: {'; '.join(said)}."
        )
    return [line for line in lines if line]


def _blocks(own: Benefits, names: Mapping[str, str], suffix: str, whose: str) -> Iterator[Block]:
    rows: list[tuple[Value, ...]] = []
    for each in own.effects:
        found, again = each.contrast.difference, each.reliability
        repeated = (None,) * 4 if again is None else (again.replicates, again.share, again.low, again.high)
        said = None if again is None else statement(again)
        rows.append(
            (names[each.arm.arm_key], each.outcome.name, found.n, found.mean, *found.ends, found.sd, *repeated, said)
        )
    note = f"Treated less untreated, within individuals: mean with the {MEAN_INTERVAL}, and spread."
    yield Sheet(f"effects{suffix}", f"Effects on individuals{whose}", _EFFECTS, tuple(rows), note)
    if own.slopes:
        note = "Per standard deviation of the trait, the other traits held; Holm over all slopes of the study."
        yield Sheet(f"trait_slopes{suffix}", f"Effects along traits{whose}", _SLOPES,
                    tuple(_slope_row(one, names) for one in own.slopes), note)  # fmt: skip
    if own.map is not None:
        yield _picture(own.map, names, suffix, whose)


def _slope_row(one: TraitSlope, names: Mapping[str, str]) -> tuple[Value, ...]:
    head, own = _head(one, names), one.slope
    if own is None:
        return (*head, None, None, None, None, None, None)
    return (*head, own.n, own.slope, own.low, own.high, own.p, own.p_holm)


def _head(one: TraitSlope, names: Mapping[str, str]) -> tuple[str, str, str]:
    """Condition, outcome and trait."""
    return names[one.arm.arm_key], one.outcome.name, one.trait.replace("_", " ")


def _picture(found: BenefitMap, names: Mapping[str, str], suffix: str, whose: str) -> Picture:
    told = {names[arm.arm_key]: arm.treatment for arm in found.arms}
    colour = colours(told.values())
    fields = [_field(cell, found, names, colour) for cell in found.cells]
    rows = tuple(
        (*_ends(found, cell)[0], *_ends(found, cell)[1], cell.n, names[cell.best.arm_key] if cell.best else None,
         ", ".join(names[arm.arm_key] for arm in cell.may_be_best) or None)
        for cell in found.cells
    )  # fmt: skip
    legend = {name: colour[treatment] for name, treatment in told.items()}
    labels = "stress sensitivity", "structural loss"
    outcome = OUTCOMES[-1].name
    title = f"The best treatment by traits{whose}"
    caption = (
        f"n = {found.n}. Colour: the treatment with the highest mean {outcome} in a cell; hatched where others may be "
        "the best, too (95 % intervals, simultaneous over the map); in a cell the individuals, and who may be best. "
        f"Cells end at quantiles; one of fewer than {FEWEST_IN_A_CELL} individuals stays empty."
    )
    data = Sheet(f"benefit_map{suffix}", title, _MAP, rows, f"Best: the highest mean {outcome}.")
    alt = f"A map of {labels[0]} against {labels[1]}, each cell in the colour of its best treatment"
    return Picture(f"benefit_map{suffix}", title, caption, partial(draw_benefit_map, fields, legend, labels), data, alt)


def _ends(found: BenefitMap, cell: Cell) -> tuple[tuple[float, float], tuple[float, float]]:
    row, column = cell.row, cell.column
    return (found.rows[row], found.rows[row + 1]), (found.columns[column], found.columns[column + 1])


def _field(cell: Cell, found: BenefitMap, names: Mapping[str, str], colour: Mapping[str, str]) -> Field:
    (bottom, top), (left, right) = _ends(found, cell)
    drawn = colour[cell.best.treatment] if cell.best is not None and cell.may_be_best else None
    who = "\n".join(names[arm.arm_key] for arm in cell.may_be_best)
    return Field(bottom, top, left, right, drawn, len(cell.may_be_best) > 1, f"n = {cell.n}\n{who}".strip())


def _slopes_in_words(own: Benefits, names: Mapping[str, str]) -> str:
    told = [(one, slope) for one in own.slopes if (slope := one.slope) is not None]
    if not told:
        return ""
    sure = sorted((each for each in told if each[1].beyond_chance), key=lambda each: -abs(each[1].slope))
    named = "; ".join(
        f"{', '.join(_head(one, names))} {slope.slope:+.1f} [{slope.low:+.1f}, {slope.high:+.1f}]"
        for one, slope in sure[:_NAMED]
    )
    said = f"Effects go with traits beyond chance in {len(sure)} of {counted(len(told), 'comparison')}"
    return f"{said}{f', the steepest in points per SD of the trait: {named}' if sure else ''}."


def _map_in_words(found: BenefitMap | None, names: Mapping[str, str]) -> str:
    if found is None:
        return ""
    judged = [cell for cell in found.cells if cell.may_be_best]
    if not judged:
        return ""
    alone = [names[cell.may_be_best[0].arm_key] for cell in judged if len(cell.may_be_best) == 1]
    who = (
        listed([f"{name} in {alone.count(name)}" for name in sorted(set(alone))]) if alone else "nothing surely in any"
    )
    return (
        f"By structural loss and stress sensitivity the best treatment is {who} of {counted(len(judged), 'cell')} of "
        f"the map ({len(judged) - len(alone)} undecided)."
    )
