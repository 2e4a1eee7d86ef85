"""Whether this checkout still computes the numbers of another commit, byte for byte, on this machine.

    make same-numbers BASE=<commit>           a small protocol, about a minute
    make same-numbers BASE=<commit> REAL=1    the paper's protocol, some ten minutes

Both programs run the same cases through :func:`depsim.simulate`, each in a process of its own. Compared are every
metric, curve and mask and the notes; metrics that only this checkout has are listed and are no difference, and so are
those that it leaves out because it is wanted.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from checkout import ROOT, checked_out, environment, resolve

SEEDS = "cohort.seeds=[42,7]"
SMALL = (
    "model.hidden=[72,56,32]",
    "task.train_size=1500",
    "task.test_size=700",
    "task.clean_size=120",
    "training.epochs=3",
)
SMALL_EPOCHS = {
    "none": [],
    "ketamine": ["treatment.epochs=3"],
    "ssri": ["treatment.epochs=6"],
    "neurosteroid": ["treatment.epochs=3"],
}
WANTED = ("follow_up/relapse_free_cycles", "follow_up/relapse")
"""Metrics that individuals may lack here: whoever had no deficit, or was never in remission, has none of them."""
WANTED_NOTE = "not in remission at the beginning of the follow-up: no relapse-free cycle"
"""That goes with them: who had no deficit has none."""
SHOWN = 40
"""Differences that are printed; the others are counted."""

Result = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""Case to seed to what was measured."""


def cases(real: bool) -> dict[str, list[str]]:
    """All cases by name: the overrides of one condition on the two individuals."""
    found = {}
    for treatment, epochs in SMALL_EPOCHS.items():
        own = [f"treatment={treatment}", SEEDS, *([] if real else [*SMALL, *epochs])]
        for data in ("shared", "individual"):
            for workers in (1, 2):
                found[f"{treatment} data={data} workers={workers}"] = [
                    *own,
                    f"cohort.data={data}",
                    f"workers={workers}",
                ]
        for setting in ("pathology.criterion=random", "pathology.sparsity=0.8", "pathology.sparsity=0.5"):
            found[f"{treatment} {setting}"] = [*own, setting, "workers=1"]
        for stream in ("data", "init", "order"):
            held = [f"cohort.hold.{stream}=3", "cohort.data=individual", "workers=1"]
            found[f"{treatment} hold.{stream}"] = [*own, *held]
        cycles = [] if real else ["follow_up.cycles=2"]
        found[f"{treatment} follow_up=stress_cycles"] = [*own, "follow_up=stress_cycles", *cycles, "workers=1"]
        found[f"{treatment} tracked"] = [*own, "tracking=mlflow", "workers=2"]
        if treatment == "ketamine":
            found[f"{treatment} criterion=random"] = [*own, "treatment.criterion=random", "workers=1"]
        if treatment == "neurosteroid":
            found[f"{treatment} bounded=false"] = [*own, "treatment.bounded=false", "workers=1"]
            dense = ["treatment.bounded=false", "pathology.sparsity=0.5", "workers=1"]
            found[f"{treatment} bounded=false sparsity=0.5"] = [*own, *dense]
    return found


def measure(real: bool) -> Result:
    """All cases that the program that this process imports knows: follow-ups came later than the oldest base."""
    import depsim
    from depsim.model.masks import unpack

    found: dict[str, dict[str, dict[str, Any]]] = {}
    has_follow_ups = importlib.util.find_spec("depsim.follow_up") is not None
    for name, overrides in cases(real).items():
        if "follow_up=stress_cycles" in overrides and not has_follow_ups:
            continue
        result = depsim.simulate(*overrides)
        assert not result.failures, (name, result.failures)
        found[name] = {}
        for outcome in result.outcomes:
            masks = unpack(outcome.masks)
            found[name][str(outcome.seed)] = {
                "metrics": {metric: float(value).hex() for metric, value in sorted(outcome.metrics.items())},
                "curves": {c: [[step, float(v).hex()] for step, v in points] for c, points in outcome.curves.items()},
                "masks": {
                    stage: [hashlib.sha256(m.tobytes()).hexdigest() for m in own] for stage, own in masks.items()
                },
                "notes": list(outcome.notes),
            }
        print(name, file=sys.stderr, flush=True)
    return found


def run(tree: Path, real: bool) -> Result:
    """All cases, by the program in a folder."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "numbers.json"
        command = [sys.executable, str(Path(__file__).resolve()), "--measure", str(out), *(["--real"] if real else [])]
        subprocess.run(command, cwd=folder, env=environment(tree), check=True)
        found = json.loads(out.read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def base_numbers(commit: str, real: bool) -> Result:
    """All cases by a commit, checked out into a folder that is thrown away; kept for the next time on this machine."""
    about = [commit, cases(real), _machine()]
    key = hashlib.sha256(json.dumps(about).encode()).hexdigest()[:16]
    kept = ROOT / "benchmarks" / "results" / f"numbers-{commit[:10]}-{key}.json"
    if not kept.exists():
        with checked_out(commit) as tree:
            found = run(tree, real)
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(found), encoding="utf-8")
    numbers = json.loads(kept.read_text(encoding="utf-8"))
    assert isinstance(numbers, dict)
    return numbers


def _machine() -> list[str]:
    """What bits depend on besides the program."""
    import numba
    import numpy
    import torch

    cpu = Path("/proc/cpuinfo")
    kept = ("model name", "flags")
    lines = {line for line in cpu.read_text().splitlines() if line.startswith(kept)} if cpu.exists() else set()
    return [sys.version, torch.__version__, numpy.__version__, numba.__version__, *sorted(lines)]


def differences(base: Result, own: Result) -> Iterator[str]:
    """What the base has that this checkout has not, or has otherwise, a line each."""
    for case, individuals in base.items():
        for seed, parts in individuals.items():
            mine = own.get(case, {}).get(seed)
            if mine is None:
                yield f"{case}, individual {seed}: missing"
                continue
            for part in ("metrics", "curves", "masks"):
                for name, value in parts[part].items():
                    if mine[part].get(name) != value and not (name in WANTED and name not in mine[part]):
                        yield f"{case}, individual {seed}: {part} {name}: {value} is now {mine[part].get(name)}"
            if [note for note in parts["notes"] if note != WANTED_NOTE or note in mine["notes"]] != mine["notes"]:
                yield f"{case}, individual {seed}: notes {parts['notes']} are now {mine['notes']}"


def left_out(base: Result, own: Result) -> list[str]:
    """What this checkout leaves out because it is wanted, a line each."""
    return [
        f"{case}, individual {seed}: metrics {name}: {float.fromhex(parts['metrics'][name]):g} is left out, as wanted"
        for case, individuals in base.items()
        for seed, parts in individuals.items()
        for name in WANTED
        if name in parts["metrics"] and name not in own.get(case, {}).get(seed, parts)["metrics"]
    ]


def compared(base: Result) -> dict[str, int]:
    """How many values of each kind the base has."""
    parts = [found for individuals in base.values() for found in individuals.values()]
    count = {kind: sum(len(part[kind]) for part in parts) for kind in ("metrics", "curves", "masks")}
    return {"cases": len(base), "individuals": len(parts)} | count


def new_names(base: Result, own: Result) -> list[str]:
    """Metrics and curves that only this checkout has."""

    def names(result: Result) -> set[str]:
        parts = [found for individuals in result.values() for found in individuals.values()]
        return {name for part in parts for kind in ("metrics", "curves") for name in part[kind]}

    return sorted(names(own) - names(base))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("base", nargs="?", default="707c197", help="commit to compare with (707c197)")
    parser.add_argument("--real", action="store_true", help="the paper's protocol in place of a small one")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        arguments.measure.write_text(json.dumps(measure(arguments.real)), encoding="utf-8")
        return 0
    commit = resolve(arguments.base)
    base, own = base_numbers(commit, arguments.real), run(ROOT, arguments.real)
    found = list(differences(base, own))
    print(f"{commit[:10]} and this checkout, {'the real' if arguments.real else 'a small'} protocol:")
    print("compared: " + ", ".join(f"{number:,} {kind}" for kind, number in compared(base).items()))
    if unknown := [case for case in own if case not in base]:
        print(f"not known to {commit[:10]}: {', '.join(unknown)}")
    for line in [*left_out(base, own), *found[:SHOWN]]:
        print(line)
    if len(found) > SHOWN:
        print(f"and {len(found) - SHOWN} more")
    print(f"differences: {len(found)}")
    print(f"new metrics and curves: {', '.join(new_names(base, own)) or 'none'}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
