from __future__ import annotations

import numpy as np
import pytest

from depsim.statistics import summarise
from depsim.tracking.aggregate import former_names, mean_curves, number_and_interval, summary_metrics


def test_three_individuals_have_mean_sd_number_and_interval() -> None:
    found = summary_metrics([{"a": 1.0}, {"a": 2.0}, {"a": 6.0}])
    (summary,) = summarise(np.array([[1.0], [2.0], [6.0]]))
    assert summary.interval is not None
    low, high = summary.interval
    assert found == {
        "a": 3.0,
        "summary/a.n": 3,
        "summary/a.sd": pytest.approx(7**0.5),
        "summary/a.ci_low": low,
        "summary/a.ci_high": high,
    }


def test_two_have_no_interval() -> None:
    assert summary_metrics([{"a": 1.0}, {"a": 3.0}]) == {"a": 2.0, "summary/a.n": 2, "summary/a.sd": 2**0.5}


def test_one_has_no_spread() -> None:
    assert summary_metrics([{"a": 1.5}]) == {"a": 1.5, "summary/a.n": 1}


def test_equal_values_have_no_interval() -> None:
    assert summary_metrics([{"a": 0.1}] * 5) == {"a": 0.1, "summary/a.n": 5, "summary/a.sd": 0}


def test_a_metric_that_some_lack_counts_those_who_have_it() -> None:
    found = summary_metrics([{"a": 1.0, "b": 5.0}, {"a": 2.0}, {"a": 3.0, "b": 7.0}])
    assert (found["a"], found["summary/a.n"], found["b"], found["summary/b.n"]) == (2, 3, 6, 2)
    assert "summary/b.ci_low" not in found


def test_means_come_before_what_belongs_to_them() -> None:
    names = list(summary_metrics([{"a": 1.0, "b": 2.0}, {"a": 2.0, "b": 3.0}, {"a": 4.0, "b": 5.0}]))
    assert names[:2] == ["a", "b"]
    assert all(name.startswith("summary/") for name in names[2:])


def test_number_and_interval_are_read_under_present_and_former_names() -> None:
    summary = summary_metrics([{"a": 1.0}, {"a": 2.0}, {"a": 6.0}])
    former = {name.removeprefix("summary/"): value for name, value in summary.items()}
    interval = summary["summary/a.ci_low"], summary["summary/a.ci_high"]
    assert number_and_interval(summary, "a") == number_and_interval(former, "a") == (3, interval)
    assert number_and_interval({"a": 1.0}, "a") == (1, None)
    # Of a run that was begun by an earlier version and finished by this one.
    assert number_and_interval({**summary_metrics([{"a": 1.0}, {"a": 2.0}]), "a.ci_low": 0.0, "a.n": 1}, "a") == (
        2,
        None,
    )


def test_former_names_are_those_that_are_there() -> None:
    summary = summary_metrics([{"a": 1.0, "b": 3.0}, {"a": 2.0, "b": 5.0}])
    assert former_names(summary, {"a": 9.0, "a.n": 1.0, "c.n": 1.0}) == {"a.n": 2.0}
    assert former_names(summary, {"a": 9.0, "summary/a.n": 1.0}) == {}


def test_the_order_of_individuals_does_not_change_a_mean() -> None:
    people = [{"a": 0.1}, {"a": 0.7}, {"a": 0.4}]
    assert summary_metrics(people)["a"] == pytest.approx(summary_metrics(people[::-1])["a"])


def test_curves_are_averaged_step_by_step() -> None:
    people = [{"x": [(0, 1.0), (30, 2.0)]}, {"x": [(0, 3.0), (30, 4.0)], "y": [(1, 1.0)]}]
    assert mean_curves(people) == {"x": [(0, 2.0), (30, 3.0)], "y": [(1, 1.0)]}
    assert mean_curves([]) == {}


def test_a_curves_steps_come_in_order() -> None:
    assert mean_curves([{"x": [(250, 1.0), (0, 2.0)]}]) == {"x": [(0, 2.0), (250, 1.0)]}
