"""The real MLflow server of depsim ui."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from depsim.commands import INTERRUPTED, ui
from tests.commands.test_ui import free_port, listening, status


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="tells from /proc who listens where")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_the_real_server_listens_on_loopback_only_refuses_foreign_hosts_and_ends(
    number: signal.Signals, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_SERVER_ALLOWED_HOSTS", "*")  # whatever the environment says
    monkeypatch.setenv("MLFLOW_HOST", "0.0.0.0")
    monkeypatch.setenv("MLFLOW_SERVER_DISABLE_SECURITY_MIDDLEWARE", "true")
    port = free_port()
    code = "import sys; from depsim.__main__ import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "ui", "--port", str(port)]
    path = str(Path(ui.__file__).parents[2])
    with subprocess.Popen(command, env=os.environ | {"PYTHONPATH": path}, stderr=subprocess.DEVNULL) as process:
        try:
            deadline = time.monotonic() + 120
            while port not in listening():
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.1)
            assert listening()[port] == {"0100007F"}  # 127.0.0.1
            hosts = (
                "evil.example",
                f"evil.example:{port}",
                "10.0.0.1",
                "127.0.0.1.evil.example",
                "localhost.evil.example",
            )
            assert [status(port, host) for host in hosts] == [403] * 5
            assert [status(port, host) for host in (f"127.0.0.1:{port}", f"localhost:{port}", "localhost:6006")] == [
                200
            ] * 3
        finally:
            process.send_signal(number)
            end = threading.Timer(60, process.kill)
            end.start()
        assert process.wait() == INTERRUPTED
        end.cancel()
    assert port not in listening()
