"""Recorded steps: what a recording of a step's tensor operations, replayed, must do. The tape stands in for a GPU."""

from __future__ import annotations

import contextlib
import gc
import weakref
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from depsim.model import Cohort, StandingState, products
from depsim.model.state import NO_DRUG
from depsim.streams import Noise, Purpose, Streams
from depsim.testing import same
from depsim.training.dense import DenseLearner
from depsim.training.recorded import CudaGraphs, ReplayedStep, TrainingStep, as_cuda_graph, recorder_for
from tests.tiny import CPU, ON_DRUG, drug, initial, run_epoch, with_random_masks

SIZES = (16, 16, 16, 9)


@pytest.fixture(autouse=True)
def _as_on_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Products are PyTorch's, which the tape can write down."""
    monkeypatch.setattr(products, "by_numpy", lambda *_: False)


class _Tape(TorchDispatchMode):
    """Writes down every tensor operation with the very tensors it reads and writes, as a CUDA graph does."""

    def __init__(self) -> None:
        super().__init__()
        self.operations: list[tuple[Any, Any, Any, Any]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        self.operations.append((func, args, kwargs or {}, out))
        return out


class TapeRecorder:
    """Records on a tape, and takes back what recording did: a recording does not do the step."""

    def __init__(self) -> None:
        self.learner: DenseLearner | None = None
        self.recordings = 0

    def __call__(self, step: TrainingStep) -> TrainingStep:
        assert self.learner is not None
        self.recordings += 1
        state = _tensors(self.learner)
        before = [tensor.clone() for tensor in state]
        with _Tape() as tape:
            step()
        for tensor, value in zip(state, before, strict=True):
            tensor.detach().copy_(value)
        return lambda: _play(tape)


def _tensors(learner: DenseLearner) -> list[torch.Tensor]:
    own = [value for value in vars(learner).values() if isinstance(value, torch.Tensor)]
    adam = [value for state in learner._adam.state.values() for value in state.values()]
    return [*own, learner._learned.grad, *adam]  # type: ignore[list-item]


def _play(tape: _Tape) -> None:
    for func, args, kwargs, out in tape.operations:
        again = func(*args, **kwargs)
        for old, new in zip(_flat(out), _flat(again), strict=True):
            if old.data_ptr() != new.data_ptr():
                old.copy_(new)


def _flat(out: Any) -> list[torch.Tensor]:
    if isinstance(out, torch.Tensor):
        return [out]
    return [tensor for part in out for tensor in _flat(part)] if isinstance(out, list | tuple) else []


def epochs(cohort: Cohort, count: int = 3) -> list[list[tuple[torch.Tensor, torch.Tensor]]]:
    random = np.random.RandomState(1)
    return [
        [
            (
                torch.from_numpy(random.randn(len(cohort), size, 2).astype(np.float32)),
                torch.from_numpy(random.randint(0, 4, (len(cohort), size))),
            )
            for size in SIZES
        ]
        for _ in range(count)
    ]


def learn(learner: DenseLearner, cohort: Cohort, sigmas: tuple[float, ...]) -> list[torch.Tensor]:
    noise: Noise = Streams(cohort.seeds).noise(16, cohort.architecture.noise_units, CPU, Purpose.TREATMENT, 2)
    return [run_epoch(learner, batches, sigma, noise) for batches, sigma in zip(epochs(cohort), sigmas, strict=True)]


@pytest.mark.parametrize("sigmas", [(0.0, 0.0, 0.0), (0.5, 0.25, 0.0)])
@pytest.mark.parametrize("sparsity", [0.0, 0.3, 0.9])
@pytest.mark.parametrize("state", [NO_DRUG, ON_DRUG])
def test_replayed_steps_do_what_steps_do(sigmas: tuple[float, ...], sparsity: float, state: StandingState) -> None:
    cohort = replace(with_random_masks(initial((3, 4), (12, 10)), sparsity), state=state)
    plain, recorder = DenseLearner(cohort, 1e-2), TapeRecorder()
    replayed = DenseLearner(cohort, 1e-2, recorder)
    recorder.learner = replayed
    expected, found = learn(plain, cohort, sigmas), learn(replayed, cohort, sigmas)
    for one, other in zip(expected, found, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-6, atol=0)
    assert same(plain.cohort(), replayed.cohort())
    # One per size of batch, whatever the noise is; an epoch without noise has one of its own.
    assert recorder.recordings == (3 if any(sigmas) else 2)


def test_a_new_state_is_recorded_anew() -> None:
    cohort, states = initial((3, 4), (12, 10)), [NO_DRUG, ON_DRUG, drug(1.2)]
    plain, recorder = DenseLearner(cohort, 1e-2), TapeRecorder()
    replayed = DenseLearner(cohort, 1e-2, recorder)
    recorder.learner = replayed
    for batches, state in zip(epochs(cohort), states, strict=True):
        expected, found = (run_epoch(learner, batches, state=state) for learner in (plain, replayed))
        torch.testing.assert_close(found, expected, rtol=1e-6, atol=0)
    assert same(plain.cohort(), replayed.cohort())
    assert recorder.recordings == 3  # the first batch of a size is never recorded


def test_a_step_is_recorded_at_its_second_batch_of_a_size_and_with_or_without_noise() -> None:
    seen: list[tuple[int, float | None]] = []
    recordings: list[TrainingStep] = []

    def step(x: torch.Tensor, y: torch.Tensor, noise: torch.Tensor | None) -> None:
        seen.append((int(x.sum()), None if noise is None else float(noise.mean())))

    def record(own: TrainingStep) -> TrainingStep:
        recordings.append(own)
        return own

    replayed, label, noise = ReplayedStep(record), torch.zeros(1, 2, dtype=torch.int64), torch.full((1, 2, 3), 2.0)
    for value, block, scale in ((1, None, 0), (2, None, 0), (3, noise, 0.5), (4, None, 0), (5, noise, 0.25)):
        replayed(step, torch.full((1, 2, 1), float(value)), label, block, scale)
    assert seen == [(2, None), (4, None), (6, 1.0), (8, None), (10, 0.5)]
    assert len(recordings) == 2
    assert bool((noise == 2).all())


def test_the_inputs_of_a_caller_are_never_written() -> None:
    replayed = ReplayedStep(lambda step: step)
    for _ in range(3):
        x = torch.ones(1, 2, 1)
        replayed(lambda x, _y, _noise: (x.zero_(), None)[1], x, torch.zeros(1, 2, dtype=torch.int64), None, 0.0)
        assert bool((x == 1).all())


@pytest.mark.parametrize("recordable", [True, False])
def test_the_memory_of_a_phase_is_free_when_it_ends(recordable: bool) -> None:
    """Not when the garbage collector comes by: on a GPU it is gigabytes, and the next phase wants them."""
    cohort = initial((3,), (12, 10))
    learner = DenseLearner(cohort, 1e-2, lambda _step: (lambda: None) if recordable else None)
    learn(learner, cohort, (0.5, 0.25, 0.0))
    parameters = weakref.ref(learner._parameters)
    gc.disable()
    try:
        del learner
        assert parameters() is None
    finally:
        gc.enable()


def test_only_a_gpu_records() -> None:
    assert recorder_for(CPU) is None
    assert recorder_for(torch.device("cuda")) is as_cuda_graph


class _Driver:
    """A CUDA driver that notes what it is asked, and refuses to end a recording if it shall."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, refuses: bool) -> None:
        self.asked: list[str] = []
        self._refuses = refuses
        monkeypatch.setattr(torch.cuda, "CUDAGraph", lambda: self)
        monkeypatch.setattr(torch.cuda, "Stream", lambda: "aside")
        monkeypatch.setattr(torch.cuda, "stream", self.stream)
        for name in ("synchronize", "empty_cache"):
            monkeypatch.setattr(torch.cuda, name, lambda name=name: self.asked.append(name))

    @contextlib.contextmanager
    def stream(self, name: str) -> Any:
        self.asked.append(name)
        try:
            yield
        finally:
            self.asked.append("back")

    def capture_begin(self) -> None:
        self.asked.append("begin")

    def capture_end(self) -> None:
        self.asked.append("end")
        if self._refuses:
            raise RuntimeError("operation not permitted when stream is capturing")

    def replay(self) -> None:
        self.asked.append("replay")


def test_a_step_is_recorded_on_a_stream_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = _Driver(monkeypatch, refuses=False)
    replay = CudaGraphs()(lambda: driver.asked.append("step"))
    assert replay is not None
    replay()
    assert driver.asked == ["synchronize", "empty_cache", "aside", "begin", "step", "end", "back", "replay"]


def test_a_driver_that_cannot_record_is_asked_once_and_the_user_told(monkeypatch: pytest.MonkeyPatch) -> None:
    driver, record = _Driver(monkeypatch, refuses=True), CudaGraphs()
    with pytest.warns(UserWarning, match="not recorded as a CUDA graph, which is slower: operation not permitted"):
        assert record(lambda: None) is None
    assert driver.asked[-1] == "back"
    asked = len(driver.asked)
    assert record(lambda: None) is None
    assert len(driver.asked) == asked
    cohort = initial((3, 4), (12, 10))
    plain, refused = DenseLearner(cohort, 1e-2), DenseLearner(cohort, 1e-2, record)
    for one, other in zip(learn(plain, cohort, (0.5, 0, 0)), learn(refused, cohort, (0.5, 0, 0)), strict=True):
        assert torch.equal(one, other)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("sigmas", [(0.0, 0.0, 0.0), (0.5, 0.25, 0.0)])
@pytest.mark.parametrize("sparsity", [0.0, 0.3, 0.9])
@pytest.mark.parametrize("hidden", [(12, 10), (512, 512, 256)])
def test_a_cuda_graph_does_what_steps_do(hidden: tuple[int, ...], sparsity: float, sigmas: tuple[float, ...]) -> None:
    device = torch.device("cuda")
    cohort = with_random_masks(initial((3, 4), hidden), sparsity).to(device)
    plain, graphed = DenseLearner(cohort, 1e-3, lambda _step: None), DenseLearner(cohort, 1e-3)
    own, other = (
        Streams(cohort.seeds).noise(16, cohort.architecture.noise_units, device, Purpose.TREATMENT, 2) for _ in range(2)
    )
    for batches, sigma in zip(epochs(cohort), sigmas, strict=True):
        batches = [(x.to(device), y.to(device)) for x, y in batches]
        torch.testing.assert_close(
            run_epoch(plain, batches, sigma, own), run_epoch(graphed, batches, sigma, other), rtol=1e-5, atol=0
        )
    for one, another in zip(plain.cohort().weights, graphed.cohort().weights, strict=True):
        torch.testing.assert_close(one, another, rtol=0, atol=1e-4)
