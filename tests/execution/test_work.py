from __future__ import annotations

import weakref
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar

import pytest
import torch

from depsim.execution import work
from depsim.execution.healthy_store import StoreSettings
from depsim.execution.sources import SourcesChangedError, versions_of
from depsim.execution.work import Event, Failed, Finished, Forked, Message, perform
from depsim.protocol import Arm
from depsim.steps import Path as Course
from depsim.steps import Step
from tests.tiny import Fail, Failing, arm, baseline, outcomes, performed, regrowth, treatments, unit

GOOD, OTHER = arm(regrowth()), arm(treatments()["neurosteroid"])
HURTS_7 = arm(Failing(victim=7))


def test_each_job_is_told_as_soon_as_it_is_done() -> None:
    events: list[Event] = []

    def receive(event: Event) -> None:
        events.append(event)
        if len(events) == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        perform(unit((3, 4), GOOD, OTHER, jobs=(5, 2)), receive)
    (first,) = events
    assert isinstance(first, Finished)
    assert first.job == 5
    assert list(first.outcomes) == outcomes(GOOD, (3, 4))
    assert first.seconds > 0
    found = {
        event.job: list(event.outcomes) for event in performed(unit((3, 4), GOOD, OTHER)) if isinstance(event, Finished)
    }
    assert found == {0: outcomes(GOOD, (3, 4)), 1: outcomes(OTHER, (3, 4))}


@pytest.mark.parametrize("seeds", [(5, 6, 7, 8, 9), (7,), (7, 8), (1, 7)])
def test_an_individual_that_cannot_be_computed_stands_alone_and_the_others_finish(seeds: tuple[int, ...]) -> None:
    messages = performed(unit(seeds, HURTS_7, GOOD))
    failed = [message for message in messages if isinstance(message, Failed)]
    assert [(message.job, message.seed) for message in failed] == [(0, 7)]
    assert "ArithmeticError: individual 7 cannot be treated" in failed[0].traceback
    others = tuple(seed for seed in seeds if seed != 7)
    done = [m for m in messages if isinstance(m, Finished)]
    assert [o for m in done if m.job == 0 for o in m.outcomes] == (outcomes(arm(), others) if others else [])
    assert [o for m in done if m.job == 1 for o in m.outcomes] == outcomes(GOOD, seeds)
    assert len(messages) == len(failed) + len(done)


@dataclass(frozen=True)
class Hungry(Step):
    """A step that fails for want of memory, and sees whether what it took for a larger chunk is free again."""

    taken: ClassVar[list[weakref.ref[torch.Tensor]]] = []
    held: ClassVar[list[bool]] = []

    def __call__(self, path: Course) -> Course:
        self.held.append(any(tensor() is not None for tensor in self.taken))
        memory = torch.zeros(4)
        self.taken.append(weakref.ref(memory))
        return Fail(7)(path)


def test_what_a_failed_chunk_took_is_free_before_its_halves_begin() -> None:
    plain = arm()
    performed(unit((5, 6, 7, 8), replace(plain, steps=(*plain.steps, Hungry()))))
    assert Hungry.held == [False] * 5  # all four, both halves, and the two of the second


def test_steps_on_a_second_gpu_are_recorded_there(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen: list[torch.device] = []
    monkeypatch.setattr(torch.cuda, "set_device", chosen.append)
    monkeypatch.setattr(work, "first_path", lambda *_: None)
    monkeypatch.setattr(work, "walk", lambda *_, **__: iter([work.Broken((), "")]))
    performed(unit((3,), GOOD, device="cuda:1"))
    performed(unit((3,), GOOD, device="cuda"))
    assert chosen == [torch.device("cuda:1")]


def test_a_network_that_diverges_is_an_individuals_failure_not_the_programs() -> None:
    wild = arm(where=baseline(learning_rate=1e30, epochs=4))
    messages = performed(unit((3, 4), wild))
    assert [(m.job, m.seed) for m in messages if isinstance(m, Failed)] == [(0, 3), (0, 4)]
    assert all("DivergedError" in m.traceback for m in messages if isinstance(m, Failed))


def test_a_baseline_that_cannot_be_made_fails_every_arm(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ArithmeticError("no data")

    monkeypatch.setattr(work, "first_path", broken)
    messages = performed(unit((3,), GOOD, OTHER))
    assert [(m.job, m.seed, "no data" in m.traceback) for m in messages if isinstance(m, Failed)] == [
        (0, 3, True), (1, 3, True)]  # fmt: skip


def test_the_seconds_of_a_healthy_network_are_shared_among_its_arms(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter((10.0, 16.0))
    monkeypatch.setattr(work, "time", SimpleNamespace(monotonic=lambda: next(now)))
    monkeypatch.setattr(work, "first_path", lambda *_: None)
    begun: list[float] = []

    def walk(_path: object, _arms: object, seconds: float, **_: object) -> Iterator[work.Broken]:
        begun.append(seconds)
        yield work.Broken((), "")

    monkeypatch.setattr(work, "walk", walk)
    performed(unit((3,), GOOD, OTHER, arm()))
    assert begun == [2.0]


def test_arms_are_handed_on_only_if_asked_and_of_single_individuals() -> None:
    asked = performed(unit((3,), GOOD, OTHER, arm()), fork=True)
    assert sorted(type(event).__name__ for event in asked) == ["Finished", "Forked", "Forked"]
    for events in (performed(unit((3,), GOOD, OTHER)), performed(unit((3, 4), GOOD, OTHER), fork=True)):
        assert [type(event) for event in events] == [Finished, Finished]


def test_a_unit_that_was_handed_on_is_done_from_where_it_stands() -> None:
    asked = performed(unit((3,), GOOD, OTHER, arm()), fork=True)
    forked = [event.unit for event in asked if isinstance(event, Forked)]
    assert {pair for each in forked for pair in each.pairs} == {(1, 3), (2, 3)}
    found = {event.job: event for each in forked for event in performed(each)}
    for job, of in ((1, OTHER), (2, arm())):
        event = found[job]
        assert isinstance(event, Finished)
        assert list(event.outcomes) == outcomes(of, (3,))


def test_a_failure_is_not_stored_and_repeats_alike(tmp_path: Path) -> None:
    store = StoreSettings(tmp_path, 10**9)
    wild = arm(where=baseline(learning_rate=1e30, epochs=4))
    for _ in range(2):
        (message,) = performed(unit((3,), wild, store=store))
        assert isinstance(message, Failed)
        assert "healthy network" in message.traceback
    assert not list(tmp_path.glob("??/*.safetensors"))


def test_a_damaged_file_of_the_store_is_told_before_the_outcome(tmp_path: Path) -> None:
    store = StoreSettings(tmp_path, 10**9)
    own = unit((3,), GOOD, store=store)
    assert [type(event) for event in performed(own)] == [Finished]
    (file,) = tmp_path.glob("??/*.safetensors")
    file.write_bytes(file.read_bytes()[:-1])
    message, finished = performed(own)
    assert isinstance(message, Message)
    assert file.name in message.text
    assert isinstance(finished, Finished)
    assert list(finished.outcomes) == outcomes(GOOD, (3,))


@pytest.mark.parametrize("arms", [(GOOD, OTHER), (GOOD, arm(Failing(victim=3)))])
def test_an_edit_during_a_unit_ends_it_before_anything_more_is_handed_on(
    arms: tuple[Arm, Arm], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / f"edited_in_a_unit_of_{id(arms)}.py"
    file.write_text("X = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    events: list[Event] = []

    def receive(event: Event) -> None:
        events.append(event)
        file.write_text("X = 22\n")

    edited = unit((3,), *arms, versions=versions_of(frozenset({file.stem})))
    for _ in range(2):  # the second time nothing is begun
        with pytest.raises(SourcesChangedError, match=file.stem):
            perform(edited, receive)
        assert [event.job for event in events if isinstance(event, Finished)] == [0]
        assert len(events) == 1
