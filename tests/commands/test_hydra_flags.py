"""Hydra's flags without a traceback of Hydra's."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.jobs import depsim

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


@pytest.mark.parametrize("word", ["seed=1", "treatment=flu", "hydra.verbose=5", "["])
def test_hydras_help_takes_no_overrides(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim("run", "--hydra-help", word) == 2
    assert capsys.readouterr().err == f"depsim: --hydra-help {word}: takes no overrides; allowed with --help\n"


@pytest.mark.slow
def test_hydras_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim("run", "--hydra-help") == 0
    assert "Hydra" in capsys.readouterr().out
