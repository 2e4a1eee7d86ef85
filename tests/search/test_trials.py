"""Which trial comes next when a process ended in the middle of one, what a trial is told once, and who wins."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from optuna.storages import BaseStorage, InMemoryStorage

from depsim.config import ConfigError, validate
from depsim.search.plan import SearchPlan, plan_search
from depsim.search.settings import SearchSettings
from depsim.search.storage import open_storage
from depsim.search.trials import Trials, Verdict, open_trials
from tests.searches import SMALL, search_block

POINT = {"treatment.regrow_fraction": 0.25, "treatment.epochs": 2}


def planned(**changes: Any) -> SearchPlan:
    settings = validate(SearchSettings, "search", search_block(**{"sampler": "RandomSampler"} | changes))
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
    assert trials.all()[0].point == {}
    assert trials.close_running() == [0]
    assert trials.study.ask().number == 1
    assert trials.close_running() == [1]
    last = trials.ask()
    assert last is not None
    assert (last.number, trials.point(last)) == (2, POINT)
    assert [trial.number for trial in trials.counted()] == [2]


def test_a_trial_whose_point_was_drawn_by_half_is_drawn_anew(trials: Trials) -> None:
    half = trials.study.ask()
    half.suggest_float("treatment.regrow_fraction", 0.1, 0.8)
    assert trials.close_running() == [0]
    other = trials.ask()
    assert other is not None
    assert set(other.params) == set(POINT)
    assert other.params["treatment.regrow_fraction"] != half.params["treatment.regrow_fraction"]
    assert [trial.number for trial in trials.counted()] == [1]


def test_a_search_is_complete_when_every_trial_has_a_verdict(trials: Trials) -> None:
    tell(trials, *[Verdict("COMPLETE", (1.0,))] * 3)
    last = trials.ask()
    assert last is not None
    assert not trials.is_complete()
    assert trials.ask() is None
    trials.tell(last, Verdict("FAIL", reason="no cure"))
    assert trials.is_complete()


def test_a_trial_is_read_with_its_point_and_whether_it_keeps_the_constraints(empty: Path) -> None:
    limit = {"metric": "treated/sparsity", "statistic": "mean", "at_least": None, "at_most": 80.0}
    trials = opened(planned(constraints=[limit]))
    tell(
        trials,
        Verdict("COMPLETE", (1.0,), (0.0,), 3),
        Verdict("COMPLETE", (9.0,), (0.5,), 3),
        Verdict("FAIL", (), (), 1, "no"),
    )
    assert [(trial.values, trial.feasible, trial.individuals, trial.reason) for trial in trials.all()] == [
        ((1.0,), True, 3, ""), ((9.0,), False, 3, ""), ((), False, 1, "no"),
    ]  # fmt: skip
    assert all(set(trial.point) == set(POINT) for trial in trials.all())


@pytest.mark.parametrize("sampler", ["RandomSampler", "TPESampler", "NSGAIISampler", "NSGAIIISampler"])
def test_every_trial_has_a_point_of_its_own_and_a_search_begun_again_the_same_ones(empty: Path, sampler: str) -> None:
    points = []
    for trials in (opened(planned(sampler=sampler)) for _ in range(2)):
        tell(trials, *(Verdict("COMPLETE", (float(value),)) for value in range(4)))
        points.append([trials.point(trial) for trial in trials.all()])
    assert points[0] == points[1]
    assert len({point["treatment.regrow_fraction"] for point in points[0]}) == 4


def test_a_grid_has_every_point_once_though_some_are_tried_again(empty: Path) -> None:
    space = {"treatment.regrow_fraction": "0.2,0.5", "treatment.epochs": "range(0,3)"}
    trials = opened(planned(sampler="GridSampler", space=space, n_trials=6))
    tell(trials, Verdict("COMPLETE", (1.0,)), Verdict("FAIL"))
    trials.retry_failed()
    tell(trials, *[Verdict("COMPLETE", (1.0,))] * 5)
    assert trials.ask() is None
    points = [tuple(trials.point(trial).values()) for trial in trials.counted()]
    assert len(points) == len(set(points)) == 6


FORMER = {
    "sampler.name": "tpe", "sampler.seed": "0", "sampler.n_startup_trials": "10", "sampler.n_ei_candidates": "24",
    "sampler.multivariate": "True", "sampler.group": "False", "sampler.constant_liar": "True",
}  # fmt: skip
"""The sampler in the fingerprint of a search that version 0.3 began."""
PRUNER = {"pruner.name": "wilcoxon", "pruner.p_threshold": "0.1", "pruner.n_startup_steps": "4", "pruner.portion": "2"}


def begun_by_former(plan: SearchPlan) -> BaseStorage:
    """A storage with a search as version 0.3 left it: names of its own, and who drove each trial."""
    storage = InMemoryStorage()
    trials = open_trials(plan, storage)
    today = {key: text for key, text in plan.fingerprint.items() if not key.startswith(("sampler.", "pruner."))}
    trials.study.set_user_attr("depsim.fingerprint", json.dumps(today | FORMER | PRUNER))
    for value in (1.0, 2.0):
        trial = trials.ask()
        assert trial is not None
        trial.set_user_attr("driver", "host process 7 abc")
        trials.tell(trial, Verdict("COMPLETE", (value,)))
    trials.ask()  # its process was killed
    return storage


def test_a_search_of_version_0_3_goes_on(empty: Path) -> None:
    plan = planned(
        sampler={"name": "TPESampler", "multivariate": True}, pruner={"name": "WilcoxonPruner", "n_startup_steps": 4}
    )
    trials = open_trials(plan, begun_by_former(plan))
    assert [trial.state for trial in trials.all()] == ["COMPLETE", "COMPLETE", "RUNNING"]
    assert trials.close_running() == [2]
    again = trials.ask()
    assert again is not None
    assert trials.point(again) == trials.point(trials.all()[2])


@pytest.mark.parametrize(
    ("changes", "difference"),
    [
        ({"sampler": "TPESampler"}, "sampler.multivariate: True before, None now"),
        (
            {"sampler": {"name": "TPESampler", "multivariate": True, "prior_weight": 2.0}},
            "sampler.prior_weight: None before, 2.0 now",
        ),
        ({"sampler": "RandomSampler"}, "sampler.name: TPESampler before, RandomSampler now"),
        ({"pruner": "NopPruner"}, "pruner.name: WilcoxonPruner before, NopPruner now"),
        ({"portion": 3}, "pruner.portion: 2 before, 3 now"),
    ],
)
def test_a_search_of_version_0_3_by_another_sampler_or_pruner_is_another_one(
    empty: Path, changes: dict[str, Any], difference: str
) -> None:
    same = {
        "sampler": {"name": "TPESampler", "multivariate": True},
        "pruner": {"name": "WilcoxonPruner", "n_startup_steps": 4},
    }
    storage = begun_by_former(planned(**same))
    with pytest.raises(ConfigError) as refused:
        open_trials(planned(**same | changes), storage)
    assert f"  {difference}\n" in str(refused.value)


def tried(count: int, **changes: Any) -> Trials:
    """A search whose first objective is twice the share that regrows, and whose second is less the more epochs."""
    aims = zip(("treated/combined", "treated/sparsity"), changes.pop("directions", ("maximise",)), strict=False)
    objectives = [{"metric": metric, "direction": direction, "statistic": "mean"} for metric, direction in aims]
    trials = opened(planned(objectives=objectives, n_trials=300, **changes))
    for _ in range(count):
        trial = trials.ask()
        assert trial is not None
        point = trials.point(trial)
        values = (2.0 * float(point["treatment.regrow_fraction"]), -float(point.get("treatment.epochs", 0)))
        trials.tell(trial, Verdict("COMPLETE", values[: len(objectives)]))
    return trials


def test_the_setting_that_moves_an_objective_has_the_largest_share_whichever_way_is_better(empty: Path) -> None:
    shares = tried(60).importance()
    assert [key for key, _, _ in shares] == ["treatment.regrow_fraction", "treatment.epochs"]
    assert shares[0][2] > 0.8
    assert sum(share for *_, share in shares) == pytest.approx(1)
    space = {"treatment.regrow_fraction": "interval(0.1,0.8)", "treatment.epochs": "range(0,9)"}
    both = tried(60, space=space, directions=("minimise", "maximise")).importance()
    assert [(key, metric) for key, metric, _ in both] == [
        ("treatment.regrow_fraction", "treated/combined"), ("treatment.epochs", "treated/combined"),
        ("treatment.epochs", "treated/sparsity"), ("treatment.regrow_fraction", "treated/sparsity"),
    ]  # fmt: skip


@pytest.mark.parametrize(("direction", "sign"), [("maximise", 1), ("minimise", -1)])
def test_the_best_quarter_decides_what_matters(direction: str, sign: int, empty: Path) -> None:
    """A setting that matters only where values are bad does not count."""
    space = {"treatment.regrow_fraction": "interval(0.1,0.8)", "treatment.learning_rate": "interval(0.1,0.8)"}
    objective = {"metric": "treated/combined", "direction": direction, "statistic": "mean"}
    trials = opened(planned(n_trials=300, space=space, objectives=[objective]))
    for _ in range(300):
        trial = trials.ask()
        assert trial is not None
        good, idle = map(float, trials.point(trial).values())
        trials.tell(trial, Verdict("COMPLETE", (sign * (10 + good if good > 0.5 else -idle),)))
    assert trials.importance()[0][0] == "treatment.regrow_fraction"


def test_few_trials_one_setting_or_equal_values_have_no_importance(empty: Path) -> None:
    trials = tried(59)
    tell(trials, Verdict("PRUNED", reason="hopeless"), Verdict("FAIL", reason="broken"))
    assert trials.importance() == ()
    assert tried(60, space={"treatment.regrow_fraction": "interval(0.1,0.8)"}).importance() == ()
    alike = opened(planned(n_trials=300))
    tell(alike, *[Verdict("COMPLETE", (1.0,))] * 60)
    assert alike.importance() == ()
