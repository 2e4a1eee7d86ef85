from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from scipy import stats

from depsim.task import Dataset, GaussianClusters, Points
from tests.tiny import CENTRES, task


def by_the_rule(data_seed: int, n: int, spread: float) -> tuple[np.ndarray, np.ndarray]:
    """The points of an individual, made once more step by step."""
    state = np.random.RandomState(data_seed)
    y = state.randint(0, 4, n)
    return (np.array(CENTRES)[y] + state.randn(n, 2) * spread).astype(np.float32), y


def assert_is(points: Points, index: int, data_seed: int, spread: float) -> None:
    x, y = by_the_rule(data_seed, points.y.shape[1], spread)
    assert points.x.dtype == torch.float32
    assert points.y.dtype == torch.int64
    assert points.x[index].numpy().tobytes() == x.tobytes()
    assert points.y[index].tolist() == y.tolist()


def test_the_papers_data_byte_for_byte() -> None:
    data = task(12_000, 4_000, 2_000).draw((42, 7), "shared")
    assert [tuple(part.x.shape) for part in (data.train, data.standard, data.clean)] == [
        (2, 12_000, 2),
        (2, 4_000, 2),
        (2, 2_000, 2),
    ]
    for index in (0, 1):
        assert_is(data.train, index, 100, 0.8)
        assert_is(data.standard, index, 200, 0.8)
        assert_is(data.clean, index, 300, 0.0)


def test_individual_data_follow_the_seed() -> None:
    data = task().draw((42, 0, 7), "individual")
    for index, seed in enumerate((42, 0, 7)):
        assert_is(data.train, index, 1000 * seed + 100, 0.8)
        assert_is(data.standard, index, 1000 * seed + 200, 0.8)
        assert_is(data.clean, index, 1000 * seed + 300, 0.0)


def test_the_largest_seed_still_has_data() -> None:
    assert_is(task().draw((4_294_966,), "individual").clean, 0, 4_294_966_300, 0.0)


def test_held_data_are_the_holders_for_everyone() -> None:
    data = task().draw((42, 7), "individual", (0, 3))
    for index in (0, 1):
        assert_is(data.train, index, 100, 0.8)
        assert_is(data.standard, index, 3200, 0.8)
        assert_is(data.clean, index, 3300, 0.0)
    assert_is(task().draw((42, 7), "individual", (None, 3)).train, 1, 7100, 0.8)


def test_clean_points_are_exactly_their_centres() -> None:
    clean = task(clean=500).draw((3,), "individual").clean
    assert torch.equal(clean.x[0], torch.tensor(CENTRES)[clean.y[0]])
    assert clean.y.unique().tolist() == [0, 1, 2, 3]


def test_sizes_of_the_other_sets_change_nothing() -> None:
    one, other = task(train=200).draw((5,), "individual"), task(train=100, test=77).draw((5,), "individual")
    assert torch.equal(one.clean.x, other.clean.x)


def test_the_spread_is_the_standard_deviation_around_the_centre() -> None:
    train = task(train=20_000, spread=0.3).draw((1,), "individual").train
    deviations = (train.x[0] - torch.tensor(CENTRES)[train.y[0]]).double()
    assert abs(float(deviations.std()) - 0.3) < 4 * 0.3 / (2 * deviations.numel()) ** 0.5
    assert abs(float(deviations.mean())) < 4 * 0.3 / deviations.numel() ** 0.5


def test_a_task_knows_its_inputs_and_classes() -> None:
    three = GaussianClusters(centres=[[0, 0, 1], [1, 2, 3]], spread=0.1, train_size=10, test_size=10, clean_size=10)
    assert (three.inputs, three.classes) == (3, 2)
    data = three.draw((0,), "individual")
    assert data.train.x.shape == (1, 10, 3)
    assert set(data.train.y.unique().tolist()) <= {0, 1}


def test_centres_of_different_length_are_refused() -> None:
    with pytest.raises(ValidationError, match="same number of coordinates"):
        GaussianClusters(centres=[[0, 0], [1]], spread=0.1, train_size=1, test_size=1, clean_size=1)


def test_two_classes_in_one_place_are_refused() -> None:
    with pytest.raises(ValidationError, match="a place of its own"):
        GaussianClusters(centres=[[0, 0], [1, 1], [0, 0]], spread=0.1, train_size=1, test_size=1, clean_size=1)


@pytest.mark.parametrize("centres", [[[0, 0]], [["3", 0], [1, 1]], [[float("inf"), 0], [1, 1]], [[], []]])
def test_centres_that_make_no_task_are_refused(centres: object) -> None:
    with pytest.raises(ValidationError, match="centres"):
        GaussianClusters(centres=centres, spread=0.1, train_size=1, test_size=1, clean_size=1)


def test_moving_data_keeps_them() -> None:
    data = task().draw((1,), "individual")
    moved = data.to(torch.device("cpu"))
    assert isinstance(moved, Dataset)
    assert torch.equal(moved.train.x, data.train.x)
    assert torch.equal(moved.clean.y, data.clean.y)


@pytest.mark.parametrize(("noise", "expected"), [(0.0, 99.98), (1.0, 98.09), (2.0, 84.3)])
def test_nobody_beats_the_nearest_centre(noise: float, expected: float) -> None:
    # A square of centres 6 apart: right in both coordinates, each with Phi(3 / SD).
    made = task(1, 1, 1)
    by_hand = 100 * stats.norm.cdf(3 / math.sqrt(0.8**2 + noise**2)) ** 2
    assert made.ceiling(noise) == pytest.approx(by_hand, abs=0.006)
    assert made.ceiling(noise) == expected


def test_the_ceiling_of_other_centres_is_that_of_many_draws() -> None:
    centres = [[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 2.0, 1.0]]
    made = GaussianClusters(centres=centres, spread=0.6, train_size=1, test_size=1, clean_size=1)
    random, places = np.random.RandomState(0), np.array(centres)
    own = random.randint(0, 3, 200_000)
    points = places[own] + random.randn(200_000, 3) * 0.6
    nearest = ((points[:, None] - places) ** 2).sum(axis=2).argmin(axis=1)
    assert made.ceiling(0.0) == pytest.approx(100 * (nearest == own).mean(), abs=0.4)
    assert made.model_copy(update={"spread": 0.0}).ceiling(0.0) == 100.0


@pytest.mark.slow
@pytest.mark.parametrize("centres", [[[0, 0], [1, 0], [0, 2], [-3, 0.5]], [[0, 0], [2, 1]], [[1, 1], [2, 2], [3, 3]]])
def test_the_ceiling_in_the_plane_is_that_of_scipys_normal_distribution(centres: list[list[float]]) -> None:
    made = GaussianClusters(centres=centres, spread=0.6, train_size=1, test_size=1, clean_size=1)
    in_space = made.model_copy(update={"centres": tuple((*centre, 0.0) for centre in made.centres)})
    for noise in (0.0, 1.0, 3.0):
        assert made.ceiling(noise) == pytest.approx(in_space.ceiling(noise), abs=0.1)


def test_between_two_centres_the_ceiling_is_worked_out_by_hand() -> None:
    made = GaussianClusters(centres=[[0, 0], [3, 4]], spread=2.0, train_size=1, test_size=1, clean_size=1)
    assert made.ceiling(0.0) == round(100 * float(stats.norm.cdf(2.5 / 2.0)), 2)
