"""The paper's network as a module of seven lines has, at every stage, exactly as many synapses as ``model=mlp``."""

from __future__ import annotations

import pytest
import torch

from depsim.config import prepare
from depsim.execution.course import Outcome, first_path, outcomes_of, train_baseline
from depsim.model.masks import unpack
from depsim.model.torch_networks import paper

SIZES = (1_024, 262_144, 131_072, 1_024)
"""Weights of each matrix."""
pytestmark = pytest.mark.slow  # networks of full size
QUICK = (
    "task.train_size=256", "task.test_size=64", "task.clean_size=4", "training.epochs=1", "seed=3", "tracking=none",
    "assessment.internal_noise=[1.0]",
)  # fmt: skip


def outcome(model: str, treatment: str) -> Outcome:
    """One individual's course, hardly trained."""
    short = ("treatment.epochs=1",) if treatment != "none" else ()
    arm = prepare([f"model={model}", f"treatment={treatment}", *short, *QUICK]).job.arm
    path = first_path(arm.baseline, (3,), torch.device("cpu"), train_baseline)
    for step in arm.steps:
        path = step(path)
    (individual,) = outcomes_of(path)
    return individual


def counts(individual: Outcome) -> dict[str, list[int]]:
    """Synapses of each matrix at each stage."""
    return {stage: [int(mask.sum()) for mask in masks] for stage, masks in unpack(individual.masks).items()}


@pytest.mark.parametrize("treatment", ["none", "ketamine", "ssri", "neurosteroid"])
def test_the_papers_network_loses_and_regrows_as_many_synapses_as_the_mlp(treatment: str) -> None:
    module, mlp = outcome("torch_module", treatment), outcome("mlp", treatment)
    assert counts(module) == counts(mlp)
    assert counts(module)["depressed"] == [52, 13_108, 6_554, 52]
    assert [mask.size for mask in unpack(module.masks)["healthy"]] == list(SIZES)
    if treatment == "ketamine":
        before = counts(module)["depressed"]
        regrown = [int(0.5 * (size - kept)) for size, kept in zip(SIZES, before, strict=True)]
        assert counts(module)["treated"] == [kept + more for kept, more in zip(before, regrown, strict=True)]
    assert module.metrics["relapsed/sparsity"] == mlp.metrics["relapsed/sparsity"]


def test_it_is_seven_lines() -> None:
    assert len(paper()) == 7  # type: ignore[arg-type]
