"""Studies made by hand: arms of individuals with the values a test gives them, and nothing else behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from depsim.study.reading import Failure, Individual, Study, StudyArm

SURROUNDINGS = {
    "assessment": "paper",
    "assessment.combined_internal_noise": "0.5",
    "assessment.further_pruning": "0.4",
    "assessment.relapse_deficit": "4.0",
    "assessment.remission": "2.0",
    "assessment.response": "0.5",
    "follow_up": "none",
    "assessment.input_noise": "1.0",
    "assessment.internal_noise": "[0.3, 0.5, 1.0, 1.5, 2.0, 2.5]",
    "cohort.hold.data": "null",
    "cohort.hold.init": "null",
    "cohort.hold.order": "null",
    "cohort.hold.test": "null",
    "cohort.hold.train": "null",
    "cohort.traits.plasticity.omega": "0.0",
    "cohort.traits.plasticity.values": "null",
    "cohort.traits.rho": "0.0",
    "cohort.traits.stress_sensitivity.omega": "0.0",
    "cohort.traits.stress_sensitivity.values": "null",
    "cohort.traits.structural_loss.omega": "0.0",
    "cohort.traits.structural_loss.values": "null",
    "device": "cpu",
    "model": "mlp",
    "model.hidden": "[512, 512, 256]",
    "model.noise_scale": "1.0",
    "pathology": "overpruning",
    "pathology.criterion": "magnitude",
    "pathology.sparsity": "0.95",
    "task": "four_clusters",
    "task.centres": "[[-3, -3], [3, 3], [-3, 3], [3, -3]]",
    "task.clean_size": "2000",
    "task.passes": "1",
    "task.spread": "0.8",
    "task.test_size": "4000",
    "task.train_size": "12000",
    "training.batch_size": "128",
    "training.epochs": "20",
    "training.learning_rate": "0.001",
}
"""What MLflow holds of the paper's condition, but for treatment and cohort: texts, as a store gives them."""
TREATMENTS = {
    "none": {},
    "ketamine": {
        "treatment.criterion": "gradient",
        "treatment.epochs": "15",
        "treatment.init_scale": "0.03",
        "treatment.learning_rate": "0.0005",
        "treatment.regrow_fraction": "0.5",
        "treatment.scoring_batches": "30",
    },
    "neurosteroid": {
        "treatment.bounded": "True",
        "treatment.damping_factor": "0.7",
        "treatment.epochs": "10",
        "treatment.learning_rate": "0.0005",
    },
    "ssri": {"treatment.epochs": "100", "treatment.initial_noise": "0.5", "treatment.learning_rate": "1e-05"},
}
"""The paper's settings of each treatment, likewise."""
SIGMAS = ("0.3", "0.5", "1.0", "1.5", "2.0", "2.5")
_LEVELS = {
    "none": ((40.0, 31.0, 36.0, 33.0, 31.0, 29.0, 28.0, 27.0, 3.0), 4.0),
    "ketamine": ((100.0, 97.0, 100.0, 99.9, 99.5, 97.0, 91.0, 82.0, 0.0), 0.3),
    "neurosteroid": ((100.0, 97.5, 100.0, 99.8, 89.0, 68.0, 51.0, 42.0, 7.0), 1.0),
    "ssri": ((99.0, 82.0, 96.0, 87.0, 70.0, 57.0, 48.0, 42.0, 9.0), 3.0),
}
"""Standard, combined, the six sigmas and the relapse drop of an average individual, and the spread of all."""


def arm(
    treatment: str,
    values: Mapping[str, Sequence[float]],
    seeds: Sequence[int] | None = None,
    data: str = "shared",
    changed: Mapping[str, str] | None = None,
    failures: Sequence[Failure] = (),
    notes: tuple[str, ...] = (),
) -> StudyArm:
    """An arm of the paper's condition.

    Args:
        treatment: its name; an unknown one has no settings of its own.
        values: metric to one value per individual; NaN leaves it out.
        seeds: who they are, ascending; 0, 1, ... by default.
        data: ``shared`` or ``individual``.
        changed: settings that differ from the paper's.
        failures: individuals without an outcome.
        notes: of every individual.
    """
    size = max((len(column) for column in values.values()), default=0)
    seeds = range(size) if seeds is None else seeds
    settings = SURROUNDINGS | {"treatment": treatment, "cohort.data": data}
    settings |= TREATMENTS.get(treatment, {}) | dict(changed or {})
    key = "-".join((treatment, data, *sorted((changed or {}).values())))
    people = []
    for place, seed in enumerate(seeds):
        measured = {name: float(column[place]) for name, column in values.items() if np.isfinite(column[place])}
        people.append(Individual(seed, f"key-{key}-{seed}", f"run-{key}-{seed}", measured, notes))
    return StudyArm(
        arm_key=f"condition-{key}",
        treatment=treatment,
        pathology=settings["pathology"],
        model=settings["model"],
        data=data,
        settings=dict(sorted(settings.items())),
        individuals=tuple(people),
        failures=tuple(failures),
        commands=(f"depsim run treatment={treatment}",),
        parents=(f"parent-{key}",),
        began=0,
    )


def study(*arms: StudyArm, name: str = "study") -> Study:
    """A study of these arms."""
    return Study(name, "1", arms, ())


def paper_arm(treatment: str, n: int, first_seed: int = 0, data: str = "shared", **changed: str) -> StudyArm:
    """An arm whose individuals scatter around what the paper's treatment does.

    Args:
        treatment: one of the paper's, or ``none``.
        n: individuals.
        first_seed: the least of their seeds.
        data: ``shared`` or ``individual``.
        changed: settings that differ, with ``__`` for the dot: ``pathology__sparsity="0.9"``.
    """
    centres, spread = _LEVELS[treatment]
    draws = np.random.default_rng([7, sorted(_LEVELS).index(treatment)]).normal(size=(n + first_seed, len(centres)))
    scattered = np.array(centres) + spread * draws[first_seed:]
    scores = np.clip(np.round(scattered, 3), 0, 100)
    names = ("standard", "combined", *(f"internal_noise_{sigma}" for sigma in SIGMAS))
    values = {f"treated/{name}": scores[:, place] for place, name in enumerate(names)}
    curve = scores[:, [0, *range(2, 8)]]
    values["treated/resilience_auc"] = np.trapezoid(curve, [0.0, *map(float, SIGMAS)], axis=1) / float(SIGMAS[-1])
    values["treated/clean"] = np.full(n, 100.0) if treatment != "none" else scores[:, 0]
    values["treated/sparsity"] = np.full(n, 47.4996 if treatment == "ketamine" else 94.9993)
    values["relapse_drop"] = scattered[:, -1]
    values["relapsed/combined"] = scores[:, 1] - values["relapse_drop"]
    values["dose/l1"] = np.full(n, 0.0 if treatment == "none" else 0.01)
    if treatment == "neurosteroid":
        values |= {f"withdrawn/{name}": scores[:, place] - 8.0 for place, name in enumerate(names)}
        values["withdrawn/internal_noise_2.5"] = scores[:, 7] + 13.0
        values["withdrawn/clean"] = np.full(n, 99.0)
        values["withdrawn/sparsity"] = values["treated/sparsity"]
        values["withdrawn/resilience_auc"] = values["treated/resilience_auc"] - 2.0
    settings = {key.replace("__", "."): value for key, value in changed.items()}
    return arm(treatment, values, range(first_seed, first_seed + n), data, settings)


def paper_study(n: int, data: str = "shared", first_seed: int = 0) -> Study:
    """A study of the paper's four arms with ``n`` individuals each."""
    arms = [paper_arm(treatment, n, first_seed, data) for treatment in _LEVELS]
    return study(*arms)


def without(arm: StudyArm, *seeds: int) -> StudyArm:
    """The arm, these individuals taken out."""
    return replace(arm, individuals=tuple(person for person in arm.individuals if person.seed not in seeds))
