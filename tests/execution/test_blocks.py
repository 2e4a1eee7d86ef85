"""Blocks: every unit is done once, lost ones again, whatever engine does them."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from depsim.execution import blocks
from depsim.execution.blocks import RemotePool, TaskLostError, Units, perform_block, take_block
from depsim.execution.executor import ExecutorError
from depsim.execution.healthy_store import StoreSettings
from depsim.execution.sources import SourcesChangedError, Versions
from depsim.execution.work import Event, Failed, Finished, Message, WorkUnit
from tests.execution.test_pool import ARMS, alone, collect
from tests.tiny import unit

SEEDS = (5, 6, 7)
UNITS = [replace(unit((seed,), ARMS[0]), arms=tuple((job, arm.steps) for job, arm in enumerate(ARMS)))
         for seed in SEEDS]  # fmt: skip


class Engine:
    """Does a task when it is waited for; loses those with an individual that it is told to lose, so many times."""

    def __init__(self, capacity: int = 2, lose: dict[int, int] | None = None, gone_after: int = 1000) -> None:
        self._capacity, self._lose, self._gone_after = capacity, dict(lose or {}), gone_after
        self.tasks: list[Units] = []
        self.most, self.closed = 0, False
        self._open: set[int] = set()

    def submit(self, blocks: Sequence[Units]) -> Sequence[Hashable]:
        first = len(self.tasks)
        self.tasks += blocks
        self._open |= set(range(first, len(self.tasks)))
        self.most = max(self.most, len(self._open))
        return list(range(first, len(self.tasks)))

    def capacity(self) -> int:
        return self._capacity

    def wait(self, tickets: Sequence[Hashable], seconds: float) -> Iterable[Hashable]:
        assert set(tickets) == self._open
        if len(self.tasks) - len(self._open) >= self._gone_after:
            raise ExecutorError("gone")
        return tickets[:1] if seconds else tickets

    def answer(self, ticket: Hashable) -> Sequence[Event]:
        assert isinstance(ticket, int)
        self._open.remove(ticket)
        seeds = {seed for each in self.tasks[ticket] for seed in each.seeds}
        for seed in seeds & {seed for seed, left in self._lose.items() if left}:
            self._lose[seed] -= 1
            raise TaskLostError("killed")
        return perform_block(self.tasks[ticket], None)

    def close(self) -> None:
        self.closed = True


def done(engine: Engine, units: Sequence[WorkUnit] = UNITS, seconds: float = 0.0) -> list[Event]:
    events: list[Event] = []
    with RemotePool(engine, seconds) as place:
        place.run(units, events.append)
    assert engine.closed
    return events


def messages(events: Sequence[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, Message)]


@pytest.mark.parametrize(("capacity", "seconds"), [(1, 0.0), (2, 0.0), (9, 0.0), (2, 1e9)])
def test_every_unit_is_done_once_with_the_numbers_of_this_machine_and_within_the_capacity(
    capacity: int, seconds: float
) -> None:
    engine = Engine(capacity)
    found = collect(done(engine, seconds=seconds))
    assert found == {key: outcome for seed in SEEDS for key, outcome in alone(seed).items()}
    assert engine.most == min(capacity, len(engine.tasks))
    assert [len(task) for task in engine.tasks] == ([3] if seconds else [1, 1, 1])


def test_no_unit_is_no_task() -> None:
    engine = Engine()
    assert done(engine, []) == []
    assert engine.tasks == []


def test_blocks_take_about_as_long_as_they_shall(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "unit_seconds", lambda each: float(each.seeds[0]))
    units = [replace(UNITS[0], seeds=(seconds,)) for seconds in (10, 10, 10, 40, 6, 6, 20)]
    left, sizes = deque(units), []
    while left:
        sizes.append([each.seeds[0] for each in take_block(left, 24.0, 9)])
    # three of ten would be 30, farther from 24 than 20 is; 32 is nearer to it than 12; an expensive unit stands alone
    assert sizes == [[10, 10], [10], [40], [6, 6, 20]]
    left = deque(units)
    assert [len(take_block(left, 0.001, 9)) for _ in units] == [1] * 7
    assert len(take_block(deque(units), 1e9, 3)) == 3


@pytest.mark.parametrize(
    ("each", "fail", "sizes"),
    [
        (10.0, 0, [8, 12, 12, 12, 12, 12, 12]),  # ten times as long as was expected
        (0.1, 0, [8, 16, 32, 24]),  # a tenth, so that all would be one block
        (10.0, 8, [8, 8, 12, 12, 12, 12, 12, 4]),  # a block without an outcome says nothing
    ],
)
def test_the_first_blocks_are_small_and_later_ones_are_measured_by_those_before(
    each: float, fail: int, sizes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    units = [replace(UNITS[0], seeds=(seed,)) for seed in range(80)]
    (outcome, *_) = alone(SEEDS[0]).values()

    def perform(block: Units, _cache: StoreSettings | None) -> list[Event]:
        """Each unit in as many parts as it has arms."""
        arms = [(job, unit) for unit in block for job, _ in unit.arms]
        return [
            Failed(job, unit.seeds[0], "bad") if unit.seeds[0] < fail
            else Finished(job, (replace(outcome, seed=unit.seeds[0]),), each / len(unit.arms))
            for job, unit in arms
        ]  # fmt: skip

    monkeypatch.setattr(blocks, "unit_seconds", lambda _unit: 1.0)
    monkeypatch.setitem(globals(), "perform_block", perform)
    engine = Engine(capacity=1)
    done(engine, units, seconds=120.0)
    assert [len(task) for task in engine.tasks] == sizes


def test_a_lost_task_is_done_again() -> None:
    engine = Engine(lose={6: 2})
    events = done(engine)
    assert set(collect([event for event in events if not isinstance(event, Message)])) == {
        (job, seed) for job in range(len(ARMS)) for seed in SEEDS
    }
    assert messages(events) == ["a task was lost (killed); its work is taken up again"], "said once"


def test_what_is_always_lost_is_given_up_alone_and_for_each_of_its_arms() -> None:
    together = [replace(UNITS[0], seeds=(4, 5, 6)), UNITS[2]]
    engine = Engine(lose={6: 1000})
    events = done(engine, together, seconds=1e9)
    failed = [event for event in events if isinstance(event, Failed)]
    assert {(each.job, each.seed) for each in failed} == {(job, 6) for job in range(len(ARMS))}
    assert failed[0].traceback == "3 tasks in turn were lost while computing this (killed)"
    finished = {(each.job, outcome.seed) for each in events if isinstance(each, Finished) for outcome in each.outcomes}
    assert finished == {(job, seed) for job in range(len(ARMS)) for seed in (4, 5, 7)}
    assert len(messages(events)) == 2


def test_a_worker_with_other_sources_refuses_and_what_is_finished_is_handed_on() -> None:
    wrong = replace(UNITS[1], versions=Versions(modules=(("depsim.steps.prune", "0"),)))
    events: list[Event] = []
    engine = Engine()
    with pytest.raises(SourcesChangedError, match=r"depsim\.steps\.prune"), RemotePool(engine, 1e9) as place:
        place.run([UNITS[0], wrong, UNITS[2]], events.append)
    assert {seed for _, seed in collect(events)} == {5}
    assert engine.closed


def test_after_an_interruption_what_has_ended_is_handed_on_and_nothing_more_is_done() -> None:
    events: list[Event] = []

    def receive(event: Event) -> None:
        events.append(event)
        if len(events) == 1:
            raise KeyboardInterrupt

    engine = Engine(capacity=2)
    units = [replace(each, arms=each.arms[:1]) for each in UNITS]
    with pytest.raises(KeyboardInterrupt), RemotePool(engine, 0.0) as place:
        place.run(units, receive)
    assert {seed for _, seed in collect(events)} == {5, 6, 7}, "the two that were handed in meanwhile had ended"
    assert engine.closed


def test_an_engine_that_is_gone_ends_the_work_and_what_came_before_was_handed_on() -> None:
    events: list[Event] = []
    engine = Engine(capacity=1, gone_after=2)
    with pytest.raises(ExecutorError), RemotePool(engine, 0.0) as place:
        place.run(UNITS, events.append)
    assert {seed for _, seed in collect(events)} == {5, 6}
    assert engine.closed


def test_healthy_networks_are_kept_where_the_process_says_and_only_if_they_are_kept_at_all(tmp_path: Path) -> None:
    ours, theirs = (StoreSettings(tmp_path / name, 10**9) for name in ("ours", "theirs"))
    perform_block((replace(UNITS[0], store=ours),), theirs)
    assert (tmp_path / "theirs").is_dir()
    assert not (tmp_path / "ours").exists()
    perform_block((UNITS[1],), theirs)
    assert len(list((tmp_path / "theirs").rglob("*.safetensors"))) == 1
