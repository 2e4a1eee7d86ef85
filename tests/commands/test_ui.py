from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from depsim.commands import ui
from tests.jobs import depsim, order, run


class Server:
    """In place of MLflow's."""

    started: list[tuple[list[str], dict[str, str]]]
    code = 0
    interrupted = False
    ended = False

    def __init__(self, command: list[str], env: dict[str, str]) -> None:
        type(self).started.append((command, env))

    def wait(self) -> int:
        if type(self).interrupted and not type(self).ended:
            raise KeyboardInterrupt
        return type(self).code

    def terminate(self) -> None:
        type(self).ended = True


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> type[Server]:
    class Own(Server):
        started: list[Any] = []  # noqa: RUF012

    monkeypatch.setattr(ui, "subprocess", SimpleNamespace(Popen=Own))
    return Own


def test_it_serves_the_projects_store_to_this_machine_only(
    project: Path, server: type[Server], capsys: pytest.CaptureFixture[str]
) -> None:
    run(order("none", "seed=1", "study=my study"))
    assert depsim("ui", "--port", "5055") == 0
    ((command, env),) = server.started
    assert command[:4] == [sys.executable, "-m", "mlflow", "server"]
    options = dict(zip(command[4::2], command[5::2], strict=True))
    assert options["--host"] == "127.0.0.1"
    assert options["--port"] == "5055"
    assert options["--workers"] == "1"
    assert options["--backend-store-uri"] == f"sqlite:///{project}/mlruns/mlflow.db"
    assert options["--default-artifact-root"] == (project / "mlruns" / "artifacts").as_uri()
    assert env["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] == "false"
    assert env["MLFLOW_DISABLE_TELEMETRY"] == "true"
    said = capsys.readouterr().out
    assert "my study: http://127.0.0.1:5055/#/experiments/" in said
    assert "Default" not in said


def test_the_default_port(project: Path, server: type[Server]) -> None:
    assert depsim("ui") == 0
    assert "5000" in server.started[0][0]


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http", "5000.5"])
def test_a_port_is_a_number_that_there_is(
    port: str, empty: Path, server: type[Server], capsys: pytest.CaptureFixture[str]
) -> None:
    assert depsim("ui", "--port", port) == 2
    assert server.started == []
    assert "--port" in capsys.readouterr().err
    assert list(empty.iterdir()) == []


@pytest.mark.parametrize("words", [("--host", "0.0.0.0"), ("here",), ("--expose",)])
def test_nothing_else_can_be_asked_for(words: tuple[str, ...], empty: Path, server: type[Server]) -> None:
    assert depsim("ui", *words) == 2
    assert server.started == []
    assert list(empty.iterdir()) == []


def test_ctrl_c_ends_the_server(project: Path, server: type[Server]) -> None:
    server.interrupted = True
    assert depsim("ui") == 0
    assert server.ended


def test_a_server_that_does_not_start_is_a_failure(project: Path, server: type[Server]) -> None:
    server.code = 3
    assert depsim("ui") != 0
