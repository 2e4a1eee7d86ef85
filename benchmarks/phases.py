"""Where an individual's time goes in depsim: seconds, and the work that the seconds are spent on.

The individual is led through its conditions by the program's own code, in this process, once under stopwatches and
once under counters; its outcomes are then given to the tracker under a stopwatch.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from unittest.mock import patch

import torch

from depsim.config import prepare
from depsim.execution import course
from depsim.execution import work as work_module
from depsim.execution.arithmetic import reproducible_arithmetic
from depsim.execution.course import Outcome
from depsim.execution.job import Job
from depsim.execution.work import Event, Finished, WorkUnit, perform
from depsim.model import dense, mlp
from depsim.model.dense import DenseNetwork
from depsim.model.sparse import SparseNetwork
from depsim.steps import Examine, Prune, Regrow, Step, Train
from depsim.streams import CpuNoise
from depsim.training import compact
from depsim.training.adam import Adam
from depsim.training.sparse import SparseLearner

_KEPT = 5
"""Individuals that tracking is timed over."""
_BYTES_OF_ADAM = 7 * 4
"""Read parameter, gradient and two moments, write all but the gradient."""


@dataclass
class Work:
    """What a phase took and did.

    Args:
        seconds: on the clock, one thread.
        flops: of matrix products, dense and sparse.
        normals: random numbers drawn.
        bytes: moved by the optimiser.
    """

    seconds: float = 0.0
    flops: float = 0.0
    normals: float = 0.0
    bytes: float = 0.0

    def floor(self, rates: dict[str, float]) -> float:
        """Seconds that the work needs at the machine's highest rates, one kind of work after the other."""
        return self.flops / rates["flops"] + self.normals / rates["normals"] + self.bytes / rates["bytes"]


@dataclass
class Ledger:
    """Work by phase; what happens belongs to the innermost phase that is open."""

    phases: defaultdict[str, Work] = field(default_factory=lambda: defaultdict(Work))
    stack: list[str] = field(default_factory=lambda: ["other"])

    @property
    def current(self) -> Work:
        return self.phases[self.stack[-1]]

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        outside = self.current
        self.stack.append(name)
        try:
            yield
        finally:
            self.stack.pop()
            spent = time.perf_counter() - began
            self.phases[name].seconds += spent
            outside.seconds -= spent

    def wrap(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any, **kwargs: Any) -> Any:
            with self.phase(name):
                return work(*args, **kwargs)

        return timed


def measure(arms: Sequence[str], overrides: Sequence[str]) -> dict[str, Work]:
    """All phases of one individual, tracking included."""
    jobs = {arm: prepare([f"treatment={arm}", "cohort.size=1", *overrides]).job for arm in arms}
    _lead(jobs, Ledger())  # compile and warm up
    timed, counted = Ledger(), Ledger()
    outcomes = _lead(jobs, timed)
    with _counters(counted):
        _lead(jobs, counted)
    for name, work in timed.phases.items():
        other = counted.phases[name]
        work.flops, work.normals, work.bytes = other.flops, other.normals, other.bytes
    timed.phases["tracking"].seconds = _track(arms, overrides, outcomes)
    return dict(timed.phases)


def _lead(jobs: dict[str, Job], ledger: Ledger) -> dict[str, Outcome]:
    """One individual through all arms, under stopwatches."""
    names, outcomes = list(jobs), {}
    owners = {step: arm for arm, job in jobs.items() for step in job.arm.steps if isinstance(step, Regrow | Train)}
    first = jobs[names[0]]
    unit = WorkUnit(
        first.seeds, first.arm.baseline, tuple(enumerate(job.arm.steps for job in jobs.values())), "cpu", None
    )

    def receive(event: Event) -> None:
        assert isinstance(event, Finished), event
        (outcomes[names[event.job]],) = event.outcomes

    def phase_of(step: Step) -> str:
        return {Prune: "prune", Examine: "assessment"}.get(type(step)) or owners.get(step, "other")

    with reproducible_arithmetic(), ExitStack() as stack:
        for name, phase in (("prepare_chunk", "data"), ("pack", "masks")):
            stack.enter_context(patch.object(course, name, ledger.wrap(phase, getattr(course, name))))
        healthy = ledger.wrap("healthy training", course.train_baseline)
        stack.enter_context(patch.object(work_module, "train_baseline", healthy))
        for kind in (Prune, Examine, Regrow, Train):
            stack.enter_context(patch.object(kind, "__call__", _timed(kind.__call__, phase_of, ledger)))
        began = time.perf_counter()
        perform(unit, receive)
        ledger.phases["other"].seconds += time.perf_counter() - began
    return outcomes


def _timed(call: Any, phase_of: Callable[[Step], str], ledger: Ledger) -> Any:
    """A step under the stopwatch of its phase."""

    def timed(self: Step, path: Any) -> Any:
        with ledger.phase(phase_of(self)):
            return call(self, path)

    return timed


@contextmanager
def _counters(ledger: Ledger) -> Iterator[None]:
    """Count the work of whatever phase is open."""

    def before(owner: Any, method: str, note: Callable[..., None]) -> Any:
        original = getattr(owner, method)

        def counted(*args: Any, **kwargs: Any) -> Any:
            note(*args, **kwargs)
            return original(*args, **kwargs)

        return patch.object(owner, method, counted)

    def adam(_self: Adam, parameters: Any, *_: Any) -> None:
        ledger.current.bytes += _BYTES_OF_ADAM * parameters.size

    def block(self: CpuNoise) -> None:
        ledger.current.normals += len(self._keys) * self._units * self._rows

    def sparse(wiring: Any, samples: int, noisy: bool, is_training: bool) -> None:
        driven = int((wiring.constant - wiring.start[:-1]).sum())
        looked_at = len(wiring.source) if noisy else driven  # constant units send a number where there is no noise
        ledger.current.flops += 2 * samples * (2 * looked_at + driven if is_training else looked_at)
        ledger.current.normals += samples * (wiring.bias_index.size - wiring.outputs) * noisy

    def sparse_epoch(self: SparseLearner, batches: Any, _state: Any, sigma: float, _noise: Any) -> None:
        sparse(self._network.wiring, sum(x.shape[1] for x, _ in batches), sigma > 0, True)

    def sparse_logits(self: SparseNetwork, x: torch.Tensor, _state: Any, sigma: float, _address: Any) -> None:
        sparse(self.wiring, x.shape[1], sigma > 0, False)

    def dense_logits(_self: DenseNetwork, x: torch.Tensor, _state: Any, sigma: float, _address: Any) -> None:
        units = sum(len(biases) for _, biases in _self._layers[:-1])
        ledger.current.normals += x.shape[1] * units * (sigma > 0)

    def multiply(left: Any, right: Any, _out: Any) -> None:
        ledger.current.flops += 2 * left.size * right.shape[1]

    def bmm(left: torch.Tensor, right: torch.Tensor, _out: Any) -> None:
        ledger.current.flops += 2 * left.numel() * right.shape[2]

    def affine(_bias: torch.Tensor, left: torch.Tensor, right: torch.Tensor) -> None:
        bmm(left, right, None)

    with ExitStack() as stack:
        stack.enter_context(before(Adam, "step", adam))
        stack.enter_context(before(CpuNoise, "block", block))
        stack.enter_context(before(SparseLearner, "epoch", sparse_epoch))
        stack.enter_context(before(SparseNetwork, "logits", sparse_logits))
        stack.enter_context(before(DenseNetwork, "logits", dense_logits))
        for module, name, product in (
            (compact, "multiply", multiply),
            (dense, "multiply", multiply),
            (mlp, "multiply", bmm),
            (mlp, "affine", affine),
        ):
            stack.enter_context(before(module, name, product))
        yield


def _track(arms: Sequence[str], overrides: Sequence[str], outcomes: dict[str, Outcome]) -> float:
    """Seconds to keep all outcomes of one individual in cohorts that are open already."""
    specs = {arm: prepare([f"treatment={arm}", *overrides, f"cohort.size={1 + _KEPT}"]) for arm in arms}
    records = {arm: spec.tracking.open().begin(spec.job, print) for arm, spec in specs.items()}
    for seed in range(1 + _KEPT):
        if seed == 1:  # the first one loads what tracking needs
            began = time.perf_counter()
        for arm, record in records.items():
            record.finish(replace(outcomes[arm], seed=record.job.seeds[seed]), 1.0)
    spent = time.perf_counter() - began
    for record in records.values():
        record.close()
    return spent / _KEPT
