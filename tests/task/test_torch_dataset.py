from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import torch

from depsim.config import ConfigError, prepare
from depsim.task.input_shapes import input_shapes
from depsim.task.torch_dataset import DataError, TorchDataset
from depsim.task.torch_examples import spirals
from depsim.testing import TaskContract
from tests import torch_data


def of(factory: Callable[[int], Any], **sizes: int | None) -> TorchDataset:
    """A task of a factory, with all that it gives."""
    left_open: dict[str, Any] = {"train_size": None, "test_size": None, "clean_size": None} | sizes
    return TorchDataset(factory=factory, passes=1, **left_open)


class TestOfImages(TaskContract):
    component = of(torch_data.images)


class TestOfImagesWithCleanOnes(TaskContract):
    component = of(torch_data.with_clean)


class TestOfDrawnOnes(TaskContract):
    component = of(torch_data.drawn)


def test_sizes_classes_and_shape_are_those_of_the_data() -> None:
    task = of(torch_data.images)
    assert (task.train_size, task.test_size, task.clean_size) == (100, 60, 300)
    assert (task.shape, task.inputs, task.classes) == ((1, 2, 3), 6, 3)
    assert input_shapes(task) == ((1, 2, 3), (6,))
    assert input_shapes(of(spirals)) == ((2,),)
    assert of(torch_data.images, clean_size=9).clean_size == 9
    assert of(torch_data.images, train_size=100) == task


def test_individuals_split_the_data_by_seeds_as_those_of_digits_do() -> None:
    task = of(torch_data.images)
    shared, own = task.draw((4, 7), "shared"), task.draw((4, 7), "individual")
    assert torch.equal(shared.train.x[1], torch_data.points(100)[0].flatten(1))
    assert torch.equal(own.train.x[1], torch_data.points(7100)[0].flatten(1))
    assert torch.equal(own.standard.x[0], torch_data.points(4101, 60)[0].flatten(1))


def test_clean_points_are_the_means_of_the_classes_unless_they_are_given() -> None:
    x, y = torch_data.points(100)
    clean = of(torch_data.images, clean_size=6).draw((1,), "shared").clean
    assert clean.y.tolist() == [[0, 0, 1, 1, 2, 2]]
    for row, label in enumerate(clean.y[0].tolist()):
        torch.testing.assert_close(clean.x[0, row], x[y == label].mean(0).flatten())
    assert torch.equal(of(torch_data.with_clean).draw((1,), "shared").clean.y[0], torch_data.points(0, 7)[1])


def test_pytorchs_generator_is_left_as_it_was() -> None:
    torch_dataset, before = of(torch_data.drawn), torch.get_rng_state()
    torch_dataset.draw((1,), "individual")
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    ("factory", "why"),
    [
        ("fails", "raised FileNotFoundError: no data here (torch_data.py, line "),
        ("only_training", "returned a sequence of 1; must return (x, y) of training and (x, y) of test points"),
        ("no_pair", "test points are a Tensor; must be a pair of tensors, inputs and labels"),
        (
            "without_a_seed",
            "cannot be called with the seed (too many positional arguments); must take it as its",
        ),
        ("arrays", "training points are NumPy arrays; must be tensors: torch.from_numpy(x).float() and"),
        ("one_based", "training labels are 1 to 3; must be 0 to 2"),
        ("doubles", "training inputs are (100, 1, 2, 3), torch.float64; must be (points, ...), torch.float32"),
        ("float_labels", "training labels are (100,), torch.float32; must be (100,), torch.int64"),
        ("a_label_too_few", "training labels are (99,), torch.int64; must be (100,), torch.int64"),
        ("not_finite", "test inputs are not all finite"),
        ("no_second_class", "training labels lack or add [1]; must be 0 to 2, each at least once"),
        ("another_class", "test labels lack or add [2, 3]; must be 0 to 2"),
        ("another_shape", "test inputs have the shape (6,); must be (1, 2, 3)"),
        ("other_each_time", "gives other training points each time; must give the same for the same seed"),
    ],
)
def test_data_that_nobody_can_learn_are_refused_when_a_job_is_composed(
    factory: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEPSIM_PLUGINS", "tests")
    with pytest.raises(ConfigError, match=re.escape(f"task.factory=tests.torch_data:{factory}: {why}")):
        prepare(["task=torch_dataset", f"task.factory=tests.torch_data:{factory}", "tracking=none"])


def test_sizes_that_the_data_do_not_have_are_refused() -> None:
    for name, size, why in (
        ("train_size", 99, "train_size=99: the factory gives 100; must be null or that"),
        ("test_size", 99, "test_size=99: the factory gives 60"),
        ("clean_size", 10, "clean_size=10: must be null or a multiple of 3, the classes"),
    ):
        with pytest.raises(ValueError, match=why):
            of(torch_data.images, **{name: size})


def test_an_individual_whose_data_are_others_is_refused() -> None:
    with pytest.raises(DataError, match="the data of seed 1100 are"):
        of(torch_data.other_for_others).draw((1,), "individual")


def test_a_network_takes_the_shape_of_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPSIM_PLUGINS", "tests")
    more = ["training.batch_size=64", "tracking=none"]
    words = ["task=torch_dataset", "task.factory=tests.torch_data:images", "model=torch_module"]
    baseline = prepare([*words, "model.factory=tests.torch_models:of_images", *more]).job.arm.baseline
    assert baseline.model.shape == (1, 2, 3)  # type: ignore[attr-defined]
    assert baseline.task.train_size == 100


def test_the_arms_of_the_spirals_do_not_meet() -> None:
    for seed in range(5):
        for x, y in spirals(seed):
            turned = torch.atan2(x[:, 1], x[:, 0]) - 1.2 * x.norm(dim=1)
            assert torch.equal((3 * turned / (2 * torch.pi)).round().long() % 3, y)
