"""Hydra's submitit launcher: every job of a multirun in a process of its own, as on a cluster."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import depsim
from depsim.commands import run as run_command
from depsim.config import choices
from tests.jobs import TINY, finished_keys, runs, statuses
from tests.jobs import depsim as command

MULTIRUN = ["run", "-m", "hydra/launcher=submitit_local", *TINY, "study=s"]


def depsim_alone(*words: str) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own: submitit looks at how this one was started."""
    path = str(Path(depsim.__file__).parents[1])
    environment = os.environ | {"PYTHONPATH": path, "PYTHONWARNINGS": "ignore"}
    return subprocess.run([sys.executable, "-m", "depsim", *words], capture_output=True, text=True, env=environment)


@pytest.mark.usefixtures("project")
def test_jobs_run_in_processes_of_their_own_and_the_same_again_adds_nothing(project: Path) -> None:
    pytest.importorskip("submitit", reason="pip install 'depsim[slurm]'")
    words = [*MULTIRUN, "cohort=smoke", "cohort.size=2", "treatment=none,ssri"]
    for _ in range(2):
        done = depsim_alone(*words)
        assert done.returncode == 0, done.stderr
        assert statuses("s", kind="condition") == {"FINISHED": 2}
        assert statuses("s", kind="individual") == {"FINISHED": 4}
        assert len(set(finished_keys("s"))) == 4
    assert {r.data.tags["depsim.treatment"] for r in runs("s")} == {"none", "ssri"}
    assert len(list(project.glob("mlruns/cache/healthy/??/*.safetensors"))) == 2


def test_slurm_is_asked_for_where_there_is_none(
    empty: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run_command.shutil, "which", lambda _name: None)
    assert command("run", "-m", "hydra/launcher=submitit_slurm", "seed=1,2") == 2
    assert "no SLURM on this machine" in capsys.readouterr().err
    assert list(empty.iterdir()) == []


def test_a_launcher_that_is_not_installed_says_how_to_get_it(
    empty: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(choices, "find_spec", lambda _name: None)
    assert command("run", "-m", "hydra/launcher=submitit_nowhere", "seed=1,2") == 2
    assert "pip install 'depsim[slurm]'" in capsys.readouterr().err
    assert list(empty.iterdir()) == []
