"""What ``depsim new`` writes runs, and its tests pass until it is broken, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from depsim.commands.new import PACKAGE
from tests.programs import ROOT, drive, edit


def pytest_on(folder: Path) -> subprocess.CompletedProcess[str]:
    """The command that was printed, as its reader would type it."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("DEPSIM", "PYTEST"))}
    return subprocess.run(
        [sys.executable, "-m", "pytest", PACKAGE, "-q"],
        cwd=folder, env=environment | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_what_it_writes_runs_and_its_tests_pass_until_it_is_broken(empty: Path) -> None:
    small = "workers=1 cohort=smoke model.hidden=[16,12] training.epochs=2 task.train_size=300 task.test_size=200"
    answer = drive(ROOT, empty, "new treatment light")
    assert answer.returncode == 0, answer.stderr
    run = drive(ROOT, empty, f"run treatment=light {small} tracking=none", DEPSIM_PLUGINS=PACKAGE)
    assert run.returncode == 0, run.stderr
    assert "light" in run.stdout
    whole = pytest_on(empty)
    assert whole.returncode == 0, whole.stdout
    edit(empty / PACKAGE / "light.py", "self.learning_rate, (", "-self.learning_rate, (")
    edit(empty / PACKAGE / "conf" / "treatment" / "light.yaml", "noise: 0.3", "nois: 0.3")
    broken = pytest_on(empty)
    assert broken.returncode == 1
    assert "FAILED depsim_own/test_light.py::TestLightTreatment" in broken.stdout
    assert "FAILED depsim_own/test_light.py::test_the_choice_runs" in broken.stdout


def test_a_pytorch_module_runs_and_its_tests_pass_until_it_is_broken(empty: Path) -> None:
    assert drive(ROOT, empty, "new model light --torch").returncode == 0
    small = "workers=1 cohort=smoke training.epochs=2 task.train_size=300 task.test_size=200"
    run = drive(ROOT, empty, f"run model=light treatment=ketamine {small} tracking=none", DEPSIM_PLUGINS=PACKAGE)
    assert run.returncode == 0, run.stderr
    whole = pytest_on(empty)
    assert whole.returncode == 0, whole.stdout
    edit(empty / PACKAGE / "light.py", "nn.Linear(64, 4)", "nn.Linear(64, 5)")
    broken = pytest_on(empty)
    assert broken.returncode == 1
    assert "must be (3, 4), one output for each class" in broken.stdout
