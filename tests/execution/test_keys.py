"""Keys: everything that decides numbers is in them and nothing else, and they survive the growth of the program."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Annotated

import pytest

import depsim
from depsim.component import Component, Neutral
from depsim.execution import keys
from depsim.execution.arithmetic import reproducible_arithmetic
from depsim.execution.course import first_path, train_baseline
from depsim.execution.keys import (
    arm_key,
    arm_sources,
    baseline_key,
    computing_modules,
    describe,
    digest,
    run_key,
)
from depsim.execution.sources import import_closure
from depsim.population import Hold
from depsim.protocol import Arm, Baseline
from depsim.steps import Train
from depsim.training import Phase
from tests import tiny
from tests.tiny import CPU, all_outcomes, arm, baseline, noise_tapered, regrowth, tonic_inhibition

ROOT = Path(depsim.__file__).parents[1]
BASE = arm(regrowth())
OTHER_BASELINES: dict[str, Baseline] = {
    "spread": baseline(points=tiny.task(spread=0.9)),
    "train_size": baseline(points=tiny.task(train=201)),
    "hidden": baseline((20, 17)),
    "epochs": baseline(epochs=3),
    "learning_rate": baseline(learning_rate=2e-2),
    "batch_size": baseline(batch_size=65),
    "data": baseline(data="shared"),
    "hold.train": baseline(hold=Hold(data=None, train=0, test=None, init=None, order=None)),
    "hold.test": baseline(hold=Hold(data=None, train=None, test=0, init=None, order=None)),
    "hold.init": baseline(hold=Hold(data=None, train=None, test=None, init=0, order=None)),
    "hold.order": baseline(hold=Hold(data=None, train=None, test=None, init=None, order=0)),
}
OTHER_ARMS: dict[str, Arm] = {
    "sparsity": arm(regrowth(), sparsity=0.91),
    "criterion": arm(regrowth(criterion="random")),
    "treatment epochs": arm(regrowth(epochs=3)),
    "treatment": arm(tonic_inhibition()),
    "untreated": arm(),
    "levels": arm(regrowth(), levels=(0.5,)),
    "further_pruning": arm(regrowth(), further_pruning=0.5),
}


PLANS = {"depsim.protocol"}
"""What runs while an arm is computed and is no source of its numbers: what it plans is in the key."""


def key_of(of: Arm, seed: int = 7, device: str = "cpu") -> str:
    return run_key(arm_key(of, device), arm_sources(of), seed)


def test_a_key_is_32_hexadecimal_digits() -> None:
    for key in (key_of(BASE), arm_key(BASE, "cpu"), arm_sources(BASE), baseline_key(BASE.baseline, 7, "cpu")):
        assert len(key) == 32
        assert set(key) <= set("0123456789abcdef")


def test_equal_arms_have_equal_keys_even_if_written_differently() -> None:
    again = arm(regrowth(), levels=[0.5, 2.5])  # type: ignore[arg-type]
    assert key_of(again) == key_of(BASE)
    whole, broken = tiny.task(spread=1), tiny.task(spread=1.0)
    keys = {baseline_key(baseline(points=points), 7, "cpu") for points in (whole, broken)}
    assert len(keys) == 1


def test_arms_with_the_same_steps_are_one_whatever_planned_them() -> None:
    assert key_of(arm(noise_tapered(epochs=0))) == key_of(arm())
    assert key_of(arm(noise_tapered(epochs=1))) != key_of(arm())


def test_everything_scientific_changes_the_run_key() -> None:
    found = [key_of(BASE), key_of(BASE, 8), key_of(BASE, device="cuda")]
    found += [key_of(replace(BASE, baseline=other)) for other in OTHER_BASELINES.values()]
    found += [key_of(other) for other in OTHER_ARMS.values()]
    assert len(set(found)) == len(found) == 3 + 11 + 7


def test_everything_about_the_baseline_changes_its_key() -> None:
    own = BASE.baseline
    found = [baseline_key(own, 7, "cpu"), baseline_key(own, 8, "cpu"), baseline_key(own, 7, "cuda")]
    found += [baseline_key(other, 7, "cpu") for other in OTHER_BASELINES.values()]
    assert len(set(found)) == len(found)


def test_arms_share_the_key_of_their_baseline() -> None:
    assert len({baseline_key(other.baseline, 7, "cpu") for other in OTHER_ARMS.values()}) == 1


def running(compute: Callable[[], object]) -> set[str]:
    """The modules of depsim whose code runs while something is computed."""
    found: set[str] = set()

    def note(frame: FrameType, _event: str, _argument: object) -> None:
        found.add(frame.f_globals.get("__name__", ""))

    compute()  # whatever is loaded or compiled at the first time has been by now
    before = sys.getprofile()
    sys.setprofile(note)
    try:
        with reproducible_arithmetic():
            compute()
    finally:
        sys.setprofile(before)
    return {name for name in found if name.startswith("depsim.")}


@pytest.mark.parametrize(
    "of",
    [BASE, arm(tonic_inhibition()), arm(noise_tapered(), criterion="random"), arm(regrowth(criterion="random"))],
    ids=["ketamine", "neurosteroid", "ssri after random pruning", "random regrowth"],
)
def test_all_code_that_computes_an_arm_is_among_its_sources(of: Arm) -> None:
    found = running(lambda: all_outcomes([of], (3,)))
    assert {"depsim.execution.course", "depsim.streams", "depsim.steps.prune", "depsim.assessment.dose"} <= found
    assert found - import_closure(computing_modules(of)) == PLANS


def test_the_sources_of_a_healthy_network_are_all_code_that_trains_it(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[frozenset[str]] = []
    monkeypatch.setattr(keys, "sources_digest", lambda modules: seen.append(modules) or "")
    baseline_key(BASE.baseline, 7, "cpu")
    (modules,) = seen
    found = running(lambda: first_path(BASE.baseline, (3,), CPU, train_baseline))
    assert {"depsim.task.gaussian_clusters", "depsim.training.trainer", "depsim.execution.arithmetic"} <= found
    assert found - import_closure(modules) == PLANS


def test_streams_that_could_be_held_later_change_no_key() -> None:
    assert describe(tiny.NOTHING_HELD) == {
        "is": "depsim.population.Hold", "data": None, "init": None, "order": None,
    }  # fmt: skip


@pytest.mark.slow
def test_a_key_is_the_same_in_another_process() -> None:
    code = "from tests.execution.test_keys import BASE, key_of; print(key_of(BASE))"
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == key_of(BASE)


def test_a_component_is_described_by_its_class_and_fields_and_a_step_by_what_is_not_its_default() -> None:
    assert describe(tiny.overpruning(0.9)) == {
        "is": "depsim.pathology.overpruning.Overpruning",
        "sparsity": 0.9,
        "criterion": "magnitude",
    }
    assert describe(Train(Phase(1e-3, (0.5, 0.0)))) == {
        "is": "depsim.steps.train.Train",
        "phase": {"is": "depsim.training.schedules.Phase", "learning_rate": 1e-3, "internal_noise": [0.5, 0.0]},
    }
    (step,) = tiny.overpruning(0.9).plan()
    assert describe(step) == {
        "is": "depsim.steps.prune.Prune",
        "share": 0.9,
        "criterion": "depsim.steps.pruning_criteria.magnitude.scores",
    }


class Grown(Component):
    """A component with a field that came later."""

    epochs: int
    gain: Annotated[float, Neutral(1.0)]
    layers: Annotated[tuple[int, ...] | None, Neutral(None)]


def test_a_field_that_came_later_changes_nothing_at_its_neutral_value() -> None:
    assert describe(Grown(epochs=3, gain=1.0, layers=None)) == {"is": f"{__name__}.Grown", "epochs": 3}
    assert describe(Grown(epochs=3, gain=1.2, layers=None))["gain"] == 1.2
    assert describe(Grown(epochs=3, gain=1.0, layers=(1,)))["layers"] == [1]


def test_a_digest_does_not_depend_on_the_order_of_keys_and_refuses_what_is_not_plain() -> None:
    assert digest({"a": 1, "b": [2, 3]}) == digest({"b": [2, 3], "a": 1})
    assert digest({"a": 1}) != digest({"a": "1"})
    assert digest([1, 2]) != digest([2, 1])
    with pytest.raises(ValueError, match="JSON compliant"):
        digest(float("nan"))
    with pytest.raises(TypeError, match="not JSON serializable"):
        digest(json)
