"""Studies made by hand that claims are judged by: regimens, stress that goes on, and another task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from depsim.paper.arm_claims import conditions
from depsim.study.reading import Study, StudyArm
from tests.people import arm, paper_arm, study

CYCLES, RELAPSE = "follow_up/relapse_free_cycles", "follow_up/relapse"
DIGITS = {"task": "digits", "training__epochs": "60"}
TREATMENTS = ("none", "ketamine", "ssri", "neurosteroid")


def described(name: str, values: dict[str, Sequence[float]], data: str = "shared", **changed: str) -> StudyArm:
    """The arm of a described condition, under the name of its treatment.

    Args:
        name: of the condition.
        values, data: as for :func:`tests.people.arm`.
        changed: settings that differ, with ``__`` for the dot.
    """
    settings = dict(conditions()[name][1]) | {key.replace("__", "."): value for key, value in changed.items()}
    return arm(settings["treatment"], values, data=data, changed=settings)


def lasting(name: str, cycles: Sequence[float] | np.ndarray) -> StudyArm:
    """A condition under stress, by relapse-free cycles of 8; who has none was never in remission."""
    own = np.asarray(cycles, dtype=np.float64)
    return described(
        name, {CYCLES: np.where(own == 0, np.nan, own), RELAPSE: np.where(own == 0, np.nan, (own < 8).astype(float))}
    )


def regimens(n: int, ahead: float, data: str = "shared") -> Study:
    """A bridge that is so many points ahead of a handover, and the SSRI ten below."""
    noise = np.random.default_rng(1).normal(size=(n, 3))
    return study(
        described("bridge", {"treated/combined": 90 + ahead + noise[:, 0]}, data),
        described("handover", {"treated/combined": 90 + noise[:, 1]}, data),
        described("ssri", {"treated/combined": 80 + noise[:, 2]}, data),
    )


def turned(arm: StudyArm, metric: str = "treated/internal_noise_2.5") -> StudyArm:
    """The arm with this accuracy the other way round, around 50 %."""
    people = tuple(replace(p, metrics={**p.metrics, metric: 100 - p.metrics[metric]}) for p in arm.individuals)
    return replace(arm, individuals=people)


def paper_arms(n: int, turn: bool = False, **changed: str) -> list[StudyArm]:
    """The paper's treatments, ketamine's extreme noise turned round if asked."""
    found = [paper_arm(treatment, n, **changed) for treatment in TREATMENTS]
    return [turned(arm) if turn and arm.treatment == "ketamine" else arm for arm in found]


def two_worlds(turn: bool = True, n: int = 40) -> Study:
    """The paper's task and another one, where the SSRI takes more epochs and ketamine may be turned round."""
    longer = [replace(a, settings={**a.settings, "treatment.epochs": "300"}) if a.treatment == "ssri" else a
              for a in paper_arms(n, turn, **DIGITS)]  # fmt: skip
    return study(*longer, *paper_arms(n))
