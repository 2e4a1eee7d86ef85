from __future__ import annotations

from pathlib import Path

import pytest

from depsim.commands import new
from depsim.commands.new import PACKAGE
from tests.jobs import depsim

LIGHT = ("light.py", "conf/treatment/light.yaml", "test_light.py")


def listing(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_it_writes_a_package_and_says_what_to_do_with_it(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim("new", "treatment", "light") == 0
    said = capsys.readouterr().out
    assert set(listing(empty / PACKAGE)) == {"__init__.py", *LIGHT}
    assert [line for line in said.splitlines() if line.startswith("wrote")] == [
        f"wrote {PACKAGE}/{name}" for name in ("__init__.py", *LIGHT)
    ]
    for words in ("python -m pytest depsim_own ", "DEPSIM_PLUGINS=depsim_own ", "treatment=none,light "):
        assert words in said
    assert "$" not in "".join(text.decode() for text in listing(empty / PACKAGE).values())
    for file in (empty / PACKAGE).glob("*.py"):
        compile(file.read_text(), str(file), "exec")


def test_a_model_is_a_function_that_makes_a_module(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim("new", "model", "light", "--torch") == 0
    said = capsys.readouterr().out
    assert set(listing(empty / PACKAGE)) == {"__init__.py", "light.py", "conf/model/light.yaml", "test_light.py"}
    assert "depsim run -m model=light treatment=none,ketamine cohort=pilot study=light " in said
    assert "factory: depsim_own.light:light\n" in (empty / PACKAGE / "conf/model/light.yaml").read_text()
    assert "$" not in "".join(text.decode() for text in listing(empty / PACKAGE).values())
    for file in (empty / PACKAGE).glob("*.py"):
        compile(file.read_text(), str(file), "exec")


@pytest.mark.parametrize("words", [("model", "light"), ("treatment", "light", "--torch")])
def test_only_models_are_of_torch(words: tuple[str, ...], empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim("new", *words) == 2
    assert "depsim new model NAME --torch" in capsys.readouterr().err
    assert list(empty.iterdir()) == []


def test_a_package_that_is_not_here_is_one_line(
    empty: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEPSIM_PLUGINS", "mylab")
    assert depsim("new", "model", "wavy", "--torch") == 2
    assert capsys.readouterr().err == (
        "depsim: DEPSIM_PLUGINS=mylab: no package mylab, neither installed nor in this folder; go to its folder, or "
        "unset DEPSIM_PLUGINS\n"
    )


def test_a_second_one_joins_the_first(empty: Path) -> None:
    assert depsim("new", "treatment", "light") == 0
    (empty / PACKAGE / "__init__.py").write_text("'''Mine.'''\n")
    before = listing(empty / PACKAGE)
    assert depsim("new", "treatment", "my_own_treatment") == 0
    after = listing(empty / PACKAGE)
    assert set(after) - set(before) == {name.replace("light", "my_own_treatment") for name in LIGHT}
    assert {name: after[name] for name in before} == before
    assert "class MyOwnTreatment(Treatment)" in (empty / PACKAGE / "my_own_treatment.py").read_text()


def test_whoever_forgets_to_allow_the_package_is_told(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim("new", "treatment", "light") == 0
    capsys.readouterr()
    assert depsim("run", "treatment=light") == 2
    said = capsys.readouterr().err
    assert said.endswith("; depsim_own/ has it, and DEPSIM_PLUGINS=depsim_own allows that package\n")
    assert depsim("run", "treatment=dark") == 2
    assert "allows that package" not in capsys.readouterr().err


@pytest.mark.parametrize("there", LIGHT)
def test_no_file_is_ever_replaced(there: str, empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = empty / PACKAGE / there
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    assert depsim("new", "treatment", "light") == 2
    assert capsys.readouterr().err == (
        f"depsim new: {PACKAGE}/{there}: is there already, and nothing is replaced; choose another name\n"
    )
    assert listing(empty) == {f"{PACKAGE}/{there}": b"mine"}


def test_a_file_that_comes_meanwhile_is_kept_and_nothing_else_is(
    empty: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_new = new.write_new

    def write_after_somebody(path: Path, data: bytes) -> None:
        if path.name == "test_light.py":
            path.write_text("somebody's")
        write_new(path, data)

    monkeypatch.setattr(new, "write_new", write_after_somebody)
    assert depsim("new", "treatment", "light") == 1
    assert "test_light.py" in capsys.readouterr().err
    assert listing(empty) == {f"{PACKAGE}/test_light.py": b"somebody's"}


def test_a_file_where_the_package_would_be_is_kept(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (empty / PACKAGE).write_text("mine")
    assert depsim("new", "treatment", "light") == 1
    assert PACKAGE in capsys.readouterr().err
    assert listing(empty) == {PACKAGE: b"mine"}


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Light", "small letters"),
        ("a-b", "small letters"),
        ("../light", "small letters"),
        ("", "small letters"),
        ("größe", "small letters"),
        ("light\n", "small letters"),
        ("l" * 41, "at most 40 characters"),
        ("class", "has a meaning of its own"),
        ("conf", "has a meaning of its own"),
        ("null", "has a meaning of its own"),
        ("test_light", "a module of tests"),
        ("light_test", "a module of tests"),
        ("ketamine", "depsim has a treatment of that name"),
        ("none", "depsim has a treatment of that name"),
    ],
)
def test_a_name_that_cannot_be_is_refused(name: str, why: str, empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim("new", "treatment", name) == 2
    assert why in capsys.readouterr().err
    assert list(empty.iterdir()) == []


def test_other_kinds_are_explained(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim("new", "drug", "light") == 2
    assert capsys.readouterr().err == "depsim new: drug: no such kind; allowed are treatment, model\n"
    assert depsim("new", "treatment") == 2
    assert list(empty.iterdir()) == []
