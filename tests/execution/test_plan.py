from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from depsim.execution import plan as planning
from depsim.execution.device import cores
from depsim.execution.plan import Resources, plan
from depsim.execution.tasks import StoreSettings, Task
from tests.tiny import arms, condition, origin

STORE = StoreSettings(Path("nowhere"), 10)
ARMS = [condition(treatment) for treatment in arms().values()]


def resources(workers: int | None = 1, chunk: int | None = None, store: StoreSettings | None = STORE) -> Resources:
    return Resources("cpu", workers, chunk, store)


def work(tasks: list[Task]) -> list[tuple[int, int]]:
    return [(job, seed) for task in tasks for job, _ in task.conditions for seed in task.seeds]


@pytest.mark.parametrize("workers", [1, 2, 8])
@pytest.mark.parametrize("chunk", [None, 1, 2, 5])
@pytest.mark.parametrize("store", [STORE, None])
def test_every_job_of_every_individual_is_in_exactly_one_task(
    workers: int, chunk: int | None, store: StoreSettings | None
) -> None:
    jobs = [*((arm, range(5)) for arm in ARMS), (condition(where=origin(epochs=1)), [2, 9]), (ARMS[0], [])]
    tasks = plan(jobs, resources(workers, chunk, store))
    expected = [(number, seed) for number, (_, seeds) in enumerate(jobs) for seed in seeds]
    assert sorted(work(tasks)) == sorted(expected)
    assert all(jobs[number][0] == of for task in tasks for number, of in task.conditions)
    assert all(len(task.seeds) <= (chunk or 1) for task in tasks)
    assert {task.store for task in tasks} == {store}
    assert {task.device for task in tasks} == {"cpu"}


def test_the_arms_of_an_individual_stay_together_where_there_are_enough_individuals() -> None:
    tasks = plan([(arm, range(4)) for arm in ARMS], resources(workers=4))
    assert [task.seeds for task in tasks] == [(0,), (1,), (2,), (3,)]
    assert all([number for number, _ in task.conditions] == [0, 1, 2, 3] for task in tasks)


def test_fewer_individuals_than_workers_are_spread_longest_first() -> None:
    tasks = plan([(arm, [7]) for arm in ARMS], resources(workers=2))
    assert [len(task.conditions) for task in tasks] == [1] * 4
    epochs = [getattr(task.conditions[0][1].treatment, "epochs", 0) for task in tasks]
    assert epochs == [3, 2, 2, 0]


def test_without_a_store_nothing_is_spread_because_everyone_would_train_the_healthy_network() -> None:
    (task,) = plan([(arm, [7]) for arm in ARMS], resources(workers=2, store=None))
    assert len(task.conditions) == 4


def test_an_individual_that_misses_one_arm_only_is_not_given_the_others() -> None:
    tasks = plan([(ARMS[0], [0, 1]), (ARMS[1], [1])], resources(workers=1, chunk=5))
    assert sorted((task.seeds, tuple(n for n, _ in task.conditions)) for task in tasks) == [
        ((0,), (0,)),
        ((1,), (0, 1)),
    ]


def test_chunks_hold_as_many_as_asked() -> None:
    tasks = plan([(ARMS[0], range(7))], resources(chunk=3))
    assert [task.seeds for task in tasks] == [(0, 1, 2), (3, 4, 5), (6,)]


def test_different_origins_are_never_in_one_task() -> None:
    tasks = plan([(ARMS[0], [0]), (condition(where=origin(epochs=1)), [0])], resources(chunk=5))
    for task in tasks:
        assert len({of.origin for _, of in task.conditions}) == 1


def test_nothing_to_do_is_no_task() -> None:
    assert plan([], resources()) == []
    assert plan([(ARMS[0], [])], resources(workers=4)) == []


def test_workers_default_to_the_cores() -> None:
    assert resources(workers=None).processes == cores()
    assert resources(workers=5).processes == 5


def test_a_gpu_has_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "device_kind", lambda name: name.partition(":")[0])
    for workers, device in itertools.product((None, 1, 4), ("cuda", "cuda:1")):
        assert Resources(device, workers, None, None).processes == 1
