from __future__ import annotations

import traceback
from collections.abc import Callable

import numpy as np
import pytest
import torch

from depsim.execution.memory import memory_shortage

HUGE = 2**50


def raised(action: Callable[[], object]) -> str:
    """The traceback of what an action raises."""
    try:
        action()
    except Exception:
        return traceback.format_exc()
    raise AssertionError("nothing was raised")


def fail(error: Exception) -> None:
    raise error


@pytest.mark.parametrize(
    ("action", "start"),
    [
        (lambda: np.zeros(HUGE, np.uint8), "out of memory, asked for 1.00 PiB for an array with shape"),
        (lambda: torch.empty(HUGE, dtype=torch.uint8), f"out of memory, asked for {HUGE} bytes: "),
        (lambda: bytearray(HUGE), "out of memory: "),
        (lambda: fail(torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has")),
         "out of memory, asked for 20.00 MiB: "),
        (lambda: fail(OSError(12, "Cannot allocate memory")), "out of memory: "),
        (lambda: fail(ImportError("libtorch.so: failed to map segment from shared object")), "out of memory: "),
    ],
    ids=["NumPy", "PyTorch", "Python", "CUDA", "system", "loader"],
)  # fmt: skip
def test_a_shortage_is_one_line_that_says_what_to_set(action: Callable[[], object], start: str) -> None:
    text = memory_shortage(raised(action))
    assert text is not None
    assert text.startswith(start)
    assert "workers or chunk lower" in text
    assert "\n" not in text


@pytest.mark.parametrize(
    "error", [ValueError("MemoryError is no shortage here"), OSError(28, "No space left on device"), RuntimeError()]
)
def test_other_errors_are_none(error: Exception) -> None:
    assert memory_shortage(raised(lambda: fail(error))) is None
