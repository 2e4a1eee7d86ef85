from __future__ import annotations

import numpy as np
import pytest

from depsim.study.axes import Axis, Slice, slices, varied
from depsim.study.reading import StudyArm
from tests.people import arm, study

DOSES = (0.05, 0.1, 0.2, 0.4, 0.6, 0.8)
ED50, SLOPE = 0.2, 3.0


def regrown(dose: float, values: list[float], **changed: str) -> StudyArm:
    told = {"treatment.regrow_fraction": str(dose)} | {key.replace("__", "."): value for key, value in changed.items()}
    return arm("ketamine", {"treated/combined": values}, changed=told)


def planted(n: int = 12) -> list[StudyArm]:
    """Arms along Hill curves from 40 to 90, whose middles scatter around 0.2."""
    middles = ED50 * np.exp(np.random.default_rng(3).normal(0, 0.2, n))
    return [regrown(dose, list(40 + 50 / (1 + (middles / dose) ** SLOPE))) for dose in DOSES]


def only(*arms: StudyArm) -> Slice:
    (part,) = slices(study(*arms))
    return part


def test_the_setting_that_differs_is_an_axis_with_its_values_by_size() -> None:
    part = only(regrown(0.5, [1.0]), regrown(0.1, [1.0]), regrown(0.05, [1.0]))
    assert part.axes() == [Axis("treatment.regrow_fraction", ("0.05", "0.1", "0.5"), True)]
    (line,) = part.lines(part.axes()[0])
    assert line.positions == (0.05, 0.1, 0.5)
    assert [each.settings["treatment.regrow_fraction"] for each in line.arms] == ["0.05", "0.1", "0.5"]
    assert line.fixed == {}


def test_settings_that_differ_between_treatments_only_are_no_axis() -> None:
    part = only(arm("none", {"x": [1.0]}), arm("ketamine", {"x": [1.0]}), arm("ssri", {"x": [1.0]}))
    assert part.axes() == []


def test_every_treatment_makes_a_line_along_a_common_setting() -> None:
    levels = ("0.9", "0.95", "0.99")
    arms = [
        arm(name, {"x": [1.0]}, changed={"pathology.sparsity": level})
        for name in ("none", "ketamine")
        for level in levels
    ]
    part = only(*arms)
    (axis,) = part.axes()
    assert [(line.treatment, line.values, dict(line.fixed)) for line in part.lines(axis)] == [
        ("none", levels, {}),
        ("ketamine", levels, {}),
    ]


def test_texts_are_a_category_and_two_settings_make_lines_of_each_other() -> None:
    arms = [
        regrown(dose, [1.0], treatment__criterion=criterion)
        for dose in (0.1, 0.5)
        for criterion in ("random", "gradient")
    ]
    part = only(*arms)
    criterion, dose = part.axes()
    assert criterion == Axis("treatment.criterion", ("gradient", "random"), False)
    assert criterion.positions == (0.0, 1.0)
    assert [dict(line.fixed) for line in part.lines(criterion)] == [
        {"treatment.regrow_fraction": "0.1"},
        {"treatment.regrow_fraction": "0.5"},
    ]
    assert [line.fixed["treatment.criterion"] for line in part.lines(dose)] == ["random", "gradient"]


def test_two_sweeps_that_share_no_condition_keep_their_lines_apart() -> None:
    along_dose = [regrown(dose, [1.0]) for dose in (0.1, 0.2)]
    along_level = [regrown(0.7, [1.0], pathology__sparsity=level) for level in ("0.9", "0.99")]
    part = only(*along_dose, *along_level)
    assert [axis.key for axis in part.axes()] == ["pathology.sparsity", "treatment.regrow_fraction"]
    assert [len(part.lines(axis)) for axis in part.axes()] == [1, 1]
    assert part.grids(*part.axes()) == []


def test_a_complete_grid_is_found_row_by_row_and_one_with_a_hole_is_none() -> None:
    arms = [regrown(dose, [1.0], pathology__sparsity=level) for level in ("0.99", "0.9") for dose in (0.5, 0.1, 0.2)]
    part = only(*arms)
    (grid,) = part.grids(*part.axes())
    assert (grid.rows.values, grid.columns.values) == (("0.9", "0.99"), ("0.1", "0.2", "0.5"))
    told = [[(a.settings["pathology.sparsity"], a.settings["treatment.regrow_fraction"]) for a in r] for r in grid.arms]
    assert told[1] == [("0.99", "0.1"), ("0.99", "0.2"), ("0.99", "0.5")]
    holed = only(*arms[1:])
    assert holed.grids(*holed.axes()) == []


def test_a_choice_as_an_axis_takes_its_own_settings_with_it() -> None:
    ill = arm("none", {"x": [1.0]})
    healthy = arm("none", {"x": [1.0]}, changed={"pathology": "healthy"})
    settings = {k: v for k, v in healthy.settings.items() if not k.startswith("pathology.")}
    part = Slice({}, (ill, StudyArm(**{**vars(healthy), "settings": settings})))
    (axis,) = part.axes()
    assert axis == Axis("pathology", ("healthy", "overpruning"), False)
    assert len(part.lines(axis)[0].arms) == 2


def test_shared_and_individual_data_are_never_on_one_line() -> None:
    arms = [
        arm("none", {"x": [1.0]}, data=data, changed={"pathology.sparsity": level})
        for data in ("shared", "individual")
        for level in ("0.9", "0.95")
    ]
    parts = slices(study(*arms, arm("ssri", {"x": [1.0]}, data="individual")))
    assert [(dict(part.apart), len(part.arms)) for part in parts] == [
        ({"cohort.data": "individual"}, 3),
        ({"cohort.data": "shared"}, 2),
    ]


def test_arms_without_individuals_are_on_no_line() -> None:
    assert slices(study(arm("none", {}), arm("ssri", {}))) == []
    assert varied([]) == set()


def test_a_planted_half_way_point_is_found_within_its_interval() -> None:
    part = only(*planted())
    (line,) = part.lines(part.axes()[0])
    curve = line.fit("treated/combined")
    assert curve is not None
    assert curve.ed50 == pytest.approx(ED50, rel=0.1)
    assert curve.low is not None
    assert curve.high is not None
    assert curve.low < ED50 < curve.high < 1.5 * curve.low
    assert curve.low < curve.ed50 < curve.high
    assert curve.slope > 0


def test_what_a_setting_leaves_can_be_the_dose() -> None:
    levels = (0.5, 0.7, 0.8, 0.9, 0.95, 0.99)
    arms = [
        arm("none", {"treated/combined": [100 / (1 + (0.1 / (1 - s)) ** 3)]}, changed={"pathology.sparsity": str(s)})
        for s in levels
    ]
    part = only(*arms)
    (line,) = part.lines(part.axes()[0])
    curve = line.fit("treated/combined", remaining=True)
    assert curve is not None
    assert curve.ed50 == pytest.approx(0.1, rel=0.05)


def test_no_curve_through_three_doses_a_negative_one_or_nobody() -> None:
    part = only(*planted()[:3])
    assert part.lines(part.axes()[0])[0].fit("treated/combined") is None
    part = only(*(regrown(dose, [50 + 10 * dose]) for dose in (-1.0, 0.0, 1.0, 2.0, 3.0)))
    assert part.lines(part.axes()[0])[0].fit("treated/combined") is None
    part = only(*planted())
    assert part.lines(part.axes()[0])[0].fit("withdrawn/combined") is None
