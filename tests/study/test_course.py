"""Accuracy over internal noise, over the share of a drug, and over cycles of stress."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from depsim.statistics import holm, simultaneous, summarise
from depsim.study.analyses.course import (
    borrowed,
    curve_rows,
    cycle_curve,
    noise_curve,
    noise_curves,
    withdrawal_curves,
)
from depsim.study.estimate import Estimate
from depsim.study.groups import Condition, groups
from depsim.study.reading import Study
from depsim.study.reference import published_cells
from tests.people import SIGMAS, arm, paper_study, study
from tests.shipped import shipped
from tests.studies_course import WITHDRAWAL, taken_off, withdrawn_study

NAN = float("nan")
PEOPLE = np.array([[90.0, 88, 70, 69, 68], [80, 79, 60, 58, 58], [85, 65, 64, 63, 62]])


def lost(made: Study) -> tuple[Estimate, ...]:
    every = [(curve, group.key) for group in groups(made, ("treatment",)) for curve in withdrawal_curves(group)]
    return borrowed([curve for curve, _ in every], [key for _, key in every])


def test_a_row_for_each_level_has_the_mean_its_interval_and_the_published_value() -> None:
    made = paper_study(12)
    (group,) = groups(made, ("treatment",))
    rows = curve_rows(noise_curves(group), {}, published_cells(group))
    assert [row.key["x"] for row in rows[:7]] == [0.0, *map(float, SIGMAS)]
    (row,) = [row for row in rows if (row.of("condition"), row.key["x"]) == ("ketamine", 2.5)]
    values = made.arms[1].values("treated/internal_noise_2.5")
    (expected,) = summarise(values[:, None], bounded=True)
    assert (row.n, row.value, row.interval) == (12, pytest.approx(expected.mean), expected.interval)
    assert row.more["published"] == 84.5
    assert {row.of("condition") for row in rows} == {condition.name for condition in group.conditions}


def test_a_curve_has_those_with_every_level_and_no_other_stage() -> None:
    values = {"treated/standard": [100.0, 90.0], "treated/internal_noise_1.0": [80.0, NAN],
              "healthy/internal_noise_1.0": [99.0, 98.0]}  # fmt: skip
    curve = noise_curve(Condition("ssri", arm("ssri", values)))
    assert curve is not None
    assert (curve.seeds, curve.x, curve.people.tolist()) == ((0,), (0.0, 1.0), [[100.0, 80.0]])
    assert noise_curve(Condition("ssri", arm("ssri", {"treated/standard": [100.0]}))) is None


def test_what_is_borrowed_and_where_it_is_lost_by_hand() -> None:
    (row,) = lost(study(taken_off("neurosteroid", PEOPLE)))
    assert (row.n, row.value) == (3, pytest.approx(67 / 3))
    assert row.interval == pytest.approx(stats.t.interval(0.95, 2, 67 / 3, stats.sem([22, 22, 23])))
    assert (row.more["mean_a"], row.more["relief"]) == (85.0, 55.0)
    assert (row.more["steepest_from"], row.more["steepest_to"], row.more["agreeing"]) == (75.0, 50.0, 2)
    losses = -np.diff(PEOPLE, axis=1)
    low, high = simultaneous(losses)
    assert (row.more["lost"], row.more["lost_low"], row.more["lost_high"]) == (
        pytest.approx(38 / 3), pytest.approx(low[1]), pytest.approx(high[1])
    )  # fmt: skip


@pytest.mark.slow
def test_the_steepest_step_is_chosen_by_its_result_and_its_interval_knows_it() -> None:
    """All steps lose alike; the one that seems steepest is no more."""
    held = []
    for draw in range(200):
        losses = np.random.default_rng(draw).normal(5.0, 3.0, (20, 4))
        people = 90 - np.cumsum(np.column_stack([np.zeros(20), losses]), axis=1)
        (row,) = lost(study(taken_off("neurosteroid", people)))
        low, high = row.more["lost_low"], row.more["lost_high"]
        assert isinstance(low, float)
        assert isinstance(high, float)
        held.append(low <= 5.0 <= high)
    assert np.mean(held) > 0.95  # 0.91 with an interval for that step alone


def test_all_conditions_and_measures_are_one_family() -> None:
    rows = lost(withdrawn_study())
    assert len(rows) == 12
    assert [row.p_holm for row in rows] == holm([row.p for row in rows])
    assert {row.of("condition"): row.verdict for row in rows if row.of("outcome") == "combined"} == {
        "neurosteroid": "yes", "ketamine gain": "yes", "ssri gain": "undecided", "neurosteroid gain": "yes"
    }  # fmt: skip
    assert {row.verdict for row in lost(withdrawn_study(5))} == {"too few"}


def test_other_shares_are_read_from_the_settings_and_one_is_no_curve() -> None:
    (row,) = lost(study(taken_off("neurosteroid", PEOPLE[:, :2], "follow_up.shares=[1.0,0.0]")))
    assert (row.more["steepest_from"], row.more["steepest_to"]) == (100.0, 0.0)
    assert lost(study(taken_off("neurosteroid", PEOPLE[:, :1], "follow_up.shares=[1.0]"))) == ()
    assert lost(study(shipped("neurosteroid", {"treated/combined": [90.0]}, WITHDRAWAL))) == ()


def test_whoever_lacks_an_examination_is_in_none_of_it() -> None:
    gap = PEOPLE.copy()
    gap[1, 2] = np.nan
    (row,) = lost(study(taken_off("neurosteroid", gap)))
    assert (row.n, row.more["mean_a"]) == (2, 87.5)


def test_a_course_over_cycles_has_those_with_every_cycle() -> None:
    gap = arm("ssri", {"maintained/combined/0": [1.0, 2.0], "maintained/combined/1": [NAN, 3.0]})
    curve = cycle_curve(Condition("ssri", gap))
    assert curve is not None
    assert (curve.x, curve.people.tolist()) == ((0.0, 1.0), [[2.0, 3.0]])
