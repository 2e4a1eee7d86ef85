"""What ``depsim new`` writes runs, and its tests pass until it is broken, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from depsim.commands.new import PACKAGE
from depsim.registry import VARIABLE
from tests.faults.drivers import Driver
from tests.jobs import depsim
from tests.programs import ROOT, edit


def pytest_on(folder: Path) -> subprocess.CompletedProcess[str]:
    """The command that was printed, as its reader would type it."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("DEPSIM", "PYTEST"))}
    return subprocess.run(
        [sys.executable, "-m", "pytest", PACKAGE, "-q"],
        cwd=folder, env=environment | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def new_and_run(folder: Path, new: str, run: str) -> str:
    """What the run of a new choice prints."""
    small = "workers=1 cohort=smoke training.epochs=2 task.train_size=300 task.test_size=200 tracking=none"
    said = folder.with_name(f"{folder.name} said")
    said.mkdir()
    assert depsim("new", *new.split()) == 0
    driver = Driver(folder, ["run", *run.split(), *small.split()], {VARIABLE: PACKAGE}, said=said)
    assert driver.code() == 0, driver.err()
    return driver.out().decode()


def test_what_it_writes_runs_and_its_tests_pass_until_it_is_broken(empty: Path) -> None:
    assert "light" in new_and_run(empty, "treatment light", "treatment=light model.hidden=[16,12]")
    whole = pytest_on(empty)
    assert whole.returncode == 0, whole.stdout
    edit(empty / PACKAGE / "light.py", "self.learning_rate, (", "-self.learning_rate, (")
    edit(empty / PACKAGE / "conf" / "treatment" / "light.yaml", "noise: 0.3", "nois: 0.3")
    broken = pytest_on(empty)
    assert broken.returncode == 1
    assert "FAILED depsim_own/test_light.py::TestLightTreatment" in broken.stdout
    assert "FAILED depsim_own/test_light.py::test_the_choice_runs" in broken.stdout


def test_a_pytorch_module_runs_and_its_tests_pass_until_it_is_broken(empty: Path) -> None:
    new_and_run(empty, "model light --torch", "model=light treatment=ketamine")
    whole = pytest_on(empty)
    assert whole.returncode == 0, whole.stdout
    edit(empty / PACKAGE / "light.py", "nn.Linear(64, 4)", "nn.Linear(64, 5)")
    broken = pytest_on(empty)
    assert broken.returncode == 1
    assert "must be (3, 4), one output for each class" in broken.stdout
