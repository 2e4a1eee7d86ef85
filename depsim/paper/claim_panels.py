"""Whom a study can judge declared claims by: its conditions, by the names that claims have for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from depsim.paper.arm_claims import arm_claims
from depsim.paper.arm_claims import conditions as described
from depsim.paper.claims import Claim, claims
from depsim.paper.conditions import papers_conditions
from depsim.paper.published import IGNORED_KEYS, differences, is_papers, published
from depsim.stages import HEALTHY
from depsim.study.groups import Condition, Group, groups
from depsim.study.reading import Study
from depsim.study.stored import stored_arm_key

File = Literal["paper", "figures", "ours"]
"""Which claims: the paper's about its own four treatments, its other ones, or our own questions."""
FILES: tuple[File, ...] = ("paper", "figures", "ours")
Named = Mapping[str, Condition]
"""Conditions by the names that claims have for them."""


class ClaimPanel(NamedTuple):
    """Individuals that claims are judged by.

    Args:
        apart: what sets them apart from others of the study.
        named: their conditions.
    """

    apart: Mapping[str, str | float]
    named: Named


def listed(file: File) -> tuple[Claim, ...]:
    """The claims of a file."""
    return claims() if file == "paper" else tuple(claim for claim in arm_claims() if claim.ours == (file == "ours"))


def panels(study: Study, file: File) -> tuple[ClaimPanel, ...]:
    """Whom a study can judge these claims by, those with the most conditions first; empty where it cannot.

    The paper's claims about its own treatments are judged where all of its conditions are there in its surroundings,
    the others where one of their conditions is, found by its steps.
    """
    if file == "paper":
        named_groups = [(group, papers_conditions(group)) for group in groups(study, ("treatment",))]
        return tuple(
            ClaimPanel(group.key, named)
            for group, named in named_groups
            if len(named) == len(published()["rows"]) and is_papers(group.arms[0].settings)
        )
    made = [ClaimPanel(group.key, _by_steps(group)) for group in groups(study, ("treatment", "follow_up"))]
    return tuple(panel for panel in made if _answerable(panel, listed(file)))


def worth_asking(study: Study) -> tuple[File, ...]:
    """The files of which a study can judge more than one claim."""
    return tuple(
        file
        for file in FILES
        if any(file == "paper" or len(_answerable(panel, listed(file))) > 1 for panel in panels(study, file))
    )


def _answerable(panel: ClaimPanel, asked: Sequence[Claim]) -> list[Claim]:
    """The claims all of whose conditions are there."""
    return [
        claim for claim in asked if {term.condition for term in claim.holds.terms()} - {HEALTHY} <= panel.named.keys()
    ]


def _by_steps(group: Group) -> dict[str, Condition]:
    """The described conditions that a group has, where all but the treatment and what follows is as in the paper."""
    settings = group.arms[0].settings
    acute = {key: text for key, text in settings.items() if not key.startswith("follow_up")}
    if differences({**acute, "follow_up": "none"}):
        return {}
    by_key = {key: arm for arm in group.arms if (key := stored_arm_key(arm.settings)) is not None}
    ignored = tuple((key, settings[key]) for key in IGNORED_KEYS if key in settings)
    return {
        name: Condition(name, by_key[key], described()[name][0])
        for name, key in _keys(ignored).items()
        if key in by_key
    }


@lru_cache(maxsize=8)
def _keys(ignored: tuple[tuple[str, str], ...]) -> Mapping[str, str | None]:
    """The arm key of each described condition, by its name; None where this program has no such steps."""
    papers = {key: str(value) for key, value in published()["condition"].items()}
    return {
        name: stored_arm_key({**papers, **dict(ignored), **settings}) for name, (_, settings) in described().items()
    }
