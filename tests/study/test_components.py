from __future__ import annotations

import itertools

import numpy as np
import pytest

from depsim.search.sweeps import plan_sweep
from depsim.statistics import split_variance
from depsim.statistics.variance import is_balanced
from depsim.study.components import REMAINING, Crossed, crossed_designs, split_design, without_crossed
from depsim.study.reading import Study, StudyArm
from tests.people import arm, paper_study, study

EFFECTS = np.random.default_rng(5)
DATA, INIT = EFFECTS.normal(0, 4.0, 6), EFFECTS.normal(0, 1.0, 5)


def cell(data: int, init: int, values: list[float], treatment: str = "ssri") -> StudyArm:
    held = {"cohort.hold.data": str(data), "cohort.hold.init": str(init)}
    return arm(treatment, {"relapse_drop": values}, data="individual", changed=held)


def crossed(*skipped: tuple[int, int]) -> Study:
    """Six data sets by five initialisations, one individual each; data matter most."""
    noise = np.random.default_rng(6)
    cells = [
        cell(data, init, [10 + DATA[data] + INIT[init] + noise.normal(0, 0.3)])
        for data, init in itertools.product(range(6), range(5))
        if (data, init) not in skipped
    ]
    return study(*cells)


def only(told: Study) -> Crossed:
    (design,) = crossed_designs(told)
    return design


def test_planted_components_come_back_in_their_order() -> None:
    cells = only(crossed()).runs("relapse_drop")
    assert cells.sizes == {"data": 6, "init": 5}
    found = {part.name: part.variance for part in split_variance(cells.values, cells.levels).components}
    assert found["data"] == pytest.approx(DATA.var(ddof=1), rel=0.1)
    assert found["init"] == pytest.approx(INIT.var(ddof=1), rel=0.3)
    assert found["residual"] < 0.3


def test_a_design_with_a_hole_or_a_missing_value_is_not_split() -> None:
    assert split_design(only(crossed((2, 1))), "relapse_drop") is None
    assert split_design(only(crossed()), "treated/combined") is None
    row = only(study(*(cell(data, 0, [float(data)]) for data in range(3))))
    assert split_design(row, "relapse_drop") is None


def test_individuals_of_one_cell_are_one_more_factor() -> None:
    design = only(study(*(cell(d, i, [d + i, d + i + 5.0]) for d in range(2) for i in range(2))))
    cells = design.runs("relapse_drop")
    assert cells.sizes == {"data": 2, "init": 2, REMAINING: 2}
    assert cells.values.tolist() == [0.0, 5.0, 1.0, 6.0, 1.0, 6.0, 2.0, 7.0]


def test_crossed_arms_are_taken_out_and_ordinary_ones_stay() -> None:
    told = crossed()
    ordinary = paper_study(5, data="individual")
    mixed = study(*told.arms, *ordinary.arms)
    assert without_crossed(mixed).arms == ordinary.arms
    assert without_crossed(ordinary).arms == ordinary.arms
    assert without_crossed(told).arms == ()


def test_a_stream_held_at_one_seed_is_an_ordinary_study() -> None:
    told = study(cell(0, 0, [1.0, 2.0]), cell(0, 0, [1.0, 2.0], "none"))
    assert crossed_designs(told) == []
    free = arm("ssri", {"relapse_drop": [1.0]}, data="individual")
    assert crossed_designs(study(cell(0, 0, [1.0]), free)) == []


def test_individuals_with_streams_of_their_own_are_no_cells() -> None:
    free = arm("ssri", {"relapse_drop": [1.0, 2.0]}, data="individual")
    mixed = study(*crossed().arms, free)
    assert len(only(mixed).arms) == 30
    assert without_crossed(mixed).arms == (free,)


def test_each_treatment_is_a_design_of_its_own() -> None:
    arms = [cell(d, i, [1.0], t) for t in ("none", "ssri") for d in range(2) for i in range(2)]
    assert [(d.treatment, d.streams, len(d.arms)) for d in crossed_designs(study(*arms))] == [
        ("none", ("data", "init"), 4),
        ("ssri", ("data", "init"), 4),
    ]


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


@pytest.mark.parametrize(
    ("name", "networks"),
    [("variance_components", 64), pytest.param("stream_interplay", 512, marks=pytest.mark.slow)],
)
def test_the_sweeps_that_come_with_depsim_are_balanced_designs(name: str, networks: int) -> None:
    jobs = [spec.job for spec in plan_sweep(name, ["treatment=none"]).specs]
    held = [job.population.hold for job in jobs]
    runs = {(own.train, own.test, own.init, own.order) for own in held}
    assert len(runs) == len(jobs) == networks
    assert is_balanced(list(zip(*runs, strict=True)), 2 if networks == 64 else 3)
    assert {own.data for own in held} == {None}
    assert {(job.seeds, job.population.data) for job in jobs} == {((0,), "individual")}
