"""What ``depsim new`` writes runs, and its tests pass until it is broken, each in a process of its own."""

from __future__ import annotations

from pathlib import Path

from depsim.commands.new import PACKAGE
from depsim.registry import VARIABLE
from tests.faults.drivers import Driver, pytest_says
from tests.jobs import depsim
from tests.programs import edit


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
    code, said = pytest_says(empty, PACKAGE)
    assert code == 0, said
    edit(empty / PACKAGE / "light.py", "self.learning_rate, (", "-self.learning_rate, (")
    edit(empty / PACKAGE / "conf" / "treatment" / "light.yaml", "noise: 0.3", "nois: 0.3")
    code, said = pytest_says(empty, PACKAGE)
    assert code == 1
    assert "FAILED depsim_own/test_light.py::TestLightTreatment" in said
    assert "FAILED depsim_own/test_light.py::test_the_choice_runs" in said


def test_a_pytorch_module_runs_and_its_tests_pass_until_it_is_broken(empty: Path) -> None:
    new_and_run(empty, "model light --torch", "model=light treatment=ketamine")
    code, said = pytest_says(empty, PACKAGE)
    assert code == 0, said
    edit(empty / PACKAGE / "light.py", "nn.Linear(64, 4)", "nn.Linear(64, 5)")
    code, said = pytest_says(empty, PACKAGE)
    assert code == 1
    assert "must be (3, 4), one output for each class" in said
