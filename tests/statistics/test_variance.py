from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from depsim.statistics import VarianceComponent, VarianceSplit, orthogonal_array, split_variance

NAMES = ("data", "init", "order")


def crossed(*sizes: int) -> dict[str, list[int]]:
    return dict(zip(NAMES, np.indices(sizes).reshape(len(sizes), -1).tolist(), strict=False))


def by_name(values: np.ndarray, levels: dict[str, list[int]]) -> dict[str, VarianceComponent]:
    return {component.name: component for component in split_variance(values, levels).components}


def array(strength: int) -> dict[str, list[int]]:
    return dict(zip(("train", "test", "init", "order"), orthogonal_array(4, strength).T.tolist(), strict=True))


def drawn(generator: np.random.Generator, levels: dict[str, list[int]], *sds: float) -> np.ndarray:
    """A value per run, from a standard deviation per factor and one of the residual."""
    *factor_sds, residual = sds
    effects = (generator.normal(0, sd, 8)[column] for sd, column in zip(factor_sds, levels.values(), strict=True))
    return sum(effects, generator.normal(0, residual, len(levels["train"])))


def test_two_factors_by_hand() -> None:
    # Mean squares: data 16, init 1, residual 0; two levels each.
    parts = by_name(np.array([1.0, 2.0, 5.0, 6.0]), crossed(2, 2))
    assert {name: c.variance for name, c in parts.items()} == {"data": 8.0, "init": 0.5, "residual": 0.0}
    assert parts["data"].share == pytest.approx(8 / 8.5)


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
    parts = by_name(np.ravel(values), levels)
    assert {name: component.variance for name, component in parts.items()} == pytest.approx(
        {name: max(variance, 0.0) for name, variance in expected.items()}
    )
    assert list(parts) == list(expected)
    assert sum(component.share for component in parts.values()) == pytest.approx(1)


@pytest.mark.slow
def test_estimates_are_right_on_average() -> None:
    # Truth: 4, 1, 0.25 and 1; a factor's variance from ten levels has a standard error of about a half of it.
    generator, levels, estimates = np.random.RandomState(0), crossed(10, 10, 10), []
    for _ in range(60):
        effects = (sd * generator.randn(10)[codes] for sd, codes in zip((2.0, 1.0, 0.5), levels.values(), strict=True))
        estimates.append([c.variance for c in split_variance(sum(effects) + generator.randn(1000), levels).components])
    truth = np.array([4, 1, 0.25, 0, 0, 0, 1])
    assert np.abs(np.mean(estimates, axis=0) - truth).max() < 4 * np.std(estimates, axis=0).max() / np.sqrt(60)
    assert np.mean(estimates, axis=0)[-1] == pytest.approx(1, abs=0.03)


def test_a_negative_estimate_is_shown_as_0_and_its_interval_begins_there() -> None:
    # The residual is a pure interaction, so neither factor explains anything.
    parts = by_name(np.array([1.0, -1.0, -1.0, 1.0]), crossed(2, 2))
    assert (parts["data"].variance, parts["data"].share, parts["data"].low, parts["data"].variance_low) == (0, 0, 0, 0)
    assert parts["residual"].share == 1.0


def test_intervals_hold_their_estimates_and_follow_scale_and_place() -> None:
    levels, values = crossed(5, 5, 3), np.random.RandomState(3).randn(75)
    values += 3 * np.array(levels["data"])
    parts, other = by_name(values, levels), by_name(100 - 10 * values, levels)
    assert 0.4 < parts["data"].low <= parts["data"].share <= parts["data"].high <= 1
    for name, c in parts.items():
        assert c.variance_low <= c.variance <= c.variance_high
        assert other[name].variance == pytest.approx(100 * c.variance)
        assert (other[name].low, other[name].high) == pytest.approx((c.low, c.high))


def test_the_order_of_the_values_does_not_matter() -> None:
    levels, values = crossed(3, 4, 2), np.random.RandomState(0).randn(24)
    mixed = np.random.RandomState(1).permutation(24)
    moved = {name: [codes[i] + 7 for i in mixed] for name, codes in levels.items()}
    assert split_variance(values[mixed], moved) == split_variance(values, levels)


def test_a_factor_that_was_held_is_left_out() -> None:
    values, levels = np.random.RandomState(0).randn(12), crossed(4, 3)
    assert split_variance(values, levels | {"order": [5] * 12}) == split_variance(values, levels)


def test_where_all_are_equal_nothing_has_a_share() -> None:
    split = split_variance(np.full(8, 0.1), crossed(2, 2, 2))
    parts = split.components
    assert {(c.variance, c.share, c.low, c.variance_low) for c in parts} == {(0.0, 0.0, None, None)}
    assert len(parts) == 7


@pytest.mark.parametrize(
    ("values", "levels", "message"),
    [
        ([1, 2, 3], {"data": [0, 0, 1], "init": [0, 1, 0]}, "do not meet equally often"),
        ([1, 2, 3, float("nan")], crossed(2, 2), "1 of 4 runs have no value"),
        ([1, 2, 3, 4, 5], {"data": [0, 0, 1, 1, 1], "init": [0, 1, 0, 1, 1]}, "do not meet equally often"),
        ([1, 2], {"data": [0, 1], "init": [0, 0]}, "two factors have to vary, got data"),
        ([], {"data": []}, "two factors have to vary, got none"),
        ([1, 2], {"data": [0, 1, 2]}, "data has 3 levels for 2 values"),
    ],
)
def test_an_incomplete_design_is_refused(values: list[float], levels: dict[str, list[int]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        split_variance(np.array(values, dtype=float), levels)


def test_an_array_of_strength_2_is_split_into_its_streams_with_35_degrees_of_freedom_left() -> None:
    levels = array(2)
    values = drawn(np.random.default_rng(4), levels, 3.0, 2.0, 1.0, 0.5, 1.0)
    frame = pd.DataFrame({"y": values, **levels})
    squares = anova_lm(ols("y ~ C(train) + C(test) + C(init) + C(order)", frame).fit())
    split = split_variance(values, levels)
    assert split.freedom == squares.df["Residual"] == 35
    residual = squares.mean_sq["Residual"]
    for component in split.components[:-1]:
        expected = max((squares.mean_sq[f"C({component.name})"] - residual) / 8, 0.0)
        assert component.variance == pytest.approx(expected)
    assert (split.components[-1].name, split.components[-1].variance) == ("residual", pytest.approx(residual))


@pytest.mark.slow
def test_known_components_come_back_from_64_networks() -> None:
    generator, levels = np.random.default_rng(5), array(2)
    estimates, inside = [], []
    truth = np.array([4.0, 1.0, 0.25, 0.0, 1.0])
    for _ in range(200):
        parts = split_variance(drawn(generator, levels, *np.sqrt(truth)), levels).components
        estimates.append([part.variance for part in parts])
        inside.append(
            [part.variance_low <= variance <= part.variance_high for part, variance in zip(parts, truth, strict=True)]
        )
    means, errors = np.mean(estimates, axis=0), np.std(estimates, axis=0) / np.sqrt(200)
    assert (np.abs(means - truth)[[0, 1, 4]] < 4 * errors[[0, 1, 4]]).all()
    assert means[3] < 0.1  # negative estimates are shown as 0
    assert (np.mean(inside, axis=0) > 0.9).all()


@pytest.mark.slow
def test_the_interplay_of_two_streams_is_told_apart_by_512_networks() -> None:
    generator, levels, estimates = np.random.default_rng(6), array(3), []
    for _ in range(20):
        values = drawn(generator, levels, 1.0, 1.0, 0.0, 0.5, 0.5)
        values += generator.normal(0, 1.5, (8, 8))[levels["train"], levels["test"]]
        values += generator.normal(0, 0.5, (8, 8))[levels["init"], levels["order"]]
        split = split_variance(values, levels)
        estimates.append({part.name: part.variance for part in split.components})
    assert split.freedom == 511 - 4 * 7 - (6 * 49 - 3 * 7)
    mean = {name: float(np.mean([estimate[name] for estimate in estimates])) for name in estimates[0]}
    assert mean["train x test"] == pytest.approx(2.25, rel=0.15)
    assert mean["init x order"] == pytest.approx(0.25, rel=0.15)
    assert mean["residual"] == pytest.approx(0.25, rel=0.1)
    assert max(mean[name] for name in ("train x init", "train x order", "test x init", "test x order")) < 0.02


def test_interplay_is_residual_where_the_design_cannot_tell_it_apart() -> None:
    generator, levels = np.random.default_rng(7), array(2)
    values = generator.normal(0, 2.0, (8, 8))[levels["train"], levels["init"]]
    split = split_variance(values, levels)
    assert [part.name for part in split.components] == [*levels, "residual"]
    assert split.components[-1].share > 0.6


KINDS: dict[str, Callable[[np.random.Generator, int], np.ndarray]] = {
    "normal": lambda generator, count: generator.normal(size=count),
    "exponential": lambda generator, count: generator.exponential(size=count) - 1,
    "rare": lambda generator, count: (generator.normal(size=count) - 10.0 * (generator.random(count) < 0.02)) / 1.72,
}
"""Levels with an SD of 1; of the rare ones 2 in 100 collapse."""


def of_kind(
    kind: str, generator: np.random.Generator, levels: dict[str, list[int]], sds: tuple[float, ...]
) -> VarianceSplit:
    parts = (sd * KINDS[kind](generator, 8)[codes] for sd, codes in zip(sds, levels.values(), strict=True))
    return split_variance(sum(parts) + 0.5 * generator.normal(size=len(levels["train"])), levels)


def called_largest(split: VarianceSplit) -> list[str]:
    return [part.name for part in split.components if part.is_largest]


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_one_of_equal_streams_is_hardly_ever_called_the_largest(kind: str) -> None:
    generator, levels, named = np.random.default_rng(8), array(2), []
    for equal in ((1.0, 1.0, 0.0, 0.0), (1.0, 1.0, 1.0, 1.0)):
        for _ in range(100):
            named.append(called_largest(of_kind(kind, generator, levels, equal)) != [])
    assert sum(named) <= 10  # 5 of 100


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "power"), [("normal", 0.75), ("exponential", 0.35), ("rare", 0.35)])
def test_a_stream_that_varies_ten_times_as_much_is_called_the_largest(kind: str, power: float) -> None:
    generator, levels, named = np.random.default_rng(8), array(2), []
    for _ in range(60):
        named.append(called_largest(of_kind(kind, generator, levels, (5.0, 0.5, 0.5, 0.5))) == ["train"])
    assert np.mean(named) > power


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "least"), [("normal", 0.95), ("exponential", 0.88)])
def test_intervals_hold_a_component_whose_levels_are_skewed(kind: str, least: float) -> None:
    generator, levels, held = np.random.default_rng(3), array(2), []
    for _ in range(150):
        part = of_kind(kind, generator, levels, (2.0, 1.0, 0.5, 0.0)).components[0]
        assert part.variance_low is not None
        assert part.variance_high is not None
        held.append(part.variance_low <= 4.0 <= part.variance_high)
    assert np.mean(held) > least - 0.03


def test_a_stream_is_not_called_the_largest_for_one_of_its_levels() -> None:
    levels, generator = array(2), np.random.default_rng(1)
    noise = generator.normal(size=64) + generator.normal(size=8)[levels["test"]]
    # One level of eight is far off, or two are, or the levels go up evenly to the same variance.
    one, two = np.array([0.0] * 7 + [60.0]), np.array([0.0] * 6 + [45.0, 45.0])
    splits = [split_variance(shape[levels["train"]] + noise, levels) for shape in (one, two, 8.6 * np.arange(8.0))]
    assert [split.components[0].share > 0.98 for split in splits] == [True] * 3
    assert [called_largest(split) for split in splits] == [[], ["train"], ["train"]]


def test_with_two_levels_a_factor_no_stream_is_called_the_largest() -> None:
    assert called_largest(split_variance(np.array([1.0, 2.0, 500.0, 501.5]), crossed(2, 2))) == []


def test_levels_of_which_one_is_far_off_have_a_longer_interval() -> None:
    levels, generator = array(2), np.random.default_rng(1)
    noise = generator.normal(size=64)
    far, even = (
        by_name(shape[levels["train"]] + noise, levels)["train"]
        for shape in (np.array([60.0, 0, 0, 0, 0, 0, 0, 0]), 8.66 * np.arange(8.0))
    )
    assert far.variance == pytest.approx(even.variance, rel=0.05)
    assert far.variance_high / far.variance_low > 5 * even.variance_high / even.variance_low
    # Seven degrees of freedom, as of normal levels: the interval of a chi-square distribution.
    low, high = 7 / chi2.ppf([0.975, 0.025], 7)
    assert even.variance_high / even.variance_low == pytest.approx(high / low, rel=0.5)
