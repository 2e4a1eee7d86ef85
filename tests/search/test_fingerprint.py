"""A search's fingerprint outlives the growth of the program, and not a change of what its trials compute."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from depsim.search.plan import differences
from tests.programs import ROOT, code_of, copy_program, edit
from tests.searches import SMALL

pytestmark = pytest.mark.slow

REPORT = """
import json, sys
from depsim.search.sweeps import plan_search_sweep
plan = plan_search_sweep("search_ketamine", sys.argv[1:], "")
print(json.dumps([plan.fingerprint, plan.settings_text]))
"""
FIELD = "    regrow_fraction: Annotated"
LATE = "    boost: Annotated[float, Neutral(1.0), Label('gain')]\n"


Search = tuple[dict[str, str], dict[str, str]]
"""Its fingerprint and its settings."""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A copy of the program."""
    return copy_program(tmp_path)


@pytest.fixture(scope="module")
def before() -> Search:
    """What the program says before anything in a copy of it is changed."""
    return search(ROOT)


def search(program: Path, *overrides: str) -> Search:
    """What a copy of the program says of a search."""
    code, said, errors = code_of(program, program, REPORT, *SMALL, *overrides)
    assert code == 0, errors
    fingerprint, settings = json.loads(said)
    return fingerprint, settings


def changes(before: Search, now: Search) -> list[str]:
    return differences(before[0], now[0], (before[1], now[1]))


def append(file: Path, text: str) -> None:
    with file.open("a") as open_file:
        open_file.write(text)


def test_files_remarks_and_neutral_settings_that_are_new_change_nothing(program: Path, before: Search) -> None:
    package = program / "depsim"
    (package / "treatment" / "light.py").write_text("from depsim.treatment.base import Treatment\n")
    (package / "steps" / "regrowth_criteria" / "mine.py").write_text("X = 1\n")
    (program / "conf" / "treatment" / "light.yaml").write_text("_target_: depsim.treatment.Regrowth\n")
    append(package / "treatment" / "__init__.py", "from depsim.treatment.light import Treatment as Light\n")
    append(package / "training" / "trainer.py", "# a remark\n")
    append(package / "search" / "engine.py", "X = 1\n")
    append(package / "report" / "tables.py", "X = 1\n")
    assert changes(before, search(program)) == []

    regrowth = package / "treatment" / "regrowth.py"
    edit(regrowth, "from depsim.component import ", "from depsim.component import Neutral, ")
    edit(regrowth, FIELD, LATE + FIELD)
    append(program / "conf" / "treatment" / "ketamine.yaml", "boost: 1.0\n")
    assert changes(before, search(program)) == []


def test_a_setting_that_is_new_counts_by_what_it_does_to_the_steps(program: Path, before: Search) -> None:
    regrowth = program / "depsim" / "treatment" / "regrowth.py"
    edit(regrowth, FIELD, LATE.replace(" Neutral(1.0),", "") + FIELD)
    append(program / "conf" / "treatment" / "ketamine.yaml", "boost: 1.0\n")
    assert changes(before, search(program)) == []
    edit(
        regrowth,
        "Phase.plain(self.epochs, self.learning_rate)",
        "Phase.plain(self.epochs, self.boost * self.learning_rate)",
    )
    assert changes(before, search(program)) == []
    assert changes(before, search(program, "treatment.boost=2.0")) == ["treatment.boost: nothing before, 2.0 now"]


def test_an_edit_of_what_computes_its_trials_is_another_search(program: Path, before: Search) -> None:
    append(program / "depsim" / "steps/regrowth_criteria/gradient.py", "X_OF_A_TEST = 1\n")
    (changed,) = changes(before, search(program))
    assert changed.startswith("sources: ")


def test_another_space_or_objective_is_another_search(program: Path, before: Search) -> None:
    (space,) = changes(before, search(program, "treatment.regrow_fraction=interval(0.11,0.5)"))
    assert space.startswith("space.treatment.regrow_fraction: ")
    sweep = program / "sweeps" / "search_ketamine.yaml"
    edit(sweep, "direction: maximise", "direction: minimise")
    (objective,) = changes(before, search(program))
    assert objective.startswith("objective 0: maximise ")
