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
from tests.contracts.choices import SHORTER, build, names
from tests.torch_data import images
from tests.torch_models import layered

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
    "torch_module": {"factory": layered, "shape": (2,)},
    "four_clusters": FEW_POINTS,
    "digits": FEW_POINTS,
    "torch_dataset": {"factory": images, "train_size": 100, "test_size": 60, "clean_size": 300},
}
"""What a choice is made smaller by, where its size means nothing to the contract."""


LAYERS = {
    "ketamine": (1, 2, 3), "ssri": (1, 2, 3), "sham": (1, 2, 3), "ketamine_gain": (1, 2), "ssri_gain": (1, 2),
    "neurosteroid": (1, 2), "neurosteroid_gain": (1, 2), "handover": (2,),
}  # fmt: skip
"""The single layers, of the contract's three, that a treatment's suite is run in."""


class _Built:
    """The component of a suite, composed when the first test asks for it.

    Args:
        group, name: of the choice.
        layer: that a treatment acts in; None for all.
    """

    def __init__(self, group: str, name: str, layer: int | None) -> None:
        self._choice = group, name, layer

    def __get__(self, suite: object, _kind: type[Any]) -> Any:
        if suite is None:  # pytest looks at what a class has while it collects
            return self
        group, name, layer = self._choice
        component = build(group, name, *SHORTER.get(name, ()))
        component = component.model_copy(update=SMALLER.get(name, {}))
        if layer is None:
            return component
        if isinstance(component, Regimen):
            return component.model_copy(update={"drugs": {k: limited(d, layer) for k, d in component.drugs.items()}})
        return limited(component, layer)


def suite(group: str, name: str, layer: int | None = None) -> type[Any]:
    """The contract of one choice, or of a treatment in one layer."""
    where = "" if layer is None else f"InLayer{layer}"
    own = f"Test{group.title()}{name.title().replace('_', '')}{where}"
    return type(own, (SUITES[group][0],), {"component": _Built(group, name, layer)})


def limited(drug: Treatment, layer: int) -> Treatment:
    """A drug that acts in one layer, for a few epochs."""
    return drug.model_copy(update={"layers": (layer,), "epochs": 3})


globals().update({kind.__name__: kind for group in SUITES for name in names(group) for kind in [suite(group, name)]})
globals().update(
    {kind.__name__: kind for name in LAYERS for layer in LAYERS[name] for kind in [suite("treatment", name, layer)]}
)


class WithoutGradients(Mlp):
    """A network that leaves its gradients to PyTorch and has no compiled kernels."""

    is_layered = False
    loss_and_gradients = Model.loss_and_gradients


class TestModelOfPlainTensors(testing.ModelContract):
    component = WithoutGradients(hidden=(12, 10))


@pytest.mark.slow  # composes all treatments
def test_every_drug_is_checked_in_each_layer_that_it_may_act_in() -> None:
    drugs = {name: drug for name in names("treatment") if isinstance(drug := build("treatment", name), Layered)}
    assert {
        name: tuple(k for k in (1, 2, 3) if not limited(drug, k).misplaced(Mlp(hidden=(20, 16)).architecture(2, 4)))  # type: ignore[attr-defined]
        for name, drug in drugs.items()
    } == {name: layers for name, layers in LAYERS.items() if name != "handover"}


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
