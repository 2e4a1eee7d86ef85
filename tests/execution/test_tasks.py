from __future__ import annotations

import weakref
from pathlib import Path
from typing import ClassVar

import pytest
import torch

from depsim.execution.tasks import Failed, Finished, Remark, StoreSettings, Task, perform
from depsim.model import Cohort
from depsim.protocol import Condition, Course, Outcome
from depsim.training import Trained, Trainer
from tests.tiny import CPU, Unwell, arms, condition, origin, regrowth

GOOD, OTHER = condition(regrowth()), condition(arms()["neurosteroid"])
HURTS_7 = condition(Unwell(victim=7))


def expected(of: Condition, *seeds: int) -> list[Outcome]:
    return Course(seeds, CPU).outcomes(of)


def test_each_job_is_told_as_soon_as_it_is_done() -> None:
    messages = perform(Task((3, 4), ((5, GOOD), (2, OTHER)), "cpu", None))
    first = next(messages)
    assert isinstance(first, Finished)
    assert first.job == 5
    assert list(first.outcomes) == expected(GOOD, 3, 4)
    assert first.seconds > 0
    (second,) = messages
    assert isinstance(second, Finished)
    assert (second.job, list(second.outcomes)) == (2, expected(OTHER, 3, 4))


@pytest.mark.parametrize("seeds", [(5, 6, 7, 8, 9), (7,), (7, 8), (1, 7)])
def test_an_individual_that_cannot_be_computed_stands_alone_and_the_others_finish(seeds: tuple[int, ...]) -> None:
    messages = list(perform(Task(seeds, ((0, HURTS_7), (1, GOOD)), "cpu", None)))
    failed = [message for message in messages if isinstance(message, Failed)]
    assert [(message.job, message.seed) for message in failed] == [(0, 7)]
    assert "ArithmeticError: individual 7 cannot be treated" in failed[0].traceback
    others = tuple(seed for seed in seeds if seed != 7)
    done = [m for m in messages if isinstance(m, Finished)]
    assert [o for m in done if m.job == 0 for o in m.outcomes] == (expected(condition(), *others) if others else [])
    assert [o for m in done if m.job == 1 for o in m.outcomes] == expected(GOOD, *seeds)
    assert len(messages) == len(failed) + len(done)


class Hungry(Unwell):
    """A treatment that fails for want of memory, and sees whether what it took for a larger chunk is free again."""

    taken: ClassVar[list[weakref.ref[torch.Tensor]]] = []
    held: ClassVar[list[bool]] = []

    def __call__(self, cohort: Cohort, trainer: Trainer) -> Trained:
        self.held.append(any(tensor() is not None for tensor in self.taken))
        memory = torch.zeros(4)
        self.taken.append(weakref.ref(memory))
        return super().__call__(cohort, trainer)


def test_what_a_failed_chunk_took_is_free_before_its_halves_begin() -> None:
    list(perform(Task((5, 6, 7, 8), ((0, condition(Hungry(victim=7))),), "cpu", None)))
    assert Hungry.held == [False] * 5  # all four, both halves, and the two of the second


def test_steps_on_a_second_gpu_are_recorded_there(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen: list[torch.device] = []
    monkeypatch.setattr(torch.cuda, "set_device", chosen.append)
    monkeypatch.setattr(Course, "outcomes", lambda _course, _condition: [])
    list(perform(Task((3,), ((0, GOOD),), "cuda:1", None)))
    list(perform(Task((3,), ((0, GOOD),), "cuda", None)))
    assert chosen == [torch.device("cuda:1")]


def test_a_network_that_diverges_is_an_individuals_failure_not_the_programs() -> None:
    wild = condition(where=origin(learning_rate=1e30, epochs=4))
    messages = list(perform(Task((3, 4), ((0, wild), (1, GOOD)), "cpu", None)))
    assert [(m.job, m.seed) for m in messages if isinstance(m, Failed)] == [(0, 3), (0, 4)]
    assert all("DivergedError" in m.traceback for m in messages if isinstance(m, Failed))
    assert [m.job for m in messages if isinstance(m, Finished)] == [1]


def test_a_failure_is_not_stored_and_repeats_alike(tmp_path: Path) -> None:
    store = StoreSettings(tmp_path, 10**9)
    wild = condition(where=origin(learning_rate=1e30, epochs=4))
    for _ in range(2):
        (message,) = perform(Task((3,), ((0, wild),), "cpu", store))
        assert isinstance(message, Failed)
        assert "healthy network" in message.traceback
    assert not list(tmp_path.glob("??/*.safetensors"))


def test_a_damaged_file_of_the_store_is_remarked_before_the_outcome(tmp_path: Path) -> None:
    store = StoreSettings(tmp_path, 10**9)
    task = Task((3,), ((0, GOOD),), "cpu", store)
    assert [type(message) for message in perform(task)] == [Finished]
    (file,) = tmp_path.glob("??/*.safetensors")
    file.write_bytes(file.read_bytes()[:-1])
    remark, finished = perform(task)
    assert isinstance(remark, Remark)
    assert file.name in remark.text
    assert isinstance(finished, Finished)
    assert list(finished.outcomes) == expected(GOOD, 3)
