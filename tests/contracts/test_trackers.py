"""What every tracker in conf/tracking/ has to keep."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from depsim.execution.arithmetic import reproducible_arithmetic
from depsim.execution.course import Outcome
from depsim.execution.job import Job
from depsim.execution.recorder import JobRecord
from depsim.tracking import Tracker, Tracking
from tests import tiny
from tests.contracts.choices import build, names
from tests.jobs import spec

pytestmark = pytest.mark.slow  # whole outcomes, and a store
TRACKING = names("tracking")


@pytest.fixture(scope="module")
def job() -> Job:
    return spec("neurosteroid", "cohort.seeds=[5,3,4]", "study=contract").job


@pytest.fixture(scope="module")
def outcomes(job: Job) -> dict[int, Outcome]:
    with reproducible_arithmetic():
        return {seed: tiny.outcomes(job.arm, [seed])[0] for seed in job.seeds}


@pytest.fixture(params=TRACKING)
def tracking(request: pytest.FixtureRequest) -> Tracking:
    return build("tracking", request.param)


@pytest.fixture
def tracker(tracking: Tracking, project: Path) -> Tracker:
    return tracking.open()


def filled(tracker: Tracker, job: Job, outcomes: dict[int, Outcome], *seeds: int) -> JobRecord:
    log = tracker.begin(job, print)
    for seed in seeds or job.seeds:
        log.finish(outcomes[seed], 0.5)
    return log


def test_there_are_trackers_to_check() -> None:
    assert {"none", "mlflow"} <= set(TRACKING)
    assert all(isinstance(build("tracking", name), Tracking) for name in TRACKING)


def test_at_first_everyone_is_missing_in_the_cohorts_order(tracker: Tracker, job: Job) -> None:
    log = tracker.begin(job, print)
    assert log.missing == (5, 3, 4)
    assert log.is_open
    assert (log.metrics(), log.outcomes(), log.failures) == ({}, [], {})
    log.close(interrupted=True)


def test_who_is_finished_is_not_missing(tracker: Tracker, job: Job, outcomes: dict[int, Outcome]) -> None:
    log = filled(tracker, job, outcomes, 4, 5)
    assert log.missing == (3,)
    assert list(log.metrics()) == [5, 4]
    assert [outcome.seed for outcome in log.outcomes()] == [5, 4]
    log.close(interrupted=True)


def test_outcomes_come_back_as_they_went_in(tracker: Tracker, job: Job, outcomes: dict[int, Outcome]) -> None:
    outcomes = outcomes | {4: replace(outcomes[4], notes=("one thing", "another · thing"))}
    log = filled(tracker, job, outcomes, 3, 4, 5)
    log.close()
    assert not log.is_open
    assert log.missing == ()
    assert log.metrics() == {seed: dict(outcomes[seed].metrics) for seed in (5, 3, 4)}
    for back, seed in zip(log.outcomes(), (5, 3, 4), strict=True):
        put = outcomes[seed]
        assert (back.seed, back.masks, back.notes) == (put.seed, put.masks, put.notes)
        assert dict(back.metrics) == dict(put.metrics)
        assert {k: list(map(tuple, v)) for k, v in back.curves.items()} == {k: list(v) for k, v in put.curves.items()}


def test_who_failed_stays_missing_and_is_named(tracker: Tracker, job: Job, outcomes: dict[int, Outcome]) -> None:
    log = filled(tracker, job, outcomes, 5, 4)
    log.fail(3, "Traceback ...\nValueError: no")
    log.close()
    assert dict(log.failures) == {3: "Traceback ...\nValueError: no"}
    assert log.missing == (3,)
    assert list(log.metrics()) == [5, 4]


def test_a_closed_record_still_tells(tracker: Tracker, job: Job, outcomes: dict[int, Outcome]) -> None:
    log = filled(tracker, job, outcomes)
    before = (log.metrics(), log.run_id)
    log.close()
    assert (log.metrics(), log.run_id) == before


def test_a_tracker_keeps_files_exactly_if_it_says_so(
    tracking: Tracking, empty: Path, job: Job, outcomes: dict[int, Outcome]
) -> None:
    log = filled(tracking.open(), job, outcomes)
    log.close()
    assert bool(list(empty.iterdir())) == tracking.keeps_files
    assert (log.run_id is not None) == tracking.keeps_files


def test_what_was_kept_is_found_again_exactly_if_files_are(
    tracking: Tracking, tracker: Tracker, job: Job, outcomes: dict[int, Outcome]
) -> None:
    first = filled(tracker, job, outcomes)
    first.close()
    again = tracking.open().begin(job, print)
    assert again.missing == (() if tracking.keeps_files else job.seeds)
    if tracking.keeps_files:
        assert (again.metrics(), again.run_id) == (first.metrics(), first.run_id)
    again.close()
