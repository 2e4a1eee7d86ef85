"""Steps recorded once and replayed: on a GPU a step is forty small kernels, dearer to launch than to compute."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import torch

Step = Callable[[], None]
"""A step that finds all it reads, and leaves all it writes, in the same tensors every time."""
Recorder = Callable[[Step], Step]
"""Makes a step that does the same as the given one, which has been done at least once before."""


def as_cuda_graph(step: Step) -> Step:
    """The step as a CUDA graph. Recording it does not do it.

    A driver that cannot record it gets the step itself, and the user a warning: the results are the same, later.

    References: PyTorch, "CUDA semantics", "CUDA Graphs".
    """
    graph = torch.cuda.CUDAGraph()
    try:
        with torch.cuda.graph(graph):
            step()
    except RuntimeError as error:
        warnings.warn(f"steps are not recorded as a CUDA graph, which is slower: {error}", stacklevel=2)
        return step
    replay: Step = graph.replay
    return replay


def recorder_for(device: torch.device) -> Recorder | None:
    """How steps on a device are recorded, or None where that gains nothing."""
    return as_cuda_graph if device.type == "cuda" else None


class Replayed:
    """A step on batches, recorded for each size of batch at its second batch; the first is done as it is.

    Args:
        step: takes x (N, B, I), y (N, B) and noise (N, B, units) or None, and reads and writes nothing else that
            moves between calls.
        record: how.
    """

    def __init__(
        self, step: Callable[[torch.Tensor, torch.Tensor, torch.Tensor | None], None], record: Recorder
    ) -> None:
        self._step, self._record = step, record
        self._inputs: dict[tuple[int, bool], tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]] = {}
        self._steps: dict[tuple[int, bool], Step] = {}

    def __call__(self, x: torch.Tensor, y: torch.Tensor, noise: torch.Tensor | None) -> None:
        """Do the step."""
        kind = (x.shape[1], noise is not None)
        if kind not in self._inputs:
            self._inputs[kind] = (x.clone(), y.clone(), noise.clone() if noise is not None else None)
            self._step(*self._inputs[kind])
            return
        for place, value in zip(self._inputs[kind], (x, y, noise), strict=True):
            if place is not None and value is not None:
                place.copy_(value)
        if kind not in self._steps:
            inputs = self._inputs[kind]
            self._steps[kind] = self._record(lambda: self._step(*inputs))
        self._steps[kind]()
