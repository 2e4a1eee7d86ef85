"""Each kind of trouble that a command can run into: its exit code and one message, and never a traceback."""

from __future__ import annotations

import pytest
from mlflow.exceptions import MlflowException

from depsim.commands import outcome
from depsim.commands.outcome import guarded
from depsim.config import ConfigError
from depsim.execution.files import LockedError, NotADatabaseError
from depsim.registry import PluginError
from depsim.tracking.mlflow_store import StoreAddressError


@pytest.mark.parametrize(
    ("trouble", "code", "said"),
    [
        (ConfigError("x=1: unknown key"), 2, "x=1: unknown key"),
        (NotADatabaseError("a.db: is a folder"), 2, "a.db: is a folder"),
        (StoreAddressError("MLFLOW_TRACKING_URI=x"), 2, "MLFLOW_TRACKING_URI=x"),
        (PluginError("mine: no package"), 2, "mine: no package"),
        (LockedError("held by process 7"), 1, "another depsim is at work on the same job (held by process 7)"),
        (OSError(28, "No space left on device", "mlruns"), 1, "No space left on device: mlruns"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_what_can_go_wrong_has_an_exit_code_and_one_line(
    trouble: Exception, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def command() -> int:
        raise trouble

    assert guarded(command, "again") == code
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"depsim: {said}")


def test_a_store_that_fails_ends_a_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(outcome, "store_trouble", lambda error: f"it says {error}")

    def command() -> int:
        raise RuntimeError("the server is gone")

    assert guarded(command, "depsim sweep paper") == 1
    assert capsys.readouterr().err == (
        "depsim: the MLflow store failed (it says the server is gone); everything finished is kept. To go on: "
        "depsim sweep paper\n"
    )


def test_a_store_that_gets_no_memory_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    def command() -> int:
        try:
            raise MemoryError
        except MemoryError as error:
            raise MlflowException(str(error)) from error  # as MLflow does, with no word of its own

    assert guarded(command, "again") == 1
    assert capsys.readouterr().err.startswith("depsim: out of memory: ")


def test_a_mistake_in_the_program_is_not_passed_over(capsys: pytest.CaptureFixture[str]) -> None:
    def command() -> int:
        return int([][0])

    with pytest.raises(IndexError):
        guarded(command, "again")
    assert capsys.readouterr().err == ""


def test_a_commands_own_code_is_handed_on() -> None:
    assert [guarded(lambda code=code: code, "again") for code in (0, 1, 2)] == [0, 1, 2]  # type: ignore[misc]
