from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from depsim.execution.arithmetic import reproducible_arithmetic
from depsim.execution.course import Outcome
from depsim.execution.job import Job
from depsim.execution.pool import Pool
from depsim.execution.progress import NoProgress
from depsim.execution.recorder import JobRecord, Notify
from depsim.execution.runner import run_jobs
from depsim.execution.work import Failed, Finished, Message, Receive, WorkUnit
from depsim.tracking import NoTracking
from tests.execution.test_pool import children
from tests.jobs import spec, watch_work
from tests.tiny import Fail, outcomes

SMALL = ("tracking=none", "model.hidden=[6]", "cohort=smoke")


class Heard:
    """Progress that remembers."""

    def __init__(self) -> None:
        self.total, self.weights = 0.0, 0.0
        self.texts, self.seconds, self.messages = list[str](), list[float | None](), list[str]()

    @contextmanager
    def work(self, total: float, processes: int | None = None) -> Iterator[None]:
        self.total = total
        yield

    def advance(self, weight: float, text: str, seconds: float | None = None) -> None:
        self.weights += weight
        self.seconds.append(seconds)
        self.texts.append(text)

    def message(self, text: str) -> None:
        self.messages.append(text)


def alone(job: Job, seed: int) -> Outcome:
    with reproducible_arithmetic():
        return outcomes(job.arm, (seed,))[0]


@pytest.mark.slow
def test_every_individual_of_every_job_is_computed_and_stays_in_order() -> None:
    specs = [spec(name, *SMALL, "cohort.seeds=[2,0,1]") for name in ("none", "ketamine")]
    logs = run_jobs([each.job for each in specs], NoTracking(), specs[0].resources, NoProgress())
    for each, log in zip(specs, logs, strict=True):
        assert log.outcomes() == [alone(each.job, seed) for seed in (2, 0, 1)]
        assert not log.is_open
        assert log.failures == {}


def test_progress_adds_up_and_names_the_work() -> None:
    heard, specs = Heard(), [spec(name, *SMALL) for name in ("none", "ssri")]
    run_jobs([each.job for each in specs], NoTracking(), specs[0].resources, heard)
    assert heard.weights == pytest.approx(heard.total)
    assert len(heard.texts) == 6
    assert all(seconds > 0 for seconds in heard.seconds)
    assert any(text.startswith("untreated, ") and text.endswith(" · n=3, individual 0") for text in heard.texts)


def test_a_failure_is_told_and_the_others_finish() -> None:
    wanted, heard = spec("none", *SMALL), Heard()
    steps = wanted.job.arm.steps
    sick = replace(wanted.job, arm=replace(wanted.job.arm, steps=(*steps[:3], Fail(1), *steps[3:])))
    (log,) = run_jobs([sick], NoTracking(), wanted.resources, heard)
    assert list(log.metrics()) == [0, 2]
    assert set(log.failures) == {1}
    assert "individual 1 cannot be treated" in log.failures[1]
    assert any("individual 1 failed: ArithmeticError" in text for text in heard.messages)
    assert heard.weights == pytest.approx(heard.total)
    assert not log.is_open


def test_messages_are_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted, heard = spec("none", *SMALL, "seed=0"), Heard()

    def odd(_pool: Pool, _units: Sequence[WorkUnit], receive: Receive) -> None:
        receive(Message("something odd"))
        receive(Failed(0, 0, "it\nbroke"))

    monkeypatch.setattr(Pool, "run", odd)
    (log,) = run_jobs([wanted.job], NoTracking(), wanted.resources, heard)
    assert heard.messages[0] == "something odd"
    assert log.failures == {0: "it\nbroke"}


def test_an_interruption_keeps_what_is_finished_and_closes_every_record(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Any] = []

    class Remembering(NoTracking):
        def open(self) -> Any:
            return self

        def begin(self, job: Job, notify: Notify) -> JobRecord:
            begun.append(NoTracking().open().begin(job, notify))
            return begun[-1]  # type: ignore[no-any-return]

    watch_work(monkeypatch, interrupt_after=2)
    specs = [spec(name, *SMALL) for name in ("none", "ketamine")]
    with pytest.raises(KeyboardInterrupt):
        run_jobs([each.job for each in specs], Remembering(), specs[0].resources, NoProgress())
    assert sum(len(log.metrics()) for log in begun) == 2
    assert not any(log.is_open for log in begun)


@pytest.mark.slow
def test_records_are_given_in_the_order_of_the_jobs_as_soon_as_they_are_closed() -> None:
    specs = [spec(name, *SMALL) for name in ("none", "ketamine", "ssri")]
    heard, given = Heard(), []

    def settled(record: JobRecord) -> None:
        assert not record.is_open
        given.append((record.job, len(heard.texts)))

    run_jobs([each.job for each in specs], NoTracking(), specs[0].resources, heard, settled=settled)
    assert [job for job, _ in given] == [each.job for each in specs]
    assert [count for _, count in given] == [9, 9, 9]  # the shortest arm of the last individual ends last
    one, two = ([spec(name, *SMALL, f"cohort.seeds=[{seed}]") for seed in (0, 1)] for name in ("none", "ssri"))
    heard, given = Heard(), []
    run_jobs([each.job for each in (one[0], two[1])], NoTracking(), specs[0].resources, heard, settled=settled)
    assert [count for _, count in given] == [1, 2]


def test_a_job_that_stands_twice_is_begun_once() -> None:
    job = spec("none", *SMALL, "seed=1")
    logs = run_jobs([job.job, job.job], NoTracking(), job.resources, NoProgress())
    assert logs[0] is logs[1]


def test_the_same_condition_in_two_studies_is_two_jobs() -> None:
    specs = [spec("none", *SMALL, "seed=1", f"study={study}") for study in "ab"]
    logs = run_jobs([each.job for each in specs], NoTracking(), specs[0].resources, NoProgress())
    assert [log.job.study for log in logs] == ["a", "b"]


@pytest.mark.slow
def test_outcomes_that_come_in_any_order_end_every_job(monkeypatch: pytest.MonkeyPatch) -> None:
    specs = [spec(name, *SMALL) for name in ("none", "ketamine")]
    done = {(number, seed): alone(each.job, seed) for number, each in enumerate(specs) for seed in range(3)}

    def backwards(_pool: Pool, _units: Sequence[WorkUnit], receive: Receive) -> None:
        for number, seed in sorted(done, key=lambda key: (key[1], key[0]), reverse=True):
            receive(Finished(number, (done[number, seed],), 0.1))

    monkeypatch.setattr(Pool, "run", backwards)
    logs = run_jobs([each.job for each in specs], NoTracking(), specs[0].resources, NoProgress())
    assert [list(log.metrics()) for log in logs] == [[0, 1, 2]] * 2


def test_a_chunks_seconds_are_shared_among_its_individuals(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted, noted = spec("none", *SMALL), list[float]()
    done = tuple(alone(wanted.job, seed) for seed in range(3))
    monkeypatch.setattr(Pool, "run", lambda _pool, _units, receive: receive(Finished(0, done, 6.0)))
    monkeypatch.setattr(
        type(NoTracking().open().begin(wanted.job, print)), "finish", lambda _log, _outcome, s: noted.append(s)
    )
    run_jobs([wanted.job], NoTracking(), wanted.resources, NoProgress())
    assert noted == [2.0] * 3


class NewStore:
    """A place for records that is not there yet, and what happens meanwhile."""

    def __init__(self, opened: Callable[[], None]) -> None:
        self._opened = opened

    def peek(self) -> None:
        return None

    def open(self) -> Any:
        self._opened()
        return NoTracking().open()


@pytest.mark.slow
def test_a_store_that_cannot_be_made_leaves_no_worker_behind() -> None:
    wanted = spec("none", *SMALL, "workers=2")

    def fail() -> None:
        assert len(children()) == 2
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        run_jobs([wanted.job], NewStore(fail), wanted.resources, NoProgress())
    assert children() == set()


def test_no_work_begins_where_some_of_it_may_be_done_already(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Sequence[WorkUnit]] = []
    monkeypatch.setattr(Pool, "begin", lambda _self, units: begun.append(units))
    wanted = spec("none", *SMALL)

    class Store(NewStore):
        def peek(self) -> Any:
            return self.open()

    for store, times in ((Store, 0), (NewStore, 1)):
        run_jobs([wanted.job], store(lambda: None), wanted.resources, NoProgress())
        assert len(begun) == times
    assert [unit.pairs for unit in begun[0]] == [{(0, 0)}, {(0, 1)}, {(0, 2)}]


def test_a_cohort_of_one_computes_for_itself_and_a_larger_one_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    computed = watch_work(monkeypatch)
    specs = [spec("none", *SMALL), spec("none", *SMALL, "cohort.seeds=[1]")]
    cohort, single = run_jobs([each.job for each in specs], NoTracking(), specs[0].resources, NoProgress())
    assert sorted(computed) == [(0, 0), (0, 2), (1, 1)]
    assert cohort.outcomes()[1] == single.outcomes()[0]


def test_a_failure_is_that_of_every_job_that_waits_for_the_individual(monkeypatch: pytest.MonkeyPatch) -> None:
    specs = [spec("none", *SMALL, f"cohort.seeds={seeds}") for seeds in ("[0,1]", "[1,2]")]
    monkeypatch.setattr(Pool, "run", lambda _pool, _units, receive: receive(Failed(0, 1, "it broke")))
    logs = run_jobs([each.job for each in specs], NoTracking(), specs[0].resources, NoProgress())
    assert [log.failures for log in logs] == [{1: "it broke"}] * 2
