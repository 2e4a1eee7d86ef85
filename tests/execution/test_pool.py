from __future__ import annotations

import os
import signal
import socket
import subprocess
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
import torch

from depsim.execution import pool
from depsim.execution.arithmetic import reproducible_arithmetic
from depsim.execution.course import Outcome
from depsim.execution.healthy_store import StoreSettings
from depsim.execution.plan import Resources, plan_work
from depsim.execution.pool import Pool
from depsim.execution.sources import SourcesChangedError, Versions, versions_of
from depsim.execution.work import Event, Failed, Finished, Forked, Message, Receive, WorkUnit
from tests.tiny import all_outcomes, arm, treatments, unit

ARMS = [arm(treatment) for treatment in treatments().values()]
SEEDS = (5, 6, 7, 8, 9)


def run(units: list[WorkUnit], workers: int) -> list[Event]:
    """What happens while a pool does units of work."""
    events: list[Event] = []
    with Pool(workers) as own:
        own.run(units, events.append)
    return events


def collect(events: list[Event]) -> dict[tuple[int, int], Outcome]:
    """Outcomes by job and seed; nothing may fail or come twice."""
    found: dict[tuple[int, int], Outcome] = {}
    for event in events:
        assert not isinstance(event, Failed | Forked), event
        if isinstance(event, Finished):
            for outcome in event.outcomes:
                assert (event.job, outcome.seed) not in found
                found[event.job, outcome.seed] = outcome
    return found


def alone(seed: int) -> dict[tuple[int, int], Outcome]:
    with reproducible_arithmetic():
        return {(job, seed): found[0] for job, found in enumerate(all_outcomes(ARMS, (seed,)))}


def executed(seeds: tuple[int, ...], workers: int, chunk: int | None, folder: Path | None) -> dict:
    store = None if folder is None else StoreSettings(folder, 10**9)
    resources = Resources("cpu", workers, chunk, store)
    return collect(run(plan_work([(of, seeds) for of in ARMS], resources), resources.processes))


def children() -> set[int]:
    """Worker processes of this process."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if parent == os.getpid() and b"depsim.execution.worker" in command:
                found.add(int(entry.name))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("chunk", [None, 2, 3, 5])
def test_individual_7_is_the_same_alone_in_a_cohort_of_five_and_in_chunks(chunk: int | None, tmp_path: Path) -> None:
    expected = alone(7)
    found = executed(SEEDS, 1, chunk, None)
    assert len(found) == 20
    assert {key: found[key] for key in expected} == expected
    assert executed(SEEDS, 1, chunk, tmp_path) == found
    assert executed(SEEDS, 1, chunk, tmp_path) == found


def test_no_unit_is_no_event() -> None:
    assert run([], 4) == []


def test_one_worker_is_this_process() -> None:
    with Pool(1) as own:
        own.run([unit((3,), ARMS[0])], lambda _event: assert_no_child())


def assert_no_child() -> None:
    assert children() == set()


@pytest.mark.slow
def test_a_gpu_has_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_unit: WorkUnit, _receive: Receive) -> None:
        raise AssertionError("computed in the process that keeps the results")

    monkeypatch.setattr(pool, "perform", never)
    events: list[Event] = []

    def receive(event: Event) -> None:
        assert len(children()) == 1
        events.append(event)

    with Pool(1) as own:
        own.run([unit((3,), ARMS[0], device="cuda")], receive)
    if not torch.cuda.is_available():
        assert isinstance(events[0], Failed)
        assert "CUDA" in events[0].traceback
    assert children() == set()


def test_work_of_this_process_does_not_begin_before_it_is_asked_for() -> None:
    with Pool(1) as own:
        own.begin([unit((3,), ARMS[0])])
        assert_no_child()


@pytest.mark.slow
def test_individual_7_is_the_same_with_two_workers_which_its_arms_all_use_and_none_computes_for_another_program(
    tmp_path: Path,
) -> None:
    """In one pool, as each worker takes five seconds to start."""
    expected, one = alone(7), executed(SEEDS, 1, 3, None)
    used: set[int] = set()
    cohort, arms, refused = list[Event](), list[Event](), list[Event]()
    with Pool(2) as own:
        real = own._take_in

        def hear(worker: pool._Worker, event: Event | None) -> list[Event]:
            if isinstance(event, Finished):
                used.add(worker.process.pid)
            return real(worker, event)

        own._take_in = hear  # type: ignore[method-assign]
        resources = Resources("cpu", 2, 3, StoreSettings(tmp_path, 10**9))
        own.run(plan_work([(of, SEEDS) for of in ARMS], resources), cohort.append)
        used.clear()
        own.run([unit((7,), *ARMS)], arms.append)
        assert used == children()
        assert len(used) == 2
        units = [unit((3,), ARMS[0]), unit((4,), ARMS[0]), unit((5,), ARMS[0], versions=OTHER)]
        with pytest.raises(SourcesChangedError, match=r"the code of depsim\.steps\.prune was edited"):
            own.run(units, refused.append)
    two = collect(cohort)
    assert two == one
    assert {key: two[key] for key in expected} == expected
    assert collect(arms) == expected
    assert {(0, 3), (0, 4)} & set(collect(refused)), "what is finished is kept"
    assert (0, 5) not in collect(refused)
    assert children() == set()


def one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a pool of one work in a process of its own, where nothing is handed on."""
    monkeypatch.setattr(Pool, "_in_this_process", lambda *_: False)


def scripted(monkeypatch: pytest.MonkeyPatch, *scripts: list[Event | None]) -> None:
    """Let workers say what their script says and end; those after the last one end without a word."""
    left = list(scripts)

    def start() -> pool._Worker:
        ours, theirs = socket.socketpair()
        with Connection(theirs.detach()) as connection:
            for event in left.pop(0) if left else ():
                connection.send(event)
        return pool._Worker(subprocess.Popen(["false"]), Connection(ours.detach()))

    one_worker(monkeypatch)
    monkeypatch.setattr(pool, "_start", start)


def test_work_that_ends_three_workers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    scripted(monkeypatch)
    events = run([unit((7,), ARMS[0])], 1)
    assert events[:2] == [Message("a worker ended (exit code 1); its work is taken up again")] * 2
    (failed,) = events[2:]
    assert failed == Failed(0, 7, "3 workers in turn ended while computing this (exit code 1)")


def test_a_chunk_that_ends_three_workers_is_halved_and_nobody_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    scripted(monkeypatch)
    events = run([unit((5, 6, 7), ARMS[0], ARMS[1])], 1)
    failed = [(event.job, event.seed) for event in events if isinstance(event, Failed)]
    assert sorted(failed) == [(job, seed) for job in (0, 1) for seed in (5, 6, 7)]


def test_what_a_worker_handed_on_before_it_ended_is_done_once(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = (Finished(job, (Outcome(7, {}, {}, b"", ()),), 1.0) for job in (0, 1))
    scripted(monkeypatch, [Forked(unit((7,), ARMS[1], jobs=[1])), one], [other, None], [other, None])
    assert run([unit((7,), ARMS[0], ARMS[1])], 1) == [one, other]


OTHER = Versions((("depsim.steps.prune", "0" * 32),))
"""Of another program than this one."""


def test_this_process_refuses_to_compute_for_another_program() -> None:
    events: list[Event] = []
    with Pool(1) as own, pytest.raises(SourcesChangedError, match=r"the code of depsim\.steps\.prune was edited"):
        own.run([unit((3,), ARMS[0]), unit((4,), ARMS[0], versions=OTHER)], events.append)
    assert set(collect(events)) == {(0, 3)}


@pytest.mark.slow
def test_a_worker_that_died_is_not_replaced_by_one_with_other_sources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "in_flight.py"
    file.write_text("X = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    versions, events = versions_of(frozenset({file.stem})), list[Event]()

    def receive(event: Event) -> None:
        if not events:
            file.write_text("X = 2\n")
            os.kill(min(children()), signal.SIGKILL)
        events.append(event)

    with Pool(2) as own, pytest.raises(SourcesChangedError, match=file.stem):
        own.run([unit((seed,), *ARMS, versions=versions) for seed in range(6)], receive)
    assert collect(events)
    assert children() == set()
