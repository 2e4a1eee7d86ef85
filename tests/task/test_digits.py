"""Handwritten digits: splits, scale, and the clean points."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from depsim.config import ConfigError
from depsim.task import Digits
from tests.jobs import spec

WHOLE = Digits(train_size=1200, test_size=597, clean_size=1000)


def expected(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    images, labels = load_digits(return_X_y=True)
    return tuple(train_test_split(images, labels, train_size=1200, stratify=labels, random_state=seed))  # type: ignore[return-value]


@pytest.mark.parametrize(("data", "seeds"), [("shared", (100, 100)), ("individual", (7_100, 9_100))])
def test_each_has_a_stratified_split_of_its_seed_scaled_by_its_training_images(
    data: str, seeds: tuple[int, int]
) -> None:
    drawn = WHOLE.draw((7, 9), data)  # type: ignore[arg-type]
    for place, seed in enumerate(seeds):
        train, test, train_labels, test_labels = expected(seed)
        for points, images, labels in ((drawn.train, train, train_labels), (drawn.standard, test, test_labels)):
            scaled = (images - train.mean()) / train.std()
            assert torch.equal(points.x[place], torch.from_numpy(scaled.astype(np.float32)))
            assert torch.equal(points.y[place], torch.from_numpy(labels))
    own = drawn.train.x[0].double()
    assert (float(own.mean()), float(own.std())) == pytest.approx((0, 1), abs=1e-4)


def test_clean_points_are_the_mean_training_images_a_hundred_times_each() -> None:
    drawn = WHOLE.draw((7,), "individual")
    train, _, labels, _ = expected(7_100)
    assert drawn.clean.y[0].bincount().tolist() == [100] * 10
    for digit in range(10):
        mean = (train[labels == digit].mean(axis=0) - train.mean()) / train.std()
        copies = drawn.clean.x[0][drawn.clean.y[0] == digit]
        assert torch.equal(copies, torch.from_numpy(mean.astype(np.float32)).expand(100, -1))


def test_no_image_is_learned_and_examined() -> None:
    drawn = WHOLE.draw((3,), "individual")
    together = torch.cat([drawn.train.x[0], drawn.standard.x[0]])
    images, _ = load_digits(return_X_y=True)
    assert len(together) == len(images)
    assert len(together.unique(dim=0)) == len(np.unique(images, axis=0))


def test_individuals_that_share_a_split_share_its_tensors() -> None:
    assert WHOLE.draw((1, 2, 3), "shared").train.x.stride(0) == 0
    assert WHOLE.draw((1, 2, 3), "individual", held=(5, 5)).standard.x.stride(0) == 0


@pytest.mark.parametrize(
    ("word", "said"),
    [("task.train_size=1300", "there are 1,797 images"), ("task.clean_size=45", "must be a multiple of 10"),
     ("task.test_size=9", "one image of each class")],
)  # fmt: skip
def test_sizes_that_the_images_do_not_have(word: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        spec("none", "task=digits", "task.train_size=1200", "task.test_size=500", "task.clean_size=20", word)
