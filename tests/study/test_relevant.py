"""The smallest relevant differences: declared in the assessment, stored with a study, part of no key."""

from __future__ import annotations

from typing import Any

import pytest

from depsim.assessment import Battery, Mood
from depsim.config import ConfigError, prepare
from depsim.execution.job import Job, is_same_name, scientific_settings
from depsim.execution.keys import describe
from depsim.outcomes import PRIMARY
from depsim.paper.published import is_papers
from depsim.study.groups import groups
from depsim.study.reading import Study
from depsim.study.stored import stored_arm_key, stored_relevant
from tests.contracts.choices import build
from tests.study.test_reading import new_tags, read, run

pytestmark = pytest.mark.slow  # jobs are composed

DECLARED = {"combined": 2.0, "internal_noise_2.5": 5.0, "resilience_auc": 2.0, "relapse_drop": 2.0}
CHANGED = ("assessment.relevant.combined=3", "assessment.relevant={internal_noise_2.5: 4.0}")


def job(*overrides: str) -> Job:
    return prepare(["treatment=ketamine", "tracking=none", *overrides]).job


def settings(*overrides: str) -> dict[str, str]:
    return scientific_settings(job(*overrides).params())


@pytest.mark.parametrize(("choice", "kind"), [("paper", Battery), ("mood", Mood)])
def test_every_battery_declares_a_difference_for_each_primary_outcome(choice: str, kind: type[Battery]) -> None:
    built: Any = build("assessment", choice)
    assert isinstance(built, kind)
    assert built.relevant == DECLARED
    assert set(DECLARED) == {outcome.column for outcome in PRIMARY}


def test_what_was_declared_is_stored_with_a_study_and_an_older_one_has_the_defaults() -> None:
    changed = settings(*CHANGED)
    assert stored_relevant(changed) == {**DECLARED, "combined": 3.0, "internal_noise_2.5": 4.0}
    older = {key: text for key, text in changed.items() if not key.startswith("assessment.relevant")}
    assert older != changed
    assert stored_relevant(older) == stored_relevant(settings()) == DECLARED
    assert stored_relevant(settings("+assessment.relevant.mine=1.5")) == {**DECLARED, "mine": 1.5}
    assert stored_relevant({"assessment": "gone"}) == DECLARED


def test_it_changes_no_step_no_key_and_nothing_of_what_is_the_papers() -> None:
    before, after = job(), job(*CHANGED)
    assert describe(before.arm.steps) == describe(after.arm.steps)
    assert (before.arm_key, before.sources, before.run_key(42)) == (after.arm_key, after.sources, after.run_key(42))
    changed = settings(*CHANGED)
    assert stored_arm_key(changed) == before.arm_key
    assert is_papers(changed)
    assert is_same_name(changed, settings())
    assert not is_same_name(changed, settings("assessment.further_pruning=0.3"))


@pytest.mark.parametrize("value", ["0", "-1.0", "101", "x", "null"])
def test_what_is_no_difference_is_refused_with_its_key(value: str) -> None:
    with pytest.raises(ConfigError, match=r"assessment\.relevant\.combined"):
        job(f"assessment.relevant.combined={value}")


def test_an_unknown_outcome_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ConfigError, match=r"combned=3.*did you mean combined"):
        job("assessment.relevant.combned=3")


def test_the_newest_run_of_a_study_has_the_say_for_all_its_conditions() -> None:
    def studied(*declared: str) -> Study:
        runs = []
        for treatment, text in zip(("none", "ssri"), declared, strict=True):
            for seed in (None, 0, 1):
                made = run(treatment, seed, **new_tags(treatment))
                made.data.params["assessment.relevant"] = text
                runs.append(made)
        return read(runs)

    old, new = str(DECLARED), str({**DECLARED, "combined": 1.0})
    alike = studied(old, new)
    assert [stored_relevant(arm.settings)["combined"] for arm in alike.arms] == [1.0, 1.0]
    assert len(groups(alike, ("treatment",))) == 1
    assert [stored_relevant(arm.settings)["combined"] for arm in studied(new, old).arms] == [2.0, 2.0]
