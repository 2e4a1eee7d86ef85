"""Devices: which one computes, and how many individuals fit on it at once."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from depsim.execution.cost import network_size
from depsim.protocol import Origin

_LARGEST_CHUNK = 256
_SHARE_OF_FREE_MEMORY = 0.8
_BYTES = 4
_COPIES_OF_PARAMETERS = 12
"""Weights, gradient, two Adam moments, mask, the order of what survives, and the networks of the stages held."""
_ROWS_OF_ACTIVITY = 16_000
"""Rows of hidden activity and noise that exams and training hold at once, see ``streams.CUDA_BLOCK_STEPS``."""


def parse_device(name: str) -> torch.device:
    """The device that a configuration names.

    Raises:
        ValueError: if the name is not ``cpu``, ``cuda`` or ``cuda:K``, or if that device is not there.
    """
    if not re.fullmatch(r"cpu|cuda(:[0-9]+)?", name):
        raise ValueError("must be cpu, cuda or cuda:K")
    kind, _, index = name.partition(":")
    if kind == "cuda" and not torch.cuda.is_available():
        raise ValueError("no CUDA device here; use cpu")
    if index and int(index) >= torch.cuda.device_count():
        raise ValueError(f"there are {torch.cuda.device_count()} CUDA devices, counted from 0")
    return torch.device(name)


def cores() -> int:
    """CPU cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def bytes_per_individual(origin: Origin) -> int:
    """About how much memory one individual of a chunk takes on a GPU."""
    task = origin.task
    weights, hidden_units = network_size(origin)
    parameters = weights + hidden_units + task.classes
    points = (task.train_size + task.test_size + task.clean_size) * (task.inputs + 2) * 3
    activity = hidden_units * _ROWS_OF_ACTIVITY
    return (parameters * _COPIES_OF_PARAMETERS + points + activity) * _BYTES


def chunk_size(device: torch.device, origin: Origin, wanted: int | None) -> int:
    """How many individuals to hold on a device at once; results do not depend on it."""
    if wanted is not None:
        return wanted
    if device.type == "cpu":
        return 1  # an individual at a time fits the core's cache; more would only take memory
    free, _ = torch.cuda.mem_get_info(device)
    return max(1, min(_LARGEST_CHUNK, int(free * _SHARE_OF_FREE_MEMORY) // bytes_per_individual(origin)))


@contextmanager
def reproducible_arithmetic() -> Iterator[None]:
    """One thread, denormal numbers flushed to zero, full float32 products: the arithmetic all results are made with.

    With more threads, long sums are split differently and lose their last bits; Adam's moments of silent units decay
    through the denormal range, which some processors handle a hundred times slower.
    """
    threads = torch.get_num_threads()
    tf32 = torch.backends.cuda.matmul.allow_tf32
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    torch.backends.cuda.matmul.allow_tf32 = False
    try:
        yield
    finally:
        torch.backends.cuda.matmul.allow_tf32 = tf32
        torch.set_flush_denormal(False)
        torch.set_num_threads(threads)
