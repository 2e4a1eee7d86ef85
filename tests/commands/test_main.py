from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from depsim.search.sweep_files import sweep_names
from tests.jobs import TINY, depsim, tiny


@pytest.mark.parametrize("words", [("--help",), ("-h",), ()])
def test_help_lists_the_commands(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim(*words) == (0 if words else 2)
    said = capsys.readouterr().out
    for word in (
        "depsim run",
        "depsim sweep NAME",
        "depsim report STUDY",
        "depsim new treatment NAME",
        "depsim cache",
        "depsim ui",
        "depsim.simulate",
    ):
        assert word in said


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim("--version") == 0
    assert capsys.readouterr().out == f"depsim {version('depsim')}\n"


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("fly", ""),
        ("Run", "run"),
        ("--run", "run"),
        ("../run", "run"),
        ("outcome", ""),
        ("__init__", ""),
        ("swep", "sweep"),
    ],
)
def test_an_unknown_command_is_refused(word: str, meant: str, empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim(word) == 2
    hint = f" (did you mean {meant}?)" if meant else ""
    said = capsys.readouterr().err
    assert said == f"depsim: {word}: no such command; there are run, sweep, report, new, cache, ui{hint}\n"
    assert list(empty.iterdir()) == []


@pytest.mark.slow
def test_run_help_shows_the_choices_and_the_keys(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim("run", "--help") == 0
    said = capsys.readouterr().out
    for word in ("treatment: bridge, combination, ", "cohort:", "sparsity: 0.95", "learning_rate"):
        assert word in said
    assert list(empty.iterdir()) == []


def test_run_shows_its_configuration(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim("run", "--cfg", "job", *tiny("ketamine", "pathology.sparsity=0.5")) == 0
    said = capsys.readouterr().out
    assert "sparsity: 0.5" in said
    assert "regrow_fraction: 0.5" in said
    assert list(empty.iterdir()) == []


def test_run_does_not_know_a_flag(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim("run", "--nonsense") == 2
    assert "--nonsense" in capsys.readouterr().err
    assert list(empty.iterdir()) == []


def test_sweep_help_lists_the_sweeps(capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim("sweep", "--help") == 0
    said = capsys.readouterr().out
    listed = " ".join(said.partition("sweeps:\n")[2].split())
    assert "paper: Do the paper's two tables come out on this machine, and for more than one individual? " in listed
    names = [line.split(":")[0].strip() for line in said.splitlines() if re.match(r"  [a-z_]+: ", line)]
    assert names == sweep_names()


def test_the_list_of_sweeps_names_one_that_is_wrong(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (empty / "sweeps").mkdir()
    (empty / "sweeps" / "mine.yaml").write_text("question: Why?\nstudy: s\nsettings: {}\ngrid: {seed: [1, 2]}\n")
    (empty / "sweeps" / "wrong.yaml").write_text("question: Why?\nstudy: s\nnonsense: {}\ngrid: {}\n")
    assert depsim("sweep", "--help") == 0
    listed = " ".join(capsys.readouterr().out.split())
    assert "mine: Why?" in listed
    assert "nonsense={}: unknown key" in listed


def test_sweep_needs_a_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim("sweep") == 2
    assert "NAME" in capsys.readouterr().err


def test_shell_completion_is_offered(capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim("-sc", "install=bash") == 0
    assert "complete" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "offered", "not_offered"),
    [
        ("depsim sw", "sweep", "paper"),
        ("depsim sweep pa", "paper", "report"),
        ("depsim run treatment=ke", "treatment=ketamine", "paper"),
        ("depsim sweep paper treatment=ke", "treatment=ketamine", "sweep"),
        ("depsim report ", None, "treatment="),
    ],
)
def test_shell_completion_knows_commands_sweeps_and_choices(
    line: str,
    offered: str | None,
    not_offered: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COMP_LINE", line)
    monkeypatch.setenv("COMP_POINT", str(len(line)))
    assert depsim("-sc", "query=bash") == 0
    said = capsys.readouterr().out.split()
    assert offered is None or offered in said
    assert not_offered not in said


@pytest.mark.parametrize("command", ["run", "sweep", "report"])
def test_a_word_that_is_no_text_is_refused(command: str, empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim(command, "--config-dir", os.fsdecode(b"\xff")) == 2
    assert capsys.readouterr().err.startswith("depsim: \\udcff: is no UTF-8")
    assert list(empty.iterdir()) == []


def test_a_working_directory_that_is_no_text_is_refused(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = empty / os.fsdecode(b"\xff")
    folder.mkdir()
    with contextlib.chdir(folder):
        assert depsim("run", *TINY) == 2
    assert "udcff: is no UTF-8" in capsys.readouterr().err
    assert list(folder.iterdir()) == []


def test_the_console_looks_for_cycles_less_often_and_not_at_the_end() -> None:
    code = (
        "import atexit, gc, sys; from depsim.__main__ import program; sys.argv = ['depsim', '--version'];"
        "atexit.register(lambda: print(gc.get_threshold()[0], gc.get_freeze_count() > 1_000)); sys.exit(program())"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout
    assert said.splitlines() == [f"depsim {version('depsim')}", "1000000 True"]
