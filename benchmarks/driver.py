"""What a driver spends on a further individual of four arms while two workers of a Dask cluster compute toy ones.

    make bench-driver                 200 individuals: without tracking, with SQLite, with PostgreSQL (a few minutes)
    make bench-driver N=10000         the same at scale, and the report of it

Scheduler and workers are processes on loopback, as is a PostgreSQL that is thrown away afterwards. The driver's time is
that of its processor, less what a command for one individual takes; beside it stands what MLflow's client alone takes
to write the same numbers.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import machine
from checkout import ROOT, environment

sys.path.insert(0, str(ROOT))
from tests.execution.clusters import Cluster
from tests.integration.servers import postgres

TOY = """\
question: What does a driver spend on an individual?
study: toy
settings:
  cohort: standard
  model.hidden: [16, 12]
  task.train_size: 256
  task.test_size: 100
  task.clean_size: 40
  {healthy}
grid:
  - {{treatment: [none]}}
  - {{treatment: [ketamine, ssri, neurosteroid]{treated}}}
tables: paper
"""
STORES = ("none", "sqlite", "postgres")
WORKERS = 2


@contextmanager
def store(kind: str) -> Iterator[tuple[list[str], dict[str, str]]]:
    """Words and environment of commands that keep their results in a store of one kind."""
    if kind == "postgres":
        with tempfile.TemporaryDirectory() as folder, postgres(Path(folder), fsync="on") as server:
            yield [], {"MLFLOW_TRACKING_URI": server.uri}
    else:
        yield ["tracking=none"] if kind == "none" else [], {}


def measured(words: list[str], folder: Path, more: Mapping[str, str]) -> dict[str, Any]:
    """Seconds, processor seconds and memory of a command; memory as its process had it, every second, in MiB."""
    began, memory = time.perf_counter(), list[float]()
    with (folder / "output.txt").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "depsim", *words],
            cwd=folder,
            env=environment(ROOT) | more,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            while True:
                pid, status, used = os.wait4(process.pid, os.WNOHANG)
                if pid:
                    break
                memory.append(resident(process.pid))
                time.sleep(1)
        except BaseException:
            process.kill()
            raise
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        output_end = (folder / "output.txt").read_text(encoding="utf-8")[-2000:]
        sys.exit(f"depsim {' '.join(words)} ended with exit code {process.returncode}:\n{output_end}")
    quarters = [max(memory[len(memory) * k // 4 :][: max(1, len(memory) // 4)], default=0.0) for k in range(4)]
    wall = time.perf_counter() - began
    return {"wall_s": wall, "cpu_s": used.ru_utime + used.ru_stime, "quarters_mib": quarters, "peak_mib": max(memory)}


def mlflow_alone(folder: Path, more: Mapping[str, str]) -> float:
    """Milliseconds of a core in which MLflow's client alone writes what an individual left."""
    words = [sys.executable, str(ROOT / "benchmarks" / "mlflow_alone.py"), "toy"]
    found = subprocess.run(words, cwd=folder, env=environment(ROOT) | more, check=True, capture_output=True, text=True)
    return float(found.stdout.splitlines()[-1])


def resident(pid: int) -> float:
    """Memory of a process, MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def measure(kind: str, toy: str, n: int, with_report: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    """What a store of one kind costs, and a report of it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="depsim-bench-")))
        (folder / "sweeps").mkdir()
        (folder / "sweeps" / "toy.yaml").write_text(toy, encoding="utf-8")
        words, more = stack.enter_context(store(kind))
        cluster = Cluster(folder)
        stack.callback(cluster.close)
        for _ in range(WORKERS):
            cluster.worker()
        # One individual makes the store, and the workers compile; the next says what a command takes to start.
        start = ["sweep", "toy", "executor=dask", f"executor.address={cluster.address}", *words]
        for seed in (1000000, 1000001):
            one = measured([*start, "cohort.size=1", f"cohort.first_seed={seed}"], folder, more)
        own = {"individuals": n} | measured([*start, f"cohort.size={n}"], folder, more)
        own["driver_ms"] = 1000 * (own["cpu_s"] - one["cpu_s"]) / (n - 1)
        wall = 1000 * own["wall_s"] / n
        line = f"{kind:9} {wall:7.1f} ms a further individual, {own['driver_ms']:7.1f} ms of the driver's core, "
        print(f"{line}memory {' '.join(f'{m:.0f}' for m in own['quarters_mib'])} MiB by quarters", flush=True)
        if kind != "none":
            own["mlflow_alone_ms"] = mlflow_alone(folder, more)
            print(f"{'':9} of which MLflow's client alone takes {own['mlflow_alone_ms']:.1f} ms", flush=True)
        yield kind, own
        if with_report and kind != "none":
            report = measured(["report", "toy"], folder, more)
            print(f"{'report':9} {report['wall_s']:7.0f} s, memory {report['peak_mib']:.0f} MiB", flush=True)
            yield f"report, {kind}", report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--individuals", type=int, default=200, help="of four arms each (200)")
    parser.add_argument("--stores", nargs="+", choices=STORES, default=STORES, help="where results are kept (all)")
    parser.add_argument("--report", action="store_true", help="time the report, too")
    parser.add_argument("--paper-epochs", action="store_true", help="curves as long as the paper's; toys take longer")
    arguments = parser.parse_args()
    short = {"healthy": "training.epochs: 1", "treated": ", treatment.epochs: [1]"}
    toy = TOY.format(**{"healthy": "training.epochs: 20", "treated": ""} if arguments.paper_epochs else short)
    suffix = ", the paper's epochs" if arguments.paper_epochs else ""
    path = ROOT / "benchmarks" / "results" / "driver.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for kind in arguments.stores:
        for what, figures in measure(kind, toy, arguments.individuals, arguments.report):
            found[what + suffix] = figures
    about = machine.describe()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found | {"machine": about, "workers": WORKERS}, indent=1) + "\n", encoding="utf-8")
    print(about)


if __name__ == "__main__":
    main()
