from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from depsim.statistics import chance_overlap


@pytest.mark.parametrize(
    ("chosen", "lost", "wanted"), [(2, 4, 2), (1, 1, 1), (5, 5, 3), (187, 375, 187), (30, 200, 7), (3, 9, 0)]
)
def test_mean_and_deviation_are_those_of_the_hypergeometric_distribution(chosen: int, lost: int, wanted: int) -> None:
    found = chance_overlap(chosen, lost, wanted)
    share = np.arange(chosen + 1) / chosen
    chance = stats.hypergeom.pmf(np.arange(chosen + 1), lost, wanted, chosen)
    mean = float(share @ chance)
    assert found.mean == pytest.approx(mean)
    assert found.sd == pytest.approx(float((share - mean) ** 2 @ chance) ** 0.5, abs=1e-12)


def test_as_many_are_wanted_as_are_chosen() -> None:
    assert chance_overlap(3, 12) == chance_overlap(3, 12, 3)
    assert chance_overlap(3, 12).mean == 0.25


@pytest.mark.parametrize("arguments", [(0, 4), (5, 4), (2, 4, 5), (2, 4, -1)])
def test_what_cannot_be_drawn_is_refused(arguments: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=f"got {arguments[-1] if len(arguments) == 3 else arguments[0]}"):
        chance_overlap(*arguments)
