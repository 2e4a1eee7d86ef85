from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from depsim.execution.arithmetic import reproducible_arithmetic
from depsim.execution.tasks import Failed, Finished, Remark, Task
from depsim.protocol import Course
from depsim.runner import run_jobs
from depsim.tracking import NoTracking
from tests.jobs import order, silently, watch_work
from tests.tiny import CPU, Unwell

SMALL = ("tracking=none", "model.hidden=[6]", "cohort=smoke")
TRACKER = NoTracking().open()


class Heard:
    """Progress that remembers."""

    def __init__(self) -> None:
        self.total, self.weights, self.texts, self.remarks = 0.0, 0.0, [], []  # type: ignore[var-annotated]

    def advance(self, weight: float, text: str) -> None:
        self.weights += weight
        self.texts.append(text)

    def remark(self, text: str) -> None:
        self.remarks.append(text)

    @contextmanager
    def display(self, total: float) -> Iterator[Heard]:
        self.total = total
        yield self


def test_every_individual_of_every_job_is_computed_and_stays_in_order() -> None:
    orders = [order(name, *SMALL, "cohort.seeds=[2,0,1]") for name in ("none", "ketamine")]
    logs = run_jobs([each.job for each in orders], TRACKER, orders[0].resources, silently)
    for each, log in zip(orders, logs, strict=True):
        with reproducible_arithmetic():
            assert log.outcomes() == [Course((seed,), CPU).outcomes(each.job.condition)[0] for seed in (2, 0, 1)]
        assert not log.is_open
        assert log.failures == {}


def test_progress_adds_up_and_names_the_work() -> None:
    heard, orders = Heard(), [order(name, *SMALL) for name in ("none", "ssri")]
    run_jobs([each.job for each in orders], TRACKER, orders[0].resources, heard.display)
    assert heard.weights == pytest.approx(heard.total)
    assert len(heard.texts) == 6
    assert "none · 95 % · n=3, individual 0" in heard.texts


def test_a_failure_is_told_and_the_others_finish() -> None:
    wanted, heard = order("none", *SMALL), Heard()
    sick = replace(wanted.job, condition=replace(wanted.job.condition, treatment=Unwell(victim=1)))
    (log,) = run_jobs([sick], TRACKER, wanted.resources, heard.display)
    assert list(log.metrics()) == [0, 2]
    assert set(log.failures) == {1}
    assert "individual 1 cannot be treated" in log.failures[1]
    assert any("individual 1 failed: ArithmeticError" in text for text in heard.remarks)
    assert heard.weights == pytest.approx(heard.total)
    assert not log.is_open


def test_remarks_are_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted, heard = order("none", *SMALL, "seed=0"), Heard()

    def odd(tasks: list[Task], _workers: int) -> Iterator[Any]:
        yield Remark("something odd")
        yield Failed(0, 0, "it\nbroke")

    monkeypatch.setattr("depsim.runner.run_tasks", odd)
    (log,) = run_jobs([wanted.job], TRACKER, wanted.resources, heard.display)
    assert heard.remarks[0] == "something odd"
    assert log.failures == {0: "it\nbroke"}


def test_an_interruption_keeps_what_is_finished_and_closes_every_record(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Any] = []

    class Remembering:
        def begin(self, job: Any) -> Any:
            begun.append(TRACKER.begin(job))
            return begun[-1]

    watch_work(monkeypatch, interrupt_after=2)
    orders = [order(name, *SMALL) for name in ("none", "ketamine")]
    with pytest.raises(KeyboardInterrupt):
        run_jobs([each.job for each in orders], Remembering(), orders[0].resources, silently)  # type: ignore[arg-type]
    assert sum(len(log.metrics()) for log in begun) == 2
    assert not any(log.is_open for log in begun)


def test_a_job_that_stands_twice_is_begun_once() -> None:
    job = order("none", *SMALL, "seed=1")
    logs = run_jobs([job.job, job.job], TRACKER, job.resources, silently)
    assert logs[0] is logs[1]


def test_the_same_condition_in_two_studies_is_two_jobs() -> None:
    orders = [order("none", *SMALL, "seed=1", f"study={study}") for study in "ab"]
    logs = run_jobs([each.job for each in orders], TRACKER, orders[0].resources, silently)
    assert [log.job.study for log in logs] == ["a", "b"]


def test_messages_that_come_in_any_order_end_every_job(monkeypatch: pytest.MonkeyPatch) -> None:
    orders = [order(name, *SMALL) for name in ("none", "ketamine")]
    with reproducible_arithmetic():
        done = {
            (number, seed): Course((seed,), CPU).outcomes(each.job.condition)
            for number, each in enumerate(orders)
            for seed in range(3)
        }

    def backwards(_tasks: list[Task], _workers: int) -> Iterator[Finished]:
        for number, seed in sorted(done, key=lambda key: (key[1], key[0]), reverse=True):
            yield Finished(number, tuple(done[number, seed]), 0.1)

    monkeypatch.setattr("depsim.runner.run_tasks", backwards)
    logs = run_jobs([each.job for each in orders], TRACKER, orders[0].resources, silently)
    assert [list(log.metrics()) for log in logs] == [[0, 1, 2]] * 2
