"""Multiverses made by hand: arms at points of a space, with the effects a test gives them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from depsim.search.points import sobol_shares
from depsim.study.multiverse import Multiverse, PointCondition
from depsim.study.reading import Individual, Study, StudyArm
from depsim.study.setting_range import SettingRange
from tests.people import SURROUNDINGS, TREATMENTS

Effect = Callable[[str, Mapping[str, float], np.random.Generator], float]
"""Accuracy at sigma 2.5 of an individual: of an arm, at places of each setting from 0 to 1."""
SPACE = {
    "pathology.sparsity": SettingRange(low=0.85, high=0.98),
    "training.epochs": SettingRange(low=10, high=30),
    "task.spread": SettingRange(low=0.6, high=1.0),
    "ketamine.regrow_fraction": SettingRange(low=0.1, high=0.9),
    "ssri.epochs": SettingRange(low=20, high=180),
    "ssri.learning_rate": SettingRange(low=1e-6, high=1e-3, log=True),
}
PAPERS = {
    "pathology.sparsity": "0.95", "training.epochs": "20", "task.spread": "0.8", "ketamine.regrow_fraction": "0.5",
    "ssri.epochs": "100", "ssri.learning_rate": "1e-05",
}  # fmt: skip
ARMS = ("untreated", "ketamine", "ssri", "placebo of ketamine", "placebo of ssri")


def multiverse_of(points: int, effect: Effect, individuals: int = 2) -> Study:
    """A study of these arms at so many points.

    Args:
        points: the paper's own among them.
        effect: accuracy at sigma 2.5; the other outcomes are 50 for everyone.
        individuals: at each point.
    """
    whole = {key for key, text in PAPERS.items() if text.isdecimal()}
    settings = {0: {key: PAPERS[key] for key in SPACE}}
    for number, row in enumerate(sobol_shares(points - 1, len(SPACE)), 1):
        drawn = {key: own.at(float(share), key in whole) for share, (key, own) in zip(row, SPACE.items(), strict=True)}
        settings[number] = {key: str(value) for key, value in drawn.items()}
    arms, conditions = [], []
    for number, texts in settings.items():
        places = {key: own.place(texts[key]) for key, own in SPACE.items()}
        seeds = tuple(number + 10_000 * place for place in range(individuals))
        for name in ARMS:
            people = [(seed, effect(name, places, np.random.default_rng([seed, ARMS.index(name)]))) for seed in seeds]
            key = f"{name}-{number}"
            arms.append(_arm(key, name, texts, people))
            conditions.append(PointCondition(number, name, key, seeds))
    return Study("made", "1", tuple(arms), (), Multiverse(SPACE, settings, tuple(conditions)))


def _arm(key: str, name: str, texts: Mapping[str, str], people: list[tuple[int, float]]) -> StudyArm:
    of = name.removeprefix("placebo of ")
    drug = "none" if name == "untreated" else of
    varied = {key: text for key, text in texts.items() if key.partition(".")[0] != drug}
    own = {f"treatment.{key.partition('.')[2]}": text for key, text in texts.items() if key.partition(".")[0] == drug}
    treatment = {"treatment": drug, **TREATMENTS.get(drug, {}), **own}
    if of != name:
        inside = {f"treatment.of{key.removeprefix('treatment')}": text for key, text in treatment.items()}
        treatment = {"treatment": "placebo", **inside}
    shared = {key: text for key, text in varied.items() if key in SURROUNDINGS}
    settings = {**SURROUNDINGS, "cohort.data": "individual", **shared, **treatment}
    metrics = {"treated/combined": 50.0, "treated/resilience_auc": 50.0, "relapse_drop": 5.0}
    individuals = tuple(
        Individual(seed, f"{key}-{seed}", "", {**metrics, "treated/internal_noise_2.5": value})
        for seed, value in people
    )
    choice = settings["treatment"]
    return StudyArm(key, choice, "overpruning", "mlp", "individual", settings, individuals, (), (), (), 0)
