"""``depsim ui``: the MLflow UI on the project's store, on this machine only."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress

from depsim.commands.outcome import guarded
from depsim.report.terminal import say
from depsim.terminal_text import Parser
from depsim.tracking import mlflow_page, mlflow_store

_THIS_MACHINE = "127.0.0.1,127.0.0.1:*,localhost,localhost:*"
"""How a browser on this machine may call the server; a page of another name that points here is refused."""
_SERVER = {
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "MLFLOW_SERVER_DISABLE_SECURITY_MIDDLEWARE": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "PYTHONWARNINGS": "ignore",
}
"""Whatever the environment says. The store's address goes there, too: others can read a command line."""
_PORT = 5000


_SHOWS = {True: "its trials as charts, the best first", False: "its conditions as charts"}
"""What a link opens, by whether it is of the trials of a search."""


def show_view(study: str, trials: bool = False) -> None:
    """Print where the UI shows a study's conditions, or the trials of its newest search.

    Nothing is printed where the study was renamed or deleted meanwhile.
    """
    from mlflow.exceptions import MlflowException

    served = mlflow_store.is_served()
    address = mlflow_store.shown_uri().rstrip("/") if served else _address(_PORT)
    with suppress(MlflowException):  # a link is not worth the end of a command that has done its work
        client = mlflow_store.open_client()
        experiment = client.get_experiment_by_name(study)
        if experiment is not None:
            condition = "" if served else ", while depsim ui runs"
            link = mlflow_page.view_link(client, address, experiment, trials)
            say(f"      {link}    {_SHOWS[trials]}{condition}")


def main(words: Sequence[str]) -> int:
    """Serve the UI until interrupted."""
    parser = Parser(prog="depsim ui", description="The MLflow UI on what has been run here.")
    parser.add_argument("--port", type=int, default=_PORT, help=f"on 127.0.0.1 (default {_PORT})")
    arguments = parser.parse_args(list(words))
    if not 1 <= arguments.port <= 65535:
        parser.error(f"--port {arguments.port}: must be from 1 to 65535")
    return guarded(lambda: _serve(arguments.port), "depsim ui")


def _serve(port: int) -> int:
    if mlflow_store.is_served():
        say(f"the runs are kept by a server, which shows them itself: {mlflow_store.shown_uri()}")
        return 0
    _require_free(port)
    client = mlflow_store.open_client()
    address = _address(port)
    say("MLflow UI, Ctrl-C to stop:")
    for experiment in client.search_experiments(filter_string="name != 'Default'"):
        say(f"  {experiment.name}: {mlflow_page.page_link(address, experiment)}")
        for trials, what in _SHOWS.items():
            if mlflow_page.has_view(experiment, trials):
                say(f"    {what}: {mlflow_page.view_link(client, address, experiment, trials)}")
    say(f"  all: {address}/#/experiments")
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += ["--allowed-hosts", _THIS_MACHINE]
    if mlflow_store.is_local():
        command += ["--default-artifact-root", (mlflow_store.root() / "artifacts").as_uri()]
    server = subprocess.Popen(
        command, env=os.environ | _SERVER | {"MLFLOW_BACKEND_STORE_URI": mlflow_store.tracking_uri()}
    )
    try:
        return server.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        server.terminate()
        server.wait()


def _address(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def _require_free(port: int) -> None:
    """Refuse a port that cannot be listened on, before the server finds out.

    Raises:
        OSError: naming the port and what to do.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a server that has just ended holds no port
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise OSError(f"port {port}: {error.strerror}; depsim ui --port PORT takes another one") from None
