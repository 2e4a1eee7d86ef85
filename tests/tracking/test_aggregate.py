from __future__ import annotations

import csv
import io

import numpy as np
import pytest

from depsim.outcomes import primary_metrics
from depsim.statistics import summarise
from depsim.tracking.aggregate import mean_curves, summaries, summary_metrics, summary_table

PRIMARY = "relapse_drop"
"""Of the primary outcomes the one without bounds."""


def metrics(*values: float, name: str = PRIMARY) -> dict[str, float]:
    return summary_metrics(summaries([{name: value} for value in values]))


def test_three_individuals_have_mean_sd_number_and_interval() -> None:
    (summary,) = summarise(np.array([[1.0], [2.0], [6.0]]))
    assert summary.interval is not None
    low, high = summary.interval
    assert metrics(1.0, 2.0, 6.0) == {
        PRIMARY: 3.0,
        f"summary/{PRIMARY}.n": 3,
        f"summary/{PRIMARY}.sd": pytest.approx(7**0.5),
        f"summary/{PRIMARY}.ci_low": low,
        f"summary/{PRIMARY}.ci_high": high,
    }


@pytest.mark.parametrize(
    ("values", "others"),
    [((1.5,), {"n": 1}), ((1.0, 3.0), {"n": 2, "sd": 2**0.5}), ((0.1,) * 5, {"n": 5, "sd": 0})],
    ids=["one", "two", "equal values"],
)
def test_there_is_no_interval_of_two_and_of_equal_values(values: tuple[float, ...], others: dict[str, float]) -> None:
    expected = {f"summary/{PRIMARY}.{name}": value for name, value in others.items()}
    assert metrics(*values) == {PRIMARY: pytest.approx(np.mean(values)), **expected}


def test_only_primary_outcomes_have_more_than_a_mean() -> None:
    names = [*primary_metrics(), "healthy/combined", "treated/clean", "relapsed/combined"]
    found = summary_metrics(summaries([dict.fromkeys(names, value) for value in (40.0, 60.0, 90.0)]))
    beside = {f"summary/{name}.{what}" for name in primary_metrics() for what in ("n", "sd", "ci_low", "ci_high")}
    assert set(found) == {*names, *beside}
    assert list(found)[: len(names)] == sorted(names), "means come before what belongs to them"


def test_a_metric_that_some_lack_counts_those_who_have_it() -> None:
    found = summaries([{PRIMARY: 1.0, "b": 5.0}, {PRIMARY: 2.0}, {PRIMARY: 3.0, "b": 7.0}])
    assert [(found[name].n, found[name].mean) for name in (PRIMARY, "b")] == [(3, 2), (2, 6)]
    assert found["b"].interval is None


def test_the_table_holds_every_figure_of_every_metric() -> None:
    found = summaries([{"a": 1.0 / 3, "b": 5.0, "c": 2.0}, {"a": 2.0, "b": 5.0}, {"a": 6.0, "b": 5.0}])
    text = summary_table(found).decode()
    rows = {row["metric"]: row for row in csv.DictReader(io.StringIO(text))}
    assert list(rows["a"]) == ["metric", "n", "mean", "sd", "low", "high", "median", "smallest", "largest"]
    assert found["a"].interval == (float(rows["a"]["low"]), float(rows["a"]["high"]))
    assert [float(rows["a"][name]) for name in ("n", "median", "smallest", "largest")] == [3, 2, 1 / 3, 6]
    assert (rows["b"]["low"], rows["c"]["sd"]) == ("", "")


def test_no_interval_of_an_accuracy_leaves_0_to_100() -> None:
    found = metrics(100.0, 100.0, 40.0, name="treated/combined")
    assert 0 <= found["summary/treated/combined.ci_low"] <= found["summary/treated/combined.ci_high"] <= 100


def test_the_order_of_individuals_does_not_change_a_mean() -> None:
    people = [{"a": 0.1}, {"a": 0.7}, {"a": 0.4}]
    assert summaries(people)["a"].mean == pytest.approx(summaries(people[::-1])["a"].mean)


def test_curves_are_averaged_step_by_step() -> None:
    people = [{"x": [(0, 1.0), (30, 2.0)]}, {"x": [(0, 3.0), (30, 4.0)], "y": [(1, 1.0)]}]
    assert mean_curves(people) == {"x": [(0, 2.0), (30, 3.0)], "y": [(1, 1.0)]}
    assert mean_curves([]) == {}


def test_a_curves_steps_come_in_order() -> None:
    assert mean_curves([{"x": [(250, 1.0), (0, 2.0)]}]) == {"x": [(0, 2.0), (250, 1.0)]}
