"""Studies made by hand of what changes over noise, dose, cycles and layers, and of who recovers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch

from depsim.assessment import RegrowthOverlap
from depsim.assessment.structure import Structure
from depsim.stages import DEPRESSED, HEALTHY, RELAPSED, TREATED
from depsim.steps import Examine
from depsim.study.reading import Failure, Study, StudyArm
from tests import tiny
from tests.people import arm, study
from tests.shipped import settings_of, shipped

NAN = float("nan")
BIASES = (0.25, 0.5, 0.75, 1.0)
WITHDRAWAL = "follow_up=withdrawal_curve"
_FALL = np.array([0.0, 1, 2, 3, 4])


def biased(standard: Sequence[float], curves: Sequence[Sequence[float]], **changed: str) -> StudyArm:
    """Individuals of ketamine by their accuracy without noise and at the means 0, 0.25 ... 1."""
    table = np.array(curves)
    values = {"treated/standard": standard, "treated/internal_noise_1.0": table[:, 0]}
    values |= {f"treated/biased_{mean}": table[:, place + 1] for place, mean in enumerate(BIASES)}
    return arm("ketamine", values, changed={key.replace("__", "."): value for key, value in changed.items()})


def mood_of(stage: str, start: float, fall: float, n: int = 20) -> dict[str, Sequence[float]]:
    """Curves that fall by so much from mean to mean; individuals lie a point apart, and fall alike."""
    people = start - fall * _FALL + np.arange(n)[:, None]
    names = ["internal_noise_1.0", *(f"biased_{mean}" for mean in BIASES)]
    values: dict[str, Sequence[float]] = {f"{stage}/{name}": people[:, k] for k, name in enumerate(names)}
    values[f"{stage}/standard"] = np.full(n, 100.0)
    return values


def moods() -> Study:
    """Ketamine loses its accuracy slowly, with a gain faster, on as well as off it."""
    arms = []
    for treatment, level, fall, off in (("ketamine", 80.0, 5.0, None), ("ketamine_gain", 79.0, 15.0, 2.0)):
        values = mood_of("treated", level, fall) | mood_of("depressed", 30, 2) | mood_of("healthy", 80, 1)
        values |= {} if off is None else mood_of("withdrawn", level, off)
        values["treated/combined"] = level + np.arange(20) / 7
        arms.append(shipped(treatment, values))
    return study(*arms)


def taken_off(treatment: str, people: np.ndarray, *words: str, measures: Sequence[str] = ("combined",)) -> StudyArm:
    """A drug that is taken off step by step, (N, K) accuracies in each measure, from a depressed 30 %."""
    values = {f"withdrawal/{m}/{place}": column for m in measures for place, column in enumerate(people.T)}
    return shipped(treatment, {**values, "before/depressed_combined": np.full(len(people), 30.0)}, WITHDRAWAL, *words)


def withdrawn_study(n: int = 20) -> Study:
    """One drug loses most in one step, one as much in each, one nothing; one gains without."""
    losses = {"neurosteroid": (1, 12, 2, 1), "ketamine_gain": (2, 2, 2, 2.5), "ssri_gain": (0, 0, 0, 0),
              "neurosteroid_gain": (-3, -3, 0, 0)}  # fmt: skip
    arms = []
    for draw, (treatment, lost) in enumerate(losses.items()):
        people = 90.0 - np.cumsum([0.0, *lost]) + np.random.default_rng(draw).normal(0, 0.1, (n, 5))
        arms.append(taken_off(treatment, people, measures=("combined", "internal_noise_2.5", "biased_0.5")))
    return study(*arms)


def followed(
    treatment: str, maintenance: str, free: Sequence[float], cycles: int = 3, failures: Sequence[Failure] = (),
    remission: Sequence[float] | None = None, relapse: Sequence[float] | None = None,
) -> StudyArm:  # fmt: skip
    """An arm that was followed through cycles of stress.

    Args:
        treatment, maintenance: its settings.
        free: relapse-free cycles; 0 here stands for who was never in remission, and has none.
        cycles: that there were.
        failures: individuals without an outcome.
        remission: of the treated networks; NaN for who had no deficit.
        relapse: whether there was one, where it does not follow from the cycles.
    """
    own = np.array(free, dtype=np.float64)
    values: dict[str, Sequence[float]] = {
        "follow_up/relapse_free_cycles": np.where(own == 0, NAN, own) if relapse is None else own,
        "follow_up/relapse": np.where(own == 0, NAN, (own < cycles).astype(float)) if relapse is None else relapse,
    }
    for cycle in range(cycles + 1):
        values[f"maintained/combined/{cycle}"] = 95.0 - 2 * cycle - np.arange(own.size) / 10
    if remission is not None:
        values["treated/remission"] = remission
    changed = {"follow_up": "stress_cycles", "follow_up.maintenance": maintenance}
    return arm(treatment, values, changed=changed, failures=failures)


def stressed() -> Study:
    """Ketamine holds whatever the maintenance; the SSRI without maintenance for a cycle."""
    free = {
        ("ketamine", "own"): [3.0] * 30, ("ketamine", "withheld"): [3.0] * 28 + [2.0] * 2,
        ("ssri", "own"): [3.0] * 20 + [2.0] * 5 + [0.0] * 5, ("ssri", "withheld"): [1.0] * 20 + [2.0] * 5 + [0.0] * 5,
        ("none", "own"): [0.0] * 30,
    }  # fmt: skip
    return study(*(followed(*names, own) for names, own in free.items()))


def recovered(
    treatment: str, well: int, epochs: float, n: int = 30, changed: Mapping[str, str] | None = None
) -> StudyArm:
    """The first ``well`` are in remission, five more respond, the last has no deficit to treat."""
    remission = np.array([1.0] * well + [0.0] * (n - well - 1) + [NAN])
    response = np.array([1.0] * (well + 5) + [0.0] * (n - well - 6) + [NAN])
    values = {
        "treated/remission": remission, "treated/response": response, "treated/combined": 60.0 + np.arange(n),
        "treated/deficit": np.arange(n) / 2, "treatment/epochs": [epochs] * n, "treatment/rate_steps": [0.5] * n,
    }  # fmt: skip
    return arm(treatment, values, changed=changed)


def regimens() -> Study:
    """An SSRI brings more remissions than the same training without its noise, and a bridge more than either."""
    sham = settings_of("treatment=sham", "treatment.epochs=100", "treatment.learning_rate=1e-5")
    ssri, bridge = settings_of("treatment=ssri"), {"treatment.steps.0.give": "ssri"}
    return study(
        recovered("none", 2, 0.0),
        recovered("sham", 2, 100.0, changed=sham),
        recovered("ssri", 15, 100.0, changed=ssri),
        recovered("bridge", 20, 110.0, changed=bridge),
    )


GIVEN: Mapping[int, Sequence[int]] = {
    1: [0, 1, 1, 1, 1, 1, 1, 1], 2: [0, 0, 1, 1, 1, 1, 1, 0], 3: [0, 0, 0, 0, 1, 1, 1, 0]
}  # fmt: skip
"""Which of eight individuals of a ladder got each step after the first."""
REMITTED = [1, 1, 1, 0, 1, 1, 0, NAN]
"""Who of them is in remission in the end; the last had no deficit."""


def climbing(treatment: str = "ladder", given: Mapping[int, Sequence[int]] = GIVEN) -> StudyArm:
    """Eight individuals on a ladder."""
    values = {f"treatment/given/{number}": own for number, own in given.items()}
    return shipped(treatment, {**values, "treated/remission": REMITTED})


def by_lot(n: int = 200, seed: int = 1) -> StudyArm:
    """Individuals that lose nine of ten synapses at random, regrow three of ten at random, and relapse at random."""
    healthy = tiny.initial(range(n), hidden=(30, 20))
    generator = torch.Generator().manual_seed(seed)

    def drawn(share: float) -> list[torch.Tensor]:
        return [torch.rand(mask.shape, generator=generator) < share for mask in healthy.masks]

    depressed = replace(healthy, masks=tuple(~gone for gone in drawn(0.9)))
    treated = replace(healthy, masks=tuple(a | b for a, b in zip(depressed.masks, drawn(0.3), strict=True)))
    relapsed = replace(healthy, masks=tuple(a & ~b for a, b in zip(treated.masks, drawn(0.4), strict=True)))
    path = tiny.path(healthy)
    for name, cohort in ((HEALTHY, healthy), (DEPRESSED, depressed), (TREATED, treated), (RELAPSED, relapsed)):
        probes = (Structure(), RegrowthOverlap(HEALTHY, DEPRESSED, TREATED))
        path = Examine(name, probes if name == RELAPSED else probes[:1])(path.with_cohort(cohort))
    inputs, classes = healthy.weights[0].shape[2], healthy.weights[-1].shape[1]
    settings = {"model.hidden": "[30, 20]", "task.centres": str([[0] * inputs] * classes)}
    return arm("ketamine", {k: v.tolist() for k, v in path.metrics.items()}, changed=settings)
