"""The limit below which an individual has collapsed: part of the assessment and of no key."""

from __future__ import annotations

import pytest

from depsim.config import ConfigError, prepare
from depsim.execution.job import Job, is_same_name, scientific_settings
from depsim.execution.keys import describe
from depsim.paper.published import is_papers
from depsim.study.analyses.estimates import estimates
from depsim.study.groups import groups
from depsim.study.stored import stored_arm_key, stored_collapse
from tests.people import arm, study


def job(*overrides: str) -> Job:
    return prepare(["treatment=ketamine", "tracking=none", *overrides]).job


@pytest.mark.slow
def test_the_limit_is_stored_and_changes_no_key() -> None:
    before, after = job(), job("assessment.collapse=80")
    settings = scientific_settings(after.params())
    assert (stored_collapse(settings), stored_collapse(scientific_settings(before.params()))) == (80.0, 90.0)
    assert describe(before.arm.steps) == describe(after.arm.steps)
    assert (before.arm_key, before.run_key(42)) == (after.arm_key, after.run_key(42))
    assert stored_arm_key(settings) == before.arm_key
    assert is_papers(settings)
    assert is_same_name(settings, scientific_settings(before.params()))
    with pytest.raises(ConfigError, match=r"assessment\.collapse"):
        job("assessment.collapse=101")


@pytest.mark.parametrize(("changed", "share"), [({}, 75.0), ({"assessment.collapse": "50.0"}, 25.0)])
def test_individuals_below_the_limit_have_collapsed(changed: dict[str, str], share: float) -> None:
    values = {"treated/standard": [99.0, 89.9, 60.0, 10.0], "treated/combined": [1.0] * 4}
    (group,) = groups(study(arm("ssri", values, changed=changed)), ("treatment",))
    (row,) = estimates(group.conditions, ("combined",))
    assert row.more["collapsed"] == share
