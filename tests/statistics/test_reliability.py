from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from depsim.statistics import Reliability, reliability, resampled_share
from depsim.statistics.resampling import bootstrap_counts


def planted(between: float, within: float, n: int, replicates: int, generator: np.random.Generator) -> np.ndarray:
    return generator.normal(0, between, (n, 1)) + generator.normal(0, within, (n, replicates))


def test_it_is_the_analysis_of_variance_of_statsmodels() -> None:
    values = planted(2.0, 1.0, 7, 3, np.random.default_rng(1))
    frame = pd.DataFrame({"y": values.ravel(), "who": np.repeat(np.arange(7), 3)})
    squares = anova_lm(ols("y ~ C(who)", frame).fit())["mean_sq"]
    icc = reliability(values)
    assert icc is not None
    assert icc.within**2 == pytest.approx(squares["Residual"])
    assert icc.between**2 == pytest.approx((squares["C(who)"] - squares["Residual"]) / 3)
    assert icc.share == pytest.approx(icc.between**2 / (icc.between**2 + icc.within**2))


def test_shrout_and_fleiss_example() -> None:
    """Six targets judged four times; ICC(1,1) is 0.17, and McGraw and Wong's interval is -0.13 to 0.72."""
    judged = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    icc = reliability(np.array(judged, dtype=float))
    assert icc is not None
    assert (icc.n, icc.replicates) == (6, 4)
    assert (icc.share, icc.low, icc.high) == (
        pytest.approx(0.1657, abs=1e-4),
        0.0,
        pytest.approx(0.7226, abs=1e-4),
    )


def test_where_nothing_differs_there_is_no_share_and_where_replicates_do_not_it_is_whole() -> None:
    assert reliability(np.full((5, 3), 97.0)) == Reliability(5, 3, 0.0, 0.0, None, None, None)
    icc = reliability(np.repeat([[1.0], [2.0], [4.0]], 3, axis=1))
    assert icc is not None
    assert (icc.within, icc.share, icc.low, icc.high) == (0.0, 1.0, 1.0, 1.0)


@pytest.mark.parametrize("shape", [(2, 5), (0, 4), (8, 1)])
def test_too_few_individuals_or_replicates_give_none(shape: tuple[int, int]) -> None:
    assert reliability(np.random.default_rng(0).normal(size=shape)) is None


def test_individuals_that_are_alike_have_no_reliability_and_the_interval_holds_the_truth() -> None:
    generator = np.random.default_rng(3)
    held, shares = [], []
    for _ in range(400):
        icc = reliability(planted(1.0, 1.0, 10, 4, generator))
        assert icc is not None
        assert icc.low is not None
        assert icc.high is not None
        held.append(icc.low <= 0.5 <= icc.high)
        noise = reliability(planted(0.0, 1.0, 10, 4, generator))
        assert noise is not None
        shares.append(noise.share or 0.0)
    assert np.mean(held) == pytest.approx(0.95, abs=0.035)
    assert np.mean(np.array(shares) < 0.5) > 0.98


def by_hand(values: np.ndarray) -> tuple[float, float]:
    """Log ratio of mean squares and its standard error, from each individual's influence on it."""
    n, count = values.shape
    means, within = values.mean(axis=1), values.var(axis=1, ddof=1)
    spread = means.var()
    influence = (means - means.mean()) ** 2 / spread - within / within.mean()
    return float(np.log(count * means.var(ddof=1) / within.mean())), float(influence.std() / n**0.5)


@pytest.mark.slow
def test_the_resampled_share_is_a_bootstrap_t_of_the_log_ratio() -> None:
    generator = np.random.default_rng(4)
    values = generator.exponential(size=(30, 1)) + 0.8 * generator.normal(size=(30, 3))
    ratio, error = by_hand(values)
    again = []
    for counts in bootstrap_counts(30):
        resampled, own_error = by_hand(np.repeat(values, counts, axis=0))
        again.append((resampled - ratio) / own_error)
    ends = [np.exp(ratio - end * error) for end in np.quantile(again, [0.975, 0.025])]
    expected = [max((end - 1) / (end + 2), 0) for end in ends]
    assert resampled_share(values) == pytest.approx(expected)


def test_the_resampled_share_needs_individuals_replicates_and_spread() -> None:
    values = np.random.default_rng(4).normal(size=(30, 2))
    assert resampled_share(values[:9]) is None
    assert resampled_share(values[:10]) is not None
    assert resampled_share(values[:, :1]) is None
    assert resampled_share(np.ones((30, 2))) is None
    assert resampled_share(np.repeat(values[:, :1], 2, axis=1)) is None
