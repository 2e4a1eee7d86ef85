"""Which seed matters: how much of an outcome's variance between networks comes with each stream of chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from depsim.outcomes import metric_of
from depsim.stages import EXAMINED_ON_AND_OFF, WITHDRAWN
from depsim.statistics import VarianceSplit
from depsim.study.analyses.contrasts import COLUMNS, RELAPSE_DROP
from depsim.study.components import Crossed, CrossedValues, split_design
from depsim.study.estimate import Estimate
from depsim.study.naming import name_at, name_conditions


class Incomplete(NamedTuple):
    """A design that cannot be split: its name, the networks that it has, and how many failed."""

    name: str
    networks: int
    failed: int


def components(designs: Sequence[Crossed]) -> tuple[Estimate, ...]:
    """A row for each component of each primary outcome under each treatment: its share of the variance, per cent.

    Args:
        designs: of a study (:func:`depsim.study.components.crossed_designs`).

    Shape: keys condition, outcome and component; n networks, which are no individuals; ``sd`` is the component as a
    standard deviation, ``largest`` whether the stream may be called the largest. The share is None where all networks
    have the same value.
    """
    rows: list[Estimate] = []
    for name, design in zip(names_of(designs), designs, strict=True):
        off = _is_measured(design, f"{WITHDRAWN}/")
        for stage in EXAMINED_ON_AND_OFF:
            for column in COLUMNS:
                metric = metric_of(stage, column)
                if metric is None or (column == RELAPSE_DROP and design.treatment == "none"):
                    continue
                if (split := split_design(design, metric)) is not None:
                    rows += _rows(name_at(name, stage, off), column, *split)
    return tuple(rows)


def incomplete(designs: Sequence[Crossed]) -> tuple[Incomplete, ...]:
    """The designs of which no primary outcome can be split."""
    return tuple(
        Incomplete(name, sum(bool(arm.seeds) for arm in design.arms), sum(len(arm.failures) for arm in design.arms))
        for name, design in zip(names_of(designs), designs, strict=True)
        if not components_of(design)
    )


def components_of(design: Crossed) -> list[str]:
    """The primary outcomes, by metric, of which a design can be split."""
    metrics = (metric_of(stage, column) for stage in EXAMINED_ON_AND_OFF for column in COLUMNS)
    return [metric for metric in metrics if metric is not None and split_design(design, metric) is not None]


def names_of(designs: Sequence[Crossed]) -> list[str]:
    """A name for each design: its treatment, what differs from the others, and its streams where these differ, too."""
    names = name_conditions([design.settings for design in designs])
    shared = Counter(names)
    return [
        name if shared[name] == 1 else f"{name}, seeds of {', '.join(design.streams)}"
        for name, design in zip(names, designs, strict=True)
    ]


def _rows(name: str, column: str, crossed: CrossedValues, split: VarianceSplit) -> list[Estimate]:
    constant = all(part.low is None for part in split.components)
    rows = []
    for part in split.components:
        low, high = (None if end is None else 100 * end for end in (part.low, part.high))
        key = {"condition": name, "outcome": column, "component": part.name}
        spread = {"sd_low": _root(part.variance_low), "sd_high": _root(part.variance_high)}
        share = None if constant else 100 * part.share
        rows.append(
            Estimate(
                key,
                len(crossed.values),
                share,
                low,
                high,
                part.variance**0.5,
                more={"levels": crossed.sizes.get(part.name), "largest": part.is_largest, **spread},
            )
        )
    return rows


def _root(value: float | None) -> float | None:
    return None if value is None else value**0.5


def _is_measured(design: Crossed, start: str) -> bool:
    return any(metric.startswith(start) for arm in design.arms for metric in arm.metrics)
