"""Which replicates count for the reliability of an outcome, and what it allows to say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from depsim.statistics import reliability, resampled_share
from depsim.study.analyses.reliability import may_say, reliabilities, reliability_rows, replicates_of
from depsim.study.estimate import Estimate
from depsim.study.groups import groups
from depsim.study.reading import Replicate, Study, StudyArm
from tests.diverse import diverse
from tests.people import arm, study

VALUES = {"treated/combined": np.linspace(80, 90, 12)}


def with_replicates(*others: StudyArm) -> StudyArm:
    again = tuple(Replicate(number, other.individuals, (), ()) for number, other in enumerate(others, start=1))
    return replace(arm("ssri", VALUES), replicates=again)


def combined(of: StudyArm) -> tuple[int, float | None]:
    (row,) = reliability_rows(replicates_of(of), "ssri")
    return row.n, row.value


def test_a_replicate_by_other_sources_is_no_replicate() -> None:
    # What two versions of the program differ by is nobody's chance.
    old = arm("ssri", {"treated/combined": np.linspace(60, 70, 12)})
    older = replace(old, individuals=tuple(replace(person, sources="old") for person in old.individuals))
    people = replicates_of(with_replicates(arm("ssri", VALUES), older))
    assert [len(column) for column in people] == [12, 12]
    assert combined(with_replicates(arm("ssri", VALUES), older)) == (12, pytest.approx(1.0))


def test_a_replicate_that_has_only_begun_hides_no_other() -> None:
    empty = replace(arm("ssri", VALUES), individuals=())
    assert combined(with_replicates(arm("ssri", VALUES), empty)) == (12, pytest.approx(1.0))


def rows_of(made: Study) -> tuple[Estimate, ...]:
    return reliabilities(groups(made, ("treatment",))[0])


def pick(rows: tuple[Estimate, ...], condition: str, outcome: str = "combined") -> Estimate:
    return next(row for row in rows if (row.of("condition"), row.of("outcome")) == (condition, outcome))


def values_of(made: Study, treatment: str) -> np.ndarray:
    arm = next(arm for arm in made.arms if arm.treatment == treatment)
    people = (arm.individuals, *(again.individuals for again in arm.replicates))
    return np.array([[person.metrics["treated/combined"] for person in column] for column in people]).T


def test_outcomes_and_differences_of_drugs_have_a_reliability_and_no_effect_beside_the_untreated_floor() -> None:
    made = diverse(30, noise=4.0, replicates=3)
    rows = rows_of(made)
    ketamine, ssri = (values_of(made, name) for name in ("ketamine", "ssri"))
    for name, values in (("ssri", ssri), ("ketamine − ssri", ketamine - ssri)):
        row, expected = pick(rows, name), reliability(values)
        assert expected is not None
        assert (row.n, row.value, row.low, row.high) == pytest.approx(
            (30, expected.share, expected.low, expected.high))  # fmt: skip
        assert (row.more["within"], row.more["between"], row.more["replicates"]) == pytest.approx(
            (expected.within, expected.between, 3))  # fmt: skip
    assert not [row for row in rows if "−" in row.of("condition") and "untreated" in row.of("condition")]


def test_whoever_lacks_the_outcome_in_one_replicate_has_no_part() -> None:
    made = diverse(30, noise=4.0, replicates=2)
    ssri = next(arm for arm in made.arms if arm.treatment == "ssri")
    (again,) = ssri.replicates
    gone = replace(again.individuals[4], metrics={**again.individuals[4].metrics, "treated/combined": np.nan})
    others = (*again.individuals[:4], *again.individuals[5:])
    for people in ((*others, gone), others):
        lacking = replace(ssri, replicates=(replace(again, individuals=people),))
        rows = rows_of(study(*(lacking if arm is ssri else arm for arm in made.arms)))
        assert (pick(rows, "ssri").n, pick(rows, "ketamine − ssri").n, pick(rows, "ketamine").n) == (29, 29, 30)


def test_of_skewed_individuals_the_interval_is_resampled() -> None:
    tail = np.exp(1.5 * np.random.default_rng(3).normal(size=40))
    values = np.column_stack([tail, tail + np.random.default_rng(4).normal(0, 0.3, 40)])
    one, other = (arm("ssri", {"treated/combined": values[:, place]}) for place in (0, 1))
    (row,) = rows_of(study(replace(one, replicates=(Replicate(1, other.individuals, (), ()),))))
    assert row.interval == resampled_share(values)


def test_a_statement_about_individuals_takes_a_reliability_of_one_half() -> None:
    between, within = np.linspace(-1, 1, 30), np.where(np.arange(30) % 2, 1.0, -1.0)
    answers = []
    for size in (0.05, 0.3, 2.0):
        answers.append(may_say(reliability(80 + between[:, None] + size * within[:, None] * np.array([1, -1]))))
    assert answers == ["yes", "undecided", "no"]
    assert may_say(reliability(np.full((30, 2), 7.0))) == "no"
    assert may_say(reliability(np.ones((2, 2)))) == "too few"


def test_the_relapse_drop_of_untreated_individuals_is_not_asked() -> None:
    values = {"treated/combined": np.arange(12.0), "relapse_drop": np.arange(12.0)}
    arms = [replace(arm(name, values), replicates=(Replicate(1, arm(name, values).individuals, (), ()),))
            for name in ("none", "ssri")]  # fmt: skip
    assert [(row.of("condition"), row.of("outcome")) for row in rows_of(study(*arms))] == [
        ("untreated", "combined"), ("ssri", "combined"), ("ssri", "relapse_drop")]  # fmt: skip
