"""Trials that are drawn from a study's individuals."""

from __future__ import annotations

import numpy as np
import pytest

from depsim.statistics import trial_power
from depsim.study.trial import NoTrialError, draw_trials
from tests.diverse import SETTINGS, diverse
from tests.people import arm, study


def test_every_condition_is_compared_with_the_untreated() -> None:
    found = diverse(60)
    drawn = draw_trials(found, 20, "combined")
    assert (drawn.metric, drawn.people, drawn.control) == ("treated/combined", 60, "none")
    none = found.arms[0].values("treated/combined")
    assert drawn.found == {
        arm.treatment: trial_power(arm.values("treated/combined"), none, 20) for arm in found.arms[1:]
    }


def test_another_control_and_a_whole_metric_can_be_named() -> None:
    drawn = draw_trials(diverse(60), 20, "treated/resilience_auc", "ketamine")
    assert (drawn.metric, drawn.control) == ("treated/resilience_auc", "ketamine")
    assert set(drawn.found) == {"none", "ssri", "neurosteroid"}


def test_only_whoever_took_every_path_is_in_the_population() -> None:
    gone = np.where(np.arange(60) < 10, np.nan, 50.0)
    assert draw_trials(diverse(60, ssri={"treated/combined": gone}), 20, "combined").people == 50


def test_without_untreated_ones_the_first_condition_is_the_control() -> None:
    assert draw_trials(study(*diverse(30).arms[1:]), 5, "combined").control == "ketamine"
    sham = arm("sham", {"treated/combined": np.arange(30.0)}, data="individual", changed=SETTINGS)
    assert draw_trials(study(*diverse(30).arms[1:], sham), 5, "combined").control == "sham"


@pytest.mark.parametrize(
    ("outcome", "control", "said"),
    [("mood", None, "--outcome mood: not measured in two conditions; there are treated/combined, treated/remission"),
     ("combined", "sham", "--control sham: no such condition; there are none, ketamine")],
)  # fmt: skip
def test_what_is_not_there_is_named_with_what_is(outcome: str, control: str | None, said: str) -> None:
    with pytest.raises(NoTrialError, match=said):
        draw_trials(diverse(30), 20, outcome, control)


def test_one_condition_makes_no_trial_nor_do_individuals_without_one_in_common() -> None:
    with pytest.raises(NoTrialError, match="no two conditions"):
        draw_trials(study(diverse(30).arms[0]), 20, "combined")
    apart = [arm(name, {"treated/combined": np.arange(5.0)}, seeds) for name, seeds in
             (("none", range(5)), ("ssri", range(5, 10)))]  # fmt: skip
    with pytest.raises(NoTrialError, match="no individual has treated/combined in every condition"):
        draw_trials(study(*apart), 20, "combined")
