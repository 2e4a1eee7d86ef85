from __future__ import annotations

import itertools

import pytest

from depsim.search.sweeps import plan_sweep
from depsim.statistics.variance import is_balanced
from depsim.study.components import REMAINING, Crossed, crossed_designs, split_design, without_crossed
from depsim.study.reading import Study, StudyArm
from tests.people import arm, study


def cell(data: int, init: int, values: list[float], treatment: str = "ssri") -> StudyArm:
    held = {"cohort.hold.data": str(data), "cohort.hold.init": str(init)}
    return arm(treatment, {"relapse_drop": values}, data="individual", changed=held)


def crossed() -> Study:
    """Six data sets by five initialisations, one individual each."""
    return study(*(cell(data, init, [10.0 + data * init]) for data, init in itertools.product(range(6), range(5))))


def only(made: Study) -> Crossed:
    (design,) = crossed_designs(made)
    return design


def test_a_design_without_a_value_or_of_one_row_is_not_split() -> None:
    assert split_design(only(crossed()), "treated/combined") is None
    row = only(study(*(cell(data, 0, [float(data)]) for data in range(3))))
    assert split_design(row, "relapse_drop") is None


def test_individuals_of_one_cell_are_one_more_factor() -> None:
    design = only(study(*(cell(d, i, [d + i, d + i + 5.0]) for d in range(2) for i in range(2))))
    cells = design.values("relapse_drop")
    assert cells.sizes == {"data": 2, "init": 2, REMAINING: 2}
    assert cells.values.tolist() == [0.0, 5.0, 1.0, 6.0, 1.0, 6.0, 2.0, 7.0]


def test_crossed_arms_are_taken_out_and_ordinary_ones_stay() -> None:
    free = arm("ssri", {"relapse_drop": [1.0, 2.0]}, data="individual")
    mixed = study(*crossed().arms, free)
    assert len(only(mixed).arms) == 30
    assert without_crossed(mixed).arms == (free,)


def test_a_stream_held_at_one_seed_is_an_ordinary_study() -> None:
    made = study(cell(0, 0, [1.0, 2.0]), cell(0, 0, [1.0, 2.0], "none"))
    assert crossed_designs(made) == []


def test_designs_that_hold_other_streams_stand_apart() -> None:
    """An older study of data, init and order, which today's sweep of train, test, init and order was added to."""
    array = [
        arm("ssri", {"relapse_drop": [1.0]}, data="individual",
            changed={f"cohort.hold.{name}": str(seed) for name, seed in zip(("train", "init"), run, strict=True)})
        for run in itertools.product(range(2), repeat=2)
    ]  # fmt: skip
    mixed = study(*crossed().arms, *array)
    assert [(design.streams, len(design.arms)) for design in crossed_designs(mixed)] == [
        (("data", "init"), 30),
        (("init", "train"), 4),
    ]
    assert without_crossed(mixed).arms == ()


@pytest.mark.parametrize(("name", "strength"), [("variance_components", 2), ("stream_interplay", 3)])
def test_the_sweeps_that_come_with_depsim_are_balanced_designs(name: str, strength: int) -> None:
    sweep = plan_sweep(name, ["treatment=none"], networks=2)
    assert sweep.file.array is not None
    rows = sweep.file.array.rows()
    assert len(set(rows)) == len(rows) == 8**strength
    assert is_balanced(list(zip(*rows, strict=True)), strength)
    assert {(job.seeds, job.population.data, job.population.hold.data) for job in sweep.jobs} == {
        ((0,), "individual", None)
    }
