"""Workers that die again and again, each time in place of one that takes seconds to start."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, cast

import pytest

from depsim.execution import pool
from depsim.execution.pool import Pool
from depsim.execution.work import Event, Failed, Finished, Message
from depsim.execution.worker import work
from tests.execution.test_pool import ARMS, alone, children, collect, one_worker, run
from tests.faults.drivers import forking
from tests.tiny import Failing, Killing, Starving, arm, unit

forked = pytest.mark.usefixtures("forked_workers")
_processes: list[BaseProcess] = []


class _Forked:
    """A forked worker with what a pool asks of one."""

    def __init__(self, process: BaseProcess) -> None:
        self.process = process
        _processes.append(process)

    def kill(self) -> None:
        self.process.kill()

    def wait(self) -> int:
        self.process.join()
        return cast(int, self.process.exitcode)


@pytest.fixture
def forked_workers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Workers that are forked, so that starting one costs no imports; what they are is as ever."""
    monkeypatch.setattr(pool, "_start", _start)
    yield
    assert alive() == set()
    _processes.clear()


def _start() -> Any:
    ours, theirs = socket.socketpair()
    process = forking().Process(target=_work, args=(Connection(theirs.detach()),))
    process.start()
    return pool._Worker(cast(Any, _Forked(process)), Connection(ours.detach()))


def _work(connection: Connection) -> None:
    raise SystemExit(work(connection))


def alive() -> set[int]:
    """The forked workers that have not ended."""
    return {cast(int, process.pid) for process in _processes if process.is_alive()}


@forked
def test_work_of_a_killed_worker_is_taken_up_again_and_equal() -> None:
    units = [unit((seed,), *ARMS) for seed in range(6)]
    expected, events = collect(run(units, 1)), list[Event]()

    def receive(event: Event) -> None:
        if not events:
            os.kill(min(alive()), signal.SIGKILL)
        events.append(event)

    with Pool(2) as own:
        own.run(units, receive)
    assert collect(events) == expected
    assert [event.text for event in events if isinstance(event, Message)] == [
        "a worker ended (killed by signal 9); its work is taken up again"
    ]
    assert alive() == set()


@forked
def test_work_that_kills_every_worker_is_given_up_and_the_rest_is_done() -> None:
    fatal, sound = unit((3,), ARMS[0], arm(Killing()), ARMS[1]), unit((4,), ARMS[0], ARMS[1], jobs=(0, 2))
    events = run([fatal, sound], 2)
    (failed,) = [event for event in events if isinstance(event, Failed)]
    assert (failed.job, failed.seed) == (1, 3)
    assert "killed by signal 9" in failed.traceback
    assert failed.traceback.startswith("3 workers in turn")
    done = sorted((event.job, o.seed) for event in events if isinstance(event, Finished) for o in event.outcomes)
    assert done == [(0, 3), (0, 4), (2, 3), (2, 4)]
    assert alive() == set()


@forked
def test_nothing_is_both_finished_and_failed_when_workers_die_in_a_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    # The chunk is halved for individual 7; each half's outcomes are told before a later job kills the worker.
    monkeypatch.setattr(pool, "ATTEMPTS", 1)
    units = [unit((6, 7), arm(Failing(victim=7)), arm(Killing())), unit((8,), ARMS[0])]
    events = run(units, 2)
    done = [(event.job, o.seed) for event in events if isinstance(event, Finished) for o in event.outcomes]
    failed = [(event.job, event.seed) for event in events if isinstance(event, Failed)]
    assert sorted(done) == [(0, 6), (0, 8)]
    assert sorted(failed) == [(0, 7), (1, 6), (1, 7)]


def test_workers_that_get_no_memory_end_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pool, "ATTEMPTS", 2)
    events = run([unit((3,), arm(Starving())), unit((4,), ARMS[0])], 2)
    (failed,) = [event.traceback for event in events if isinstance(event, Failed)]
    assert "2 workers in turn ended" in failed
    assert "out of memory: set workers or chunk" in failed
    assert capfd.readouterr().err == ""


@forked
def test_no_worker_takes_the_place_of_the_last_one_that_a_unit_has_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    one_worker(monkeypatch)
    started, real = list[pool._Worker](), pool._start

    def start() -> pool._Worker:
        started.append(real())
        return started[-1]

    monkeypatch.setattr(pool, "_start", start)
    events = run([unit((3,), arm(Killing()))], 1)
    assert [type(event) for event in events] == [Message, Message, Failed]
    assert len(started) == 3


@forked
def test_a_worker_that_dies_in_a_branch_fails_that_arm_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "ATTEMPTS", 2)
    events = run([unit((7,), arm(Killing()), ARMS[0], ARMS[1])], 2)
    failed = [event for event in events if isinstance(event, Failed)]
    assert [(event.job, event.seed) for event in failed] == [(0, 7)]
    done = sorted((event.job, event.outcomes[0]) for event in events if isinstance(event, Finished))
    assert done == [(1, alone(7)[0, 7]), (2, alone(7)[1, 7])]
    assert alive() == set()


@forked
def test_an_arm_that_failed_before_its_worker_died_keeps_its_own_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    one_worker(monkeypatch)
    monkeypatch.setattr(pool, "ATTEMPTS", 2)
    events = run([unit((7,), arm(Failing(victim=7)), arm(Killing()), ARMS[0])], 1)
    failed = {event.job: event.traceback for event in events if isinstance(event, Failed)}
    assert set(failed) == {0, 1}
    assert "individual 7 cannot be treated" in failed[0]
    assert failed[1].startswith("2 workers in turn")
    assert [event.job for event in events if isinstance(event, Finished)] == [2]


def test_a_worker_whose_driver_goes_before_it_listens_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    worker = pool._start()
    worker.connection.send((unit((3,), ARMS[0]), False))
    assert isinstance(worker.connection.recv(), Finished)
    assert worker.connection.poll(60)  # that it has nothing to do any more is there, and nobody reads it
    worker.connection.close()
    assert worker.process.wait(60) in (0, 1)
    assert capfd.readouterr().err == ""


@forked
def test_work_that_has_begun_goes_on_when_it_is_asked_for_and_is_dropped_when_other_work_is() -> None:
    ahead, other = [unit((3,), ARMS[0]), unit((4,), ARMS[0])], [unit((4,), ARMS[0]), unit((5,), ARMS[0])]
    for asked in (ahead, other):
        with Pool(2) as own:
            own.begin(ahead)
            begun = alive()
            assert len(begun) == 2
            events: list[Event] = []
            own.run(asked, events.append)
            assert (alive() == begun) == (asked is ahead)
        assert set(collect(events)) == {(0, each.seeds[0]) for each in asked}
    assert alive() == set()


def test_stopping_early_leaves_no_worker_behind() -> None:
    def stop(_event: Event) -> None:
        assert len(children()) == 2
        raise KeyboardInterrupt

    with Pool(2) as own:
        with pytest.raises(KeyboardInterrupt):
            own.run([unit((seed,), *ARMS) for seed in range(4)], stop)
        assert children() == set()
