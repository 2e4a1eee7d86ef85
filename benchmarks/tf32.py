"""What TF32 products would do to results: a GPU's training emulated on a CPU, beside the program's own.

    python benchmarks/tf32.py --size 32      about a minute an individual and core

A tensor core reads float32 operands with ten bits of mantissa and adds up in float32. Here every operand of every
matrix product in training loses its last 13 bits, which is the coarsest that the hardware could do; all else is the
dense arithmetic of a GPU with a CPU's random numbers. Exams and the regrowth score stay in full float32.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, nullcontext
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from depsim.config import prepare
from depsim.execution.arithmetic import reproducible_arithmetic
from depsim.execution.plan import cores
from depsim.execution.work import Event, Finished, WorkUnit, perform
from depsim.model import products
from depsim.training import trainer
from depsim.training.dense import DenseLearner

ARMS = ("none", "ketamine", "ssri", "neurosteroid")
HERE = Path(__file__).parent
HEAD = ["arm", "metric", "mean", "sd", "emulated_mean", "emulated_sd", "difference", "standard_error"]
_KEPT_BITS = ~((1 << 13) - 1)


def coarse(tensor: torch.Tensor) -> torch.Tensor:
    """The tensor with ten bits of mantissa."""
    return tensor.contiguous().view(torch.int32).bitwise_and(_KEPT_BITS).view(torch.float32)


class _TensorCores(TorchDispatchMode):
    """Matrix products with coarse operands."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func.overloadpacket is torch.ops.aten.bmm:
            args = tuple(coarse(operand) for operand in args)
        elif func.overloadpacket is torch.ops.aten.baddbmm:
            args = (args[0], coarse(args[1]), coarse(args[2]), *args[3:])
        return func(*args, **(kwargs or {}))


class CoarseLearner(DenseLearner):
    """Dense learning on tensor cores."""

    def epoch(self, *arguments: Any) -> torch.Tensor:
        """An epoch of it."""
        with _TensorCores(), patch.object(products, "by_numpy", lambda *_: False):
            return super().epoch(*arguments)


@contextmanager
def tensor_cores() -> Iterator[None]:
    """All training on them."""
    with patch.object(trainer, "_learner_for", lambda *_cohort, **_how: CoarseLearner):
        yield


def run(task: tuple[int, bool]) -> dict[str, dict[str, float]]:
    """One individual's metrics by arm, with tensor cores or without."""
    seed, emulated = task
    found: dict[str, dict[str, float]] = {}
    who = ["cohort.size=1", f"cohort.first_seed={seed}", "cohort.data=individual"]
    arms = [prepare([f"treatment={arm}", *who]).job.arm for arm in ARMS]
    unit = WorkUnit((seed,), arms[0].baseline, tuple(enumerate(arm.steps for arm in arms)), "cpu", None)

    def receive(event: Event) -> None:
        assert isinstance(event, Finished), event
        found[ARMS[event.job]] = dict(event.outcomes[0].metrics)

    with reproducible_arithmetic(), tensor_cores() if emulated else nullcontext():
        perform(unit, receive)
    print(f"individual {seed}{', emulated' if emulated else ''}", flush=True)
    return found


def compare(own: list[dict[str, dict[str, float]]], emulated: list[dict[str, dict[str, float]]]) -> list[list[Any]]:
    """Arm and metric with both means and standard deviations, and the paired difference with its standard error."""
    rows = []
    for arm in ARMS:
        for name in own[0][arm]:
            one = np.array([each[arm][name] for each in own])
            other = np.array([each[arm][name] for each in emulated])
            difference = other - one
            numbers = [
                one.mean(),
                one.std(ddof=1),
                other.mean(),
                other.std(ddof=1),
                difference.mean(),
                difference.std(ddof=1) / len(one) ** 0.5,
            ]
            rows.append([arm, name, *(f"{number:.6g}" for number in numbers)])
    return rows


def main() -> None:
    """Run both and say how far they are apart."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=32, help="individuals (32)")
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--csv", type=Path, default=HERE / "results" / "tf32.csv", help="where to write all figures")
    arguments = parser.parse_args()
    seeds = range(arguments.first_seed, arguments.first_seed + arguments.size)
    with ProcessPoolExecutor(cores(), get_context("spawn")) as pool:
        own = list(pool.map(run, [(seed, False) for seed in seeds]))
        emulated = list(pool.map(run, [(seed, True) for seed in seeds]))
    rows = compare(own, emulated)
    arguments.csv.parent.mkdir(parents=True, exist_ok=True)
    with arguments.csv.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([HEAD, *rows])
    moved = {f"{row[0]} {row[1]}": float(row[-2]) / float(row[-1]) for row in rows if float(row[-1]) > 0}
    far = {name: round(ratio, 2) for name, ratio in moved.items() if abs(ratio) > 2}
    print(f"{len(rows)} means, {len(moved)} differ at all, {len(far)} by more than two paired standard errors: {far}")
    print(f"all figures: {arguments.csv}")


if __name__ == "__main__":
    main()
