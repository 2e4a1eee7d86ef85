from __future__ import annotations

from dataclasses import replace

import pytest

from depsim.config import prepare
from depsim.execution.cost import condition_seconds, healthy_seconds, network_size
from depsim.model import Cohort
from depsim.model.mlp import Mlp
from depsim.runner import job_seconds
from depsim.streams import Streams


def seconds(*overrides: str) -> float:
    return condition_seconds(prepare(overrides).job.condition)


class Other:
    """A model of another kind, which does not say how many units it has."""

    def initialise(self, streams: Streams, inputs: int, outputs: int) -> Cohort:
        return Mlp(hidden=(5, 3)).initialise(streams, inputs, outputs)


def test_the_size_of_a_network_is_that_of_the_network() -> None:
    paper = prepare(["treatment=none"]).job.condition.origin
    assert network_size(paper) == (2 * 512 + 512 * 512 + 512 * 256 + 256 * 4, 512 + 512 + 256)
    assert network_size(replace(paper, model=Other())) == (2 * 5 + 5 * 3 + 3 * 4, 5 + 3)  # type: ignore[arg-type]


def test_a_treatment_costs_in_proportion_to_its_epochs() -> None:
    none = seconds("treatment=none")
    short, long = seconds("treatment=ssri", "treatment.epochs=50"), seconds("treatment=ssri")
    assert long - none == pytest.approx(2 * (short - none))


def test_denser_and_noisier_training_costs_more() -> None:
    regrown = [seconds("treatment=ketamine", f"treatment.regrow_fraction={share}") for share in (0.05, 0.5, 1.0)]
    assert regrown == sorted(set(regrown))
    quiet, noisy = (seconds("treatment=ssri", f"treatment.initial_noise={sigma}") for sigma in (0.0, 0.5))
    assert quiet < noisy


def test_the_healthy_network_is_shared_among_the_conditions_that_start_from_it() -> None:
    jobs = [prepare([f"treatment={arm}", "tracking=none"]).job for arm in ("none", "ketamine", "ssri")]
    healthy = healthy_seconds(jobs[0].condition.origin)
    alone = [job_seconds([job])[0] for job in jobs]
    assert alone == pytest.approx([condition_seconds(job.condition) + healthy for job in jobs])
    assert sum(job_seconds(jobs)) == pytest.approx(sum(alone) - 2 * healthy)
