"""Which trial comes next when a process ended in the middle of one, what a trial is told once, and who wins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from optuna.trial import TrialState

from depsim.config import validate
from depsim.search.plan import SearchPlan, plan_search
from depsim.search.results import best_so_far
from depsim.search.settings import SearchSettings, with_presets
from depsim.search.storage import open_storage
from depsim.search.trials import Trials, Verdict, open_trials
from tests.searches import SMALL, search_block

POINT = {"treatment.regrow_fraction": 0.25, "treatment.epochs": 2}


def planned(**changes: Any) -> SearchPlan:
    settings = validate(SearchSettings, "search", with_presets(search_block(**{"sampler": "random"} | changes)))
    return plan_search("mine", settings, ["study=s", "cohort=smoke", "treatment=ketamine", *SMALL], "again")


def opened(plan: SearchPlan) -> Trials:
    """The trials of a search that is kept nowhere."""
    return open_trials(plan, open_storage(keeps=False))


@pytest.fixture
def trials(empty: Path) -> Trials:
    return opened(planned())


def tell(trials: Trials, *verdicts: Verdict) -> None:
    """Ask for a trial for each verdict, and settle it so."""
    for verdict in verdicts:
        trial = trials.ask()
        assert trial is not None
        trials.tell(trial, verdict)


def test_a_point_is_not_lost_when_whoever_took_it_over_ends_before_it_is_read(trials: Trials) -> None:
    trials.study.enqueue_trial(POINT, user_attrs={"point": POINT})
    assert trials.study.ask().number == 0  # its process ends here: nothing of the point has been read yet
    assert trials.all()[0].params == {}
    assert trials.close_orphans() == [0]
    assert trials.study.ask().number == 1
    assert trials.close_orphans() == [1]
    last = trials.ask()
    assert last is not None
    assert (last.number, trials.point(last)) == (2, POINT)
    assert [trial.number for trial in trials.counted()] == [2]


def test_a_trial_whose_point_was_drawn_by_half_is_drawn_anew(trials: Trials) -> None:
    half = trials.study.ask()
    half.suggest_float("treatment.regrow_fraction", 0.1, 0.8)
    assert trials.close_orphans() == [0]
    other = trials.ask()
    assert other is not None
    assert set(other.params) == set(POINT)
    assert other.params["treatment.regrow_fraction"] != half.params["treatment.regrow_fraction"]
    assert [trial.number for trial in trials.counted()] == [1]


@pytest.mark.parametrize("state", ["FAIL", "COMPLETE"])
def test_a_trial_that_another_driver_has_closed_stays_as_it_was_closed(trials: Trials, state: str) -> None:
    trial = trials.ask()
    assert trial is not None
    values = [1.0] if state == "COMPLETE" else None
    trials.study.tell(trial.number, values, TrialState[state])  # another one had to believe that this one was gone
    trials.tell(trial, Verdict("COMPLETE", (9.0,), (), 3))
    (kept,) = trials.all()
    assert (kept.state.name, kept.values) == (state, values)


def test_of_equal_trials_the_earlier_one_wins(trials: Trials) -> None:
    tell(trials, *(Verdict("COMPLETE", (value,)) for value in (1.0, 2.0, 2.0, 0.0)))
    assert [trial.number for trial in trials.winners()] == [1]


def test_of_equal_trials_of_a_trade_off_the_earlier_one_is_in_it(empty: Path) -> None:
    objectives = [
        {"metric": metric, "direction": direction, "statistic": "mean"}
        for metric, direction in (("treated/combined", "maximise"), ("dose/l1", "minimise"))
    ]
    trials = opened(planned(objectives=objectives))
    tell(trials, *(Verdict("COMPLETE", values) for values in ((2.0, 2.0), (1.0, 1.0), (2.0, 2.0), (1.0, 2.0))))
    assert [trial.number for trial in trials.winners()] == [0, 1]


def test_a_search_is_complete_when_every_trial_has_a_verdict(trials: Trials) -> None:
    tell(trials, *[Verdict("COMPLETE", (1.0,))] * 3)
    last = trials.ask()
    assert last is not None
    assert not trials.is_complete()
    assert trials.ask() is None
    trials.tell(last, Verdict("FAIL", reason="no cure"))
    assert trials.is_complete()


def test_the_best_so_far_keeps_the_constraints(empty: Path) -> None:
    limit = {"metric": "treated/sparsity", "statistic": "mean", "at_least": None, "at_most": 80.0}
    plan = planned(constraints=[limit])
    trials = opened(plan)
    tell(
        trials,
        *(Verdict("COMPLETE", (value,), (violation,)) for value, violation in ((1.0, 0.0), (9.0, 0.5), (2.0, -1.0))),
    )
    assert best_so_far(plan, trials.counted()) == {0: 1.0, 2: 2.0}
    assert [trial.number for trial in trials.winners()] == [2]


@pytest.mark.parametrize("sampler", ["random", "tpe", "nsgaii"])
def test_every_trial_has_a_point_of_its_own_and_a_search_begun_again_the_same_ones(empty: Path, sampler: str) -> None:
    points = []
    for trials in (opened(planned(sampler=sampler)) for _ in range(2)):
        tell(trials, *(Verdict("COMPLETE", (float(value),)) for value in range(4)))
        points.append([trials.point(trial) for trial in trials.all()])
    assert points[0] == points[1]
    assert len({point["treatment.regrow_fraction"] for point in points[0]}) == 4


def test_a_grid_has_every_point_once_though_some_are_tried_again(empty: Path) -> None:
    space = {"treatment.regrow_fraction": "0.2,0.5", "treatment.epochs": "range(0,3)"}
    trials = opened(planned(sampler="grid", space=space, n_trials=6))
    tell(trials, Verdict("COMPLETE", (1.0,)), Verdict("FAIL"))
    assert trials.retry_failed() == 1
    tell(trials, *[Verdict("COMPLETE", (1.0,))] * 5)
    assert trials.ask() is None
    points = [tuple(trials.point(trial).values()) for trial in trials.counted()]
    assert len(points) == len(set(points)) == 6
