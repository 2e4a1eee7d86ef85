"""Biased noise, gains, and drugs that are taken off, as a report shows them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from depsim.report.sections import gains, mood, withdrawal
from depsim.study.reading import Study, StudyArm
from tests.people import study
from tests.report.blocks import assert_sound, blocks_of
from tests.shipped import shipped

N = 20
MEANS = (0.0, 0.25, 0.5, 0.75, 1.0)
FALL = np.array([0.0, 1, 2, 3, 4])


def mood_of(stage: str, start: float, fall: float, activation: float) -> dict[str, Sequence[float]]:
    """Curves that fall by so much from mean to mean; individuals lie a point apart, and fall alike."""
    people = start - fall * FALL + np.arange(N)[:, None]
    names = ["internal_noise_1.0", *(f"biased_{mean}" for mean in MEANS[1:])]
    values: dict[str, Sequence[float]] = {f"{stage}/{name}": people[:, k] for k, name in enumerate(names)}
    values[f"{stage}/standard"] = np.full(N, 100.0)
    values[f"{stage}/activation"] = activation + np.arange(N) / 100
    return values


def mooded(treatment: str, fall: float, level: float = 80.0, withdrawn: float | None = None) -> StudyArm:
    values = {
        **mood_of("treated", level, fall, 0.5),
        **mood_of("depressed", 30, 2, 0.2),
        **mood_of("healthy", 90, 1, 0.9),
    }
    values |= mood_of("withdrawn", level, withdrawn, 0.4) if withdrawn is not None else {}
    values["treated/combined"] = level + np.arange(N) / 7
    return shipped(treatment, values)


def moods() -> Study:
    return study(mooded("ketamine", 5.0), mooded("ketamine_gain", 15.0, 90.0, withdrawn=2.0))


def test_a_gain_that_changes_nothing_is_not_beyond_chance() -> None:
    same = study(mooded("ketamine", 5.0), mooded("ketamine_gain", 5.0))
    assert all(line.endswith("+0.0, not beyond chance.") for line in gains.answer_lines(same))
    assert gains.answer_lines(study(mooded("ketamine", 5.0))) == []


CURVE = "follow_up=withdrawal_curve"


def taken_off(treatment: str, losses: Sequence[float], n: int = N, draw: int = 0) -> StudyArm:
    """All individuals start at 90 and lose so much from share to share, give or take a tenth."""
    noise = np.random.default_rng(draw).normal(0, 0.1, (n, 5))
    people = 90.0 - np.cumsum([0.0, *losses]) + noise
    values: dict[str, Sequence[float]] = {}
    for measure in ("combined", "internal_noise_2.5", "biased_0.5"):
        values |= {f"withdrawal/{measure}/{place}": column for place, column in enumerate(people.T)}
    values["before/depressed_combined"] = np.full(n, 30.0)
    return shipped(treatment, values, CURVE)


def withdrawn_study() -> Study:
    return study(
        taken_off("neurosteroid", (1, 12, 2, 1)), taken_off("ketamine_gain", (2, 2, 2, 2.5), draw=1),
        taken_off("ssri_gain", (0, 0, 0, 0), draw=2), taken_off("neurosteroid_gain", (-3, -3, 0, 0), draw=3),
    )  # fmt: skip


def test_too_few_individuals_say_nothing_about_what_is_borrowed_or_changed() -> None:
    (line,) = withdrawal.answer_lines(study(taken_off("neurosteroid", (1, 12, 2, 1), n=5)))
    assert line == "How much of the relief is borrowed cannot be told from 5 individuals: too few for 3 tests together."


def test_a_single_condition_has_its_curve_and_no_comparison() -> None:
    found = blocks_of(mood.section(study(mooded("ketamine", 5.0))))
    assert_sound(found)
    assert "bias_signs" not in [getattr(block, "name", "") for block in found]
    assert not any(isinstance(v, float) and math.isnan(v) for b in found for r in getattr(b, "rows", ()) for v in r)
