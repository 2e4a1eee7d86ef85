"""Studies made by hand of individuals that differ in traits, whose best treatment follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from depsim.study.reading import Replicate, Study, StudyArm
from tests.people import arm, study

LOSS, SENSITIVITY, PLASTICITY = "trait/structural_loss", "trait/stress_sensitivity", "trait/plasticity"

SETTINGS = {
    "cohort.traits.structural_loss.omega": "0.4",
    "cohort.traits.stress_sensitivity.omega": "0.25",
    "cohort.traits.plasticity.omega": "0.3",
}


def traits(n: int, seed: int = 0) -> dict[str, np.ndarray]:
    """Traits as they are drawn."""
    z = np.random.default_rng(seed).normal(size=(3, n))
    odds = 19 * np.exp(0.4 * z[0])
    return {LOSS: odds / (1 + odds), SENSITIVITY: np.exp(0.25 * z[1]), PLASTICITY: np.exp(0.3 * z[2])}


def outcomes(own: Mapping[str, np.ndarray], noise: float = 1.0, seed: int = 1) -> dict[str, dict[str, np.ndarray]]:
    """Area and combined accuracy by treatment: ketamine is best for much loss, neurosteroid for little; SSRI is worst.

    On the scales that traits are drawn on an effect of ketamine's rises by 4 points per standard deviation of the loss,
    and one of the SSRI's by 3 per standard deviation of the plasticity.
    """
    n, generator = len(own[LOSS]), np.random.default_rng(seed)
    lost = np.log(own[LOSS] / (1 - own[LOSS])) / 0.4
    lost, plastic = lost - np.log(19) / 0.4, np.log(own[PLASTICITY]) / 0.3
    means = {
        "none": np.full(n, 30.0),
        "ketamine": 80 + 4 * lost,
        "ssri": 60 + 3 * plastic,
        "neurosteroid": 80 - 4 * lost,
    }
    everybody = 2 * generator.normal(size=n)
    return {
        name: {
            "treated/resilience_auc": mean + everybody + noise * generator.normal(size=n),
            "treated/combined": mean + everybody + noise * generator.normal(size=n),
            "treated/remission": (mean > 60).astype(float),
        }
        for name, mean in means.items()
    }


def before(own: Mapping[str, np.ndarray], seed: int = 2) -> dict[str, np.ndarray]:
    """What is measured before treatment."""
    n, generator = len(own[LOSS]), np.random.default_rng(seed)
    return {
        "before/sparsity": own[LOSS],
        "before/slope": -10 * own[SENSITIVITY],
        "before/healthy_combined": 97 + generator.normal(size=n),
        "before/depressed_combined": 30 + generator.normal(size=n),
    }


def diverse(
    n: int, noise: float = 1.0, replicates: int = 1, seed: int = 0, **changed: Mapping[str, np.ndarray]
) -> Study:
    """The four treatments on ``n`` individuals.

    Args:
        n: individuals.
        noise: standard deviation of an outcome beside traits, new in each replicate.
        replicates: of each.
        seed: of the traits.
        changed: treatment to metrics that differ.
    """
    own = traits(n, seed)
    first, *again = (_arms(own, noise, number, changed) for number in range(replicates))
    arms = []
    for name, one in first.items():
        further = [
            Replicate(number, other[name].individuals, (), (f"parent-{number}",))
            for number, other in enumerate(again, start=1)
        ]
        arms.append(replace(one, replicates=tuple(further)))
    return study(*arms)


def _arms(
    own: Mapping[str, np.ndarray], noise: float, number: int, changed: Mapping[str, Mapping[str, np.ndarray]]
) -> dict[str, StudyArm]:
    measured = outcomes(own, noise, seed=10 + number)
    return {
        name: arm(name, {**own, **before(own), **values, **changed.get(name, {})}, data="individual", changed=SETTINGS)
        for name, values in measured.items()
    }
