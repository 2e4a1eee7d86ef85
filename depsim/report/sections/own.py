"""Measurements of probes of one's own: what depsim does not know is summarised, drawn and contrasted all the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from depsim.outcomes import is_own
from depsim.report.columns import columns_of, with_interval
from depsim.report.contrasts import contrast_cells, contrast_columns
from depsim.report.document import Column, Paragraph, Picture, Section, Sheet
from depsim.report.figures.looks import looks
from depsim.report.figures.strips import Strip, draw_strips
from depsim.report.wording import counted
from depsim.stages import DEPRESSED, HEALTHY, STAGES, TREATED
from depsim.statistics import LEVEL, MEAN_INTERVAL, Summary, fewest_to_judge, summarise
from depsim.study.compared import Compared, compare_all
from depsim.study.components import without_crossed
from depsim.study.kept import kept
from depsim.study.naming import name_arms
from depsim.study.panels import Condition
from depsim.study.reading import Group, Study, StudyArm, paired

_DRAWN = 8
"""Measurements that get a picture; all are in the tables."""
_ANSWERED = 2
"""Measurements in the report's first lines."""
_NAMED = 3
"""Differences within chance that a line names."""
_MEASURED = columns_of(
    "measurement condition n",
    *with_interval("mean", "mean", ".6g", start="from"),  # of any size: no number of decimals fits all
    Column("sd", "SD"),
    "smallest largest",
)
_CONTRASTED = columns_of(
    "measurement a b",
    *contrast_columns("A − B", "+.6g", "from"),
)


@dataclass(frozen=True, eq=False)  # what is computed of one is kept
class _Measured:
    """A group's arms with a name each, and the measurements that any of them has."""

    group: Group
    arms: Mapping[str, StudyArm]
    metrics: tuple[str, ...]


def section(study: Study) -> Section | None:
    """The section; None where nothing was measured that depsim does not know.

    What all conditions share by design, networks before treatment, is no comparison, and in no family of tests.
    """
    found = _measured(study)
    if not found:
        return None
    text = (
        "What probes measured that are not depsim's. Their unit, and whether more is better, only their author knows; "
        "no claim was declared about them, so all of it is exploratory."
    )
    subs = [_sub(one, f"own-{place}", "" if len(found) == 1 else f"_{place}") for place, one in enumerate(found, 1)]
    blocks = (Paragraph(text),)
    if len(found) == 1:
        return Section("own", "Measurements of your own", blocks + subs[0].blocks)
    return Section("own", "Measurements of your own", blocks, subs)


def answer_lines(study: Study) -> list[str]:
    """What treated networks were measured to, the largest mean first; none where depsim knows all measurements."""
    lines, groups = [], _measured(study)
    for one in groups:
        tested = [each for each in _contrasts(one) if each.contrast.p is not None]
        needed, whose = fewest_to_judge(len(tested)), f" ({one.group.data} data)" if len(groups) > 1 else ""
        for metric in [name for name in one.metrics if name.startswith(f"{TREATED}/")][:_ANSWERED]:
            of_metric = [(name, own.mean) for measured, name, own in _summaries(one) if measured == metric]
            means = ", ".join(f"{name} {mean:.4g}" for name, mean in sorted(of_metric, key=lambda each: -each[1]))
            found = [each for each in tested if each.outcome == metric]
            open_ = [f"{each.a} − {each.b}" for each in found if (each.contrast.p_holm or 0.0) > LEVEL]
            told = f"; {len(found) - len(open_)} of {counted(len(found), 'difference')} beyond chance"
            told += f", not {', '.join(open_)}" if 0 < len(open_) <= min(_NAMED, len(found) - 1) else ""
            if all(each.contrast.n < needed for each in found):
                told = "; too few individuals to tell differences from chance"
            lines.append(f"Of your own measurements {metric}{whose}: {means}{told if found else ''}.")
    return lines


@kept
def _measured(study: Study) -> tuple[_Measured, ...]:
    names, found = name_arms(study.arms), []
    for group in without_crossed(study).groups():
        arms = {names[arm.arm_key]: arm for arm in group.arms if arm.individuals}
        own = {name for arm in arms.values() for person in arm.individuals for name in person.metrics if is_own(name)}
        if own:
            found.append(_Measured(group, arms, tuple(sorted(own, key=_in_order_of_time))))
    return tuple(found)


def _in_order_of_time(metric: str) -> tuple[int, str]:
    stage = metric.partition("/")[0]
    return STAGES.index(stage) if stage in STAGES else len(STAGES), metric


def _sub(one: _Measured, anchor: str, suffix: str) -> Section:
    title = f"{one.group.data.capitalize()} data, {', '.join(one.arms)}"
    rows = tuple(
        (metric, name, own.n, own.mean, *own.ends, own.sd, own.low, own.high) for metric, name, own in _summaries(one)
    )
    note = f"Over individuals; from and to: {MEAN_INTERVAL}."
    blocks: list[Picture | Sheet] = [
        _strips(one, suffix),
        Sheet(f"own_measured{suffix}", "By condition", _MEASURED, rows, note, folded=len(rows) > 12),
    ]
    pairs = tuple((each.outcome, each.a, each.b, *contrast_cells(each.contrast)) for each in _contrasts(one))
    if pairs:
        note = (
            f"Mean paired difference with its {MEAN_INTERVAL}; p of the sign-flip permutation test, and Holm's over "
            f"{counted(sum(each.contrast.p is not None for each in _contrasts(one)), 'test')} of this table."
        )
        blocks.append(Sheet(f"own_contrasts{suffix}", "Condition against condition", _CONTRASTED, pairs, note, True))
    return Section(anchor, title, tuple(blocks))


@kept
def _summaries(one: _Measured) -> tuple[tuple[str, str, Summary], ...]:
    """Each measurement of each condition that has it, by their names."""
    pairs = product(one.metrics, one.arms.items())
    found = ((metric, name, summarise(arm.values(metric)[:, None])[0]) for metric, (name, arm) in pairs)
    return tuple(each for each in found if each[2].n)


@kept
def _contrasts(one: _Measured) -> tuple[Compared, ...]:
    """Every two conditions in every measurement that they do not share by design, one family."""
    pairs = product(one.metrics, combinations(one.arms.items(), 2))
    wanted = ((a, b, metric, paired([first, second], metric)[1]) for metric, ((a, first), (b, second)) in pairs)
    return compare_all(each for each in wanted if not _is_shared(each[2], each[3]))


def _is_shared(metric: str, both: np.ndarray) -> bool:
    return metric.partition("/")[0] in (HEALTHY, DEPRESSED) and np.array_equal(both[:, 0], both[:, 1])


def _strips(one: _Measured, suffix: str) -> Picture:
    drawn = one.metrics[:_DRAWN]
    values = {metric: {name: arm.values(metric) for name, arm in one.arms.items()} for metric in drawn}
    there = {metric: {name: own[~np.isnan(own)] for name, own in each.items()} for metric, each in values.items()}
    outcomes = {
        metric: ("", [Strip(name, own, None, None, None) for name, own in by_name.items() if own.size])
        for metric, by_name in there.items()
    }
    rows = tuple(
        (metric, name, seed, float(value))
        for metric, by_name in values.items()
        for name, own in by_name.items()
        for seed, value in zip(one.arms[name].seeds, own, strict=True)
        if not np.isnan(value)
    )
    columns = columns_of("measurement condition seed", Column("value", "value"))
    look = looks([Condition(name, arm, TREATED) for name, arm in one.arms.items()])
    n = max(len(arm.seeds) for arm in one.arms.values())
    more = "" if len(one.metrics) <= _DRAWN else f" The first {_DRAWN} of {len(one.metrics)} measurements."
    return Picture(
        name=f"own_strips{suffix}",
        title="Individuals, by condition",
        caption=f"Each mark is one individual (n up to {n}).{more}",
        draw=lambda: draw_strips(outcomes, look),
        data=Sheet(f"own_strips{suffix}", "Individuals", columns, rows),
        alt="Strips of individuals, a panel per measurement and a row per condition.",
    )
