"""Names of jobs: by themselves, and together in a sweep."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import pytest

from depsim.config import Composer, prepare
from depsim.config.naming import given_keys, name_job, name_jobs
from depsim.execution.job import Job, TrialRef

COMPOSER = Composer()
VARIED = [
    ("treatment.epochs", 1, 2),
    ("treatment.regrow_fraction", 0.1, 0.2),
    ("treatment.maintenance.epochs", 1, 2),
    ("treatment.layers", "null", "[1]"),
    ("pathology", "overpruning", "mixed"),
    ("pathology.sparsity", 0.8, 0.9),
    ("pathology.criterion", "magnitude", "random"),
    ("training.epochs", 1, 2),
    ("training.learning_rate", 0.1, 0.2),
    ("task", "digits", "four_clusters"),
    ("task.spread", 0.5, 0.8),
    ("model", "mlp", "mlp_wide"),
    ("model.hidden", "[16,12]", "[16,13]"),
    ("assessment", "paper", "mood"),
    ("assessment.further_pruning", 0.4, 0.5),
    ("assessment.input_noise", 1.0, 1.5),
    ("assessment.internal_noise", "[0.5]", "[0.5,1.0]"),
    ("follow_up", "none", "stress_cycles"),
    ("cohort.data", "shared", "individual"),
    ("cohort.hold.init", "null", 3),
    ("cohort.traits.plasticity.omega", 0.0, 0.3),
    ("cohort", "large", "diverse"),
    ("cohort.first_seed", 0, 10),
    ("experiment", "digits_mlp", "digits_mlp_deep"),
]


def job(*overrides: str) -> Job:
    return prepare(["tracking=none", *overrides], COMPOSER).job


@pytest.mark.parametrize(("key", "one", "other"), VARIED, ids=[key for key, _, _ in VARIED])
def test_two_conditions_never_have_one_title(key: str, one: object, other: object) -> None:
    asked = [("treatment=ketamine", f"{key}={value}", "cohort.size=10") for value in (one, other)]
    if key != "experiment":  # at 95 %, which traits need
        asked = [(*words, "model.noise_scale=1.0") for words in asked]
    jobs = [job(*words) for words in asked]
    for titles in ([each.title for each in jobs], [each.title for each in name_jobs(jobs, ())]):
        assert titles[0] != titles[1]
        assert all(title.startswith("ketamine") and "=" not in title.partition(" · ")[0] for title in titles)


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ((), "untreated · seed 42"),
        (("treatment=ketamine", "cohort=smoke"), "ketamine · n=3"),
        (("treatment=ketamine", "treatment.regrow_fraction=0.1", "cohort=smoke"), "ketamine, 10 % regrown · n=3"),
        (("seed=3", "study=x", "workers=1"), "untreated · seed 3"),
        (("seed=3", "cohort=smoke"), "untreated, individual data · seed 3"),
        (("cohort.size=3",), "untreated, shared data · n=3"),
        (("cohort=smoke", "cohort.first_seed=10"), "untreated, individuals 10-12 · n=3"),
        (("cohort=smoke", "cohort.hold.init=4"), "untreated, weights of 4 · n=3"),
        (("cohort=diverse",), "untreated, loss omega 0.4, stress omega 0.25, plasticity omega 0.3 · n=200"),
        (("model=recurrent", "treatment=ssri"), "ssri, recurrent · seed 42"),
        (("experiment=mild_pruning", "cohort.size=3"), "ketamine, mild pruning · n=3"),
        (("experiment=digits_mlp", "++task.passes=2"), "untreated, digits mlp, task passes 2 · seed 42"),
        (
            ("treatment=bridge", "treatment.drugs.ssri.epochs=70", "treatment.drugs.ssri.learning_rate=0.123456789"),
            "bridge, ssri 70 epochs, ssri lr 0.123456789 · seed 42",
        ),
        (
            ("treatment=ssri", "treatment.maintenance={epochs:1,learning_rate:0.1,initial_noise:0.0}"),
            "ssri, maintenance 1 epoch, maintenance noise 0.0, maintenance lr 0.1 · seed 42",
        ),
    ],
)
def test_a_job_by_itself_is_named_after_what_was_set_for_it(words: Sequence[str], title: str) -> None:
    assert job(*words).title == title


def test_a_trial_has_short_numbers_and_says_nothing_of_who() -> None:
    words = ("treatment=ketamine", "treatment.regrow_fraction=0.34210987", "cohort=smoke", "cohort.first_seed=100")
    trial = name_job(replace(job(*words), trial=TrialRef("search", "4")))
    assert trial.title == "trial 4 · ketamine, 34.21 % regrown · n=3"


def test_jobs_of_a_sweep_are_named_after_what_tells_them_apart_and_what_the_command_line_sets() -> None:
    jobs = [
        job("cohort=smoke", "pathology.sparsity=0.9", f"treatment={treatment}", f"training.epochs={epochs}")
        for treatment, epochs in itertools.product(("none", "ssri"), (5, 10))
    ]
    assert [each.name for each in name_jobs(jobs, ())] == [
        "untreated, 5 training epochs", "untreated, 10 training epochs", "ssri, 5 training epochs",
        "ssri, 10 training epochs",
    ]  # fmt: skip
    assert name_jobs(jobs[:1], given_keys(["pathology.sparsity=0.9"]))[0].title == "untreated, 90 % pruned · n=3"
    cohorts = [job("cohort=smoke", f"cohort.first_seed={first}") for first in (0, 10)]
    assert [each.name for each in name_jobs(cohorts, ())] == [
        "untreated, individuals 0-2",
        "untreated, individuals 10-12",
    ]


def test_a_name_is_part_of_no_key() -> None:
    own = job("treatment=ssri")
    named = replace(own, name="another")
    assert (own.arm_key, own.job_key, own.run_key(42)) == (named.arm_key, named.job_key, named.run_key(42))
