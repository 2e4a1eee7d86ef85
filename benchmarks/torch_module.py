"""The paper's network as a PyTorch module beside ``model=mlp``: the distribution of outcomes, and a cohort at once.

    python benchmarks/torch_module.py distribution    both studies (an hour on two cores) and z of each outcome
    python benchmarks/torch_module.py at_once         a cohort in one vmap beside one individual after the other

``make bench MODEL=torch_module`` measures the seconds of an individual. Pairs share data, order and noise of exams;
initial weights come from other generators. Fewer points and epochs make both studies shorter, for both models alike.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch

import depsim
from depsim.model import initial_cohort
from depsim.model.state import NO_DRUG
from depsim.model.torch_module import TorchModule, _one_individual
from depsim.model.torch_networks import paper, small_convolution
from depsim.streams import Streams

MODELS = ("mlp", "torch_module")
ARMS = ("none", "ketamine", "ssri", "neurosteroid")
STAGES = ("healthy", "depressed", "treated", "withdrawn")
PRINTED = ("combined", "internal_noise_2.5", "resilience_auc", "standard", "clean", "sparsity")
"""What the terminal's table prints of each stage."""
ALSO = ("relapsed/combined", "relapsed/sparsity", "relapse_drop", "dose/l1", "dose/turnover")


def run_studies(individuals: int, points: int, ssri_epochs: int, workers: int) -> None:
    """Both studies in the working directory; what is finished there is not done again."""
    cohort = [f"cohort.size={individuals}", "cohort.first_seed=0", "cohort.data=individual", f"workers={workers}"]
    for model in MODELS:
        for words in (
            [f"treatment={','.join(a for a in ARMS if a != 'ssri')}"],
            ["treatment=ssri", f"treatment.epochs={ssri_epochs}"],
        ):
            more = [f"task.train_size={points}", f"model={model}", f"study={model}"]
            subprocess.run([sys.executable, "-m", "depsim", "run", "-m", *words, *cohort, *more], check=True)


def differences() -> list[dict[str, Any]]:
    """Of each printed outcome, the mean paired difference and its z: module less MLP."""
    frames = [depsim.load_study(model).frame for model in MODELS]
    rows = []
    for arm in ARMS:
        for name in (*(f"{stage}/{what}" for stage in STAGES for what in PRINTED), *ALSO):
            values = []
            for frame in frames:
                chosen = frame[(frame["treatment"] == arm) & (frame["metric"] == name)]
                values.append(dict(zip(chosen["seed"], chosen["value"], strict=True)))
            seeds = sorted(values[0].keys() & values[1].keys())
            if len(seeds) < 2:
                continue
            own = np.array([values[1][seed] - values[0][seed] for seed in seeds])
            error = own.std(ddof=1) / np.sqrt(len(own))
            z = 0.0 if not own.any() else float(own.mean() / error) if error else float("inf")
            mlp = float(np.mean([values[0][seed] for seed in seeds]))
            rows.append(
                {"arm": arm, "outcome": name, "n": len(seeds), "mlp": mlp, "difference": float(own.mean()), "z": z}
            )
    return rows


def at_once(individuals: int) -> dict[str, dict[str, float]]:
    """Milliseconds of one training batch of a cohort on one thread: one after the other, and all in one ``vmap``."""
    torch.set_num_threads(1)
    return {
        "paper": _batch(TorchModule(factory=paper, hidden=None, shape=(2,)), individuals, 2, 4),
        "small_convolution": _batch(
            TorchModule(factory=small_convolution, hidden=None, shape=(1, 8, 8)), individuals, 64, 10
        ),
    }


def _batch(model: TorchModule, individuals: int, inputs: int, classes: int) -> dict[str, float]:
    cohort = initial_cohort(model, Streams(tuple(range(individuals))), inputs, classes)
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(individuals, 128, inputs, generator=generator)
    y = torch.randint(0, classes, (individuals, 128), generator=generator)
    parameters = [own.detach().requires_grad_() for own in (*cohort.weights, *cohort.biases)]
    assert model.shape is not None
    one = _one_individual(model.parts(inputs, classes), model.shape, NO_DRUG, 0.0)
    means, count = torch.zeros(individuals), len(cohort.weights)

    def in_turn() -> None:
        _gradients(model.logits(parameters[:count], parameters[count:], x, NO_DRUG), y, parameters)

    def together() -> None:
        _gradients(torch.func.vmap(one)(*parameters, x, means)[0], y, parameters)

    return {"in_turn": 1e3 * _seconds(in_turn), "at_once": 1e3 * _seconds(together)}


def _gradients(logits: torch.Tensor, y: torch.Tensor, parameters: list[torch.Tensor]) -> None:
    loss = torch.nn.functional.cross_entropy(logits.mT, y, reduction="none").mean(1).sum()
    torch.autograd.grad(loss, parameters)


def _seconds(work: Callable[[], None], times: int = 15) -> float:
    work()
    taken = []
    for _ in range(times):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return median(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("distribution", "at_once"))
    parser.add_argument("--folder", type=Path, default=Path("."), help="of the studies (the working directory)")
    parser.add_argument("--individuals", type=int, default=20)
    parser.add_argument("--points", type=int, default=12_000, help="training points")
    parser.add_argument("--ssri-epochs", type=int, default=100)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--finished", action="store_true", help="compare what is there, and run nothing")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    arguments = parser.parse_args()
    if arguments.what == "at_once":
        result: Any = at_once(8)
        print(json.dumps(result, indent=1))
    else:
        os.chdir(arguments.folder)
        if not arguments.finished:
            run_studies(arguments.individuals, arguments.points, arguments.ssri_epochs, arguments.workers)
        result = differences()
        for row in result:
            print(
                f"{row['arm']:14}{row['outcome']:32}{row['n']:>4}{row['mlp']:>10.3f}{row['difference']:>10.3f}{row['z']:>7.2f}"
            )
        print(f"largest |z| of {len(result)}: {max(abs(row['z']) for row in result):.2f}")
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
