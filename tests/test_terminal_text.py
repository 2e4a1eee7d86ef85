"""Nothing that others named steers the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from depsim import terminal_text
from depsim.commands.outcome import guarded
from depsim.commands.progress import TerminalProgress
from depsim.config import ConfigError
from depsim.report.terminal import say, show_plan, show_rows
from depsim.terminal_text import Parser, complain, visible
from tests.jobs import depsim

HOSTILE = "\x1b[31m\x1b]0;title\x07\rred\x9b2J\u202egnp\x08\x00\ud800"
SHOWN = "\\x1b[31m\\x1b]0;title\\x07\\rred\\x9b2J\\u202egnp\\x08\\x00\\ud800"


def raw(text: str) -> list[str]:
    """What steers the terminal."""
    return [sign for sign in text if not sign.isprintable() and sign not in "\n\t"]


def test_control_characters_become_escapes_and_all_else_stays() -> None:
    assert visible(HOSTILE) == SHOWN
    assert [code for code in range(0xA0) if raw(visible(chr(code)))] == []
    words = "n=3 · 95 % ± 1 − ü 日本 ✓\n\tnext: [bold] 'x' \\x1b"
    assert visible(words) == words


def test_both_streams_show_them(capsys: pytest.CaptureFixture[str]) -> None:
    complain(HOSTILE)
    say(HOSTILE)
    said = capsys.readouterr()
    assert said.err == said.out == f"{SHOWN}\n"
    show_plan(HOSTILE, [(HOSTILE, 1, 1, "1 s")])
    show_rows(HOSTILE, ("key", HOSTILE), [("a", HOSTILE)])
    shown = capsys.readouterr().out
    assert shown.count("\\x1b[31m") == 5
    assert raw(shown) == []


def test_progress_and_errors_show_them(capsys: pytest.CaptureFixture[str]) -> None:
    progress = TerminalProgress()
    with progress.work(1.0):
        progress.message(HOSTILE)
        progress.advance(1.0, HOSTILE)

    def wrong() -> int:
        raise ConfigError(HOSTILE)

    assert guarded(wrong, "") == 2
    with pytest.raises(SystemExit):
        Parser(prog="p").parse_args([HOSTILE])
    err = capsys.readouterr().err
    assert raw(err) == []
    assert err.count("\\x1b[31m") == 4


@pytest.mark.parametrize(
    "words",
    [
        ("\x1b[31mx",),
        ("sweep", "\x1b[31mx"),
        ("sweep", "paper", "--\x1b[31mx"),
        ("sweep", "paper", "\x1b[31mx=1"),
        ("sweep", "paper", "study=\x1b[31mx"),
        ("run", "study=\x1b[31mx"),
        ("run", "treatment=\x1b[31mx"),
        ("run", "--config-dir", "\x1b[31mx"),
        ("report", "\x1b[31mx"),
        ("report", "a", "--\x1b[31mx"),
        ("ui", "--port", "\x1b[31mx"),
        ("cache", "\x1b[31mx"),
    ],
)
def test_no_command_prints_the_words_it_was_given_raw(
    words: tuple[str, ...], empty: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert depsim(*words) == 2
    said = capfd.readouterr()
    assert said.err
    assert raw(said.out + said.err) == []


@pytest.mark.slow
def test_the_question_of_a_sweep_is_shown_in_the_list(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (empty / "sweeps").mkdir()
    text = 'question: "\\e[31mred"\nstudy: s\nsettings: {}\ngrid: {seed: [1]}\nreport: []\n'
    (empty / "sweeps" / "mine.yaml").write_text(text)
    assert depsim("sweep", "--help") == 0
    assert depsim("sweep", "mine", "--help") == 0
    out = capsys.readouterr().out
    assert raw(out) == []
    assert out.count("\\x1b[31mred") == 2


def test_only_these_ways_lead_to_the_terminal() -> None:
    root = Path(terminal_text.__file__).parent
    allowed = {"terminal_text.py"}
    for file in root.rglob("*.py"):
        if file.relative_to(root).as_posix() not in allowed:
            text = file.read_text()
            assert "file=sys.stderr" not in text, file
            assert "argparse.ArgumentParser(" not in text or file.name == "__main__.py", file
