"""A small convolution on digits: three drugs and three placebos, their page, and a sweep that is killed."""

from __future__ import annotations

from pathlib import Path

import pytest

from depsim.report.asking import read_asks
from depsim.report.compose import compose
from depsim.study.reading import read_study
from depsim.tracking.mlflow_store import open_client
from depsim.tracking.mlflow_studies import read_asked
from tests.faults import drivers, killing
from tests.jobs import depsim, runs
from tests.report.test_approved import require_limits

SMALL = (
    "task=digits", "model=torch_module", "model.factory=depsim.model.torch_networks:small_convolution", "workers=1",
    "task.train_size=150", "task.test_size=100", "task.clean_size=20", "task.passes=1", "training.epochs=4",
    "cohort.first_seed=0", "cohort.data=individual",
)  # fmt: skip
MATRICES = ("0.weight", "3.weight", "7.weight", "9.weight")


def test_three_drugs_and_their_placebos_make_a_page_within_its_limits(project: Path) -> None:
    assert depsim("sweep", "placebo", *SMALL, "study=convolution", "cohort.size=4") == 0
    conditions = runs("convolution", kind="condition")
    assert len(conditions) == 7
    assert {run.info.status for run in conditions} == {"FINISHED"}
    for run in runs("convolution", kind="individual"):
        assert {f"depressed/sparsity/{name}" for name in MATRICES} <= set(run.data.metrics)
    client = open_client()
    study = read_study(client, "convolution")
    question, entries = read_asked(client, study.experiment_id)
    assert entries is not None
    page = compose(study, (), "depsim report convolution", question, read_asks(entries))
    require_limits(page)
    assert depsim("report", "convolution") == 0


def test_a_sweep_that_is_killed_goes_on_and_ends_the_same(
    tmp_path: Path, new_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drivers, "_LONGEST", 600.0)  # each process imports PyTorch
    words = ["sweep", "paper", *SMALL, "study=s", f"treatment={','.join(killing.ARMS)}", "cohort.size=2"]
    expected = killing.undisturbed(tmp_path / "undisturbed", new_store, words)
    folder = killing.start_folder(tmp_path / "killed", new_store)
    killing.assert_kills_of_the_driver_show_nowhere(folder, words, (1, 2), expected, seed=7)
