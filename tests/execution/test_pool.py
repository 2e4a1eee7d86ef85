from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from depsim.execution import pool
from depsim.execution.arithmetic import reproducible_arithmetic
from depsim.execution.plan import Resources, plan
from depsim.execution.pool import run_tasks
from depsim.execution.tasks import Failed, Finished, Message, Remark, StoreSettings, Task
from depsim.protocol import Course, Outcome
from tests.tiny import CPU, Lethal, Unwell, arms, condition

ARMS = [condition(treatment) for treatment in arms().values()]
SEEDS = (5, 6, 7, 8, 9)


def collect(messages: Iterator[Message]) -> dict[tuple[int, int], Outcome]:
    """Outcomes by job and seed; nothing may fail or come twice."""
    found: dict[tuple[int, int], Outcome] = {}
    for message in messages:
        assert not isinstance(message, Failed), message
        if isinstance(message, Finished):
            for outcome in message.outcomes:
                assert (message.job, outcome.seed) not in found
                found[message.job, outcome.seed] = outcome
    return found


def alone(seed: int) -> dict[tuple[int, int], Outcome]:
    with reproducible_arithmetic():
        return {(job, seed): Course((seed,), CPU).outcomes(of)[0] for job, of in enumerate(ARMS)}


def executed(seeds: tuple[int, ...], workers: int, chunk: int | None, folder: Path | None) -> dict:
    store = None if folder is None else StoreSettings(folder, 10**9)
    resources = Resources("cpu", workers, chunk, store)
    return collect(run_tasks(plan([(arm, seeds) for arm in ARMS], resources), resources.processes))


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


@pytest.mark.parametrize("chunk", [None, 2, 3, 5])
def test_individual_7_is_the_same_alone_in_a_cohort_of_five_and_in_chunks(chunk: int | None, tmp_path: Path) -> None:
    expected = alone(7)
    found = executed(SEEDS, 1, chunk, None)
    assert len(found) == 20
    assert {key: found[key] for key in expected} == expected
    assert executed(SEEDS, 1, chunk, tmp_path) == found
    assert executed(SEEDS, 1, chunk, tmp_path) == found


def test_no_task_is_no_message() -> None:
    assert list(run_tasks([], 4)) == []


def test_one_worker_is_this_process() -> None:
    for _ in run_tasks([Task((3,), ((0, ARMS[0]),), "cpu", None)], 1):
        assert children() == set()


def test_a_gpu_has_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_task: Task) -> Iterator[Message]:
        raise AssertionError("computed in the process that keeps the results")
        yield

    monkeypatch.setattr(pool, "perform", never)
    messages = run_tasks([Task((3,), ((0, ARMS[0]),), "cuda", None)], 1)
    first = next(messages)
    assert len(children()) == 1
    if not torch.cuda.is_available():
        assert isinstance(first, Failed)
        assert "CUDA" in first.traceback
    list(messages)
    assert children() == set()


@pytest.mark.slow
@pytest.mark.parametrize("chunk", [1, 3])
def test_individual_7_is_the_same_with_two_workers(chunk: int, tmp_path: Path) -> None:
    expected = alone(7)
    one, two = executed(SEEDS, 1, chunk, None), executed(SEEDS, 2, chunk, tmp_path)
    assert two == one
    assert {key: two[key] for key in expected} == expected
    spread = executed((7,), 2, None, tmp_path / "other")
    assert spread == expected
    assert children() == set()


@pytest.mark.slow
def test_work_of_a_killed_worker_is_taken_up_again_and_equal() -> None:
    tasks = [Task((seed,), tuple(enumerate(ARMS)), "cpu", None) for seed in range(6)]
    expected = collect(run_tasks(tasks, 1))
    messages = run_tasks(tasks, 2)
    seen = [next(messages)]
    os.kill(min(children()), signal.SIGKILL)
    seen.extend(messages)
    assert collect(iter(seen)) == expected
    assert [m.text for m in seen if isinstance(m, Remark)] == [
        "a worker ended (killed by signal 9); its work is taken up again"
    ]
    assert children() == set()


@pytest.mark.slow
def test_work_that_kills_every_worker_is_given_up_and_the_rest_is_done() -> None:
    lethal = condition(Lethal())
    tasks = [Task((seed,), ((0, ARMS[0]), (1, lethal), (2, ARMS[1])), "cpu", None) for seed in (3, 4)]
    messages = list(run_tasks(tasks, 2))
    failed = [(m.job, m.seed) for m in messages if isinstance(m, Failed)]
    assert sorted(failed) == [(1, 3), (1, 4)]
    assert all("killed by signal 9" in m.traceback for m in messages if isinstance(m, Failed))
    done = sorted((m.job, o.seed) for m in messages if isinstance(m, Finished) for o in m.outcomes)
    assert done == [(0, 3), (0, 4), (2, 3), (2, 4)]
    assert children() == set()


@pytest.mark.slow
def test_nobody_is_both_finished_and_failed_when_workers_die_in_a_chunk() -> None:
    # The chunk is halved for individual 7; each half's outcomes are told before a later job kills the worker.
    tasks = [
        Task((5, 6, 7), ((0, condition(Unwell(victim=7))), (1, condition(Lethal()))), "cpu", None),
        Task((8,), ((0, ARMS[0]),), "cpu", None),
    ]
    messages = list(run_tasks(tasks, 2))
    done = [(m.job, o.seed) for m in messages if isinstance(m, Finished) for o in m.outcomes]
    failed = [(m.job, m.seed) for m in messages if isinstance(m, Failed)]
    assert sorted(done) == [(0, 5), (0, 6), (0, 8)]
    assert sorted(failed) == [(0, 7), (1, 5), (1, 6), (1, 7)]


@pytest.mark.slow
def test_stopping_early_leaves_no_worker_behind() -> None:
    tasks = [Task((seed,), tuple(enumerate(ARMS)), "cpu", None) for seed in range(4)]
    messages = run_tasks(tasks, 2)
    next(messages)
    assert len(children()) == 2
    messages.close()  # type: ignore[attr-defined]
    assert children() == set()
