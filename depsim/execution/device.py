"""Devices: which one computes, and how many individuals fit on it at once."""

from __future__ import annotations

import os
import re
from pathlib import Path

from depsim.lazy_torch import torch
from depsim.protocol import Baseline

_LARGEST_CHUNK = 256
_SHARE_OF_FREE_MEMORY = 0.8
_BYTES = 4
_COPIES_OF_PARAMETERS = 12
"""Weights, gradient, two Adam moments, mask, the order of what survives, and the networks of the stages held."""
_ROWS_OF_ACTIVITY = 16_000
"""Rows of hidden activity and noise that exams and training on a GPU hold at once, see ``streams.CUDA_BLOCK_STEPS``."""


def device_kind(name: str) -> str:
    """``cpu`` or ``cuda``, for the device that a configuration names; asks PyTorch only about a GPU.

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
    return kind


def cores() -> int:
    """CPU cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def bytes_per_individual(baseline: Baseline, kind: str) -> int:
    """About how much memory one individual of a chunk takes; a CPU computes them one after the other."""
    task = baseline.task
    parts = baseline.model.architecture(task.inputs, task.classes)
    points = (task.train_size + task.test_size + task.clean_size) * (task.inputs + 2) * 3
    activity = parts.noise_units * _ROWS_OF_ACTIVITY if kind == "cuda" else 0
    return ((parts.weights + parts.biases) * _COPIES_OF_PARAMETERS + points + activity) * _BYTES


def free_bytes(device: str) -> int:
    """Memory that is free on a device now."""
    if device != "cpu":
        return int(torch.cuda.mem_get_info(torch.device(device))[0])
    table = Path("/proc/meminfo")
    if table.exists():
        for line in table.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def largest_chunk(device: str, baseline: Baseline, processes: int) -> int:
    """How many individuals each of the processes can hold in the memory that is free now; at least 1."""
    room = int(free_bytes(device) * _SHARE_OF_FREE_MEMORY) // processes
    return max(1, room // bytes_per_individual(baseline, device.partition(":")[0]))


def chunk_size(device: str, baseline: Baseline, wanted: int | None) -> int:
    """How many individuals to hold on a device at once; results do not depend on it."""
    if wanted is not None:
        return wanted
    if device == "cpu":
        return 1  # an individual at a time fits the core's cache; more would only take memory
    return min(_LARGEST_CHUNK, largest_chunk(device, baseline, 1))
