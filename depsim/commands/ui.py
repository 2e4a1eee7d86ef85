"""``depsim ui``: the MLflow UI on the project's store, on this machine only."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import sys
import time
import webbrowser
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from depsim.commands import INTERRUPTED
from depsim.commands.outcome import guarded
from depsim.config import ConfigError
from depsim.report.terminal import say
from depsim.terminal_text import Parser, complain, meant
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
_SHOWS = {
    mlflow_page.TRIALS: "trials of the newest search",
    mlflow_page.POINTS: "points of the multiverse",
    mlflow_page.CONDITIONS: "conditions",
}
"""What the link to each view opens, the first one first."""
_LONGEST_START = 180.0
"""Seconds after which a server that does not answer is left to itself."""


def ui_command(study: str) -> str:
    """What opens a study in the UI, for the last line of a command."""
    return shlex.join(["depsim", "ui", study])


def main(words: Sequence[str]) -> int:
    """Serve the UI until interrupted."""
    parser = Parser(prog="depsim ui", description="The MLflow UI on what has been run here.")
    parser.add_argument("study", metavar="STUDY", nargs="?", help="a study whose link is printed, or opened")
    parser.add_argument("--port", type=int, default=_PORT, help=f"on 127.0.0.1 (default {_PORT})")
    parser.add_argument("--open", action="store_true", help="open the first link in the browser once it works")
    arguments = parser.parse_args(list(words))
    if not 1 <= arguments.port <= 65535:
        parser.error(f"--port {arguments.port}: must be from 1 to 65535")
    return guarded(lambda: _serve(arguments.study, arguments.port, arguments.open), "depsim ui")


def _serve(study: str | None, port: int, opens: bool) -> int:
    if mlflow_store.is_served():
        say(f"the runs are kept by a server, which shows them itself: {mlflow_store.shown_uri()}")
        return 0
    _require_free(port)
    client = mlflow_store.open_client()
    links = _links(client, study, _address(port))
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += ["--allowed-hosts", _THIS_MACHINE]
    if mlflow_store.is_local():
        command += ["--default-artifact-root", (mlflow_store.root() / "artifacts").as_uri()]
    say("the MLflow UI starts, which takes up to half a minute; Ctrl-C stops it")
    environment = os.environ | _SERVER | {"MLFLOW_BACKEND_STORE_URI": mlflow_store.tracking_uri()}
    server = subprocess.Popen(command, env=environment, process_group=0)  # Ctrl-C is for this process, which ends it
    try:
        if _answers(server, port):
            for title, link in links.items():
                say(f"  {title}: {link}")
            if opens:
                webbrowser.open(next(iter(links.values())))
        return server.wait()
    except KeyboardInterrupt:
        complain("\nthe MLflow UI has stopped")
        return INTERRUPTED
    finally:
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGTERM)
        server.wait()


def _links(client: Any, study: str | None, address: str) -> dict[str, str]:
    """What is printed and where it leads: the views of a study, or of all of them.

    Raises:
        ConfigError: for an unknown study, with those that there are.
    """
    experiments = {study.name: study for study in client.search_experiments(filter_string="name != 'Default'")}
    if study is not None and study not in experiments:
        there = sorted(experiments)
        raise ConfigError(f"{study}: no such study; there are {', '.join(there) or 'none yet'}{meant(study, there)}")
    links = {}
    for name, experiment in experiments.items():
        if study in (None, name):
            views = [view for view in _SHOWS if mlflow_page.has_view(experiment, view)]
            for view in views:
                links[f"{name}, {_SHOWS[view]}"] = mlflow_page.view_link(address, experiment, view)
            if not views:
                links[name] = mlflow_page.page_link(address, experiment)
    return links if study is not None else {**links, "all studies": f"{address}/#/experiments"}


def _answers(server: Any, port: int) -> bool:
    """Wait until the server can be reached; False if it ends before, or does not answer for minutes."""
    end = time.monotonic() + _LONGEST_START
    while server.poll() is None and time.monotonic() < end:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
        time.sleep(0.2)
    return False


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
