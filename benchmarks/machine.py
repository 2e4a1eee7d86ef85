"""What this machine can do: the rates that phases are held against, one thread, measured now."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from depsim.kernels import normals

_SAMPLES = 128


def describe() -> dict[str, object]:
    """Where the measurement was made."""
    model = [
        line.split(":")[1].strip() for line in _read("/proc/cpuinfo").splitlines() if line.startswith("model name")
    ]
    return {
        "processor": model[0] if model else platform.processor(),
        "cores": len(os.sched_getaffinity(0)),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "load": os.getloadavg()[0],
    }


def rates() -> dict[str, float]:
    """Highest rates of one thread: float32 matrix products, standard normals, and bytes copied."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    weights, signal, out = torch.randn(512, 512), torch.randn(_SAMPLES, 512), torch.empty(_SAMPLES, 512)
    key, block = np.array([1, 2], dtype=np.uint32), np.empty((1280, _SAMPLES), dtype=np.float32)
    torch_block = torch.empty(1280, _SAMPLES)
    source, target = np.ones(2_000_000, dtype=np.float32), np.empty(2_000_000, dtype=np.float32)
    try:
        return {
            "flops": 2 * _SAMPLES * 512 * 512 / _best(lambda: torch.mm(signal, weights.T, out=out)),
            "normals": block.size / _best(lambda: normals.fill(key, 0, block)),
            "torch_normals": block.size / _best(lambda: torch_block.normal_()),
            "bytes": 2 * source.nbytes / _best(lambda: np.copyto(target, source)),
        }
    finally:
        torch.set_num_threads(threads)


def _best(work: Callable[[], object], seconds: float = 0.5) -> float:
    """The shortest of the runs that fit in some time."""
    work()
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        began = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - began)
    return best


def memory_of_tree(root: int) -> int:
    """Bytes of memory a process and its descendants hold, shared pages counted once; 0 where /proc does not tell."""
    total = 0
    for pid in [root, *descendants(root)]:
        lines = _read(f"/proc/{pid}/smaps_rollup").splitlines()
        total += sum(1024 * int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total


def descendants(root: int) -> list[int]:
    """Process ids of all children and theirs."""
    found: list[int] = []
    for task in Path(f"/proc/{root}/task").glob("*/children"):
        for child in map(int, _read(task).split()):
            found += [child, *descendants(child)]
    return found


def _read(path: str | Path) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError:
        return ""
