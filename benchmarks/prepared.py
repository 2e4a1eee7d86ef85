"""Prepared experiments for every task and network: how long to train and how strong internal noise is there.

    make prepared    trains healthy networks and prunes them (half an hour on two cores), then writes the files

Chosen by a rule on healthy and untreated networks only, of individuals that no finding has; no treatment is ever given.
In the checkout: ``conf/experiment/<task>_<model>.yaml`` and ``docs/prepared.md``. No number there is typed by hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import NamedTuple

import depsim
from depsim.config import prepare
from depsim.task import Task

ROOT = Path(__file__).parent.parent
CONF, PAGE = ROOT / "conf/experiment", ROOT / "docs/prepared.md"
TASKS = {"four_clusters": "four clusters", "digits": "handwritten digits"}
MODELS = {
    "mlp": "the paper's network",
    "mlp_wide": "a wider one",
    "mlp_deep": "a deeper one",
    "recurrent": "a recurrent one",
}
PAPERS = ("four_clusters", "mlp")
INDIVIDUALS = tuple(range(1000, 1010))
PASSES = (1, 3, 9)
FEWEST_POINTS = 3000
"""That an epoch has to show; the paper's shows 12,000."""
NEAR = 1.0
"""Points of accuracy that further passes have to bring to be worth it."""
SIGMA = 2.5
SCALES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.4, 1.6, 1.8, 2.0, 2.5, 3.0)
RULE = f"""# How the prepared experiments were chosen

`depsim run experiment=digits_recurrent treatment=ketamine` is the paper's protocol on another task and network. Two
settings are chosen for each pair, by a rule, on healthy and untreated networks of individuals {INDIVIDUALS[0]} to
{INDIVIDUALS[-1]}, whom no finding has; no treatment was used. `make prepared` does it again.

1. **`task.passes`**, how often an epoch of whatever phase goes through the training points: the fewest of
   {", ".join(map(str, PASSES))} with which an epoch shows at least a quarter as many points as the paper's, and the
   healthy network's standard accuracy is within {NEAR:g} point of the best that any of those reaches, or could.
2. **`model.noise_scale`**, which multiplies every sigma, of
   {", ".join(map(str, SCALES))}:
   the one at which sigma {SIGMA} takes from the healthy network the share of its accuracy above chance that is nearest
   to what it takes from the paper's network.
3. The pathology has to show: under combined stress the untreated network has lost at least half of the healthy one's
   accuracy above chance. Where it has not, there is no prepared experiment.

Means over individuals, accuracy in per cent:

"""


class Measured(NamedTuple):
    """Mean accuracies of a task and a network, per cent, and 100 / the number of classes.

    Args:
        standard: of the healthy network.
        noisy: of the healthy network under sigma ``SIGMA``, by multiplier.
        healthy, untreated: under combined stress.
    """

    standard: float
    noisy: Mapping[float, float]
    healthy: float
    untreated: float
    chance: float

    def lost(self, scale: float) -> float:
        """The share of the accuracy above chance that sigma ``SIGMA`` takes from the healthy network."""
        return (self.standard - self.noisy[scale]) / (self.standard - self.chance)


class Choice(NamedTuple):
    """What is chosen for a task and a network."""

    passes: int
    scale: float
    measured: Measured


def main() -> None:
    """Measure, choose, write."""
    found: dict[tuple[str, str], dict[int, Measured]] = {}
    for task, model in product(TASKS, MODELS):
        own = found[task, model] = {}
        for passes in allowed(task):
            own[passes] = measure(task, model, passes)
            print(task, model, passes, own[passes], flush=True)
            if own[passes].standard >= 100 - NEAR:
                break
    chosen = choose(found)
    for (task, model), choice in chosen.items():
        (CONF / f"{task}_{model}.yaml").write_text(experiment(task, model, choice), encoding="utf-8")
    PAGE.write_text(RULE + table(chosen), encoding="utf-8")


def allowed(task: str) -> list[int]:
    """The passes that show enough points."""
    return [passes for passes in PASSES if passes * shipped(task).train_size >= FEWEST_POINTS]


def shipped(task: str) -> Task:
    """The task as it is in ``conf/``."""
    return prepare([f"task={task}", "tracking=none"]).job.arm.baseline.task


def measure(task: str, model: str, passes: int) -> Measured:
    """Train, prune and examine; no treatment is given."""
    sigmas = [SIGMA * scale for scale in SCALES]
    settings = {
        "task": task,
        "model": model,
        "task.passes": passes,
        "model.noise_scale": 1.0,
        "treatment": "none",
        "cohort.seeds": list(INDIVIDUALS),
        "cohort.data": "individual",
        "assessment.internal_noise": sigmas,
    }
    means = {name: float(values.mean()) for name, values in depsim.simulate(settings).metrics.items()}
    noisy = {scale: means[f"healthy/internal_noise_{sigma}"] for scale, sigma in zip(SCALES, sigmas, strict=True)}
    combined = means["healthy/combined"], means["depressed/combined"]
    return Measured(means["healthy/standard"], noisy, *combined, 100 / shipped(task).classes)


def choose(found: Mapping[tuple[str, str], Mapping[int, Measured]]) -> dict[tuple[str, str], Choice]:
    """The rule.

    Args:
        found: what was measured, by task and network, and passes.

    Raises:
        SystemExit: if the pathology does not show in a pair.
    """
    chosen: dict[tuple[str, str], Choice] = {}
    for pair, own in found.items():
        best = max(each.standard for each in own.values())
        passes = min(each for each in own if own[each].standard >= best - NEAR)
        at = own[passes]
        if at.untreated > (at.healthy + at.chance) / 2:
            raise SystemExit(f"{pair}: the untreated network has {at.untreated:.1f} %, too much for a pathology")
        goal = next(iter(chosen.values())).measured.lost(1.0) if chosen else at.lost(1.0)  # the paper's pair is first
        scale = min(SCALES, key=lambda scale: abs(at.lost(scale) - goal))
        chosen[pair] = Choice(passes, scale, at)
    return chosen


def experiment(task: str, model: str, choice: Choice) -> str:
    """The file in ``conf/experiment/``."""
    return (
        "# @package _global_\n"
        f"# {TASKS[task].capitalize()}, {MODELS[model]}; settings by the rule of docs/prepared.md (make prepared).\n"
        f"defaults:\n  - override /task: {task}\n  - override /model: {model}\n\n"
        f"task:\n  passes: {choice.passes}\nmodel:\n  noise_scale: {choice.scale}\n"
    )


def table(chosen: Mapping[tuple[str, str], Choice]) -> str:
    """The choices and what they were chosen by, as Markdown."""
    heads = (
        "experiment",
        "task.passes",
        "model.noise_scale",
        "healthy, standard",
        f"healthy, sigma {SIGMA}",
        "above chance lost",
        "healthy, combined",
        "untreated, combined",
        "chance",
    )
    rows: list[Sequence[str]] = [heads, ["---", *["--:"] * (len(heads) - 1)]]
    for (task, model), (passes, scale, at) in chosen.items():
        figures = (at.standard, at.noisy[scale], 100 * at.lost(scale), at.healthy, at.untreated, at.chance)
        rows.append([f"`{task}_{model}`", str(passes), str(scale), *(f"{value:.2f}" for value in figures)])
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


if __name__ == "__main__":
    main()
