"""Every choice in conf/ keeps its contract (:mod:`depsim.testing`); one suite per choice is made here."""

from __future__ import annotations

from typing import Any

import pytest

from depsim import testing
from depsim.assessment import Assessment
from depsim.component import label_of
from depsim.model import Mlp, Model
from depsim.pathology import Pathology
from depsim.task import Task
from depsim.treatment import Regimen, Treatment
from depsim.treatment.layered import Layered
from tests.contracts.choices import build, names

SUITES: dict[str, tuple[type[Any], type[Any]]] = {
    "pathology": (testing.PathologyContract, Pathology),
    "treatment": (testing.TreatmentContract, Treatment),
    "model": (testing.ModelContract, Model),
    "task": (testing.TaskContract, Task),
    "assessment": (testing.AssessmentContract, Assessment),
}
FEW_POINTS = {"train_size": 100, "test_size": 60, "clean_size": 20}
SMALLER = {
    "mlp": {"hidden": (20, 16)},
    "mlp_wide": {"hidden": (20, 16, 12)},
    "mlp_deep": {"hidden": (8, 8, 8, 8, 8)},
    "recurrent": {"hidden": 12, "steps": 3, "delay": 1},
    "four_clusters": FEW_POINTS,
    "digits": FEW_POINTS,
}
"""What a choice is made smaller by, where its size means nothing to the contract."""


def suite(group: str, name: str, layer: int | None = None) -> type[Any]:
    """The contract of one choice, or of a treatment in one layer."""
    component = build(group, name)
    component = component.model_copy(update=SMALLER.get(name, {}))
    where = "" if layer is None else f"InLayer{layer}"
    if isinstance(component, Regimen) and layer is not None:
        component = component.model_copy(
            update={"drugs": {drug: limited(d, layer) for drug, d in component.drugs.items()}}
        )
    elif layer is not None:
        component = limited(component, layer)
    own = f"Test{group.title()}{name.title().replace('_', '')}{where}"
    return type(own, (SUITES[group][0],), {"component": component})


def limited(drug: Treatment, layer: int) -> Treatment:
    """A drug that acts in one layer, for a few epochs."""
    return drug.model_copy(update={"layers": (layer,), "epochs": 3})


def layers_of(name: str) -> tuple[int, ...]:
    """The single layers, of the contract's three, that a treatment's suite is run in."""
    treatment = build("treatment", name)
    if isinstance(treatment, Layered):
        return tuple(
            k for k in (1, 2, 3) if not limited(treatment, k).misplaced(Mlp(hidden=(20, 16)).architecture(2, 4))
        )  # type: ignore[attr-defined]
    return (2,) if name == "handover" else ()


globals().update({kind.__name__: kind for group in SUITES for name in names(group) for kind in [suite(group, name)]})
globals().update(
    {kind.__name__: kind for name in names("treatment") for layer in layers_of(name)
     for kind in [suite("treatment", name, layer)]}
)  # fmt: skip


class WithoutGradients(Mlp):
    """A network that leaves its gradients to PyTorch and has no compiled kernels."""

    is_layered = False
    loss_and_gradients = Model.loss_and_gradients


class TestModelOfPlainTensors(testing.ModelContract):
    component = WithoutGradients(hidden=(12, 10))


def test_every_drug_is_checked_in_single_layers() -> None:
    found = {name: layers_of(name) for name in names("treatment")}
    assert {name: layers for name, layers in found.items() if layers} == {
        "ketamine": (1, 2, 3), "ssri": (1, 2, 3), "sham": (1, 2, 3), "ketamine_gain": (1, 2), "ssri_gain": (1, 2),
        "neurosteroid": (1, 2), "neurosteroid_gain": (1, 2), "handover": (2,),
    }  # fmt: skip


@pytest.mark.parametrize("group", SUITES)
def test_there_are_choices_to_check(group: str) -> None:
    assert {"pathology": {"none", "overpruning"}, "treatment": {"none", "ketamine", "ssri", "neurosteroid"}}.get(
        group, set()
    ) <= set(names(group))
    assert all(isinstance(build(group, name), SUITES[group][1]) for name in names(group))
    assert names(group)


@pytest.mark.parametrize("group", ["task", "model", "pathology", "treatment", "assessment"])
def test_every_setting_has_a_title_of_its_own(group: str) -> None:
    for name in names(group):
        kind = type(build(group, name))
        titles = [label_of(kind, field).title for field in kind.model_fields]
        assert len(set(titles)) == len(titles)
        assert not set(titles) & set(kind.model_fields), f"{kind.__name__}: a field without a label"
