"""Which seed matters: how much of an outcome's variance comes from each stream of chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from depsim.execution.job import HOLD
from depsim.report.columns import columns_of, with_interval
from depsim.report.document import Block, Column, Paragraph, Picture, Section, Sheet, Value
from depsim.report.figures.stacked_bars import draw_stacked_bars
from depsim.report.points import Measured, examined
from depsim.report.settings import spell_fixed
from depsim.report.wording import counted, span
from depsim.stages import WITHDRAWN
from depsim.statistics import VarianceSplit
from depsim.statistics.variance import RESIDUAL
from depsim.study.components import REMAINING, Crossed, Runs, crossed_designs, split_design
from depsim.study.groups import varied
from depsim.study.reading import Study


@dataclass(frozen=True)
class _Split:
    """The components of one outcome in one design."""

    who: str
    outcome: Measured
    when: str
    runs: Runs
    split: VarianceSplit


def section(study: Study) -> Section | None:
    """The section; None where no streams were crossed."""
    designs = crossed_designs(study)
    if not designs:
        return None
    splits = _splits(designs)
    streams = sorted({stream for design in designs for stream in design.streams})
    blocks: list[Block] = [Paragraph(_intro(streams)), *_remarks(designs, splits)]
    if varied := [split for split in splits if split.split.lead is not None]:
        blocks += [_leads(varied), _picture(varied)]
    if splits:
        blocks.append(_sheet("variance_components", splits))
    return Section("variance", "Which seed matters", tuple(blocks))


def _splits(designs: Sequence[Crossed]) -> list[_Split]:
    found = []
    for design in designs:
        for outcome, when, metric in examined(design.arms):
            if (split := split_design(design, metric)) is not None:
                found.append(_Split(_name(design, designs), outcome, when, *split))
    return found


def _name(design: Crossed, designs: Sequence[Crossed]) -> str:
    """The treatment, and what tells the design from others of the same treatment."""
    namesakes = [other for other in designs if other.treatment == design.treatment]
    told = sorted(key for key in varied([arm for other in namesakes for arm in other.arms]) if key in design.settings)
    streams = f"seeds of {', '.join(design.streams)}" if len({other.streams for other in namesakes}) > 1 else ""
    return ", ".join(filter(None, (design.treatment, spell_fixed({k: design.settings[k] for k in told}), streams)))


def _intro(streams: Sequence[str]) -> str:
    return (
        f"Networks were made of combinations of held streams ({', '.join(streams)}), each stream at several seeds, "
        "so that the seeds of any two streams meet equally often. A share says how much of an outcome's variance "
        "between these networks comes with that stream alone; `a x b`, where the design tells it apart, is what only "
        "their combination explains, and the residual holds all other interplay. Networks that share streams are no "
        "independent individuals, so they are in no other table, and compared with nobody."
    )


def _remarks(designs: Sequence[Crossed], splits: Sequence[_Split]) -> list[Paragraph]:
    said = []
    for design in designs:
        asked = [metric for *_, metric in examined(design.arms)]
        lacking = [name for name in asked if split_design(design, name) is None]
        failed = sum(len(arm.failures) for arm in design.arms)
        if lacking or not asked:
            sizes = ", ".join(
                f"{len({arm.settings[HOLD + stream] for arm in design.arms})} of {stream}" for stream in design.streams
            )
            said.append(
                f"{_name(design, designs)}: {counted(sum(bool(arm.seeds) for arm in design.arms), 'run')} with seeds "
                f"{sizes}, {counted(failed, 'failure')}. Those of any two streams do not all meet equally often, or "
                "values are missing, so there are no components. The same sweep again computes what is missing."
            )
    constant = [f"{one.who}: {one.outcome.name}, {one.when}" for one in splits if one.split.lead is None]
    if constant:
        said.append(f"The same for all networks, so there is no variance to split: {'; '.join(constant)}.")
    return [Paragraph(text, "warning") for text in said]


def _leads(splits: Sequence[_Split]) -> Sheet:
    """Which stream is the largest, where that can be said."""
    columns = columns_of(
        "condition outcome when first second",
        Column("low", "difference of variances, 95 % from", ".3g"),
        Column("high", "to", ".3g"),
        "largest",
    )
    rows = tuple(
        (one.who, one.outcome.name, one.when, lead.first, lead.second, lead.low, lead.high,
         lead.first if lead.is_certain else "none can be named")
        for one in splits if (lead := one.split.lead) is not None
    )  # fmt: skip
    note = (
        "The two streams with the largest estimates, by themselves. The first is called the largest only if the "
        "interval of the difference excludes 0; among equal streams that happens in at most about 5 of 100 studies."
    )
    return Sheet("variance_leads", "Is one stream the largest?", columns, rows, note)


def _picture(splits: Sequence[_Split]) -> Picture:
    panels: dict[str, dict[str, dict[str, float]]] = {}
    for split in splits:
        off = " (withdrawn)" if split.when == WITHDRAWN else ""
        shares = {component.name: component.share for component in split.split.components}
        panels.setdefault(split.outcome.name, {})[split.who + off] = shares
    sizes = splits[0].runs.sizes
    levels = ", ".join(f"{count} of {name}" for name, count in sizes.items())
    many = span(len(split.runs.values) for split in splits)
    return Picture(
        name="variance_components",
        title="Where the variance between individuals comes from",
        caption=(
            f"Each bar is the variance of one outcome over n = {many} networks ({levels} levels), split into its "
            "components; estimates below 0 are shown as 0. Intervals are in the table."
        ),
        draw=partial(draw_stacked_bars, panels, RESIDUAL),
        data=_sheet("variance_shares", splits),
        alt=f"Stacked bars of variance components for {', '.join(panels)}; numbers in the table.",
    )


def _sheet(name: str, splits: Sequence[_Split]) -> Sheet:
    columns = columns_of(
        "condition outcome when component n levels",
        *with_interval("share", "share, %", ".1f", "share_"),
        *with_interval("sd", "SD", ".2f", "sd_"),
        "unit",
    )
    rows = []
    for split in splits:
        for part in split.split.components:
            head: tuple[Value, ...] = (split.who, split.outcome.name, split.when, part.name)
            size = (len(split.runs.values), split.runs.sizes.get(part.name))
            shares = (100 * part.share, _times(part.low, 100), _times(part.high, 100))
            spread = (part.variance**0.5, _root(part.variance_low), _root(part.variance_high))
            rows.append((*head, *size, *shares, *spread, split.outcome.unit))
    note = (
        "n networks, one per combination. Variance components of a balanced random-effects design (analysis of "
        "variance); share of their sum, and the component as a standard deviation, with 95 % generalised intervals. "
        f"`{REMAINING}` stands for the streams that were not held. What no stream varies (with one network per "
        "combination: regrowth, treatment noise and exams) adds nothing."
    )
    return Sheet(name, "Variance components", columns, tuple(rows), note)


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else factor * value


def _root(value: float | None) -> float | None:
    return None if value is None else value**0.5
