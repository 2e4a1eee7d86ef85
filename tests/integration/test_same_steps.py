"""Arms that take the same steps are one: computed and stored once, and shown under each of their names."""

from __future__ import annotations

from pathlib import Path

import pytest

from depsim.study.naming import name_arms
from depsim.study.reading import read_study
from depsim.tracking.mlflow_store import open_client
from tests.jobs import depsim, finished_keys, run, spec, statuses, watch_work

pytestmark = pytest.mark.slow  # whole commands on a store

NAMES = ("untreated", "ssri")
"""The untreated control, and a treatment that lasts no time at all."""


def shown() -> str:
    """The names that a report gives to the arms of the study."""
    return "; ".join(name_arms(read_study(open_client(), "same").arms).values())


def compute(together: bool) -> None:
    """Both arms, in one command or one after the other."""
    none = spec("none", "cohort=smoke", "study=same")
    ssri = spec("ssri", "cohort=smoke", "study=same", "treatment.epochs=0")
    for jobs in [[none, ssri]] if together else [[none], [ssri]]:
        run(*jobs)


@pytest.mark.parametrize("together", [True, False])
def test_two_names_of_the_same_steps_are_computed_and_stored_once(
    together: bool, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = watch_work(monkeypatch)
    compute(together)
    assert sorted(seed for _, seed in seen) == [0, 1, 2]
    assert len(finished_keys("same")) == len(set(finished_keys("same"))) == 3
    study = read_study(open_client(), "same")
    assert {arm.seeds for arm in study.arms} == {(0, 1, 2)}
    assert len({arm.arm_key for arm in study.arms}) == 1


@pytest.mark.parametrize("together", [True, False])
def test_two_names_of_the_same_steps_are_both_shown(together: bool, project: Path) -> None:
    compute(together)
    assert [name for name in NAMES if name not in shown()] == []


@pytest.mark.parametrize("together", [True, False])
def test_a_cohort_of_one_is_stored_once_and_shown_under_both_names(together: bool, project: Path) -> None:
    none = spec("none", "seed=5", "study=same")
    ssri = spec("ssri", "seed=5", "study=same", "treatment.epochs=0")
    for jobs in [[none, ssri], [none, ssri]] if together else [[none], [ssri], [ssri], [none]]:
        records = run(*jobs)
        assert all(record.metrics().keys() == {5} for record in records)
    assert len(finished_keys("same")) == 1
    study = read_study(open_client(), "same")
    assert [(arm.treatment, arm.seeds, len(arm.parents)) for arm in study.arms] == [
        ("none", (5,), 1),
        ("ssri", (5,), 1),
    ]
    assert statuses("same") == {"FINISHED": 2}


def test_a_sweep_shows_every_point_of_its_grid(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "sweeps").mkdir()
    (project / "sweeps" / "mine.yaml").write_text(
        "question: Same?\nstudy: same\nsettings: {cohort: smoke, treatment: ssri, model.hidden: [8],\n"
        "  task.train_size: 128, training.epochs: 1, treatment.epochs: 0, workers: 1}\n"
        "grid: {treatment.initial_noise: [0.25, 0.5]}\n"
    )
    assert depsim("sweep", "mine") == 0
    said = capsys.readouterr().out
    assert [noise for noise in ("noise 0.25", "noise 0.5") if noise not in said] == []
