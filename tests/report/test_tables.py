from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from depsim.report.tables import Cell, Table, paper_table, sequel_table, spell_cell
from depsim.statistics import Summary
from depsim.study.published import Value, published


def person(stage: str, base: float, drop: float | None = 1.0) -> dict[str, float]:
    names = ("sparsity", "clean", "standard", "combined", *(f"internal_noise_{s}" for s in (0.5, 1.0, 1.5, 2.5)))
    metrics = {f"{stage}/{name}": base + place for place, name in enumerate(names)}
    return metrics if drop is None else metrics | {"relapse_drop": drop}


ARMS = {
    "none": {42: person("treated", 30.0)},
    "ketamine": {42: person("treated", 40.0, -0.04)},
    "ssri": {42: person("treated", 50.0)},
    "neurosteroid": {42: person("treated", 60.0) | person("withdrawn", 70.0, None)},
}


def sample(n: int, mean: float, sd: float | None) -> Summary:
    reach = sd or 0.0
    return Summary(n, mean, sd, None, median=mean, low=mean - reach, high=mean + reach)


def cell(ours: Summary | None, *theirs: Any) -> Cell:
    """With the mean, SD and n that are published."""
    return Cell(ours, Value("sequel", "ssri", "combined", "ssri", "treated", *theirs))


def ours(table: Table) -> dict[str, list[float | None]]:
    return {name: [c.ours.mean if c.ours else None for c in cells] for name, cells in table.rows}


def test_table_1_has_ours_in_their_places() -> None:
    table = paper_table(1, ARMS)
    assert ours(table) == {
        "untreated": [30, 31, 32, 33, 37, 1],
        "ketamine": [40, 41, 42, 43, 47, -0.04],
        "ssri": [50, 51, 52, 53, 57, 1],
        "neurosteroid on": [60, 61, 62, 63, 67, 1],
        "neurosteroid withdrawn": [70, 71, 72, 73, 77, None],
    }
    assert len(table.columns) == 6


def test_table_2_has_ours_in_their_places() -> None:
    assert ours(paper_table(2, ARMS)) == {
        "untreated": [32, 34, 35, 36, 37],
        "ketamine": [42, 44, 45, 46, 47],
        "ssri": [52, 54, 55, 56, 57],
        "neurosteroid on": [62, 64, 65, 66, 67],
    }


@pytest.mark.parametrize("number", [1, 2])
def test_each_cell_stands_beside_the_published_one(number: int) -> None:
    rows = published()["paper"][f"table_{number}"]["rows"]
    table = paper_table(number, ARMS)
    assert {name: [each.theirs.mean for each in cells] for name, cells in table.rows} == rows


def test_a_row_whose_treatment_is_missing_is_left_out() -> None:
    arms = {"neurosteroid": ARMS["neurosteroid"], "ssri": ARMS["ssri"]}
    names = ["ssri", "neurosteroid on", "neurosteroid withdrawn"]
    assert [name for name, _ in paper_table(1, arms).rows] == names
    assert [name for name, _ in sequel_table(arms).rows] == names
    assert paper_table(1, {}).rows == ()


def test_what_was_not_measured_is_a_dash() -> None:
    people = {42: {name: value for name, value in person("treated", 5.0).items() if "2.5" not in name}}
    table = paper_table(2, {"ssri": people})
    ((_, cells),) = table.rows
    assert spell_cell(cells[-1]) == "- | 44.0"


def test_a_cohorts_cells_have_mean_and_deviation() -> None:
    people = {0: person("treated", 10.0), 1: person("treated", 14.0), 2: person("treated", 12.0)}
    ((_, cells),) = paper_table(1, {"ketamine": people}).rows
    assert cells[0].ours is not None
    assert (cells[0].ours.n, cells[0].ours.mean, cells[0].ours.sd) == (3, 12.0, 2.0)
    assert spell_cell(cells[0]) == "12.0 ± 2.0 | 47.5"


def test_the_distance_is_in_standard_errors_of_the_difference() -> None:
    found = cell(sample(30, 30.0, 3.0), 28.9, 2.4, 10)
    assert found.distance == pytest.approx(1.1 / math.sqrt(9 / 30 + 5.76 / 10))


@pytest.mark.parametrize(
    "found",
    [
        cell(None, 28.9, 2.4, 10),
        cell(sample(1, 30.0, None), 28.9, 2.4, 10),
        cell(sample(3, 30.0, 1.0), None),
        cell(sample(3, 30.0, 1.0), 28.9),
        cell(sample(3, 30.0, 0.0), 28.9, 0.0, 10),
    ],
)
def test_without_two_spreads_there_is_no_distance(found: Cell) -> None:
    assert found.distance is None


def test_far_cells_are_those_from_three_standard_errors_on() -> None:
    def at(distance: float) -> Cell:
        return cell(sample(10, 50.0 + distance * math.sqrt(0.2), 1.0), 50.0, 1.0, 10)

    table = Table("t", ("a", "b", "c"), (("x", (at(2.9), at(3.1), cell(None, 1.0))), ("y", (at(-4), at(0), at(1)))))
    assert table.far_cells() == ["x, b: +3.1 standard errors", "y, a: -4.0 standard errors"]
    assert table.compared == 5
    exact = replace(
        at(0), ours=sample(25, 53.0, 3.0), theirs=Value("sequel", "ssri", "combined", "ssri", "treated", 50.0, 4.0, 25)
    )
    assert exact.distance == 3.0
    assert Table("t", ("a",), (("x", (exact,)),)).far_cells() == ["x, a: +3.0 standard errors"]


def test_the_sequels_own_means_are_nowhere_far() -> None:
    data = published()["sequel"]
    stages = {"untreated": "none", "ketamine": "ketamine", "ssri": "ssri", "neurosteroid on": "neurosteroid"}
    arms = {}
    for row, treatment in stages.items():
        combined, extreme, drop = data["mean"][row]
        metrics = {"treated/combined": combined, "treated/internal_noise_2.5": extreme, "relapse_drop": drop or 0.0}
        arms[treatment] = {seed: {name: value + seed - 1 for name, value in metrics.items()} for seed in range(3)}
    table = sequel_table(arms)
    assert table.far_cells() == []
    assert table.compared == 4 * 3 - 1


def test_minus_zero_is_not_shown() -> None:
    assert spell_cell(cell(sample(1, -0.04, None), -0.2)) == "0.0 | -0.2"
    assert spell_cell(cell(sample(1, -10.02, None), None)) == "-10.0 | -"
