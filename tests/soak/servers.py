"""A PostgreSQL and an MLflow server on loopback, started for a test."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PASSWORD = "hush-8d2f"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Postgres:
    """A running database server.

    Args:
        uri: of its database ``depsim``, with its password.
        programs: the folder of PostgreSQL's programs.
        port: on loopback.
    """

    uri: str
    programs: Path
    port: int

    def dump(self) -> bytes:
        """All that the database holds, as text."""
        command = [self.programs / "pg_dump", "-h", "127.0.0.1", "-p", str(self.port), "-U", "depsim", "depsim"]
        return subprocess.run(
            command, env=os.environ | {"PGPASSWORD": PASSWORD}, capture_output=True, check=True
        ).stdout


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    path = str(found[-1]) if found else shutil.which("initdb")
    if path is None:
        pytest.skip("PostgreSQL is not installed here (Debian: apt-get install postgresql)")
    return Path(path).parent


def _unprivileged() -> str | None:
    """Whom to be, as PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(KeyError):
        return pwd.getpwnam("postgres").pw_name
    return "nobody"


@contextlib.contextmanager
def postgres(folder: Path, fsync: str = "off") -> Iterator[Postgres]:
    """A new database server whose files lie in a folder; what is committed need not outlive the machine."""
    pytest.importorskip("psycopg", reason="pip install 'depsim[postgres]'")
    programs, user, port = _programs(), _unprivileged(), free_port()
    data, secret = folder / "data", folder / "password"
    secret.write_text(PASSWORD)
    if user is not None:
        for path in (folder, secret):
            shutil.chown(path, user)
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "depsim", "-A", "scram-sha-256", "--pwfile", secret, "--no-sync"],
        check=True, capture_output=True, user=user, cwd=folder,
    )  # fmt: skip
    options = ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={folder}", "-c", f"fsync={fsync}"]
    command = [programs / "postgres", "-D", data, "-p", str(port), *options]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stderr=log, user=user, cwd=folder) as server:
        try:
            environment = os.environ | {"PGPASSWORD": PASSWORD}
            create = [programs / "createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "depsim", "depsim"]
            deadline = time.monotonic() + 60
            while subprocess.run(create, env=environment, capture_output=True).returncode != 0:
                assert server.poll() is None, (folder / "log").read_text()
                assert time.monotonic() < deadline, "PostgreSQL does not answer"
                time.sleep(0.1)
            yield Postgres(f"postgresql+psycopg://depsim:{PASSWORD}@127.0.0.1:{port}/depsim", programs, port)
        finally:
            server.terminate()


@contextlib.contextmanager
def mlflow_server(backend: str, folder: Path) -> Iterator[str]:
    """An MLflow server on a database, which keeps artifacts in a folder; yields its address."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "2"]
    command += ["--artifacts-destination", str(folder / "artifacts")]
    environment = os.environ | {
        "MLFLOW_BACKEND_STORE_URI": backend,
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "PYTHONWARNINGS": "ignore",
    }
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log, env=environment, cwd=folder) as server,
    ):
        try:
            deadline = time.monotonic() + 120
            while not _answers(address):
                assert server.poll() is None, (folder / "log").read_text()
                assert time.monotonic() < deadline, "the MLflow server does not answer"
                time.sleep(0.2)
            yield address
        finally:
            server.terminate()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
