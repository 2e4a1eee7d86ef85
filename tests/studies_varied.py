"""Studies made by hand in which settings were varied, whose outcomes follow from the settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from depsim.study.reading import Study, StudyArm
from tests.people import arm, study

ACCURACIES = ("combined", "internal_noise_2.5", "resilience_auc")


def hill(dose: float, middle: float = 0.2, low: float = 40.0, high: float = 90.0, slope: float = 3.0) -> float:
    """A response that is half-way at ``middle``."""
    return low if dose == 0 else low + (high - low) / (1 + (middle / dose) ** slope)


def case(treatment: str, mean: float, n: int = 12, wobble: float = 0.3, **changed: str) -> StudyArm:
    """A condition with all primary outcomes.

    Individuals differ by up to 2 points from their mean, the same in every condition, and by chance from one condition
    to the next; means are kept. Sigma 2.5 is 10 points lower, the area 5; the relapse costs a tenth. Neurosteroid
    loses 10 points when it is withdrawn.

    Args:
        treatment: its name.
        mean: accuracy under combined stress.
        n: individuals.
        wobble: standard deviation within individuals.
        changed: settings, with ``__`` for the dot.
    """
    settings = {key.replace("__", "."): value for key, value in changed.items()}
    own = np.random.default_rng([*f"{treatment}{sorted(settings.items())}".encode()])
    values = {}
    for lower, column in zip((0.0, 10.0, 5.0), ACCURACIES, strict=True):
        noise = own.normal(0, wobble, n)
        values[f"treated/{column}"] = mean - lower + np.linspace(-1, 1, n) + noise - noise.mean()
        if treatment == "neurosteroid":
            values[f"withdrawn/{column}"] = values[f"treated/{column}"] - 10
    values["relapse_drop"] = values["treated/combined"] / 10
    return arm(treatment, values, changed=settings)


def along(treatment: str, key: str, means: Mapping[str, float], n: int = 12, **fixed: str) -> list[StudyArm]:
    """A treatment at each value of a setting."""
    name = key.replace(".", "__")
    return [case(treatment, mean, n, **{name: value, **fixed}) for value, mean in means.items()]


def doses(n: int = 12, treatment: str = "ketamine", top: float = 90.0, **fixed: str) -> list[StudyArm]:
    """Regrowth along a Hill curve from 40 upwards with its middle at 0.2."""
    means = {str(dose): hill(dose, high=top) for dose in (0.05, 0.1, 0.2, 0.4, 0.6, 0.8)}
    return along(treatment, "treatment.regrow_fraction", means, n, **fixed)


def pruning_levels(n: int = 12) -> Study:
    """Four treatments at five pruning levels."""
    shares = ("0.5", "0.8", "0.9", "0.95", "0.99")
    floors = {"none": 0.12, "ketamine": 0.01, "ssri": 0.04, "neurosteroid": 0.05}
    return study(
        *(
            one
            for name, middle in floors.items()
            for one in along(name, "pathology.sparsity", {s: hill(1 - float(s), middle, 30, 95) for s in shares}, n)
        )
    )


def grid(effect: Callable[[float, float], float], n: int = 12) -> Study:
    """Ketamine at three pruning levels by three regrown shares.

    Args:
        effect: of the pruned share and the regrown one.
        n: individuals.
    """
    return study(
        *(
            case("ketamine", effect(pruned, regrown), n, pathology__sparsity=str(pruned),
                 treatment__regrow_fraction=str(regrown))
            for pruned in (0.9, 0.95, 0.99) for regrown in (0.1, 0.5, 0.8)
        )
    )  # fmt: skip


def in_layers(n: int = 20, **means: float) -> Study:
    """Ketamine everywhere and in single layers: ``everywhere=90, layer_1=70``."""
    where = {"everywhere": "null"} | {f"layer_{k}": f"[{k}]" for k in range(1, 5)}
    return study(*(case("ketamine", mean, n, treatment__layers=where[at]) for at, mean in means.items()))


def criteria(n: int = 12) -> Study:
    """Regrowth by gradient and at random, in two doses."""
    return study(
        *(
            case("ketamine", 80 + gain, n, treatment__criterion=criterion, treatment__regrow_fraction=dose)
            for criterion, gain in (("gradient", 3.0), ("random", 0.0))
            for dose in ("0.1", "0.5")
        )
    )


def damping(n: int = 12) -> Study:
    """Neurosteroid in six strengths, bounded and not."""
    return study(
        *(
            one
            for bounded, top in (("True", 98.0), ("False", 80.0))
            for one in along(
                "neurosteroid", "treatment.damping_factor",
                {str(d): top - 60 * (d - 0.7) ** 2 for d in (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)}, n,
                treatment__bounded=bounded,
            )
        )
    )  # fmt: skip
