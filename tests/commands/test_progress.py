from __future__ import annotations

import io
import re
import sys
import time

import pytest

from depsim.commands import progress
from depsim.commands.progress import TerminalProgress, format_cost, format_seconds
from depsim.execution.dask_cluster import DaskExecutor
from depsim.execution.plan import Resources
from depsim.execution.progress import NoProgress


class Clock:
    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    return clock


def test_lines_come_seldom_and_say_what_is_left(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    shown = TerminalProgress()
    with shown.work(4):
        for text, seconds in (("a", 1), ("b", 29), ("c", 5), ("d", 1)):
            clock.now += seconds
            shown.advance(1, text)
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == ["  0%  starting", " 50%  b  (30 s, about 30 s left)", "100%  d  (36 s)"]


def test_what_other_processes_have_in_hand_counts_for_the_time_left(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two processes with half of the work each: when one is through, the other one is nearly."""
    shown = TerminalProgress()
    with shown.work(2, processes=2):
        clock.now += 73
        shown.advance(1, "a", 73)
        clock.now += 2
        shown.advance(1, "b", 75)
    assert capsys.readouterr().err.splitlines()[1:] == [" 50%  a  (1 min 13 s, soon done)", "100%  b  (1 min 15 s)"]


def test_what_need_not_be_done_has_no_part_in_the_time_left(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    shown = TerminalProgress()
    with shown.work(10, processes=2):
        shown.advance(4, "there")
        clock.now += 40
        shown.advance(1, "computed", 40)
    assert capsys.readouterr().err.splitlines()[1:] == [" 50%  computed  (40 s, about 1 min 20 s left)"]


def test_nothing_that_ends_for_long_is_no_silence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "_SECONDS_BETWEEN_LINES", 0.05)
    monkeypatch.setattr(progress, "_TICK", 0.01)
    with TerminalProgress().work(2):
        time.sleep(0.2)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) >= 2
    assert all(line.startswith("  0%  starting") for line in lines)


def test_a_message_is_printed_at_once(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    shown = TerminalProgress()
    with shown.work(2):
        shown.message("[something] odd")
    assert capsys.readouterr().err == "  0%  starting\nnote: [something] odd\n"


def test_the_end_is_the_end_in_spite_of_rounding(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    shown = TerminalProgress()
    with shown.work(0.3):
        for _ in range(3):
            shown.advance(0.1, "x")
    assert capsys.readouterr().err.splitlines()[1:] == ["100%  x  (0.0 s)"]


def test_no_work_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with TerminalProgress().work(0):
        pass
    assert capsys.readouterr() == ("", "")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", terminal)
    shown = TerminalProgress()
    with shown.work(2):
        shown.advance(1, "ketamine [n=3]")
        shown.message("a [note]")
        shown.advance(1, "done")
    said = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", terminal.getvalue())
    assert "100%" in said
    assert "note: a [note]" in said
    assert "done" in said


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0.0 s"), (9.94, "9.9 s"), (10, "10 s"), (59.6, "1 min 0 s"), (3599.6, "1 h 0 min"), (90000, "25 h 0 min")],
)
def test_durations(seconds: float, text: str) -> None:
    assert format_seconds(seconds) == text


def test_a_cost_is_shared_among_the_processes_and_the_driver_takes_memory_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "slow_products", lambda: None)
    said = format_cost(3600.0, Resources("cpu", 4, None, None))
    assert "about 1 h 0 min of one core, 15 min 0 s on 4; about 2.0 GiB of memory" in said


def test_a_cost_elsewhere_says_nothing_of_this_machine() -> None:
    far = DaskExecutor(address=None, task_minutes=2.0)
    said = format_cost(3600.0, Resources("cpu", None, None, None, far))
    assert said.startswith("in all about 1 h 0 min of one core, shared among the executor's workers.")
    assert "GiB" not in said


def test_silence_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    silent = NoProgress()
    with silent.work(2.0):
        silent.advance(1, "x")
        silent.message("x")
    assert capsys.readouterr() == ("", "")
