"""The scientific choices of conf/ are the paper's."""

from __future__ import annotations

import pytest

from depsim.assessment import Battery
from depsim.model import Mlp
from depsim.pathology import NoPathology, Overpruning
from depsim.steps import Maintenance
from depsim.task import GaussianClusters
from depsim.treatment import NoiseTaperedTraining, NoTreatment, Regrowth, TonicInhibition
from tests.contracts.choices import build, names


@pytest.mark.parametrize(
    ("group", "name", "expected"),
    [
        (
            "task",
            "four_clusters",
            GaussianClusters(
                centres=((-3, -3), (3, 3), (-3, 3), (3, -3)),
                spread=0.8,
                train_size=12_000,
                test_size=4_000,
                clean_size=2_000,
            ),
        ),
        ("model", "mlp", Mlp(hidden=(512, 512, 256))),
        ("pathology", "none", NoPathology()),
        ("pathology", "overpruning", Overpruning(sparsity=0.95, criterion="magnitude")),
        ("treatment", "none", NoTreatment()),
        (
            "treatment",
            "ketamine",
            Regrowth(
                regrow_fraction=0.5,
                criterion="gradient",
                init_scale=0.03,
                scoring_batches=30,
                epochs=15,
                learning_rate=5e-4,
                maintenance=Maintenance(epochs=5, learning_rate=5e-4, initial_noise=0.0),
            ),
        ),
        (
            "treatment",
            "ssri",
            NoiseTaperedTraining(
                epochs=100,
                learning_rate=1e-5,
                initial_noise=0.5,
                maintenance=Maintenance(epochs=20, learning_rate=1e-5, initial_noise=0.3),
            ),
        ),
        (
            "treatment",
            "neurosteroid",
            TonicInhibition(
                damping_factor=0.7,
                bounded=True,
                epochs=10,
                learning_rate=5e-4,
                maintenance=Maintenance(epochs=10, learning_rate=5e-4, initial_noise=0.0),
            ),
        ),
        (
            "assessment",
            "paper",
            Battery(
                internal_noise=(0.3, 0.5, 1.0, 1.5, 2.0, 2.5),
                input_noise=1.0,
                combined_internal_noise=0.5,
                further_pruning=0.4,
                response=0.5,
                remission=2.0,
                relapse_deficit=4.0,
            ),
        ),
    ],
)
def test_a_choice_is_the_papers(group: str, name: str, expected: object) -> None:
    assert build(group, name) == expected


@pytest.mark.slow
@pytest.mark.parametrize("group", ["task", "model", "pathology", "treatment", "follow_up", "assessment"])
def test_every_file_of_a_group_can_be_built(group: str) -> None:
    assert [type(build(group, name)).__module__.split(".")[:2] for name in names(group)] == [["depsim", group]] * len(names(group))  # noqa: E501  # fmt: skip
    assert names(group)
