"""depsim and a plain PyTorch loop, side by side in one session: seconds per individual, ratio, memory, phases.

    make bench                 one round takes about five minutes on two cores
    make bench MODEL=recurrent another network, of which phases are not measured
    make bench MODEL=torch_module the paper's network as a PyTorch module beside model=mlp, both depsim
    make bench-quick           fewer training points for both, one round, under two minutes
    python benchmarks/bench.py --sizes 8 16 32 64     growth: depsim alone, one cohort of each size
    python benchmarks/bench.py --device cuda --sizes 64 256 1024

Each run of either program is a process of its own; depsim's is its command line with an empty store and tracking on.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

import machine
import phases

HERE = Path(__file__).parent
ARMS = ("none", "ketamine", "ssri", "neurosteroid")
MODULE = "torch_module"
QUICK_POINTS = 3840
"""Thirty batches: as many as the regrowth score looks at."""


def run(command: list[str], folder: str) -> tuple[float, int, str]:
    """Wall seconds, peak bytes of all its processes together, and output of a command."""
    began, peak = time.perf_counter(), 0
    environment = {key: value for key, value in os.environ.items() if key != "MLFLOW_TRACKING_URI"}
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True, env=environment) as process:
        while True:
            try:
                output, _ = process.communicate(timeout=0.5)
                break
            except subprocess.TimeoutExpired:
                peak = max(peak, machine.memory_of_tree(process.pid))
    seconds = time.perf_counter() - began
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with exit code {process.returncode}")
    return seconds, peak, output


def run_reference(seed: int, points: int, model: str, size: int) -> dict[str, Any]:
    """One individual in plain PyTorch; beside a PyTorch module, what ``model=mlp`` takes for one of its cohort."""
    if model == MODULE:
        own = run_depsim(size, 1 + (seed - 1) * size, points, "cpu", "mlp")
        return {"seconds": own["per_individual"], "peak_bytes": own["peak_bytes"], "phases": {}}
    command = [sys.executable, str(HERE / "plain_pytorch.py"), f"--train-size={points}", f"--model={model}", str(seed)]
    seconds, peak, output = run(command, ".")
    return {"seconds": seconds, "peak_bytes": peak, "phases": json.loads(output)["seconds"]}


def run_depsim(size: int, first_seed: int, points: int, device: str, model: str = "mlp") -> dict[str, Any]:
    """A cohort through the paper's four conditions, from nothing, tracking included."""
    settings = [f"cohort.size={size}", f"cohort.first_seed={first_seed}", "cohort.data=individual"]
    settings += [f"task.train_size={points}", f"device={device}", f"model={model}"]
    with tempfile.TemporaryDirectory() as folder:
        seconds, peak, _ = run([sys.executable, "-m", "depsim", "sweep", "paper", *settings], folder)
    return {"individuals": size, "seconds": seconds, "peak_bytes": peak, "per_individual": seconds / size}


def measure_phases(points: int) -> dict[str, phases.Work]:
    """Phases of one individual in this process, kept in a store that is thrown away."""
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            return phases.measure(ARMS, ["cohort.first_seed=1", "cohort.data=individual", f"task.train_size={points}"])
        finally:
            os.chdir(here)


def compare(rounds: int, size: int, points: int, model: str) -> dict[str, Any]:
    """Reference and depsim in turn, then depsim's phases against the machine's rates, for the paper's network."""
    reference, own = [], []
    for turn in range(rounds):
        reference.append(run_reference(turn + 1, points, model, size))
        say(f"round {turn + 1}: {reference_name(model)} {reference[-1]['seconds']:.1f} s for one individual")
        own.append(run_depsim(size, 1 + turn * size, points, "cpu", model))
        say(f"round {turn + 1}: depsim {own[-1]['per_individual']:.2f} s an individual ({size} of them)")
    rates = machine.rates()
    work = measure_phases(points) if model == "mlp" else {}
    return {
        "reference": reference,
        "depsim": own,
        "seconds_per_individual": {
            "reference": median(run["seconds"] for run in reference),
            "depsim": median(run["per_individual"] for run in own),
        },
        "ratio": median(run["seconds"] for run in reference) / median(run["per_individual"] for run in own),
        "rates": rates,
        "phases": {name: {**asdict(done), "floor": done.floor(rates)} for name, done in work.items()},
    }


def reference_name(model: str) -> str:
    """What a model is measured beside."""
    return "model=mlp" if model == MODULE else "plain PyTorch"


def show(result: dict[str, Any], model: str) -> None:
    """The comparison as text."""
    both, rates = result["seconds_per_individual"], result["rates"]
    memory = {name: max(run["peak_bytes"] for run in result[name]) / 2**30 for name in ("reference", "depsim")}
    say(f"\n{'':24}{reference_name(model):>14}{'depsim':>10}")
    say(f"{'seconds an individual':24}{both['reference']:>14.2f}{both['depsim']:>10.2f}   ratio {result['ratio']:.1f}")
    say(f"{'peak memory, GiB':24}{memory['reference']:>14.2f}{memory['depsim']:>10.2f}   all processes together")
    say(
        f"\nrates of one thread: {rates['flops'] / 1e9:.0f} GFLOP/s in products, {rates['normals'] / 1e6:.0f} million "
        f"normals/s (PyTorch's {rates['torch_normals'] / 1e6:.0f}), {rates['bytes'] / 1e9:.0f} GB/s copied"
    )
    for shape, by in rates["products"].items():
        say(f"  {shape:18} NumPy {by['numpy'] / 1e9:4.0f} GFLOP/s, PyTorch {by['torch'] / 1e9:4.0f}")
    if not result["phases"]:
        return
    say("phases of one individual, seconds (plain PyTorch on all cores, depsim on one); floor: the work at these rates")
    say(f"{'':18}{'plain PyTorch':>14}{'depsim':>9}{'GFLOP':>9}{'M normals':>11}{'GB':>7}{'floor':>8}{'reached':>9}")
    for name, done in sorted(result["phases"].items(), key=lambda item: -item[1]["seconds"]):
        plain = median(run["phases"].get(name, float("nan")) for run in result["reference"])
        reached = f"{100 * done['floor'] / done['seconds']:.0f} %" if done["floor"] else "-"
        say(
            f"{name:18}{plain:>14.2f}{done['seconds']:>9.2f}{done['flops'] / 1e9:>9.1f}{done['normals'] / 1e6:>11.1f}"
            f"{done['bytes'] / 1e9:>7.1f}{done['floor']:>8.2f}{reached:>9}"
        )
    share = result["phases"]["tracking"]["seconds"] / both["depsim"]
    say(f"tracking: {100 * share:.1f} % of an individual's wall time")


def say(text: str) -> None:
    print(text, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer training points, one round, under two minutes")
    parser.add_argument("--model", choices=("mlp", "recurrent", MODULE), default="mlp", help="of the comparison (mlp)")
    parser.add_argument("--rounds", type=int, default=2, help="of the comparison (2)")
    parser.add_argument("--size", type=int, default=8, help="individuals in depsim's cohort (8)")
    parser.add_argument("--sizes", type=int, nargs="+", help="growth: depsim alone with these cohort sizes")
    parser.add_argument("--device", default="cpu", help="of the growth runs (cpu)")
    parser.add_argument("--json", type=Path, help="where to write all figures (benchmarks/results/NAME.json)")
    arguments = parser.parse_args()
    if arguments.device != "cpu" and not arguments.sizes:
        parser.error(f"--device {arguments.device} is for growth: name --sizes, too; the comparison runs on the CPU")
    points = QUICK_POINTS if arguments.quick else 12_000
    result: dict[str, Any] = {"machine": machine.describe(), "train_size": points}
    say(f"{result['machine']}")
    if arguments.sizes:
        name = f"growth-{arguments.device}"
        run_depsim(1, 0, QUICK_POINTS, arguments.device)  # compile
        result["growth"] = []
        for size in arguments.sizes:
            result["growth"].append(run_depsim(size, 1, points, arguments.device))
            done = result["growth"][-1]
            say(f"{size:>6} individuals: {done['per_individual']:.3f} s each, {done['peak_bytes'] / 2**30:.2f} GiB")
    else:
        name = "quick" if arguments.quick else "comparison"
        name += f"-{arguments.model}" if arguments.model != "mlp" else ""
        result |= compare(1 if arguments.quick else arguments.rounds, arguments.size, points, arguments.model)
        show(result, arguments.model)
    path = arguments.json or HERE / "results" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    say(f"\nall figures: {path}")


if __name__ == "__main__":
    main()
