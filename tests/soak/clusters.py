"""A Dask cluster on loopback, started for a test."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from tests.programs import ROOT
from tests.soak.servers import free_port


class Cluster:
    """A scheduler and its workers, as a person starts them."""

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self.folder, self.port = folder, port or free_port()
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.processes: list[subprocess.Popen[bytes]] = []
        self.scheduler = self._start("scheduler", "--port", str(self.port), "--no-show")
        self._await_scheduler()

    def worker(self, program: Path = ROOT) -> subprocess.Popen[bytes]:
        own = self.folder / f"worker-{len(self.processes)}"
        options = ("--nthreads", "1", "--no-nanny", "--local-directory", str(own))
        return self._start("worker", self.address, *options, program=program)

    def _start(self, kind: str, *words: str, program: Path = ROOT) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.dask_{kind}", *words, "--host", "127.0.0.1", "--no-dashboard"],
            cwd=self.folder,
            env=os.environ | {"PYTHONPATH": str(program), "DASK_DISTRIBUTED__ADMIN__SYSTEM_MONITOR__INTERVAL": "10s"},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.processes.append(process)
        return process

    def _await_scheduler(self) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                assert self.scheduler.poll() is None, "the scheduler has ended"
                time.sleep(0.1)
            else:
                return
        raise AssertionError("no scheduler within a minute")

    def close(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()
