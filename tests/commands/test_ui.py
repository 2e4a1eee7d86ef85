from __future__ import annotations

import contextlib
import http.client
import signal
import socket
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from depsim.commands import INTERRUPTED, ui
from tests.jobs import depsim, run, spec, tiny

pytestmark = pytest.mark.slow  # whole commands on a store

require_free = ui._require_free


class Server:
    """In place of MLflow's."""

    started: list[tuple[list[str], dict[str, str]]]
    code = 0
    interrupted = False
    ended = False
    pid = 2**22 + 1  # no process's

    def __init__(self, command: list[str], env: dict[str, str], process_group: int) -> None:
        assert process_group == 0  # Ctrl-C, which reaches all of a group, is not the server's
        type(self).started.append((command, env))

    def poll(self) -> None:
        """It is there."""

    def wait(self) -> int:
        if type(self).interrupted and not type(self).ended:
            raise KeyboardInterrupt
        return type(self).code


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> type[Server]:
    class Own(Server):
        started: list[Any] = []  # noqa: RUF012

    def end(group: int, number: int) -> None:
        assert (group, number) == (Own.pid, signal.SIGTERM)
        Own.ended = True

    monkeypatch.setattr("depsim.commands.ui.os.killpg", end)
    monkeypatch.setattr(ui, "subprocess", SimpleNamespace(Popen=Own))
    monkeypatch.setattr(ui, "_require_free", lambda _port: None)  # somebody's server may be at the default one
    monkeypatch.setattr(ui, "_answers", lambda _server, _port: True)
    return Own


def test_it_serves_the_projects_store_to_this_machine_only(
    project: Path, server: type[Server], capsys: pytest.CaptureFixture[str]
) -> None:
    run(spec("none", "seed=1", "study=my study"))
    assert depsim("ui", "--port", "5055") == 0
    ((command, env),) = server.started
    assert command[:4] == [sys.executable, "-m", "mlflow", "server"]
    options = dict(zip(command[4::2], command[5::2], strict=True))
    assert options["--host"] == "127.0.0.1"
    assert options["--port"] == "5055"
    assert options["--workers"] == "1"
    assert env["MLFLOW_BACKEND_STORE_URI"] == f"sqlite:///{project}/mlruns/mlflow.db"
    assert options["--default-artifact-root"] == (project / "mlruns" / "artifacts").as_uri()
    assert env["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] == "false"
    assert env["MLFLOW_DISABLE_TELEMETRY"] == "true"
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("the MLflow UI starts")
    page = "/#/experiments/1/runs?workflowType=machine_learning&compareRunsMode=CHART&viewStateShareKey=depsim"
    assert lines[1:] == [
        f"  my study, conditions: http://127.0.0.1:5055{page}", "  all studies: http://127.0.0.1:5055/#/experiments",
    ]  # fmt: skip


def test_links_are_printed_once_they_work_and_one_is_opened_if_that_is_asked(
    project: Path, server: type[Server], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(spec("none", "seed=1", "study=s"), spec("none", "seed=1", "study=other"))
    opened: list[str] = []
    monkeypatch.setattr(ui, "webbrowser", SimpleNamespace(open=opened.append))
    assert depsim("ui", "s", "--open") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines[1:]] == ["  s, conditions"]
    assert opened == [lines[1].partition(": ")[2]]
    monkeypatch.setattr(ui, "_answers", lambda _server, _port: False)
    assert depsim("ui", "s", "--open") == 0
    assert len(capsys.readouterr().out.splitlines()) == 1
    assert len(opened) == 1


def test_an_unknown_study_is_refused_before_a_server_starts(
    project: Path, server: type[Server], capsys: pytest.CaptureFixture[str]
) -> None:
    run(spec("none", "seed=1", "study=paper"))
    assert depsim("ui", "papers") == 2
    assert "papers: no such study; there are paper" in capsys.readouterr().err
    assert server.started == []


def test_a_server_is_waited_for_until_it_answers_or_ends() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert ui._answers(SimpleNamespace(poll=lambda: None), port)
    assert not ui._answers(SimpleNamespace(poll=lambda: 1), port)


def test_a_run_ends_with_the_command_that_opens_its_study(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim("run", *tiny("none", "seed=1", "study=my study")) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "next: depsim ui 'my study'    to look at it"


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


@pytest.mark.parametrize("words", [("--host", "0.0.0.0"), ("a", "b"), ("--expose",)])
def test_nothing_else_can_be_asked_for(words: tuple[str, ...], empty: Path, server: type[Server]) -> None:
    assert depsim("ui", *words) == 2
    assert server.started == []
    assert list(empty.iterdir()) == []


def test_ctrl_c_ends_the_server(project: Path, server: type[Server], capsys: pytest.CaptureFixture[str]) -> None:
    server.interrupted = True
    assert depsim("ui") == INTERRUPTED
    assert server.ended
    assert capsys.readouterr().err == "\nthe MLflow UI has stopped\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_end_the_server_as_ctrl_c_does(
    number: signal.Signals, project: Path, server: type[Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = signal.signal(number, signal.SIG_DFL)  # the tests themselves may run under nohup
    monkeypatch.setattr(server, "wait", lambda own: own.ended or signal.raise_signal(number))
    try:
        assert depsim("ui") == INTERRUPTED
        assert signal.getsignal(number) is signal.SIG_DFL
    finally:
        signal.signal(number, before)
    assert server.ended


def test_a_port_that_is_taken_is_said_before_anything_else(
    empty: Path, server: type[Server], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ui, "_require_free", require_free)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert depsim("ui", "--port", str(port)) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == f"depsim: port {port}: Address already in use; depsim ui --port PORT takes another one\n"
    assert server.started == []
    assert list(empty.iterdir()) == []


def test_a_server_that_does_not_start_is_a_failure(project: Path, server: type[Server]) -> None:
    server.code = 3
    assert depsim("ui") != 0


def test_runs_that_a_server_keeps_are_looked_at_there(
    empty: Path, server: type[Server], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://ada:s3cr3t@mlflow.lab.example")
    assert depsim("ui") == 0
    assert "https://mlflow.lab.example" in (said := capsys.readouterr().out)
    assert "s3cr3t" not in said
    assert server.started == []


def test_the_address_of_a_database_is_on_no_command_line(
    project: Path, server: type[Server], new_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{new_store}")
    assert depsim("ui") == 0
    ((command, env),) = server.started
    assert not any(str(new_store) in word for word in command)
    assert env["MLFLOW_BACKEND_STORE_URI"] == f"sqlite:///{new_store}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def status(port: int, host: str) -> int:
    """What the server answers to a request for the experiments that calls it by this name."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with contextlib.closing(connection):
        connection.request("GET", "/ajax-api/2.0/mlflow/experiments/search?max_results=1", headers={"Host": host})
        return connection.getresponse().status


def listening() -> dict[int, set[str]]:
    """Port to the addresses that it is open on, of this machine."""
    found: dict[int, set[str]] = {}
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            address, _, port = fields[1].partition(":")
            if fields[3] == "0A":
                found.setdefault(int(port, 16), set()).add(address)
    return found
