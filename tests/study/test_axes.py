from __future__ import annotations

import pytest

from depsim.study.axes import Axis, Slice, slices
from depsim.study.reading import StudyArm
from tests.people import arm, study


def regrown(dose: float, values: list[float], **changed: str) -> StudyArm:
    told = {"treatment.regrow_fraction": str(dose)} | {key.replace("__", "."): value for key, value in changed.items()}
    return arm("ketamine", {"treated/combined": values}, changed=told)


def only(*arms: StudyArm) -> Slice:
    (part,) = slices(study(*arms))
    return part


def test_a_grid_with_a_hole_is_none() -> None:
    arms = [regrown(dose, [1.0], pathology__sparsity=level) for level in ("0.99", "0.9") for dose in (0.5, 0.1, 0.2)]
    part = only(*arms)
    assert len(part.grids(*part.axes())) == 1
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


@pytest.mark.parametrize("doses", [(0.1, 0.2, 0.4), (-1.0, 0.0, 1.0, 2.0, 3.0), (0.1, 0.2, 0.4, 0.8)])
def test_no_curve_through_three_doses_a_negative_one_or_nobody(doses: tuple[float, ...]) -> None:
    part = only(*(regrown(dose, [50 + 10 * dose]) for dose in doses))
    (line,) = part.lines(part.axes()[0])
    assert line.fit("withdrawn/combined" if len(doses) == 4 else "treated/combined") is None
