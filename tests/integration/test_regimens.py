"""Regimens and follow-ups from the command line to the report: stored, found again, and told apart."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import depsim as package
from depsim.config import prepare
from depsim.execution.job import scientific_settings
from depsim.execution.keys import arm_key
from depsim.study.stored import stored_arm_key
from tests.jobs import TINY, depsim, runs

pytestmark = pytest.mark.slow
ARMS = ("bridge", "repeated_ketamine")


def test_regimens_are_tracked_found_again_and_reported(project: Path) -> None:
    words = ["sweep", "regimens", *TINY, "study=s", f"treatment={','.join(ARMS)}", "cohort=smoke", "cohort.size=2"]
    assert depsim(*words) == 0
    finished = {r.info.run_id for r in runs("s") if r.info.status == "FINISHED"}
    assert len(finished) == len(ARMS) * 3
    (bridge,) = [r for r in runs("s") if r.data.tags["depsim.kind"] == "condition"
                 and r.data.tags["depsim.treatment"] == "bridge"]  # fmt: skip
    params = bridge.data.params
    assert (params["treatment"], params["treatment.drugs.ssri"]) == ("bridge", "ssri")
    assert params["treatment.drugs.ssri.epochs"] == "100"
    assert (params["treatment.steps.0.give"], params["treatment.steps.1.taper.neurosteroid"]) == ("neurosteroid", "50")
    assert depsim(*words) == 0
    assert {r.info.run_id for r in runs("s") if r.info.status == "FINISHED"} == finished
    assert depsim("report", "s") == 0
    (recovery,) = (found for found in json.loads((project / "reports" / "s" / "study.json").read_text())["findings"]
                   if found["name"] == "recovery")  # fmt: skip
    assert {row["key"]["condition"] for row in recovery["rows"]} == {"bridge", "repeated ketamine"}
    assert set(package.load_study("s").frame["arm"]) == {"bridge", "repeated ketamine"}


@pytest.mark.parametrize(
    "words",
    [
        ["treatment=ketamine"], ["treatment=bridge", "treatment.drugs.ssri.epochs=60"], ["treatment=ladder"],
        ["treatment=bridge", "treatment@treatment.drugs.ssri=ketamine", "treatment.steps.1.taper.neurosteroid=5"],
        ["treatment=ssri_gain", "assessment=mood", "follow_up=withdrawal_curve"],
        ["treatment=repeated_ketamine", "follow_up=stress_cycles", "follow_up.maintenance=withheld"],
    ],
)  # fmt: skip
def test_what_is_stored_of_an_arm_describes_it(words: list[str]) -> None:
    job = prepare(words).job
    assert stored_arm_key(scientific_settings(job.params())) == arm_key(job.arm, "cpu")


def test_no_name_of_a_setting_is_one_that_mlflow_refuses() -> None:
    import re

    for words in (["treatment=ladder"], ["treatment=bridge", "follow_up=stress_cycles", "assessment=mood"]):
        assert not [name for name in prepare(words).job.params() if not re.fullmatch(r"[\w\-. :/]+", name)]
