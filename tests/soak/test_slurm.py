"""Jobs of a queue, in submitit's local mode: processes of this machine, handed over as jobs of SLURM are."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

import depsim
from depsim.execution.executor import ExecutorError
from depsim.execution.slurm import SubmititExecutor
from depsim.execution.work import Event, Failed, Finished, Message
from tests.jobs import SMALL
from tests.jobs import depsim as command
from tests.searches import here_and_there, multiverse_here_and_there
from tests.tiny import Killing, arm, unit

pytestmark = pytest.mark.usefixtures("empty")
JOB = [*SMALL, "treatment=ssri", "treatment.epochs=2", "cohort.size=3", "cohort.data=individual", "cohort.first_seed=0"]
QUEUE = ["executor=submitit", "executor.cluster=local", "executor.jobs=2"]


def queue(**changes: object) -> SubmititExecutor:
    settings = {
        "cluster": "local",
        "partition": None,
        "jobs": 2,
        "gigabytes": 1.0,
        "time_limit": 5,
        "task_minutes": 1e-6,
    }
    return SubmititExecutor.model_validate(settings | changes)


def test_numbers_are_the_bytes_of_this_machine_and_nothing_is_left_in_the_folder() -> None:
    there = depsim.simulate(*JOB, *QUEUE, "executor.task_minutes=0.000001")
    here = depsim.simulate(*JOB, "workers=1")
    assert there.outcomes == here.outcomes
    assert len(there.outcomes) == 3
    folder = Path("mlruns/submitit")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700, "jobs are handed over in pickled files"
    assert list(folder.iterdir()) == []


def test_a_job_that_is_killed_is_handed_in_again_and_given_up_after_three(monkeypatch: pytest.MonkeyPatch) -> None:
    # submitit gives a shared file system 15 s to show what a job has left
    monkeypatch.setattr("submitit.core.core.Job._results_timeout_s", 1)
    fatal, sound = unit((3,), arm(Killing())), unit((4,), arm())
    events: list[Event] = []
    with queue().open(1) as place:
        place.run([fatal, sound], events.append)
    (failed,) = [event for event in events if isinstance(event, Failed)]
    assert failed.seed == 3
    assert failed.traceback.startswith("3 tasks in turn were lost while computing this")
    assert [outcome.seed for event in events if isinstance(event, Finished) for outcome in event.outcomes] == [4]
    assert any(isinstance(event, Message) and "its work is taken up again" in event.text for event in events)


def test_without_slurm_it_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ExecutorError, match=r"executor\.cluster=slurm"):
        queue(cluster="slurm").backend()
    assert command("run", "executor=submitit", *JOB) == 1
    assert "depsim: executor.cluster=slurm" in capsys.readouterr().err


def test_a_multiverse_has_the_same_individuals_at_its_points(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    multiverse_here_and_there(QUEUE, tmp_path, monkeypatch)


def test_a_search_has_the_same_trials_with_its_trials_in_a_queue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here_and_there(QUEUE, tmp_path, monkeypatch, capsys)
    assert Path("mlruns/submitit").is_dir(), "it was the queue that did it"
