"""The answer of a study that asks a question of its own: what moves along what was varied, or what a search has won."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, islice, pairwise

import numpy as np

from depsim.report.along import line_name
from depsim.report.points import OUTCOMES, Measured
from depsim.report.settings import setting_of
from depsim.report.wording import counted
from depsim.statistics import FEWEST_FOR_INFERENCE, Contrast, contrast, fewest_to_reject, holm
from depsim.study.axes import Axis, Line, slices
from depsim.study.components import without_crossed
from depsim.study.contrasts import LEVEL, Pair
from depsim.study.reading import Study, StudyArm, paired
from depsim.study.searches import Search

_AXES, _LINES, _PAIRS, _SEARCHES = 2, 3, 3, 3
"""How many of each a line or an answer names."""
_FEWEST_STEPS = 2


def axis_lines(study: Study) -> list[str]:
    """A line for each of the first settings that were varied: from end to end, and where it first falls or rises."""
    parts = slices(without_crossed(study))
    axes = parts[0].axes() if parts else []
    told = (_axis_line(axis, parts[0].lines(axis)) for axis in axes)
    return list(islice(filter(None, told), _AXES))


def largest_contrasts(pairs: Sequence[Pair]) -> str:
    """The largest differences between conditions in the first primary outcome that they share; empty without any."""
    if not pairs:
        return ""
    outcome = pairs[0].outcome
    alike = [pair for pair in pairs if pair.outcome is outcome]
    own = sorted(alike, key=lambda pair: -abs(pair.contrast.difference.mean))
    told = "; ".join(f"{pair.a} − {pair.b} {_in_points(pair.contrast)}" for pair in own[:_PAIRS])
    return f"Largest differences in {outcome.name}, paired within individuals: {told}."


def search_lines(searches: Sequence[Search]) -> list[str]:
    """What each search has won, and what that is worth on fresh individuals."""
    return list(islice((line for search in searches for line in _search_lines(search)), _SEARCHES))


def _axis_line(axis: Axis, lines: Sequence[Line]) -> str:
    measured = [
        (line, outcome, values)
        for line in lines
        if (outcome := _outcome(line.arms)) is not None and len(values := paired(line.arms, _metric(outcome))[1])
    ]
    if not measured:
        return ""
    told = []
    for line, outcome, values in measured[:_LINES]:
        is_course = axis.numeric and len(line.values) > _FEWEST_STEPS
        moves = _along(line, values) if is_course else _between(line, values)
        told.append(f"{line_name(line, lines)}: {moves} ({outcome.name})")
    more = f"; {len(measured) - _LINES} more in the tables" if len(measured) > _LINES else ""
    return f"By {setting_of(axis.key).label}: {'; '.join(told)}{more}."


def _outcome(arms: Sequence[StudyArm]) -> Measured | None:
    """The first primary outcome that all of these arms have."""
    return next((outcome for outcome in OUTCOMES if all(arm.has(_metric(outcome)) for arm in arms)), None)


def _metric(outcome: Measured) -> str:
    return next(iter(outcome.metrics.values()))


def _along(line: Line, values: np.ndarray) -> str:
    """From the first value to the last, and the first step beyond chance; of (N, values) individuals."""
    ends = contrast(values[:, -1], values[:, 0])
    steps = [contrast(values[:, place + 1], values[:, place]) for place in range(values.shape[1] - 1)]
    said = f"{_in_points(ends)} from {line.values[0]} to {line.values[-1]}"
    fewest = fewest_to_reject(len(steps), LEVEL)
    if fewest is None or len(values) < max(fewest, FEWEST_FOR_INFERENCE):
        return f"{said}, too few individuals to say where it turns"
    adjusted = holm([step.p for step in steps])
    for (before, after), step, p in zip(pairwise(line.values), steps, adjusted, strict=True):
        if p is not None and p < LEVEL:
            way = "falls" if step.difference.mean < 0 else "rises"
            return f"{said}, first {way} from {before} to {after} ({step.difference.mean:+.1f})"
    return f"{said}, no single step beyond chance"


def _between(line: Line, values: np.ndarray) -> str:
    """The two values that are farthest apart; of (N, values) individuals."""
    found = [
        (contrast(values[:, i], values[:, j]), line.values[i], line.values[j])
        for i, j in combinations(range(values.shape[1]), 2)
    ]
    widest, one, other = max(found, key=lambda each: abs(each[0].difference.mean))
    return f"{one} − {other} {_in_points(widest)}"


def _in_points(found: Contrast) -> str:
    return spell_contrast(found, " points")


def spell_contrast(found: Contrast, unit: str = "") -> str:
    """A mean difference with its interval, if it has one."""
    interval = found.difference.interval
    ends = f" [{interval[0]:+.1f}, {interval[1]:+.1f}]" if interval else ""
    return f"{found.difference.mean:+.1f}{unit}{ends}"


def _search_lines(search: Search) -> Iterator[str]:
    if not search.winners:
        yield f"{search.name}: no winner yet after {counted(len(search.trials), 'trial')}; {search.command} goes on."
    for winner in search.winners:
        point = ", ".join(f"{key}={value}" for key, value in winner.point.items())
        own, fresh = (_values(each) for each in (winner.values, winner.fresh_values or ()))
        optimism = winner.optimism(search.objectives)
        worth = (
            f"no score on fresh individuals ({winner.failure})"
            if optimism is None
            else f"{fresh} on fresh individuals, so it was {_values(optimism)} too good"
        )
        yield f"{search.name}: trial {winner.trial} of {len(search.trials)} ({point}) has {own}; {worth}."


def _values(values: Sequence[float]) -> str:
    return " and ".join(f"{value:.4g}" for value in values)
