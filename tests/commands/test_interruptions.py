"""Ctrl-C and the signals that count as Ctrl-C, within this process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import depsim
from depsim.commands.outcome import guarded

WITH_DEPSIM = os.environ | {"PYTHONPATH": str(Path(depsim.__file__).parents[1])}


@pytest.fixture(params=[signal.SIGTERM, signal.SIGHUP])
def ending(request: pytest.FixtureRequest) -> Iterator[signal.Signals]:
    """A signal that ends a process, and how this process took it before."""
    before = signal.signal(request.param, signal.SIG_DFL)  # the tests themselves may run under nohup
    yield request.param
    signal.signal(request.param, before)


def test_a_signal_ends_a_command_as_an_interruption_and_then_a_process_again(
    ending: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    def command() -> int:
        assert signal.getsignal(ending) is not signal.SIG_DFL  # else it would end the tests
        signal.raise_signal(ending)
        return 0

    assert guarded(command, "depsim sweep paper") == 130
    assert capsys.readouterr().err == "\ninterrupted; everything finished is kept. To go on: depsim sweep paper\n"
    assert signal.getsignal(ending) is signal.SIG_DFL


def test_a_signal_that_is_ignored_stays_ignored(ending: signal.Signals) -> None:
    signal.signal(ending, signal.SIG_IGN)

    def command() -> int:
        signal.raise_signal(ending)
        return 0

    assert guarded(command, "") == 0
    assert signal.getsignal(ending) is signal.SIG_IGN


def test_an_error_in_showing_an_interruption_is_an_interruption() -> None:
    def command() -> int:
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt:
            raise OSError(5, "Input/output error")  # noqa: B904 - the terminal has gone

    assert guarded(command, "") == 130


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_interruption_that_python_forgets_while_it_cleans_up_comes_again(
    number: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    class CleansUp:
        def __del__(self) -> None:
            signal.raise_signal(number)

    def command() -> int:
        left = CleansUp()
        del left
        time.sleep(10)
        return 0

    before = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM)}
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        assert guarded(command, "depsim sweep paper") == 130
        assert signal.getsignal(signal.SIGALRM) is before[signal.SIGALRM]
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
    assert capsys.readouterr().err == "\ninterrupted; everything finished is kept. To go on: depsim sweep paper\n"


PRESSED_DURING_AN_IMPORT = """
import os, signal, sys
from depsim.__main__ import program

class Press:
    def find_spec(self, name, path=None, target=None):
        if name == MODULE:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Press())
MODULE, *sys.argv[1:] = sys.argv[1:]
sys.exit(program())
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "message"),
    [
        ("depsim.commands.run", "\ninterrupted\n"),  # before the command begins
        ("depsim.config.building", "\ninterrupted; everything finished is kept. To go on: depsim run seed=1\n"),
    ],
)
def test_ctrl_c_while_the_program_starts_ends_it_in_one_line(module: str, message: str, empty: Path) -> None:
    command = [sys.executable, "-c", PRESSED_DURING_AN_IMPORT, module, "run", "seed=1"]
    done = subprocess.run(command, env=WITH_DEPSIM, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", message)
    assert list(empty.iterdir()) == []


@pytest.mark.slow
def test_ctrl_c_stays_ignored_where_a_shell_has_started_the_program_with_it_ignored(empty: Path) -> None:
    command = [sys.executable, "-c", PRESSED_DURING_AN_IMPORT, "depsim.commands.cache", "cache"]
    code = (
        f"import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN); os.execv({command[0]!r}, {command!r})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=WITH_DEPSIM, capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
