"""What a report asks where the sweep file says nothing of it: what follows from what was varied."""

from __future__ import annotations

from depsim.outcomes import is_own
from depsim.report.ask import Ask
from depsim.report.questions.claims import Claims
from depsim.report.questions.conditions import Estimates
from depsim.report.questions.contrasts import Contrasts
from depsim.report.questions.multiverse import multiverse_asked
from depsim.report.questions.published import Published
from depsim.report.questions.rates import courses_asked
from depsim.report.questions.response import default_responses
from depsim.report.questions.search import search_asked
from depsim.report.questions.traits import reliability_asked, traits_asked
from depsim.report.questions.variance import variance_asked
from depsim.report.words import listed
from depsim.stages import TREATED
from depsim.study.analyses.claim_panels import worth_asking
from depsim.study.analyses.gains import gain_pairs
from depsim.study.analyses.orderings import worlds
from depsim.study.analyses.placebos import placebo_pairs
from depsim.study.analyses.regimens import regimen_pairs
from depsim.study.components import without_crossed
from depsim.study.groups import groups, varied
from depsim.study.labels import setting_of
from depsim.study.naming import PLACEBO
from depsim.study.reading import Study

_WHO = ("cohort.", "device")


def default_asks(study: Study) -> tuple[Ask, ...]:
    """The questions that a study's conditions answer, the one that they were made for first."""
    if study.multiverse is not None:
        return multiverse_asked(study)
    whole = groups(study, ("treatment",))
    first = whole[:1]
    courses, later = courses_asked(study)
    asks: list[Ask] = [*search_asked(study), *variance_asked(study), *traits_asked(study), *courses]
    if len(worlds(study)) > 1:
        asks.append(Published(of="orderings"))
    if any(regimen_pairs(group) for group in first):
        asks.append(Contrasts(pairs="regimens"))
    if any(gain_pairs(group) for group in first):
        asks.append(Contrasts(pairs="gains"))
    if any(placebo_pairs(group) for group in first):
        asks.append(Contrasts(against=PLACEBO))
    responses = default_responses(study)
    asks += responses
    if not responses or len({arm.treatment for group in whole for arm in group.arms}) > 1:
        asks.append(Contrasts())
    files = worth_asking(study)
    asks += [Claims(file=file) for file in files]
    if "paper" in files:
        asks.append(Published())
    asks += [*later, *reliability_asked(study)]
    pairs = any(len(group.conditions) > 1 for group in first)
    if measured := _own_measurements(study):
        asks.append(Contrasts(outcomes=measured) if pairs else Estimates(outcomes=measured))
    return tuple(asks) if pairs else (*asks, Estimates())


def _own_measurements(study: Study) -> tuple[str, ...]:
    """What probes of one's own measured of treated networks."""
    names = {name for arm in study.arms for name in arm.metrics}
    return tuple(sorted(name for name in names if name.startswith(f"{TREATED}/") and is_own(name)))


def default_question(study: Study) -> str:
    """What was varied, as a question."""
    if study.multiverse is not None:
        return "In what share of reasonable settings does each order hold?"
    arms = [arm for arm in without_crossed(study).arms if arm.individuals]
    if not arms:
        return f"What did study {study.name} find?"
    treatments = list(dict.fromkeys(arm.treatment for arm in arms))
    keys = {
        key
        for treatment in treatments
        for key in varied([arm for arm in arms if arm.treatment == treatment])
        if not key.startswith(_WHO)
    }
    what = [_noun(key) for key in sorted(keys) if not any(key.startswith(f"{other}.") for other in keys)]
    if what:
        return f"What changes with {listed(what[:3])}?"
    if len(treatments) > 1:
        return "Which treatment helps, and how much?"
    return f"How are individuals under {'no treatment' if treatments == ['none'] else treatments[0]}?"


def _noun(key: str) -> str:
    """A setting in a sentence."""
    return f"the {setting_of(key).label.partition(' (')[0]}"
