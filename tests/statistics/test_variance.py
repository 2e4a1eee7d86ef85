from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from depsim.statistics import Component, variance_components

NAMES = ("data", "init", "order")


def crossed(*sizes: int) -> dict[str, list[int]]:
    return dict(zip(NAMES, np.indices(sizes).reshape(len(sizes), -1).tolist(), strict=False))


def by_name(values: np.ndarray, levels: dict[str, list[int]]) -> dict[str, Component]:
    return {component.name: component for component in variance_components(values, levels)}


def test_two_factors_by_hand() -> None:
    # Mean squares: data 16, init 1, residual 0; two levels each.
    found = by_name(np.array([1.0, 2.0, 5.0, 6.0]), crossed(2, 2))
    assert {name: c.variance for name, c in found.items()} == {"data": 8.0, "init": 0.5, "residual": 0.0}
    assert found["data"].share == pytest.approx(8 / 8.5)


def test_three_factors_are_statsmodels_mean_squares() -> None:
    sizes = (4, 3, 5)
    levels = crossed(*sizes)
    generator = np.random.RandomState(1)
    # Large enough effects that no estimate falls below 0.
    values = sum(
        generator.randn(*(n if axis in axes else 1 for axis, n in enumerate(sizes))) * 4
        for axes in [(0,), (1,), (2,), (0, 1), (0, 2), (1, 2)]
    ) + generator.randn(*sizes)  # fmt: skip
    frame = pd.DataFrame({"y": np.ravel(values), **levels})
    table = anova_lm(ols("y ~ (C(data) + C(init) + C(order)) ** 2", frame).fit())
    ms = {name.replace("C(", "").replace(")", "").replace(":", " x "): row for name, row in table["mean_sq"].items()}
    a, b, c = sizes
    expected = {
        "data": (ms["data"] - ms["data x init"] - ms["data x order"] + ms["Residual"]) / (b * c),
        "init": (ms["init"] - ms["data x init"] - ms["init x order"] + ms["Residual"]) / (a * c),
        "order": (ms["order"] - ms["data x order"] - ms["init x order"] + ms["Residual"]) / (a * b),
        "data x init": (ms["data x init"] - ms["Residual"]) / c,
        "data x order": (ms["data x order"] - ms["Residual"]) / b,
        "init x order": (ms["init x order"] - ms["Residual"]) / a,
        "residual": ms["Residual"],
    }
    found = by_name(np.ravel(values), levels)
    assert {name: component.variance for name, component in found.items()} == pytest.approx(
        {name: max(variance, 0.0) for name, variance in expected.items()}
    )
    assert list(found) == list(expected)
    assert sum(component.share for component in found.values()) == pytest.approx(1)


def test_estimates_are_right_on_average() -> None:
    # Truth: 4, 1, 0.25 and 1; a factor's variance from ten levels has a standard error of about a half of it.
    generator, levels, found = np.random.RandomState(0), crossed(10, 10, 10), []
    for _ in range(60):
        effects = (sd * generator.randn(10)[own] for sd, own in zip((2.0, 1.0, 0.5), levels.values(), strict=True))
        found.append([c.variance for c in variance_components(sum(effects) + generator.randn(1000), levels)])
    truth = np.array([4, 1, 0.25, 0, 0, 0, 1])
    assert np.abs(np.mean(found, axis=0) - truth).max() < 4 * np.std(found, axis=0).max() / np.sqrt(60)
    assert np.mean(found, axis=0)[-1] == pytest.approx(1, abs=0.03)


def test_a_negative_estimate_is_shown_as_0_and_its_interval_begins_there() -> None:
    # The residual is a pure interaction, so neither factor explains anything.
    found = by_name(np.array([1.0, -1.0, -1.0, 1.0]), crossed(2, 2))
    assert (found["data"].variance, found["data"].share, found["data"].low, found["data"].variance_low) == (0, 0, 0, 0)
    assert found["residual"].share == 1.0


def test_intervals_hold_their_estimates_and_follow_scale_and_place() -> None:
    levels, values = crossed(5, 5, 3), np.random.RandomState(3).randn(75)
    values += 3 * np.array(levels["data"])
    found, other = by_name(values, levels), by_name(100 - 10 * values, levels)
    assert 0.5 < found["data"].low <= found["data"].share <= found["data"].high <= 1
    for name, c in found.items():
        assert c.variance_low <= c.variance <= c.variance_high
        assert other[name].variance == pytest.approx(100 * c.variance)
        assert (other[name].low, other[name].high) == pytest.approx((c.low, c.high))


def test_the_order_of_the_values_does_not_matter() -> None:
    levels, values = crossed(3, 4, 2), np.random.RandomState(0).randn(24)
    mixed = np.random.RandomState(1).permutation(24)
    moved = {name: [own[i] + 7 for i in mixed] for name, own in levels.items()}
    assert variance_components(values[mixed], moved) == variance_components(values, levels)


def test_a_factor_that_was_held_is_left_out() -> None:
    values, levels = np.random.RandomState(0).randn(12), crossed(4, 3)
    assert variance_components(values, levels | {"order": [5] * 12}) == variance_components(values, levels)


def test_where_all_are_equal_nothing_has_a_share() -> None:
    found = variance_components(np.full(8, 0.1), crossed(2, 2, 2))
    assert {(c.variance, c.share, c.low, c.variance_low) for c in found} == {(0.0, 0.0, None, None)}
    assert len(found) == 7


@pytest.mark.parametrize(
    ("values", "levels", "message"),
    [
        ([1, 2, 3], {"data": [0, 0, 1], "init": [0, 1, 0]}, "1 of 4 cells have no value"),
        ([1, 2, 3, float("nan")], crossed(2, 2), "1 of 4 cells have no value"),
        ([1, 2, 3, 4, 5], {"data": [0, 0, 1, 1, 1], "init": [0, 1, 0, 1, 1]}, "a cell holds 2 values"),
        ([1, 2], {"data": [0, 1], "init": [0, 0]}, "two factors have to vary, got data"),
        ([], {"data": []}, "two factors have to vary, got none"),
        ([1, 2], {"data": [0, 1, 2]}, "data has 3 levels for 2 values"),
    ],
)
def test_an_incomplete_design_is_refused(values: list[float], levels: dict[str, list[int]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        variance_components(np.array(values, dtype=float), levels)
