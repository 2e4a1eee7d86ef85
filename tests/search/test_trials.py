"""Which trial comes next when a process ended in the middle of one."""

from __future__ import annotations

from pathlib import Path

import pytest

from depsim.config import validate
from depsim.search.plan import plan_search
from depsim.search.settings import SearchSettings, with_presets
from depsim.search.storage import open_storage
from depsim.search.trials import Trials, open_trials
from tests.searches import SMALL, search_block

POINT = {"treatment.regrow_fraction": 0.25, "treatment.epochs": 2}


@pytest.fixture
def trials(empty: Path) -> Trials:
    settings = validate(SearchSettings, "search", with_presets(search_block(sampler="random")))
    plan = plan_search("mine", settings, ["study=s", "cohort=smoke", "treatment=ketamine", *SMALL], "again")
    return open_trials(plan, open_storage(keeps=False))


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
