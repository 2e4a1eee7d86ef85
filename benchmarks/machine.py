"""What this machine can do: the rates that phases are held against, one thread, measured now."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from depsim.execution.arithmetic import reproducible_arithmetic
from depsim.kernels import normals
from depsim.kernels.arguments import aligned, aligned_zeros
from depsim.kernels.products import products_library

_SAMPLES = 128
_SHAPES = ((_SAMPLES, 512, 512), (_SAMPLES, 512, 256), (512, _SAMPLES, 512), (256, _SAMPLES, 512), (250, 512, 512))
"""Forward, backward and gradient of the two large layers, and an exam; backward is as large as forward."""


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
        "products": products_library(),
        "environment": {name: value for name, value in os.environ.items() if name.startswith(("OPENBLAS", "MKL"))},
        "load": os.getloadavg()[0],
    }


def rates() -> dict[str, Any]:
    """Highest rates of one thread: float32 matrix products, standard normals, and bytes copied.

    Products are those of a training step, by each library; ``flops`` is the highest rate of all.
    """
    key, block = np.array([1, 2], dtype=np.uint32), aligned(1280, _SAMPLES)
    torch_block = torch.empty(1280, _SAMPLES)
    source, target = aligned_zeros(2_000_000), aligned_zeros(2_000_000)
    with reproducible_arithmetic():
        products = {f"{a} x {k} x {b}": _products(a, k, b) for a, k, b in _SHAPES}
        return {
            "products": products,
            "flops": max(rate for by in products.values() for rate in by.values()),
            "normals": block.size / _best(lambda: normals.fill(key, 0, block)),
            "torch_normals": block.size / _best(lambda: torch_block.normal_()),
            "bytes": 2 * source.nbytes / _best(lambda: np.copyto(target, source)),
        }


def _products(rows: int, terms: int, columns: int) -> dict[str, float]:
    """Operations a second of either library in a product with a transposed matrix."""
    left, right, out = aligned_zeros(rows, terms), aligned_zeros(columns, terms), aligned_zeros(rows, columns)
    left[:], right[:] = 1.1, 0.9
    tensors = [torch.from_numpy(array) for array in (left, right, out)]
    work = 2 * rows * terms * columns
    return {
        "numpy": work / _best(lambda: np.matmul(left, right.T, out=out), 0.3),
        "torch": work / _best(lambda: torch.mm(tensors[0], tensors[1].T, out=tensors[2]), 0.3),
    }


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
