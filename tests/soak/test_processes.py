"""Commands that are started together, or killed, as processes of their own that import everything anew."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from tests.jobs import TREATMENTS, finished_keys, runs, statuses, tiny


def launch(folder: Path, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "depsim", *words]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_four_processes_start_at_once_on_a_fresh_store(empty: Path) -> None:
    began = time.time()
    processes = [launch(empty, "run", *tiny(name, "seed=1", "study=s")) for name in TREATMENTS]
    heard = [process.communicate(timeout=300) for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, heard
    assert not any("Traceback" in err for _, err in heard)
    assert statuses("s", kind="condition") == {"FINISHED": 4}
    assert {r.data.tags["depsim.treatment"] for r in runs("s")} == set(TREATMENTS)
    (file,) = empty.glob("mlruns/cache/healthy/??/*.safetensors")
    assert file.stat().st_ctime >= began
    assert len({r.data.metrics["healthy/combined"] for r in runs("s")}) == 1


def test_two_processes_with_one_job_do_it_once(empty: Path) -> None:
    words = tiny("none", "cohort=smoke", "study=s", "cohort.size=40")
    processes = [launch(empty, "run", *words) for _ in range(2)]
    heard = [process.communicate(timeout=300) for process in processes]
    codes = sorted(process.returncode for process in processes)
    assert codes in ([0, 0], [0, 1])
    assert len(finished_keys("s")) == len(set(finished_keys("s"))) == 40
    if codes == [0, 1]:
        (said,) = [err for process, (_, err) in zip(processes, heard, strict=True) if process.returncode == 1]
        assert "Traceback" not in said
        assert str(next(process.pid for process in processes if process.returncode == 0)) in said


def test_a_killed_process_loses_only_what_it_had_in_hand(empty: Path) -> None:
    words = tiny("none", "cohort=smoke", "study=s", "cohort.size=40")
    process = launch(empty, "run", *words)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and len(list(empty.glob("mlruns/artifacts/s/*/artifacts/masks.npz"))) < 4:
        time.sleep(0.05)
    process.kill()
    process.communicate(timeout=60)
    before = finished_keys("s")
    assert 3 <= len(before) < 40
    again = launch(empty, "run", *words)
    _, said = again.communicate(timeout=300)
    assert again.returncode == 0, said
    assert len(finished_keys("s")) == len(set(finished_keys("s"))) == 40
    assert set(before) <= set(finished_keys("s"))
    (parent,) = runs("s", kind="condition")
    assert parent.info.status == "FINISHED"
    assert parent.data.metrics["summary/treated/combined.n"] == 40
