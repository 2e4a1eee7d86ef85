"""Claims about regimens, courses and layers: their words, and the conditions that are found by what they do."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from depsim.config import prepare
from depsim.execution.job import scientific_settings
from depsim.paper import arm_claims as module
from depsim.paper.arm_claims import FILE, arm_claims, conditions, declared_hashes
from depsim.paper.claims import claim_hashes, claims
from depsim.study.stored import stored_arm_key
from tests.people import SURROUNDINGS

SHARED = {**SURROUNDINGS, "cohort.data": "shared"}
OVERRIDES = {
    "ketamine": "treatment=ketamine",
    "ssri": "treatment=ssri",
    "neurosteroid on": "treatment=neurosteroid",
    "neurosteroid withdrawn": "treatment=neurosteroid",
    "bridge": "treatment=bridge",
    "handover": "treatment=handover",
    "ketamine then ssri": "treatment=ketamine_then_ssri",
    "ssri then ketamine": "treatment=ssri_then_ketamine_if_needed treatment.steps.1.unless.combined=101",
    "ketamine in three doses": "treatment=repeated_ketamine",
    "ketamine regrown at random": "treatment=ketamine treatment.criterion=random",
    "placebo of ketamine": "treatment=sham treatment.epochs=15",
    "ketamine in layer 2": "treatment=ketamine treatment.layers=[2]",
    "ssri in layer 1": "treatment=ssri treatment.layers=[1]",
    "neurosteroid in layer 3": "treatment=neurosteroid treatment.layers=[3]",
    **{
        f"{drug} {name}": f"treatment={drug} follow_up=stress_cycles follow_up.maintenance={maintenance}"
        for drug in ("ketamine", "ssri", "neurosteroid")
        for name, maintenance in (("maintained", "own"), ("alone", "withheld"))
    },
}
"""What makes each described condition with the shipped configuration."""


def test_a_claim_about_one_condition_asks_for_most_individuals_and_one_about_two_for_the_mean() -> None:
    listed = arm_claims()
    assert len({claim.name for claim in (*listed, *claims())}) == len(listed) + len(claims())
    assert [claim.ours for claim in listed] == [False] * 12 + [True] * 10
    for claim in listed:
        between_conditions = len(claim.holds.terms()) == 2
        assert claim.required == (None if between_conditions else 0.5), claim.name
    assert not any(claim.ours for claim in claims())


def test_every_condition_is_described_and_used() -> None:
    used = {name for claim in arm_claims() for name in claim.arms}
    assert used == set(conditions()) == set(OVERRIDES)


@pytest.mark.slow
@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("name", OVERRIDES)
def test_a_condition_takes_the_steps_of_the_shipped_one(name: str) -> None:
    job = prepare([*OVERRIDES[name].split(), "cohort=smoke", "cohort.data=shared", "device=cpu"]).job
    _, settings = conditions()[name]
    assert stored_arm_key({**SHARED, **settings}) == job.arm_key == stored_arm_key(scientific_settings(job.params()))


def test_other_settings_are_another_condition() -> None:
    _, settings = conditions()["bridge"]
    key = stored_arm_key({**SHARED, **settings})
    assert key is not None
    for changed in ({"treatment.steps.1.taper.neurosteroid": "49"}, {"treatment.drugs.ssri.epochs": "99"}):
        assert stored_arm_key({**SHARED, **settings, **changed}) not in (None, key)
    assert stored_arm_key({**SHARED, **settings, "treatment": "handover"}) == key  # a name is no difference


def test_a_hash_is_of_the_conditions_too() -> None:
    claim = next(claim for claim in arm_claims() if "bridge" in claim.arms)
    longer = {**claim.arms, "bridge": {**claim.arms["bridge"], "treatment.drugs.ssri.epochs": "99"}}
    hashes = {claim.hash(), replace(claim, arms=longer).hash(), replace(claim, required=0.5).hash()}
    assert len(hashes) == 3
    assert replace(claim, where="elsewhere").hash() == claim.hash()


def test_runs_declare_all_claims() -> None:
    declared = declared_hashes()
    assert len(declared) == len(claims()) + len(arm_claims())
    assert {name: declared[name] for name in claim_hashes()} == claim_hashes()
    assert len(json.dumps(declared)) < 5000  # what a tag can hold


def test_a_condition_that_is_not_described_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = yaml.safe_load(FILE.read_text())
    data["claims"][0]["holds"][0] = "ketamine alonee relapse_free_cycles"
    file = tmp_path / "arm_claims.yaml"
    file.write_text(yaml.safe_dump(data))
    monkeypatch.setattr(module, "FILE", file)
    with pytest.raises(ValueError, match="Ketamine alone outlasts SSRI alone: ketamine alonee is no condition; there"):
        module._read.__wrapped__()
