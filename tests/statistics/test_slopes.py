"""Slopes of an outcome on several traits, with errors that unequal spread does not mislead."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.formula.api import ols

from depsim.statistics import slopes


def people(n: int = 60, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    traits = generator.normal(size=(n, 2)) * [1.0, 3.0] + [0.0, 5.0]
    return traits, 2 * traits[:, 0] - traits[:, 1] + generator.normal(size=n) * (1 + traits[:, 0] ** 2)


def test_slopes_are_those_of_statsmodels_per_standard_deviation() -> None:
    traits, outcome = people()
    frame = pd.DataFrame({"y": outcome, "a": traits[:, 0], "b": traits[:, 1]})
    fitted = ols("y ~ a + b", frame).fit(cov_type="HC3", use_t=True)
    for place, name in enumerate("ab"):
        slope, sd = slopes(traits, outcome)[place], traits[:, place].std(ddof=1)
        assert slope is not None
        assert slope.slope == pytest.approx(fitted.params[name] * sd)
        assert (slope.low, slope.high) == pytest.approx(tuple(fitted.conf_int().loc[name] * sd))
        assert slope.p == pytest.approx(fitted.pvalues[name])
        assert slope.n == 60


def test_a_trait_that_all_have_alike_has_no_slope_and_the_others_are_what_they_are_without_it() -> None:
    traits, outcome = people()
    with_it = slopes(np.insert(traits, 1, 0.95, axis=1), outcome)
    assert with_it[1] is None
    assert (with_it[0], with_it[2]) == slopes(traits, outcome)


@pytest.mark.parametrize(("n", "has_slope"), [(19, False), (20, True)])
def test_ten_individuals_a_trait_are_the_fewest(n: int, has_slope: bool) -> None:
    assert all((one is not None) == has_slope for one in slopes(*people(n)))


def test_nothing_is_told_of_equal_outcomes_nor_of_nobody() -> None:
    traits, _ = people()
    assert slopes(traits, np.full(60, 3.0)) == (None, None)
    assert slopes(np.zeros((0, 2)), np.zeros(0)) == (None, None)
