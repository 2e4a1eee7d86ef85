"""Steps recorded once and replayed: on a GPU a step is forty small kernels, dearer to launch than to compute."""

from __future__ import annotations

import warnings
from collections.abc import Callable

from depsim.lazy_torch import torch

TrainingStep = Callable[[], None]
"""A step that finds all it reads, and leaves all it writes, in the same tensors every time."""
StepRecorder = Callable[[TrainingStep], TrainingStep | None]
"""Makes a step that does the same as the given one, which has been done at least once before; None if it cannot."""
BatchStep = Callable[["torch.Tensor", "torch.Tensor", "torch.Tensor | None"], None]
"""A step on x (N, B, I), y (N, B) and noise (N, B, units) or None; nothing else that it uses moves between calls."""


class CudaGraphs:
    """Records steps as CUDA graphs. Recording a step does not do it.

    A driver that cannot record gets None, now and ever after, and the user a warning: the results are the same, later.

    References: PyTorch, "CUDA semantics", "CUDA Graphs".
    """

    def __init__(self) -> None:
        self._works = True

    def __call__(self, step: TrainingStep) -> TrainingStep | None:
        """The step as a graph."""
        if not self._works:
            return None
        try:
            return self._record(step)
        except RuntimeError as error:
            self._works = False
            warnings.warn(f"steps are not recorded as a CUDA graph, which is slower: {error}", stacklevel=2)
            return None

    @staticmethod
    def _record(step: TrainingStep) -> TrainingStep:
        """Unlike ``torch.cuda.graph``, this leaves the stream as it was also when recording fails."""
        graph = torch.cuda.CUDAGraph()
        torch.cuda.synchronize()
        torch.cuda.empty_cache()  # a graph has memory of its own
        with torch.cuda.stream(torch.cuda.Stream()):
            graph.capture_begin()
            try:
                step()
            finally:
                graph.capture_end()
        replay: TrainingStep = graph.replay
        return replay


as_cuda_graph = CudaGraphs()
"""The one of this process."""


def recorder_for(device: torch.device) -> StepRecorder | None:
    """How steps on a device are recorded, or None where that gains nothing."""
    return as_cuda_graph if device.type == "cuda" else None


class ReplayedStep:
    """Steps on batches, recorded for each size of batch at its second batch; the first is done as it is.

    It keeps tensors and recordings, but not whose step it is: the two would keep each other alive, and with them a
    GPU's memory.

    Args:
        record: how.
    """

    def __init__(self, record: StepRecorder) -> None:
        self._record = record
        self._inputs: dict[tuple[int, bool], tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]] = {}
        self._steps: dict[tuple[int, bool], TrainingStep | None] = {}

    def forget(self) -> None:
        """Record again: something that a step uses has changed."""
        self._inputs, self._steps = {}, {}

    def __call__(
        self, step: BatchStep, x: torch.Tensor, y: torch.Tensor, noise: torch.Tensor | None, scale: float | torch.Tensor
    ) -> None:
        """Do the step on a batch under the scaled noise."""
        kind = (x.shape[1], noise is not None)
        if kind not in self._inputs:
            self._inputs[kind] = (x.clone(), y.clone(), noise * scale if noise is not None else None)
            step(*self._inputs[kind])
            return
        inputs = self._inputs[kind]
        inputs[0].copy_(x)
        inputs[1].copy_(y)
        if noise is not None:
            torch.mul(noise, scale, out=inputs[2])
        if kind not in self._steps:
            self._steps[kind] = self._record(lambda: step(*inputs))
        recorded = self._steps[kind]
        if recorded is None:
            step(*inputs)
        else:
            recorded()
