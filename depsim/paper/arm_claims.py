"""Claims about regimens, stress that goes on and layers, whose conditions are found by what they do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from depsim.assessment.base import RELEVANT
from depsim.execution.job import as_texts, flatten
from depsim.paper.claims import Claim, claim_hashes, read_claim
from depsim.paper.published import published
from depsim.stages import TREATED
from depsim.yaml_file import read_yaml

FILE = Path(__file__).with_name("arm_claims.yaml")


@dataclass(frozen=True, kw_only=True)
class ArmClaim(Claim):
    """A claim, and the settings and the stage of each of its conditions, which its hash is of, too."""

    arms: Mapping[str, Mapping[str, str]]


def arm_claims() -> tuple[ArmClaim, ...]:
    """All of them, the paper's first.

    Raises:
        ValueError: naming the claim that is none, or the condition that is not described.
    """
    return _read()[1]


def conditions() -> Mapping[str, tuple[str, Mapping[str, str]]]:
    """The stage of each condition, and the settings that make it in the paper's surroundings, by its name."""
    return _read()[0]


def declared_hashes(relevant: Mapping[str, float] = RELEVANT) -> dict[str, str]:
    """Name and hash of every claim that a run declares, with its smallest relevant differences."""
    return claim_hashes(relevant) | {claim.name: claim.hash(relevant) for claim in arm_claims()}


@cache
def _read() -> tuple[dict[str, tuple[str, dict[str, str]]], tuple[ArmClaim, ...]]:
    data = read_yaml(FILE)
    described = {name: _settings(entry) for name, entry in data["conditions"].items()}
    claims = []
    for claim in map(read_claim, data["claims"]):
        names = [term.condition for term in claim.holds.terms()]
        if unknown := [name for name in names if name not in described]:
            raise ValueError(f"{claim.name}: {unknown[0]} is no condition; there are {', '.join(described)}")
        arms = {name: {"stage": described[name][0], **described[name][1]} for name in names}
        claims.append(ArmClaim(**{key: getattr(claim, key) for key in claim.__dataclass_fields__}, arms=arms))
    return described, tuple(claims)


def _settings(entry: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """The stage of a condition, and its settings as texts: the paper's of its treatment and drugs, and its own."""
    settings = {key: value for key, value in entry.items() if key not in ("stage", "drugs")}
    papers = _papers(settings["treatment"], "treatment")
    for drug in entry.get("drugs", ()):
        papers |= {f"treatment.drugs.{drug}": drug, **_papers(drug, f"treatment.drugs.{drug}")}
    return entry.get("stage", TREATED), as_texts({**papers, **dict(flatten(settings))})


def _papers(treatment: str, prefix: str) -> dict[str, Any]:
    """The paper's settings of a treatment under another key; none where it has no such treatment."""
    values = published()["treatments"].get(treatment, {})
    return {f"{prefix}{key.removeprefix('treatment')}": value for key, value in values.items()}
