"""What a study says about claims whose conditions are found by what they do: the paper's and ours, each a family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from depsim.study.arm_claims import arm_claims, conditions
from depsim.study.components import without_crossed
from depsim.study.findings import NOT_MEASURED, Finding, judge
from depsim.study.kept import kept
from depsim.study.panels import Condition, Panel
from depsim.study.published import IGNORED_KEYS, differences, published
from depsim.study.reading import Study, StudyArm
from depsim.study.stored import stored_arm_key


@dataclass(frozen=True)
class Family:
    """Claims that one set of individuals can judge, and that are adjusted for each other.

    Args:
        name: short and unique in a study, for file names.
        data: the individuals' data, ``shared`` or ``individual``.
        ours: whether the questions are ours, not the paper's.
        found: those that could be measured.
    """

    name: str
    data: str
    ours: bool
    found: tuple[Finding, ...]


@kept
def arm_findings(study: Study) -> tuple[Family, ...]:
    """The families of a study, the paper's claims first; none where it has no two of the conditions.

    The paper's claims and ours are adjusted apart, so that no question of ours changes a verdict about the paper; and
    both apart from the paper's claims about its own four treatments. Only claims that were measured count.
    """
    found = []
    for place, panel in enumerate(_panels(study)):
        for ours in (False, True):
            asked = [claim for claim in arm_claims() if claim.ours == ours and _is_there(claim.arms, panel)]
            measured = tuple(one for one in judge(panel, asked) if one.verdict != NOT_MEASURED)
            if measured:
                suffix = f"_{place + 1}" if place else ""
                found.append(Family(f"{'ours' if ours else 'figures'}{suffix}", panel.data, ours, measured))
    return tuple(found)


def _is_there(names: Mapping[str, object], panel: Panel) -> bool:
    return all(panel.condition(name) is not None for name in names)


def _panels(study: Study) -> list[Panel]:
    """The described conditions that a study has, together where individuals are paired; the most conditions first."""
    apart: dict[tuple[tuple[str, str], ...], list[StudyArm]] = {}
    for arm in without_crossed(study).arms:
        if arm.individuals and _is_papers_before(arm.settings):
            apart.setdefault(tuple((key, arm.settings.get(key, "")) for key in IGNORED_KEYS), []).append(arm)
    panels = [_panel(dict(ignored), arms) for ignored, arms in apart.items()]
    return sorted(panels, key=lambda panel: (-len(panel.conditions), panel.data != "shared"))


def _is_papers_before(settings: Mapping[str, str]) -> bool:
    """Whether everything but the treatment, and what comes after it, is as in the paper."""
    acute = {key: text for key, text in settings.items() if not key.startswith("follow_up")}
    return not differences({**acute, "follow_up": "none"})


def _panel(ignored: Mapping[str, str], arms: Sequence[StudyArm]) -> Panel:
    by_steps = {key: arm for arm in arms if (key := stored_arm_key(arm.settings)) is not None}
    named = [
        Condition(name, by_steps[key], conditions()[name][0])
        for name, key in _keys(tuple(ignored.items())).items()
        if key in by_steps
    ]
    data = ignored["cohort.data"]
    return Panel("arms", data, data, (), tuple(named), ())


@lru_cache(maxsize=8)
def _keys(ignored: tuple[tuple[str, str], ...]) -> Mapping[str, str | None]:
    """The arm key of each described condition, by its name; None where this program has no such steps."""
    papers = {key: str(value) for key, value in published()["condition"].items()}
    return {name: stored_arm_key({**papers, **dict(ignored), **own}) for name, (_, own) in conditions().items()}
