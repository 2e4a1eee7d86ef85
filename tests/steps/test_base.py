"""Positions, side branches and standing states of steps."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import pytest
import torch

from depsim.model.state import NO_DRUG, Activity
from depsim.stages import STAGES, TREATED
from depsim.steps import (
    Examine,
    Modulate,
    NetworkEstimate,
    Path,
    Prune,
    Regrow,
    SideBranch,
    Step,
    Train,
    number_steps,
    state_after,
)
from depsim.steps.base import seconds_of
from depsim.steps.pruning_criteria import magnitude
from depsim.steps.regrowth_criteria import gradient
from depsim.streams import Position, Section, exam_words
from depsim.testing import copied, same
from depsim.training import Phase
from tests.tiny import ON_DRUG, drug, initial, path

TRAIN, NOTHING = Train(Phase.plain(1, 1e-3)), Train(Phase.plain(0, 1e-3))
GROW, CUT = Regrow(0.5, gradient.scores, 0.03, 5), Prune(0.1, magnitude.scores)


def test_steps_are_numbered_by_kind_by_their_place_in_the_plan() -> None:
    steps = number_steps(Section.TREATMENT, [GROW, TRAIN, Modulate(None), TRAIN, GROW, CUT, TRAIN])
    assert [(type(s), s.position) for s in steps if not isinstance(s, Modulate)] == [  # type: ignore[attr-defined]
        (Regrow, Position(Section.TREATMENT, 0)),
        (Train, Position(Section.TREATMENT, 0)),
        (Train, Position(Section.TREATMENT, 1)),
        (Regrow, Position(Section.TREATMENT, 1)),
        (Prune, Position(Section.TREATMENT, 0)),
        (Train, Position(Section.TREATMENT, 2)),
    ]


def test_a_step_that_does_nothing_goes_and_keeps_its_number() -> None:
    (step,) = number_steps(Section.TREATMENT, [NOTHING, TRAIN])
    assert step == replace(TRAIN, position=Position(Section.TREATMENT, 1))


def test_the_first_positions_are_the_papers_addresses() -> None:
    first = Position(Section.TREATMENT)
    assert first.words() == (2,)
    assert [first.words(use) for use in (0, 1)] == [(2, 0), (2, 1)]
    assert Position(Section.BASELINE).words(0) == (0, 0)
    assert Position(Section.PATHOLOGY).words() == (1,)
    assert [exam_words(name) for name in STAGES] == [(0,), (1,), (2,), (3,), (4,)]


def test_no_two_addresses_coincide() -> None:
    """Below each purpose; SeedSequence tells keys of different lengths apart."""
    positions = [Position(s, number, replicate) for s in Section for number in range(30) for replicate in range(4)]
    for uses in ([0, 1], [None, 1], [None]):  # order: training and scoring; treatment: noise and draws; pathology
        words = [position.words(use) for position in positions for use in uses]  # type: ignore[attr-defined]
        assert len(set(words)) == len(words)
    names = [*STAGES, "stressed", "maintained", "withdrawal", *(f"exam {k}" for k in range(500))]
    exams = [
        (*exam_words(name, ordinal, replicate), kind)
        for name in names
        for ordinal in range(9)
        for replicate in range(4)
        for kind in range(3)
    ]
    assert len(set(exams)) == len(exams)


def test_a_replicate_moves_what_comes_after_the_pathology_and_0_moves_nothing() -> None:
    before = [replace(step, position=Position(section)) for section in (Section.BASELINE, Section.PATHOLOGY)
              for step in (TRAIN, GROW, CUT)]  # fmt: skip
    assert [step.in_replicate(2) for step in [*before, CUT, Modulate(None)]] == [*before, CUT, Modulate(None)]
    second = Position(Section.TREATMENT, 0, 2)
    branch, exam = SideBranch((TRAIN, CUT)), Examine(TREATED, (), 3)
    assert [step.in_replicate(2) for step in (TRAIN, GROW, branch, exam)] == [
        replace(TRAIN, position=second), replace(GROW, position=second),
        SideBranch((replace(TRAIN, position=second), CUT)), Examine(TREATED, (), 3, 2),
    ]  # fmt: skip
    later = replace(CUT, position=Position(Section.TREATMENT))  # what a treatment prunes is its own chance
    assert later.in_replicate(2) == replace(CUT, position=second)
    for step in (TRAIN, GROW, CUT, branch, exam):
        assert step.in_replicate(2).in_replicate(0) == step == step.in_replicate(0)


def test_losses_of_several_phases_make_one_curve() -> None:
    steps = number_steps(Section.TREATMENT, [Train(Phase.plain(2, 1e-3)), Train(Phase.plain(3, 1e-2))])
    start = path(initial((3, 4)))
    first = steps[0](start)
    both = steps[1](first)
    assert first.curves["treated/loss"].steps == (0, 1)
    assert both.curves["treated/loss"].steps == (0, 1, 2, 3, 4)
    assert torch.equal(both.curves["treated/loss"].values[:, :2], first.curves["treated/loss"].values)
    assert start.curves == {}


@dataclass(frozen=True)
class Note(Step):
    """Measures something and changes the networks."""

    def __call__(self, path: Path) -> Path:
        return replace(CUT(path), metrics={**path.metrics, "noted": torch.zeros(len(path.cohort)).double()})


def test_a_side_branch_keeps_what_it_measures_and_leaves_the_networks() -> None:
    start = path(replace(initial((3, 4)), state=ON_DRUG))
    before = copied(start.cohort)
    end = SideBranch((Modulate(None), Note()))(start)
    assert same(end.cohort, before)
    assert set(end.metrics) == {"noted"}


def test_modulation_sets_what_it_names_and_leaves_the_rest() -> None:
    on, off, noisy = Modulate(Activity(0.7, True)), Modulate(None), Modulate(noise_gain=2.0, noise_mean=0.25)
    assert state_after([on], NO_DRUG) == ON_DRUG
    assert state_after([noisy, on], NO_DRUG) == drug(0.7, True, noise_gain=2.0, noise_mean=0.25)
    assert state_after([noisy, on, off], NO_DRUG) == replace(NO_DRUG, noise_gain=2.0, noise_mean=0.25)
    assert state_after([Modulate(noise_gain=(1.0, 2.0))], ON_DRUG).individual(1) == drug(0.7, True, noise_gain=2.0)
    start = path(initial((3,)))
    assert on(start).cohort.state == ON_DRUG
    assert start.cohort.state == NO_DRUG


def test_a_drug_at_its_neutral_setting_is_a_drug_all_the_same() -> None:
    neutral = state_after([Modulate(Activity(1.0, False))], NO_DRUG)
    assert neutral != NO_DRUG
    assert neutral.in_layer(1) == NO_DRUG.in_layer(1) == Activity(1.0, False)


def test_what_steps_cost_depends_on_what_those_before_them_leave() -> None:
    network = NetworkEstimate((100_000,), 500, 1000, 500)
    long = Train(Phase.plain(10, 1e-3))
    dense, sparse = seconds_of([long], network), seconds_of([Prune(0.95, magnitude.scores), long], network)
    regrown = seconds_of([Prune(0.95, magnitude.scores), GROW, long], network)
    assert sparse < regrown < dense
    assert seconds_of([long, long], network) == pytest.approx(2 * dense)
    noisy = Train(Phase(1e-3, (0.5,) * 10))
    assert seconds_of([noisy], network) > dense
    assert seconds_of([SideBranch((long,)), long], network) == pytest.approx(2 * dense)


def test_a_network_that_samples_go_through_ten_times_costs_ten_times_and_without_kernels_pruning_saves_nothing() -> (
    None
):
    network = NetworkEstimate((100_000,), 500, 1000, 500)
    long, pruned = Train(Phase.plain(10, 1e-3)), Prune(0.95, magnitude.scores)
    once, often = (seconds_of([long], replace(network, times=times)) for times in (1, 10))
    assert often == pytest.approx(10 * once)
    plain = replace(network, is_layered=False)
    assert seconds_of([long], plain) == pytest.approx(once)
    assert seconds_of([pruned, long], plain) == pytest.approx(seconds_of([pruned], plain) + once)
    assert seconds_of([pruned, long], network) < once


@pytest.mark.parametrize("steps", list(itertools.permutations([GROW, TRAIN, CUT])))
def test_plans_with_the_same_steps_in_another_order_are_other_plans(steps: tuple[Step, ...]) -> None:
    assert (number_steps(Section.TREATMENT, steps) == number_steps(Section.TREATMENT, [GROW, TRAIN, CUT])) == (
        list(steps) == [GROW, TRAIN, CUT]
    )


def test_a_pass_of_an_exam_is_one_of_the_three_products_of_training_and_a_little() -> None:
    network = NetworkEstimate((100_000,), 0, 500, 500)
    assert 1 / 3 <= network.exam_seconds(1) / network.training_seconds(1, noisy=False) < 1 / 2
    assert network.exam_seconds(3) == pytest.approx(3 * network.exam_seconds(1))
