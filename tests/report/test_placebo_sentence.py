"""What a report says of drugs beside their placebos, of few and of many."""

from __future__ import annotations

from depsim.report.questions.differences import placebo_sentence
from depsim.study.estimate import Estimate


def rows(*drugs: tuple[str, float, float]) -> list[Estimate]:
    """Of each drug, its mean and its placebo's under combined stress; ten points less at sigma 2.5."""
    return [
        Estimate(
            {"a": drug, "b": f"placebo of {drug}", "outcome": outcome}, 50, mean - placebo,
            more={"mean_a": mean - less, "mean_b": placebo - less},
        )
        for outcome, less in (("combined", 0.0), ("internal_noise_2.5", 10.0))
        for drug, mean, placebo in drugs
    ]  # fmt: skip


def test_few_drugs_are_named_with_both_means() -> None:
    sentence = placebo_sentence(rows(("ketamine", 97.0, 90.0), ("ssri", 80.0, 81.0)))
    assert sentence == (
        "Drug/placebo, %: combined stress ketamine 97/90, ssri 80/81; sigma 2.5 ketamine 87/80, ssri 70/71 (n = 50)."
    )


def test_of_many_the_least_and_the_most_are_named() -> None:
    made = rows(
        ("ketamine, regrowth by gradient, 15 epochs", 97.0, 90.0),
        ("ketamine, random regrowth, 15 epochs", 95.0, 90.0),
        ("neurosteroid on, tanh", 60.0, 90.0),
        ("neurosteroid on, damping 1.0, ReLU", 90.0, 90.0),
    )
    ends = "-30.0 (neurosteroid on, tanh) to +7.0 (ketamine, regrowth by gradient, 15 epochs)"
    assert placebo_sentence(made) == f"Beyond placebo, points: combined stress {ends}; sigma 2.5 {ends} (n = 50)."


def test_one_with_a_long_name_is_named_once() -> None:
    long = "ketamine, regrowth by gradient in layers 1, 2, 3 and 4, 15 epochs, then ssri, lr 1e-05, 100 epochs"
    assert (
        placebo_sentence(rows((long, 97.0, 90.0))) == f"Beyond placebo, points: combined stress +7.0 ({long}) (n = 50)."
    )
