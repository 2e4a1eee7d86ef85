from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
import torch

from depsim.assessment import Dose
from depsim.execution.course import Ended, Fork, first_path, train_baseline, walk, with_tensors, without_tensors
from depsim.follow_up import StressCycles
from depsim.model import Cohort, StandingState
from depsim.model.state import Activity
from depsim.stages import DEPRESSED, TREATED
from depsim.steps import Exam, Maintenance, Path, Prune, Regrow, Step, Train, Unless, number_steps
from depsim.steps.base import PATH_DOSE, mean_change
from depsim.steps.pruning_criteria import magnitude
from depsim.steps.regrowth_criteria import random as random_criterion
from depsim.streams import Section
from depsim.task import Dataset, Points
from depsim.training import Phase
from depsim.treatment import Regimen
from depsim.treatment.regimen_step import RegimenStep
from tests import tiny
from tests.tiny import (
    all_outcomes,
    arm,
    by_hand,
    initial,
    noise_tapered,
    outcomes,
    paper_sized,
    regrowth,
    tonic_inhibition,
)


def points(*samples: list[float], individuals: int = 1) -> Points:
    """The same test points for each individual, all of class 0."""
    x = torch.tensor(samples).expand(individuals, -1, -1).contiguous()
    return Points(x, torch.zeros(x.shape[:2], dtype=torch.int64))


def dose(before: Cohort, after: Cohort, standard: Points | None = None) -> dict[str, torch.Tensor]:
    standard = standard or points([1.0] * before.weights[0].shape[2], individuals=len(before))
    chunk = replace(tiny.chunk(after.seeds), data=Dataset(standard, standard, standard))
    exam = Exam(TREATED, 0, after, chunk, {DEPRESSED: before}, {})
    return dict(Dose(DEPRESSED)(exam).metrics)


def test_the_dose_by_hand() -> None:
    # Individual 0: changes 0.5, 0, 2, 0.25 over four weights. Individual 1: none.
    before = by_hand([[[[1.0, 0.0]], [[1.0, 0.0]]], [[[4.0], [-8.0]], [[4.0], [-8.0]]]])
    after = by_hand([[[[1.5, 0.0]], [[1.0, 0.0]]], [[[2.0], [-8.25]], [[4.0], [-8.0]]]])
    found = dose(before, after)
    assert found["dose/l1"].tolist() == [2.75 / 4, 0.0]
    # 0.5 of 1 and 2 of 4 are turned over, 0.25 of 8 is not.
    assert found["dose/turnover"].tolist() == [50.0, 0.0]
    # sqrt(0.25 + 4 + 0.0625) over four weights.
    assert found["dose/l2"].tolist() == [math.sqrt(4.3125) / 4, 0.0]
    doses = [values for name, values in found.items() if name.startswith("dose/")]
    assert {values.dtype for values in doses} == {torch.float64}
    assert len(doses) == 5


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


def test_the_change_of_logits_by_hand() -> None:
    # Two classes straight from two inputs. Logits of (1, 0) go from 1, 3 to 2, 1 and of (0, 2) from 4, 0 to 4, 5.
    before, after = by_hand([[[[1.0, 2.0], [3.0, 0.0]]]]), by_hand([[[[2.0, 2.0], [1.0, 2.5]]]])
    assert dose(before, after, points([1.0, 0.0], [0.0, 2.0]))["dose/logit"].tolist() == [(1 + 2 + 0 + 5) / 4]


def test_biases_change_logits_and_each_individual_its_own() -> None:
    weights = [[[[1.0]], [[1.0]]]]
    before = by_hand(weights, biases=[[[0.0], [0.0]]])
    after = by_hand(weights, biases=[[[0.0], [-0.75]]])
    found = dose(before, after, points([1.0], [5.0], [-2.0], individuals=2))
    assert found["dose/logit"].tolist() == [0.0, 0.75]
    assert found["dose/l1"].tolist() == [0.0, 0.0]


def test_logits_are_those_of_each_networks_own_standing_state_without_noise() -> None:
    weights = [[[[2.0]]], [[[1.0]]]]
    before = by_hand(weights, state=StandingState(noise_gain=3.0))
    damped = by_hand(weights, state=StandingState(Activity(0.5, True), noise_gain=3.0))
    # x = 1: relu(2) = 2, then tanh(2) / 2; x = -1: 0, then tanh(-2) / 2.
    found = dose(before, damped, points([1.0], [-1.0]))["dose/logit"].tolist()
    bounded = math.tanh(2) / 2
    assert found == pytest.approx([((2 - bounded) + bounded) / 2], abs=1e-6)
    assert dose(damped, before, points([1.0], [-1.0]))["dose/logit"].tolist() == pytest.approx(found)
    assert dose(before, before, points([1.0]))["dose/logit"].tolist() == [0.0]


def test_more_points_than_a_block_all_count() -> None:
    before, after = by_hand([[[[0.0]]]]), by_hand([[[[1.0]]]])
    many = [[1.0]] * 250 + [[2.0]] * 250 + [[4.0]] * 10
    assert dose(before, after, points(*many))["dose/logit"].tolist() == [(250 + 500 + 40) / 510]


def walked(start: Path, steps: list[Step], section: int = Section.TREATMENT) -> list[Path]:
    """The path after each of these steps."""
    found = [start]
    for step in number_steps(section, steps):
        found.append(step(found[-1]))
    return found


def test_the_path_is_the_sum_over_steps_by_hand() -> None:
    # 1, 2, 3, 4: half of them go; one of the two grows anew without weight; then all of what is there goes again.
    start = tiny.path(by_hand([[[[1.0, -2.0, 3.0, 4.0]]]]))
    halved, regrown, stressed = walked(
        start,
        [
            Prune(0.5, magnitude.scores),
            Regrow(0.5, random_criterion.scores, 0.0, 1),
            Prune(0.9, magnitude.scores, of_survivors=True),
        ],
    )[1:]
    assert halved.metrics[PATH_DOSE].tolist() == [3 / 4]
    assert regrown.metrics[PATH_DOSE].tolist() == [3 / 4]
    assert stressed.cohort.weights[0].tolist() == [[[0.0, 0.0, 0.0, 4.0]]]
    assert stressed.metrics[PATH_DOSE].tolist() == [6 / 4]
    assert PATH_DOSE not in start.metrics


def test_what_goes_and_comes_back_counts_twice_in_the_path_and_not_at_all_in_l1() -> None:
    start, there = by_hand([[[[1.0, 3.0]]]]), by_hand([[[[1.5, 1.0]]]])
    path = tiny.path(start).with_weights(there, Section.TREATMENT).with_weights(start, Section.TREATMENT)
    assert path.metrics[PATH_DOSE].tolist() == [2 * (0.5 + 2.0) / 2]
    assert mean_change(start, path.cohort).tolist() == [0.0]


@pytest.mark.parametrize("section", [Section.BASELINE, Section.PATHOLOGY, Section.cycle(0), Section.cycle(3)])
def test_only_a_treatments_steps_are_on_the_path(section: int) -> None:
    steps: list[Step] = [Prune(0.5, magnitude.scores), Train(Phase.plain(1, 1e-2))]
    assert PATH_DOSE not in walked(tiny.path(initial()), steps, section)[-1].metrics


def regimen(*steps: dict[str, Any]) -> Regimen:
    """Of ketamine and an SSRI."""
    drugs = {"ketamine": regrowth(), "ssri": noise_tapered()}
    return Regimen(drugs=drugs, steps=tuple(RegimenStep(**step) for step in steps))


KETAMINE, SSRI = {"give": "ketamine"}, {"give": "ssri"}
LADDER = (SSRI, {"stress": 0.2}, {**KETAMINE, "unless": {"combined": 101}}, {**SSRI, "unless": {"combined": 0}})


def test_one_step_has_a_path_of_its_l1_and_several_have_a_longer_one() -> None:
    for treatment, alike in ((noise_tapered(), True), (regrowth(), False), (regimen(*LADDER), False)):
        for seed in (3, 7):
            (found,) = outcomes(arm(treatment), (seed,))
            l1, length = found.metrics["dose/l1"], found.metrics["dose/path"]
            assert 0 < l1 <= length
            assert (l1 == length) is alike


def test_a_treatment_without_a_step_has_no_dose_and_one_without_training_may_change_answers() -> None:
    (none,), (damped,) = all_outcomes([arm(), arm(tonic_inhibition(epochs=0))])
    assert {none.metrics[f"dose/{name}"] for name in ("l1", "l2", "path", "logit", "turnover")} == {0.0}
    assert {damped.metrics[f"dose/{name}"] for name in ("l1", "l2", "path", "turnover")} == {0.0}
    assert damped.metrics["dose/logit"] > 0


def test_the_path_of_a_regimen_is_summed_by_hand_along_its_steps() -> None:
    wanted = arm(regimen(*LADDER))
    (found,) = outcomes(wanted)
    path = first_path(wanted.baseline, (0,), tiny.CPU, train_baseline)
    total, treating = 0.0, False
    for step in wanted.steps:
        before = path.cohort
        if isinstance(step, Unless):
            for inner in step.steps if step.level == 101 else ():
                after = inner(path)
                total += float(mean_change(path.cohort, after.cohort))
                path = after
            continue
        path = step(path)
        if treating and TREATED not in path.exams:
            total += float(mean_change(before, path.cohort))
        treating = DEPRESSED in path.exams
    assert found.metrics["dose/path"] == pytest.approx(total, rel=1e-12)


def doses(found: Any) -> dict[str, float]:
    return {name: value for name, value in found.metrics.items() if name.startswith("dose/")}


def test_arms_that_share_their_first_steps_have_the_doses_they_have_alone() -> None:
    arms = [arm(each) for each in (regimen(SSRI), regimen(SSRI, KETAMINE), regimen(SSRI, KETAMINE, SSRI), regrowth())]
    together = [doses(found) for (found,) in all_outcomes(arms)]
    assert together == [doses(outcomes(each)[0]) for each in arms]
    assert len({each["dose/path"] for each in together}) == 4
    assert together[0]["dose/path"] < together[1]["dose/path"] < together[2]["dose/path"]


def test_a_fork_that_another_process_walks_has_the_doses_of_the_whole() -> None:
    arms = [arm(regimen(SSRI, KETAMINE)), arm(regimen(SSRI, SSRI))]
    expected = [doses(found) for (found,) in all_outcomes(arms)]
    root = first_path(arms[0].baseline, (0,), tiny.CPU, train_baseline)
    waiting: list[Any] = [(root, {number: each.steps for number, each in enumerate(arms)})]
    found: dict[int, dict[str, float]] = {}
    forks = 0
    while waiting:
        for event in walk(*waiting.pop(), 0.0, fork=True):
            if isinstance(event, Fork):
                forks += 1
                waiting.append((with_tensors(without_tensors(event.path)), event.arms))
            elif isinstance(event, Ended):
                found[event.job] = {name: float(event.path.metrics[name][0]) for name in expected[event.job]}
    assert forks
    assert [found[number] for number in range(2)] == expected


def test_what_comes_after_the_treatment_is_no_part_of_its_dose() -> None:
    alone, followed = all_outcomes([arm(regrowth()), arm(regrowth(), follow_up=stress_cycles())])
    assert doses(alone[0]) == doses(followed[0])
    assert followed[0].metrics["maintained/sparsity/1"] != alone[0].metrics["treated/sparsity"]


def stress_cycles() -> StressCycles:
    sham = Maintenance(epochs=1, learning_rate=1e-2, initial_noise=0.0)
    return StressCycles(cycles=1, stress=0.3, maintenance="sham", sham=sham)
