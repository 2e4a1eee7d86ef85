"""The lines that a report opens with: the answer, for people who read nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from depsim.execution.job import HOLD
from depsim.outcomes import PRIMARY
from depsim.report.sections import (
    arm_claims,
    benefits,
    follow_up,
    gains,
    generality,
    iso_dose,
    ladder,
    own,
    regimens,
    triage,
    withdrawal,
)
from depsim.report.sections.claims import answer_line
from depsim.report.sections.published import published_words
from depsim.report.sections.recovery import remission_line
from depsim.report.sections.sweep_answer import axis_lines, beside_others, largest_contrasts, search_lines
from depsim.report.wording import counted, listed, tests_together
from depsim.stages import TREATED
from depsim.statistics import FEWEST_FOR_INFERENCE, fewest_to_judge
from depsim.study.comparison import compare
from depsim.study.components import Crossed, crossed_designs, split_design, without_crossed
from depsim.study.contrasts import Ordering, Pair, contrasts, orderings
from depsim.study.findings import findings
from depsim.study.generality import generality as worlds_of
from depsim.study.panels import Panel, align, panels
from depsim.study.published import is_papers_treatment, published
from depsim.study.reading import Study

_OTHERWISE = ("reversed", "undecided", "too few")
_WORDS = {"too few": "of too few individuals"}
_QUESTIONS = generality, triage, benefits, ladder, follow_up, withdrawal, iso_dose, regimens, gains
"""Sections that answer a question of their own: each has ``answer_lines(study)``."""
_MOST = 5
"""Lines of an answer, the first and the last ones included."""
_EXPLORATORY = "All of this is exploratory: no claim was declared before the runs."
_NAMED = 3
"""Things that a line names one by one; of more it says how many."""


def answer(study: Study) -> tuple[str, ...]:
    """What the study has found, the most important first."""
    found = panels(study)
    if not study.arms:
        return (
            f"This study holds {counted(len(study.searches), 'search')} for better treatments and no other condition.",
            *search_lines(study.searches),
            "Only a winner's score on fresh individuals is a result; what else was tried is under Searches.",
        )
    if not without_crossed(study).arms:
        return _of_crossed(crossed_designs(study))
    if not found or not found[0].is_papers:
        return _of_a_sweep(study, found)
    panel = found[0]
    pairs = contrasts(panel)
    questions, along = _questions(study), axis_lines(study)
    recovered = remission_line(study)
    claims = [arm_claims.answer_line(study)] if questions or along or recovered else []
    # Where a treatment was given in several settings, the panel does not have them all.
    beside = "" if questions else beside_others(study)
    unknown = "" if questions or along or beside else largest_contrasts(_of_own_treatments(panel, pairs))
    lines = [*questions, *own.answer_lines(study), *claims, recovered, *along, beside, unknown, _ranking(panel, pairs)]
    if not questions and not along:  # else the question was another one; both are in their sections
        lines += [published_words(compare(panel)), answer_line(findings(panel))]
    return _together(_who(study, panel, found), lines, [_care(panel, pairs, len(worlds_of(study)))])


def _of_own_treatments(panel: Panel, pairs: Sequence[Pair]) -> list[Pair]:
    """The contrasts that a treatment which is not the paper's has a part in."""
    papers = {condition.name for condition in panel.conditions if is_papers_treatment(condition.arm.settings)}
    return [pair for pair in pairs if not {pair.a, pair.b} <= papers]


def _questions(study: Study) -> list[str]:
    """What the study says to the questions of follow-ups, regimens and the like."""
    return [line for module in _QUESTIONS for line in module.answer_lines(study)]


def _together(first: str, lines: Sequence[str], last: Sequence[str]) -> tuple[str, ...]:
    """The lines of an answer; of those in the middle as many as there is room for."""
    said = [line for line in lines if line]
    return (first, *said[: _MOST - 1 - len(last)], *last)


def _of_crossed(designs: Sequence[Crossed]) -> tuple[str, ...]:
    """Where all networks are combinations of held streams: which stream matters."""
    first = designs[0]
    sizes = [len({arm.settings[HOLD + stream] for arm in first.arms}) for stream in first.streams]
    lines = [
        f"{counted(len(first.arms), 'network')}, combinations of {listed(first.streams)} ({', '.join(map(str, sizes))} "
        f"seeds), under {counted(len(designs), 'condition')}: {listed([design.treatment for design in designs])}."
    ]
    (outcome,) = (outcome for outcome in PRIMARY if outcome.column == "combined")
    largest, undecided = [], []
    for design in designs:
        found = split_design(design, f"treated/{outcome.column}")
        if found is None or (split := found[1]).lead is None:
            continue
        if split.lead.is_certain:
            part = next(component for component in split.components if component.name == split.lead.first)
            interval = f"[{100 * (part.low or 0):.0f}, {100 * (part.high or 0):.0f}]"
            largest.append(f"{design.treatment} {part.name} {100 * part.share:.0f} % {interval}")
        else:
            undecided.append(design.treatment)
    if largest:
        lines.append(
            f"Of the streams the largest share of the variance of {outcome.name}, with its 95 % interval: "
            f"{'; '.join(largest)}."
        )
    if undecided:
        lines.append(f"Which stream has the largest share of it cannot be said under {listed(undecided)}.")
    if not largest and not undecided:
        lines.append(f"Of {outcome.name} no variance can be split yet: see “Which seed matters”.")
    lines.append("What no stream and no two of them explain is residual: one particular combination of all of them.")
    return tuple(lines)


def _of_a_sweep(study: Study, found: Sequence[Panel]) -> tuple[str, ...]:
    """Where nothing ran under the paper's condition, there is nothing published to answer to."""
    people = {(arm.data, seed) for arm in study.arms for seed in arm.seeds}
    who = (
        f"This study holds {counted(len(people), 'simulated individual')} under "
        f"{counted(len(study.arms), 'condition')}; none is the paper's with one of its treatments, so there is no "
        "published value to compare with (`depsim sweep paper` runs it)."
    )
    lines = [*_questions(study), *own.answer_lines(study), remission_line(study), *axis_lines(study)]
    lines.append(beside_others(study))
    widest = max(found, key=_width, default=None)
    if not lines[-1] and widest is not None and (said := largest_contrasts(contrasts(widest))):
        where = f" ({widest.title})" if len(found) > 1 else ""
        lines.append(f"{said.removesuffix('.')}{where}.")
    said = arm_claims.answer_line(study)
    care = [f"{said} All else is exploratory." if said else _EXPLORATORY]
    smallest = min(len(arm.seeds) for arm in study.arms)
    if smallest < FEWEST_FOR_INFERENCE:
        care.append(
            f"Careful: with {counted(smallest, 'individual')} in the smallest condition, numbers describe these "
            "individuals and no population."
        )
    return _together(who, lines, care)


def _width(panel: Panel) -> float:
    """How far the conditions of a panel lie apart, in points of combined accuracy."""
    values = (condition.arm.values(f"{condition.stage}/{PRIMARY[0].column}") for condition in panel.conditions)
    means = [float(np.nanmean(own)) for own in values if np.isfinite(own).any()]
    return max(means, default=0.0) - min(means, default=0.0)


def _who(study: Study, panel: Panel, found: Sequence[Panel]) -> str:
    treated = [condition.name.removesuffix(" on") for condition in panel.conditions if condition.stage == TREATED]
    whose = {
        "shared": "all on the paper's data (shared)",
        "individual": "each with data of its own (the paper's individual had the shared data)",
    }[panel.data]
    if len(panel.seeds) == 1:
        whose = whose.replace("all on", "on").replace("each with data of its own", "with data of its own")
    # Individuals of other data are other people: said here, as every other line is about the first.
    others = [f"{len(other.seeds)} with {other.data} data" for other in found[1:] if other.is_papers]
    besides = f" {listed(others).capitalize()} are reported apart." if others else ""
    gone = f" Not in this study: {listed(panel.missing)}." if panel.missing else ""
    people, conditions = counted(len(panel.seeds), "simulated individual"), counted(len(treated), "condition")
    shown = {condition.arm.arm_key for condition in panel.conditions}
    more = len({arm.arm_key for arm in study.arms if arm.individuals and arm.data == panel.data} - shown)
    varied = f", and {more} more with other settings" if more else ""
    return f"{people}, {whose}, under {conditions}: {listed(treated)}{varied}.{gone}{besides}"


def _ranking(panel: Panel, pairs: Sequence[Pair]) -> str:
    found = orderings(pairs)
    if not found:
        return (
            "The paper's ranking of treatments cannot be checked: it takes a primary outcome of its Table 1 from the "
            "same individuals under two of its conditions."
        )
    most, tests = max(order.pair.contrast.n for order in found), sum(pair.contrast.p is not None for pair in pairs)
    fewest = fewest_to_judge(tests)
    if all(order.answer == "too few" for order in found):
        same = sum((o.pair.contrast.difference.mean > 0) == (o.published > 0) for o in found)
        point = f"{same} of {len(found)} differences point the way they do"
        if len(found) == 1:
            point = f"the one difference {'points' if same else 'does not point'} the way it does"
        return (
            f"Whether the paper's ranking of treatments holds cannot be told from {counted(most, 'individual')}: too "
            f"few for {tests_together(tests)} (at least {fewest} are needed); {point} "
            "in the paper."
        )
    best, of = _extreme(panel), {word: [o for o in found if o.answer == word] for word in ("holds", *_OTHERWISE)}
    if len(found) == 1:
        said = "holds" if of["holds"] else f"is {found[0].answer}"
        return f"{best}Of the paper's ranking this study has one ordering, which {said} ({_spelled(found[0])})."
    if len(of["holds"]) == len(found):
        return f"{best}The paper's ranking holds: all {len(found)} of its orderings come out the same way."
    parts = [f"{len(of['holds'])} of its {len(found)} orderings come out the same way"]
    for word in _OTHERWISE:
        if of[word]:
            named = "; ".join(_spelled(order) for order in of[word][:_NAMED])
            parts.append(f"{len(of[word])} {_WORDS.get(word, word)} ({named})")
    return f"{best}The paper's ranking {_verdict(len(of['holds']), len(of['reversed']))}: {', '.join(parts)}."


def _verdict(holding: int, reversed_: int) -> str:
    """Of the orderings that are decided; undecided ones count for nothing.

    >>> _verdict(20, 0), _verdict(20, 1), _verdict(1, 20), _verdict(0, 0)
    ('holds where it is decided', 'mostly holds', 'does not hold', 'is undecided')
    """
    if not reversed_:
        return "holds where it is decided" if holding else "is undecided"
    return "mostly holds" if holding > reversed_ else "does not hold"


def _extreme(panel: Panel) -> str:
    """Means under the hardest test, the best first."""
    (outcome,) = (outcome for outcome in PRIMARY if outcome.column == "internal_noise_2.5")
    measured = [(c.name, found) for c in panel.conditions if (found := c.values(outcome.column))]
    _, people = align([found for _, found in measured])
    if len(measured) < 2 or not len(people):
        return ""
    means = sorted(zip(people.mean(axis=0).tolist(), (name for name, _ in measured), strict=True), reverse=True)
    return f"Accuracy under {outcome.name}: {', '.join(f'{name} {mean:.0f} %' for mean, name in means)}. "


def _spelled(order: Ordering) -> str:
    pair, ours = order.pair, order.pair.contrast.difference.mean
    return f"{pair.outcome.name}, {pair.a} − {pair.b}: {ours:+.1f} points, published {order.published:+.1f}"


def _care(panel: Panel, pairs: Sequence[Pair], worlds: int) -> str:
    """What to be careful about, the most pressing first; no more than fits a line."""
    said = []
    failed = {failure.seed for condition in panel.conditions for failure in condition.arm.failures}
    if failed:
        said.append(f"{counted(len(failed), 'individual')} failed in at least one condition and is in no number of it")
    uneven = max((pair.left_out for pair in pairs), default=0)
    if uneven:
        said.append(f"conditions have unequal sets of individuals, so up to {uneven} could not be paired")
    if len(panel.seeds) < FEWEST_FOR_INFERENCE:
        said.append(f"{counted(len(panel.seeds), 'individual')} cannot stand for a population")
    if panel.data != published()["paper"]["data"]:
        said.append("the published individual had the shared data and these have their own, a difference in itself")
    else:
        said.append("everyone has the same data, one draw of the task; `depsim sweep seeds` gives each their own")
    if worlds > 1:
        said.append(f"these are {worlds} pairs of a small network and a small task, and say nothing about patients")
    else:
        said.append("this is one small network on one toy task, and says nothing about patients")
    return f"Careful: {'; '.join(said)}."
