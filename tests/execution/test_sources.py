"""The sources that numbers come from, looked up in a copy of the program."""

from __future__ import annotations

import importlib
import itertools
from pathlib import Path

import pytest

from depsim.execution.packages import package_versions
from depsim.execution.sources import (
    NO_VERSIONS,
    SourcesChangedError,
    Versions,
    _Module,
    _without_remarks,
    import_closure,
    require_unchanged,
    sources_digest,
    versions_of,
)
from tests.programs import ROOT, code_of, copy_program

pytestmark = pytest.mark.slow  # copies of the program

REPORT = """
from depsim.config import Composer, prepare
from depsim.execution.keys import baseline_key
composer = Composer()
def report():
    for treatment in ("none", "ketamine", "ssri", "neurosteroid"):
        print(prepare([f"treatment={treatment}"], composer).job.sources)
    print(prepare(["treatment=ketamine", "treatment.criterion=random"], composer).job.sources)
    print(baseline_key(prepare([], composer).job.arm.baseline, 7, "cpu"))
report()
"""
EDITS = """
from pathlib import Path
from depsim.execution import sources
sources.loaded_text = lambda name: None  # as a process that begins now reads them
modules = {}
def read(name):
    text = sources._first_text(name)
    if (name, text) not in modules:
        modules[name, text] = sources._Module(name, text)
    return modules[name, text]
sources._read = read
for name in FILES:
    file = Path(FOLDER, name)
    text = file.read_bytes()
    file.write_bytes(text + b"\\nX_OF_A_TEST = 1\\n")
    for function in vars(sources).values():
        if hasattr(function, "cache_clear"):
            function.cache_clear()
    print()
    report()
    file.write_bytes(text)
"""
ARMS = ("none", "ketamine", "ssri", "neurosteroid", "random regrowth", "healthy network")


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A copy of the program."""
    return copy_program(tmp_path) / "depsim"


def report(program: Path, code: str) -> str:
    """What a copy of the program prints."""
    failed, said, errors = code_of(program.parent, program.parent, code)
    assert not failed, errors
    return said


def sources(program: Path) -> dict[str, str]:
    """What a copy of the program says its arms' numbers come from."""
    return dict(zip(ARMS, report(program, REPORT).split(), strict=True))


def test_a_copy_of_the_program_has_the_same_sources_and_growth_changes_none(program: Path) -> None:
    here = sources(ROOT / "depsim")
    assert sources(program) == here
    new = {
        "treatment/mine.py": "from depsim.treatment.base import Treatment\n",
        "assessment/mine.py": "X = 1\n",
        "pathology/mine.py": "X = 1\n",
        "steps/pruning_criteria/mine.py": "X = 1\n",
        "steps/regrowth_criteria/mine.py": "X = 1\n",
        "treatment/__init__.py": "from depsim.treatment.mine import Treatment as Mine\n",
        "steps/__init__.py": "from depsim.steps.pruning_criteria import mine\n",
        "training/trainer.py": "# a comment\n\n",
        "model/cohort.py": '\n"""A remark about the whole module."""\n',
        "treatment/regrowth.py": "# another comment\n",
        "steps/cost.py": "X = 1\n",
        "execution/pool.py": "X = 1\n",
        "execution/plan.py": "X = 1\n",
        "tracking/mlflow_runs.py": "X = 1\n",
        "statistics/__init__.py": "X = 1\n",
    }
    for name, text in new.items():
        with (program / name).open("a") as file:
            file.write(text)
    assert sources(program) == here


EDITED = {
    "training/dense.py": set(ARMS),
    "kernels/normals.py": set(ARMS),
    "task/gaussian_clusters.py": set(ARMS),
    "model/mlp.py": set(ARMS),
    "streams.py": set(ARMS),
    "execution/arithmetic.py": set(ARMS),
    "execution/course.py": set(ARMS),
    "steps/regrow.py": {"ketamine", "random regrowth"},
    "steps/regrowth_criteria/gradient.py": {"ketamine"},
    "steps/regrowth_criteria/random.py": {"random regrowth"},
    "steps/modulate.py": {"neurosteroid"},
    "steps/prune.py": set(ARMS) - {"healthy network"},
    "assessment/accuracies.py": set(ARMS) - {"healthy network"},
    "assessment/dose.py": set(ARMS) - {"healthy network"},
}
"""Files to the arms whose numbers come from them."""


def test_an_edit_of_code_changes_just_the_arms_that_use_it(program: Path) -> None:
    """In one process, which forgets what it has read after every edit."""
    code = f"{REPORT}\n{EDITS}".replace("FILES", repr(list(EDITED))).replace("FOLDER", repr(str(program)))
    before, *after = (dict(zip(ARMS, each.split(), strict=True)) for each in report(program, code).split("\n\n"))
    found = {
        file: {name for name in ARMS if before[name] != own[name]} for file, own in zip(EDITED, after, strict=True)
    }
    assert found == EDITED


@pytest.mark.slow
def test_an_edit_of_a_plan_changes_just_its_arms_by_their_steps(program: Path) -> None:
    code = REPORT.replace(".job.sources)", ".job.arm_key)")
    edited = program / "treatment" / "noise_tapered.py"

    before = report(program, code).split()
    text = edited.read_text()
    assert "Phase(self.learning_rate," in text
    edited.write_text(text.replace("Phase(self.learning_rate,", "Phase(2 * self.learning_rate,"))
    after = report(program, code).split()
    assert [one != other for one, other in zip(before, after, strict=True)] == [False, False, True, False, False, False]


def test_a_closure_goes_through_packages_to_the_modules_that_define_what_is_taken() -> None:
    found = import_closure(["depsim.treatment.regrowth"])
    assert {"depsim.treatment.regrowth", "depsim.treatment.base", "depsim.steps.regrow", "depsim.component"} <= found
    assert "depsim.steps" not in found
    assert "depsim.treatment" not in found
    assert "depsim.treatment.tonic_inhibition" not in found
    assert not any(name.split(".")[0] != "depsim" for name in found)


def test_what_a_function_imports_when_it_is_called_counts() -> None:
    assert "depsim.kernels.normals" in import_closure(["depsim.streams"])  # compiled only where numbers are drawn


def test_what_only_a_type_checker_imports_does_not_count() -> None:
    assert "depsim.model.cohort" not in import_closure(["depsim.model.base"])
    assert "depsim.protocol" not in import_closure(["depsim.execution.course"])


def test_unknown_modules_have_no_sources() -> None:
    assert import_closure(["no_such_package.module"]) == set()
    assert sources_digest(frozenset({"no_such_package"})) == sources_digest(frozenset())


NUMBERS = itertools.count()


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a module that nothing has loaded yet."""
    file = tmp_path / f"edited_{next(NUMBERS)}.py"
    file.write_text("X = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    return file


def versions(file: Path) -> Versions:
    return versions_of(frozenset({file.stem}))


@pytest.mark.parametrize("text", ["X = 22\n", "X = \n", "\0", None])
def test_an_edit_is_seen_before_anything_is_filed(module: Path, text: str | None) -> None:
    expected = versions(module)
    require_unchanged(expected)
    if text is None:
        module.unlink()
    else:
        module.write_text(text)
    with pytest.raises(SourcesChangedError, match=rf"the code of {module.stem} was edited: results"):
        require_unchanged(expected)


def test_a_process_that_saw_other_code_refuses_though_the_file_is_as_expected(module: Path) -> None:
    """As a worker of a cluster that goes on for days: what it loaded before an edit stays loaded."""
    versions(module)
    module.write_text("X = 22\n")
    code = _Module(module.stem, b"X = 22\n").hash
    with pytest.raises(SourcesChangedError, match=module.stem):
        require_unchanged(Versions(modules=((module.stem, code),)))


def test_a_loaded_module_is_remembered_before_any_key_needs_it(module: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPSIM_PLUGINS", module.stem)
    importlib.import_module(module.stem)
    require_unchanged(NO_VERSIONS)
    module.write_text("X = 22\n")
    with pytest.raises(SourcesChangedError, match=module.stem):
        require_unchanged(versions(module))


def test_a_remark_is_no_edit(module: Path) -> None:
    expected = versions(module)
    module.write_bytes(b'"""About."""\r\nX = 1  # one\r\n')
    require_unchanged(expected)


def test_another_version_of_a_package_is_refused() -> None:
    assert [name for name, _ in package_versions()] == ["numba", "numpy", "torch"]
    require_unchanged(Versions(packages=package_versions()))
    require_unchanged(NO_VERSIONS)
    with pytest.raises(
        SourcesChangedError, match=rf"torch was 0\.4 and is {dict(package_versions())['torch']}: results"
    ):
        require_unchanged(Versions(packages=(("torch", "0.4"),)))


def test_remarks_are_cut_out_and_nothing_else() -> None:
    text = '''"""Docstring."""

X = "a # b"  # a comment
Y = """not a docstring""" + "ü"  # ü
Z: Annotated[int, Label("words", "unit")] = 1


def f(a):
    """Says ü what
    it does."""
    return a  # here


"""About the module."""
'''
    import ast

    assert _without_remarks(text, ast.parse(text)).splitlines() == [
        'X = "a # b"',
        'Y = """not a docstring""" + "ü"',
        "Z: Annotated[int, ] = 1",
        "def f(a):",
        "    return a",
    ]
