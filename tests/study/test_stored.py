"""Stored settings describe the parts that they were stored of."""

from __future__ import annotations

import pytest

from depsim.config import prepare
from depsim.execution.job import scientific_settings
from depsim.study.stored import stored_arm_key, stored_ceilings, stored_relevant, stored_treatment
from tests.contracts.choices import names
from tests.people import SURROUNDINGS, TREATMENTS


@pytest.mark.parametrize("treatment", [name for name in names("treatment") if name not in ("none", "placebo")])
def test_the_placebo_of_any_treatment_is_known_from_its_settings(treatment: str) -> None:
    """Regimens have their drugs and steps two levels below the place where the placebo has them."""
    words = ["tracking=none", "treatment=placebo", f"treatment@treatment.of={treatment}"]
    job = prepare(words).job
    settings = scientific_settings(job.params())
    assert stored_arm_key(settings) == job.arm_key
    placebo = stored_treatment(settings)
    assert placebo is not None
    assert tuple(placebo.plan()) != ()


def test_a_part_is_built_once_for_all_who_have_its_settings_and_never_for_others() -> None:
    wider = {**SURROUNDINGS, "task.spread": "2.0"}
    assert stored_ceilings(wider)["standard"] < stored_ceilings(SURROUNDINGS)["standard"]
    assert stored_relevant({**wider, "assessment.relevant.combined": "3.0"})["combined"] == 3.0
    assert stored_relevant(wider)["combined"] == 2.0
    treated = {"treatment": "ketamine", **TREATMENTS["ketamine"]}
    assert stored_treatment(SURROUNDINGS | treated) is stored_treatment(wider | treated) is not None
