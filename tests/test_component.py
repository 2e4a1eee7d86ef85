from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

import depsim.steps.pruning_criteria
from depsim.component import module_of
from depsim.model import Mlp
from depsim.pathology import NoPathology, Overpruning
from depsim.population import Hold
from depsim.training import HealthyTraining
from depsim.treatment import NoTreatment, TonicInhibition
from tests import tiny


def fields(**changes: Any) -> dict[str, Any]:
    return {"damping_factor": 0.7, "bounded": True, "epochs": 10, "learning_rate": 5e-4} | changes


@pytest.mark.parametrize(
    "changes",
    [
        {"damping_factor": "0.5"},
        {"damping_factor": True},
        {"damping_factor": None},
        {"damping_factor": 0.0},
        {"damping_factor": -0.1},
        {"damping_factor": 100.5},
        {"damping_factor": float("nan")},
        {"bounded": 1},
        {"bounded": "true"},
        {"epochs": True},
        {"epochs": 10.0},
        {"epochs": 2.5},
        {"epochs": "10"},
        {"epochs": -1},
        {"learning_rate": 0.0},
        {"learning_rate": float("inf")},
        {"learning_rate": float("nan")},
        {"learning_rte": 1e-3},
    ],
)
def test_a_wrong_type_range_or_key_is_refused_by_name(changes: dict[str, Any]) -> None:
    (name,) = changes
    with pytest.raises(ValidationError) as caught:
        TonicInhibition(**fields(**changes))
    assert [error["loc"] for error in caught.value.errors()] == [(name,)]


@pytest.mark.parametrize("missing", ["damping_factor", "bounded", "epochs", "learning_rate"])
def test_nothing_has_a_default(missing: str) -> None:
    given = fields()
    del given[missing]
    with pytest.raises(ValidationError, match=missing):
        TonicInhibition(**given)


def test_the_borders_of_the_ranges_are_allowed() -> None:
    assert TonicInhibition(**fields(damping_factor=1, epochs=0)).damping_factor == 1.0
    assert [Overpruning(sparsity=s, criterion="magnitude").sparsity for s in (0, 1)] == [0.0, 1.0]


@pytest.mark.parametrize("sparsity", [-0.01, 1.01, "0.95", True, float("nan"), None])
def test_a_sparsity_is_a_share(sparsity: Any) -> None:
    with pytest.raises(ValidationError, match="sparsity"):
        Overpruning(sparsity=sparsity, criterion="magnitude")


def test_an_unknown_choice_names_the_allowed_ones() -> None:
    with pytest.raises(ValidationError, match="must be one of: magnitude, random"):
        Overpruning(sparsity=0.5, criterion="size")
    with pytest.raises(ValidationError, match="must be one of: gradient, random"):
        tiny.regrowth(criterion="magnitude")


def test_the_name_of_a_module_is_let_through() -> None:
    assert module_of(depsim.steps.pruning_criteria)("random") == "random"


@pytest.mark.parametrize("hidden", [[], ["8"], [8.0], [True], [0], [-8], "88", 8, None])
def test_hidden_layers_are_positive_whole_numbers(hidden: Any) -> None:
    with pytest.raises(ValidationError, match="hidden"):
        Mlp(hidden=hidden)


def test_a_list_from_a_configuration_file_is_a_tuple_inside() -> None:
    assert Mlp(hidden=[8, 6]) == Mlp(hidden=(8, 6))
    assert hash(Mlp(hidden=[8, 6])) == hash(Mlp(hidden=(8, 6)))


def test_parts_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        tiny.overpruning().sparsity = 0.5  # type: ignore[misc]


def test_parts_are_equal_by_value_and_only_within_their_class() -> None:
    assert tiny.overpruning(0.9) == tiny.overpruning(0.9)
    assert tiny.overpruning(0.9) != tiny.overpruning(0.8)
    assert NoTreatment() != NoPathology()
    assert len({tiny.overpruning(0.9), tiny.overpruning(0.9), tiny.overpruning(0.8)}) == 2


@pytest.mark.parametrize("levels", [[], [0.5, 0.3], [0.5, 0.5], [0.0, 0.5], [-1.0], ["0.5"], [True, 2.0]])
def test_noise_levels_rise_from_above_nothing(levels: Any) -> None:
    with pytest.raises(ValidationError, match="internal_noise"):
        tiny.battery(levels)


def test_whole_noise_levels_are_floats_inside_so_that_metric_names_agree() -> None:
    levels = tiny.battery([1, 2.5]).internal_noise
    assert [str(level) for level in levels] == ["1.0", "2.5"]


@pytest.mark.parametrize("batch_size", [0, -1, 1.5, "128"])
def test_a_batch_has_at_least_one_sample(batch_size: Any) -> None:
    with pytest.raises(ValidationError, match="batch_size"):
        HealthyTraining(epochs=1, learning_rate=1e-3, batch_size=batch_size)


@pytest.mark.parametrize("seed", [-1, 4_294_967, 1.0, "1"])
def test_a_seed_fits_the_data_rule(seed: Any) -> None:
    with pytest.raises(ValidationError, match="init"):
        Hold(data=None, train=None, test=None, init=seed, order=None)
