"""Short commands and one individual's whole run, by this checkout and by another commit in turn.

    make bench-start BASE=<commit>            three rounds, some five minutes
    make bench-start BASE=<commit> ROUNDS=5

Every command runs in a process of its own, in a store of its own program; the first, unmeasured round makes the store
and compiles. Processor time is that of the command and all its children; each round begins with the other program.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

import machine
from checkout import ROOT, checked_out, environment, resolve

TINY = (
    "model.hidden=[32,32,16]",
    "task.train_size=1000",
    "task.test_size=500",
    "training.epochs=1",
    "cohort=smoke",
    "cohort.size=1",
)
GRID = "treatment.regrow_fraction=range(0.005,1.0049,0.005)"


def commands(turn: int) -> dict[str, tuple[bool, list[str]]]:
    """Each command's words by what it shows, and whether it starts from nothing; ``turn`` tells rounds apart."""
    tiny = ["sweep", "seeds", *TINY, f"study=tiny{turn}"]
    return {
        "four tiny arms": (False, [*tiny, f"cohort.first_seed={100 + turn}"]),
        "a finished sweep": (False, ["sweep", "seeds", *TINY, "study=tiny0", "cohort.first_seed=100"]),
        "a grid of 200 points": (False, ["sweep", "seeds", "treatment=ketamine", GRID, "--dry-run"]),
        "--cfg job": (False, ["run", "--cfg", "job"]),
        "--help": (False, ["--help"]),
        "the paper's four arms, one individual": (True, ["sweep", "paper"]),
    }


def measured(tree: Path, folder: Path, words: Sequence[str]) -> tuple[float, float]:
    """Wall and processor seconds of a command, its children included."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "depsim", *words],
        cwd=folder,
        env=environment(tree),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"depsim {' '.join(words)} ended with exit code {process.returncode}")
    return wall, used.ru_utime + used.ru_stime


def compare(trees: dict[str, Path], rounds: int) -> dict[str, dict[str, list[tuple[float, float]]]]:
    """Wall and processor seconds of every command by each program, one pair per round."""
    found: dict[str, dict[str, list[tuple[float, float]]]] = {}
    with ExitStack() as stack:
        stores = {name: Path(stack.enter_context(tempfile.TemporaryDirectory())) for name in trees}
        for turn in range(rounds + 1):
            order = list(trees) if turn % 2 else list(trees)[::-1]
            for what, (from_nothing, words) in commands(turn).items():
                if from_nothing and not turn:
                    continue
                for name in order:
                    folder = Path(stack.enter_context(tempfile.TemporaryDirectory())) if from_nothing else stores[name]
                    result = measured(trees[name], folder, words)
                    if turn:
                        found.setdefault(what, {}).setdefault(name, []).append(result)
            print(f"round {turn} of {rounds}{'' if turn else ' (not measured)'}", file=sys.stderr, flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("base", nargs="?", default="707c197", help="commit to compare with (707c197)")
    parser.add_argument("--rounds", type=int, default=3, help="measured rounds (3)")
    arguments = parser.parse_args()
    commit = resolve(arguments.base)
    with checked_out(commit) as tree:
        found = compare({"base": tree, "own": ROOT}, arguments.rounds)
    about: dict[str, Any] = machine.describe()
    print(f"{about}\n{'':40}{'wall s':>8}{'base':>8}{'ratio':>7}{'CPU s':>8}{'base':>8}{'ratio':>7}")
    for what, both in found.items():
        line = f"{what:40}"
        for kind in (0, 1):
            own, base = (median(pair[kind] for pair in both[name]) for name in ("own", "base"))
            line += f"{own:>8.2f}{base:>8.2f}{own / base:>7.2f}"
        print(line)
    path = ROOT / "benchmarks" / "results" / "start.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"machine": about, "base": commit, "seconds": found}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
