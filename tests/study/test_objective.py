"""Statistics over individuals, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from depsim.component import Component
from depsim.config import ConfigError, validate
from depsim.study.objective import Constraint, NoValueError, Objective, statistic_of

PEOPLE = [{"m": value} for value in (40.0, 10.0, 30.0, 20.0)]


def objective(statistic: str = "mean", direction: str = "maximise") -> Objective:
    return Objective(metric="m", direction=direction, statistic=statistic)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("statistic", "maximised", "minimised"),
    [
        ("mean", 25.0, 25.0),
        ("median", 25.0, 25.0),
        ("quantile(0.5)", 25.0, 25.0),
        ("quantile(0.25)", 17.5, 32.5),  # a quarter of the way from the worst, three steps between four people
        ("cvar(0.25)", 10.0, 40.0),
        ("cvar(0.5)", 15.0, 35.0),
        ("cvar(0.375)", (10 + 0.5 * 20) / 1.5, (40 + 0.5 * 30) / 1.5),
        ("cvar(0.1)", 10.0, 40.0),  # less than one person is the worst one
    ],
)
def test_statistics_by_hand(statistic: str, maximised: float, minimised: float) -> None:
    assert objective(statistic).value(PEOPLE) == pytest.approx(maximised, abs=1e-12)
    assert objective(statistic, "minimise").value(PEOPLE) == pytest.approx(minimised, abs=1e-12)


@pytest.mark.parametrize("statistic", ["mean", "median", "quantile(0.1)", "cvar(0.1)", "cvar(0.9)"])
@pytest.mark.parametrize("people", [[7.0], [7.0, 7.0, 7.0]])
def test_one_individual_or_equal_ones_are_their_own_statistic(statistic: str, people: list[float]) -> None:
    assert statistic_of(statistic, np.array(people), 1) == pytest.approx(7.0, abs=1e-12)


@pytest.mark.parametrize(
    "wrong", ["max", "quantile", "quantile(0)", "quantile(1)", "cvar(1.5)", "cvar(-0.1)", "mean()"]
)
def test_an_unknown_statistic_is_refused(wrong: str) -> None:
    values: dict[str, object] = {"metric": "m", "direction": "maximise", "statistic": wrong}
    with pytest.raises(ConfigError, match=r"statistic=.*must be mean, median"):
        validate(Objective, "objective", values)


@pytest.mark.parametrize(
    ("people", "message"),
    [
        ([], "no individual has an outcome"),
        ([{"other": 1.0}], "m: no such metric"),
        ([{"m": 1.0}, {"other": 1.0}], "m: 1 of 2 individuals have no finite value"),
        ([{"m": math.nan}, {"m": math.inf}], "m: 2 of 2 individuals"),
    ],
)
def test_what_has_no_value_says_why(people: list[dict[str, float]], message: str) -> None:
    with pytest.raises(NoValueError, match=message):
        objective().value(people)


def constraint(**changes: object) -> Constraint:
    fields: dict[str, object] = {"metric": "m", "statistic": "mean", "at_least": None, "at_most": None}
    return validate(Constraint, "constraint", fields | changes)


def test_a_violation_is_how_far_the_bound_is_missed() -> None:
    assert constraint(at_least=20.0).violation(PEOPLE) == -5.0
    assert constraint(at_least=30.0).violation(PEOPLE) == 5.0
    assert constraint(at_most=30.0).violation(PEOPLE) == -5.0
    assert constraint(at_most=20.0).violation(PEOPLE) == 5.0
    assert constraint(at_most=39.0, statistic="cvar(0.25)").violation(PEOPLE) == 1.0
    assert constraint(at_least=9.0, statistic="cvar(0.25)").violation(PEOPLE) == -1.0


@pytest.mark.parametrize("bounds", [{}, {"at_least": 1.0, "at_most": 2.0}])
def test_a_constraint_has_one_bound(bounds: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match="at_least or at_most"):
        constraint(**bounds)


def test_objectives_are_values() -> None:
    assert isinstance(objective(), Component)
    assert objective() == objective()
