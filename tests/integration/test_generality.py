"""Every model learns every task and takes every treatment, with every follow-up, alone as in company."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

import depsim
from tests.contracts.choices import SHORTER, names
from tests.pairs import every_value

pytestmark = pytest.mark.slow

MODELS = {
    "mlp": ("model.hidden=[10,8,6]",),
    "mlp_wide": ("model.hidden=[12,8,6]",),
    "mlp_deep": ("model.hidden=[8,8,6,6,6]",),
    "recurrent": ("model.hidden=8", "model.steps=3", "model.delay=1"),
    "torch_module": (),
}
LAST = {
    ("recurrent", ""): "output", ("mlp_deep", ""): "layer_6", ("torch_module", "four_clusters"): "output.weight",
    ("torch_module", "digits"): "6.weight", ("torch_module", "torch_dataset"): "2.weight",
}  # fmt: skip
"""What the last weight matrix is called."""
TASKS = {
    "four_clusters": "model.factory=tests.torch_models:residual",
    "digits": "model.factory=tests.torch_models:convolution",
    "torch_dataset": "model.factory=tests.torch_models:of_spirals",
}
"""Each with the PyTorch module for it."""
SIZES = ("task.train_size=130", "task.test_size=60", "task.clean_size=40")
FEW = {"four_clusters": SIZES, "digits": SIZES, "torch_dataset": ("task.factory=tests.torch_data:few_spirals",)}
"""What makes each task small."""
SMALL = ("training.epochs=2", "tracking=none", "workers=1")


@pytest.fixture(autouse=True)
def _own_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPSIM_PLUGINS", "tests")


def simulated(model: str, task: str, treatment: str, *more: str, seeds: str = "[3,7]") -> depsim.Result:
    own = (f"model={model}", f"task={task}", f"treatment={treatment}", f"cohort.seeds={seeds}", *MODELS[model], *SMALL)
    module = (TASKS[task],) if model == "torch_module" else ()
    return depsim.simulate(*own, *FEW[task], *module, *more)


def test_every_shipped_model_and_task_is_tried() -> None:
    assert (set(MODELS), set(TASKS)) == (set(names("model")), set(names("task")))


@every_value(treatment=names("treatment"), place=list(product(MODELS, TASKS)))
def test_every_treatment_works_on_every_network_and_task(treatment: str, place: tuple[str, str]) -> None:
    model, task = place
    both = simulated(model, task, treatment, *SHORTER.get(treatment, ()))
    assert both.metrics["treated/combined"].shape == (2,)
    undefined = {name for name, values in both.metrics.items() if not np.isfinite(values).all()}
    # of whoever has no deficit, or was not given what others were
    assert all(name.endswith(("/response", "/remission")) or "/given/" in name or name.startswith("regrowth/")
               for name in undefined)  # fmt: skip
    if (model, task) in (("recurrent", "digits"), ("mlp_deep", "four_clusters"), ("torch_module", "digits")):
        for name, values in simulated(model, task, treatment, *SHORTER.get(treatment, ()), seeds="[7]").metrics.items():
            np.testing.assert_array_equal(both.metrics[name][1:], values, err_msg=name)
    assert ("healthy/spectral_radius" in both.metrics) == (model == "recurrent")
    last = LAST.get((model, task)) or LAST.get((model, ""), "layer_4")
    assert f"depressed/sparsity/{last}" in both.metrics
    assert both.metrics["depressed/sparsity"] == pytest.approx(95, abs=2)  # so few weights leave a whole one


@every_value(
    more=[
        ("follow_up=stress_cycles", "follow_up.cycles=2"), ("follow_up=withdrawal_curve",), ("assessment=mood",),
        ("cohort.traits.structural_loss.omega=0.4", "cohort.traits.plasticity.omega=0.3"), ("cohort.replicates=2",),
    ],
    model=list(MODELS),
)  # fmt: skip
def test_follow_ups_moods_traits_and_replicates_work_on_every_network(model: str, more: tuple[str, ...]) -> None:
    found = simulated(model, "digits", "neurosteroid", "treatment.epochs=1", *more)
    assert np.isfinite(found.metrics["treated/combined"]).all()
