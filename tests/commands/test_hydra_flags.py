"""Hydra's flags without a traceback of Hydra's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from depsim.commands import run as run_command
from tests.jobs import depsim, tiny

SPELLINGS = [("-sc",), ("--shell-completion",), ("run", "-sc"), ("run", "--shell-completion"), ("run", "--shell")]


@pytest.mark.parametrize("spelling", SPELLINGS, ids=" ".join)
@pytest.mark.parametrize(
    "words", [(), ("foo",), ("install=csh",), ("install",), ("seed=1",), ("install=bash", "seed=1")]
)
def test_shell_completion_needs_one_of_its_words(
    spelling: tuple[str, ...], words: tuple[str, ...], empty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert depsim(*spelling, *words) == 2
    said = capsys.readouterr().err
    assert "allowed" in said or "no such command" in said
    assert len(said.splitlines()) == 1
    assert list(empty.iterdir()) == []


@pytest.mark.parametrize("shell", ["bash", "fish", "zsh"])
def test_only_a_shell_asks_what_could_come_next(
    shell: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("COMP_LINE", raising=False)
    assert depsim("-sc", f"query={shell}") == 2
    assert "the shell, which sets COMP_LINE" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("depsim run treatment=ke", "treatment=ketamine"),
        ("depsim run treatment=[", ""),
        ("depsim run treatment=flu treatment.", ""),
        ("depsim run seed=range(0,1,0) treatment=ke", ""),
        ("depsim sweep pa", ""),
        ("depsim", ""),
        ("depsim run " + 3000 * "[", ""),
    ],
)
def test_a_line_that_is_being_typed_may_be_wrong(
    line: str, offered: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COMP_LINE", line)
    monkeypatch.setenv("COMP_POINT", "x")
    assert depsim("-sc", "query=bash") == 0
    heard = capsys.readouterr()
    assert offered in heard.out
    assert "Traceback" not in heard.out + heard.err


@pytest.mark.parametrize("word", ["seed=1", "treatment=flu", "hydra.verbose=5", "hydra/launcher=basic", "["])
def test_hydras_help_takes_no_overrides(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim("run", "--hydra-help", word) == 2
    assert capsys.readouterr().err == f"depsim: --hydra-help {word}: takes no overrides; allowed with --help\n"


@pytest.mark.slow
def test_hydras_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim("run", "--hydra-help") == 0
    assert "Hydra" in capsys.readouterr().out


def test_what_a_launchers_job_says_last_is_one_line(
    empty: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    errors = pytest.importorskip("submitit.core.utils", reason="pip install 'depsim[slurm]'")

    def fail() -> None:
        raise errors.FailedJobError("Job failed\nTraceback (most recent call last):\nValueError: the node is gone\n")

    monkeypatch.setattr(run_command.hydra, "main", lambda **_given: lambda _jobs: fail)
    words = ("run", "-m", "hydra/launcher=submitit_local", *tiny("none", "seed=1,2"))
    assert depsim(*words) == 1
    said = capsys.readouterr().err
    assert said.startswith(
        "depsim: a launcher's job failed (ValueError: the node is gone); everything finished is kept."
    )
    assert "Traceback" not in said
    assert "HYDRA_FULL_ERROR" not in os.environ
