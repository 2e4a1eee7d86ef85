"""What every pathology in conf/pathology/ has to keep."""

from __future__ import annotations

import pytest
import torch

from depsim.model import Cohort
from depsim.pathology import Pathology
from depsim.streams import Streams
from tests.contracts.choices import build, names
from tests.tiny import copied, newborns, same, with_random_masks

SEEDS = (3, 7, 9)
STARTS = {
    "dense": newborns(SEEDS, (20, 16)),
    "half gone": with_random_masks(newborns(SEEDS, (20, 16)), 0.5),
    "sparser already": with_random_masks(newborns(SEEDS, (20, 16)), 0.97),
}


@pytest.fixture(params=names("pathology"))
def pathology(request: pytest.FixtureRequest) -> Pathology:
    return build("pathology", request.param)


@pytest.fixture(params=STARTS)
def healthy(request: pytest.FixtureRequest) -> Cohort:
    return STARTS[request.param]


def test_there_are_pathologies_to_check() -> None:
    assert {"none", "overpruning"} <= set(names("pathology"))
    assert all(isinstance(build("pathology", name), Pathology) for name in names("pathology"))


def test_the_input_is_unchanged(pathology: Pathology, healthy: Cohort) -> None:
    before = copied(healthy)
    pathology(healthy, Streams(SEEDS))
    assert same(healthy, before)


def test_masks_only_shrink(pathology: Pathology, healthy: Cohort) -> None:
    ill = pathology(healthy, Streams(SEEDS))
    assert len(ill.masks) == len(healthy.masks)
    for old, new in zip(healthy.masks, ill.masks, strict=True):
        assert new.dtype == torch.bool
        assert new.shape == old.shape
        assert bool((old | ~new).all())


def test_no_weight_is_off_its_mask(pathology: Pathology, healthy: Cohort) -> None:
    ill = pathology(healthy, Streams(SEEDS))
    assert not any(weight[~mask].any() for weight, mask in zip(ill.weights, ill.masks, strict=True))


def test_who_they_are_and_how_they_compute_stays(pathology: Pathology, healthy: Cohort) -> None:
    ill = pathology(healthy, Streams(SEEDS))
    assert (ill.seeds, ill.model) == (healthy.seeds, healthy.model)
    assert {tensor.dtype for tensor in (*ill.weights, *ill.biases)} == {torch.float32}


def test_the_same_streams_give_the_same_bits(pathology: Pathology, healthy: Cohort) -> None:
    assert same(pathology(healthy, Streams(SEEDS)), pathology(healthy, Streams(SEEDS)))


def test_alone_is_as_in_company(pathology: Pathology, healthy: Cohort) -> None:
    ill = pathology(healthy, Streams(SEEDS))
    for index, seed in enumerate(SEEDS):
        assert same(ill.individual(index), pathology(healthy.individual(index), Streams((seed,))))


def test_global_generators_do_not_matter(pathology: Pathology) -> None:
    torch.manual_seed(1)
    state = torch.get_rng_state()
    pathology(STARTS["dense"], Streams(SEEDS))
    assert torch.equal(torch.get_rng_state(), state)
