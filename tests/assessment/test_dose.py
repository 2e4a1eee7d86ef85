from __future__ import annotations

import torch

from depsim.assessment import Dose
from depsim.model import Cohort
from depsim.stages import DEPRESSED, TREATED
from depsim.steps import Exam
from tests import tiny
from tests.tiny import by_hand, initial, paper_sized


def dose(before: Cohort, after: Cohort) -> dict[str, torch.Tensor]:
    exam = Exam(TREATED, 0, after, tiny.chunk(after.seeds), {DEPRESSED: before}, {})
    return dict(Dose(DEPRESSED)(exam).metrics)


def test_the_dose_by_hand() -> None:
    # Individual 0: changes 0.5, 0, 2, 0.25 over four weights. Individual 1: none.
    before = by_hand([[[[1.0, 0.0]], [[1.0, 0.0]]], [[[4.0], [-8.0]], [[4.0], [-8.0]]]])
    after = by_hand([[[[1.5, 0.0]], [[1.0, 0.0]]], [[[2.0], [-8.25]], [[4.0], [-8.0]]]])
    found = dose(before, after)
    assert found["dose/l1"].tolist() == [2.75 / 4, 0.0]
    # 0.5 of 1 and 2 of 4 are turned over, 0.25 of 8 is not.
    assert found["dose/turnover"].tolist() == [50.0, 0.0]
    assert found["dose/l1"].dtype == found["dose/turnover"].dtype == torch.float64


def test_a_regrown_weight_is_turned_over_however_small_and_an_absent_one_is_not() -> None:
    before, after = by_hand([[[[0.0, 0.0, 0.0, 0.0]]]]), by_hand([[[[1e-6, -0.03, 1e-10, 0.0]]]])
    # 1e-10 over the smallest denominator, 1e-8, is a hundredth.
    assert dose(before, after)["dose/turnover"].tolist() == [50.0]


def test_a_change_of_just_a_tenth_is_not_turned_over() -> None:
    before = by_hand([[[[1.0, 1.0, 1.0, 1.0]]]])
    after = by_hand([[[[1.0996094, 1.1005859, 0.9003906, 0.8994141]]]])
    assert dose(before, after)["dose/turnover"].tolist() == [50.0]


def test_a_lost_weight_counts() -> None:
    found = dose(by_hand([[[[2.0, 1.0]]]]), by_hand([[[[0.0, 1.0]]]]))
    assert (found["dose/l1"].tolist(), found["dose/turnover"].tolist()) == ([1.0], [50.0])


def test_biases_do_not_count() -> None:
    cohort = initial((1,))
    after = by_hand([w.tolist() for w in cohort.weights], biases=[(b + 1).tolist() for b in cohort.biases])
    assert dose(cohort, after)["dose/l1"].tolist() == [0.0]


def test_the_dose_is_over_all_395264_weights() -> None:
    before = paper_sized()
    weights = [weight.clone() for weight in before.weights]
    weights[1][0, 3, 5] += 0.5
    after = type(before)(before.model, before.seeds, tuple(weights), before.biases, before.masks)
    change = float((weights[1] - before.weights[1]).abs().sum())
    assert dose(before, after)["dose/l1"].tolist() == [change / 395_264]
    assert dose(before, after)["dose/turnover"].tolist() == [100 / 395_264]


def test_a_change_is_relative_to_what_the_weight_was() -> None:
    # A tenth more is more than a tenth of what it was, and less than a tenth of what it is now.
    more = dose(by_hand([[[[1.0, 1.0]]]]), by_hand([[[[1.1005859, 1.0]]]]))
    # A tenth less is less than a tenth of what it was, and more than a tenth of what it is now.
    less = dose(by_hand([[[[1.0, 1.0]]]]), by_hand([[[[0.9003906, 1.0]]]]))
    assert (more["dose/turnover"].tolist(), less["dose/turnover"].tolist()) == ([50.0], [0.0])
