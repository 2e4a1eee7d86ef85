"""The answer of a study that asks a question of its own: what moves along what was varied, or what a search has won."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations, islice, pairwise

import numpy as np

from depsim.outcomes import PRIMARY
from depsim.report.along import line_name
from depsim.report.contrasts import doubt, spell_contrast
from depsim.report.points import OUTCOMES, Measured
from depsim.report.settings import Setting, setting_of
from depsim.report.wording import counted, spell_optimism
from depsim.stages import TREATED
from depsim.statistics import FEWEST_FOR_INFERENCE, Contrast, contrast, contrast_family, equivalence, fewest_to_judge
from depsim.study.axes import Axis, Line, slices
from depsim.study.benefits import CONTROL
from depsim.study.components import without_crossed
from depsim.study.contrasts import AsGood, Pair, as_good, margin
from depsim.study.naming import distinct, name_arms
from depsim.study.reading import Study, StudyArm, paired
from depsim.study.searches import Search, Winner, mean_interval

_AXES, _LINES, _PAIRS, _OTHERS, _SEARCHES = 2, 3, 3, 3, 3
"""How many of each a line or an answer names."""


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


def beside_others(study: Study) -> str:
    """Where a treatment was given in several settings: the largest differences from untreated individuals, and what
    those settings do beside each treatment that was given in one; else empty.

    Each condition is compared with one that differs from it in nothing but the treatment.
    """
    names, found = name_arms(study.arms), dict[str, list[tuple[str, np.ndarray]]]()
    for group in without_crossed(study).groups():
        arms = distinct(group.arms)
        given = Counter(arm.treatment for arm in arms)
        if given[CONTROL] != 1 or max(given.values()) == 1:
            continue
        single = [arm for arm in arms if given[arm.treatment] == 1]
        for other in sorted(single, key=lambda arm: arm.treatment != CONTROL):
            of_all = other.treatment == CONTROL
            for arm in (arm for arm in arms if arm is not other and (of_all or given[arm.treatment] > 1)):
                both = paired([arm, other], f"{TREATED}/{PRIMARY[0].column}")[1]
                if len(both):
                    own = found.setdefault("untreated" if of_all else names[other.arm_key], [])
                    own.append((names[arm.arm_key], both))
    if not found:
        return ""
    (first, own), *others = found.items()
    told = [f"Beside {first} ({PRIMARY[0].name}, paired within individuals), the largest: {_largest(own)}."]
    told += [f"Beside {name}: {_largest(own)}." for name, own in others[:_OTHERS]]
    if (more := len(others) - _OTHERS) > 0:
        told.append(f"{counted(more, 'further condition')} to compare with left out.")
    return " ".join(told)


def _largest(found: Sequence[tuple[str, np.ndarray]]) -> str:
    """Named differences of paired values, (N, 2) each, the largest first; only those that are named are tested."""
    ordered = sorted(found, key=lambda one: -abs(np.subtract(*one[1].T).mean()))
    return "; ".join(f"{name} {_in_points(contrast(both[:, 0], both[:, 1]))}" for name, both in ordered[:_PAIRS])


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
    told, setting = [], setting_of(axis.key)
    for line, outcome, values in measured[:_LINES]:
        if setting.reference in line.values:
            moves = _beside(line, values, outcome, setting)
        elif axis.numeric:
            moves = _along(line, values)
        else:
            moves = _between(line, values, setting)
        told.append(f"{line_name(line, lines)}: {moves} ({outcome.name})")
    more = f"; {len(measured) - _LINES} more in the tables" if len(measured) > _LINES else ""
    return f"By {setting.label}: {'; '.join(told)}{more}."


def _outcome(arms: Sequence[StudyArm]) -> Measured | None:
    """The first primary outcome that all of these arms have."""
    return next((outcome for outcome in OUTCOMES if all(arm.has(_metric(outcome)) for arm in arms)), None)


def _metric(outcome: Measured) -> str:
    return next(iter(outcome.metrics.values()))


def _along(line: Line, values: np.ndarray) -> str:
    """From the first value to the last, and the first step beyond chance; of (N, values) individuals."""
    ends = contrast(values[:, -1], values[:, 0])
    steps = contrast_family([values[:, [after, before]] for before, after in pairwise(range(values.shape[1]))])
    said = f"{_in_points(ends)} from {line.values[0]} to {line.values[-1]}"
    if len(values) < fewest_to_judge(len(steps)):
        return f"{said}, too few individuals to {'judge' if len(steps) == 1 else 'say where it turns'}"
    if len(steps) == 1:
        return said + doubt(steps[0])
    for (before, after), step in zip(pairwise(line.values), steps, strict=True):
        if step.beyond_chance:
            way = "falls" if step.difference.mean < 0 else "rises"
            return f"{said}, first {way} from {before} to {after} ({step.difference.mean:+.1f})"
    return f"{said}, no single step beyond chance"


def _between(line: Line, values: np.ndarray, setting: Setting) -> str:
    """The two values that are farthest apart; of (N, values) individuals."""
    found = [
        (contrast(values[:, i], values[:, j]), line.values[i], line.values[j])
        for i, j in combinations(range(values.shape[1]), 2)
    ]
    widest, one, other = max(found, key=lambda each: abs(each[0].difference.mean))
    return f"{setting.spell(one)} − {setting.spell(other)} {_in_points(widest)}"


def _beside(line: Line, values: np.ndarray, outcome: Measured, setting: Setting) -> str:
    """Which values are as good as the setting's reference, and how far off the others are; of (N, values) individuals.

    As good means the same as in the table of contrasts; a difference is told where it is beyond that margin.
    """
    place, name = line.values.index(setting.reference), setting.spell(setting.reference)
    if len(values) < FEWEST_FOR_INFERENCE:
        return f"{_between(line, values, setting)}, too few individuals to say what is as good as {name}"
    (primary,) = (own for own in PRIMARY if own.name == outcome.name)
    others = [each for each in range(values.shape[1]) if each != place]
    pairs = [values[:, [each, place]] for each in others]
    asked = [equivalence(both[:, 0], both[:, 1], margin(primary, line.arms[place], both)) for both in pairs]
    found: dict[AsGood | None, list[str]] = {"equivalent": [], "different": [], "undecided": []}
    for each, both, verdict in zip(others, pairs, as_good(asked), strict=True):
        value = setting.spell(line.values[each])
        found[verdict].append(
            f"{value} {_in_points(contrast(both[:, 0], both[:, 1]))}" if verdict == "different" else value
        )
    largest = max(each.margin for each in asked)
    ends: dict[AsGood | None, str] = {
        "equivalent": f"as good as {name} (to {largest:.1f} points)",
        "different": f"beside {name}",
        "undecided": "undecided",
    }
    return ", ".join(f"{', '.join(told)} {ends[verdict]}" for verdict, told in found.items() if told)


def _in_points(found: Contrast) -> str:
    return spell_contrast(found, " points")


def _search_lines(search: Search) -> Iterator[str]:
    trials = counted(len(search.trials), "trial")
    if not search.winners and search.finished:
        yield f"{search.name}: no winner, as none of {trials} is complete and keeps the constraints."
    elif not search.winners:
        yield f"{search.name}: no winner yet after {trials}; {search.command} goes on."
    for winner in search.winners:
        point = ", ".join(f"{key}={_value(value)}" for key, value in winner.point.items())
        said = "; ".join(_worth(search, winner, place) for place in range(len(search.objectives)))
        lacks = f" (no score on fresh individuals: {winner.failure})" if winner.fresh_values is None else ""
        yield f"{search.name}: trial {winner.trial} of {len(search.trials)} ({point}): {said}{lacks}."


def _worth(search: Search, winner: Winner, place: int) -> str:
    """What a winner has in one objective: on fresh individuals, in the search, and by how much that was too good."""
    objective, own, optimism = search.objectives[place], winner.values[place], winner.optimism(search.objectives)
    if winner.fresh_values is None or optimism is None:
        return f"{objective.title} {_value(own)} in the search"
    fresh, interval = winner.fresh_values[place], mean_interval(objective, winner.fresh[place])
    ends = f" [{', '.join(map(_value, interval))}]" if interval else ""
    off = spell_optimism(optimism[place], own)
    return f"{objective.title} {_value(fresh)}{ends} on fresh individuals, {_value(own)} in the search ({off})"


def _value(value: object) -> str:
    """A setting, shortened where it is a number with a fraction.

    >>> _value(0.40938012013214037), _value(15), _value("gradient")
    ('0.4094', '15', 'gradient')
    """
    return f"{value:.4g}" if isinstance(value, float) else str(value)
