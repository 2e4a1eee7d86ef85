"""Products of matrices on a CPU, by the faster of two libraries: NumPy's or PyTorch's.

The rule looks at the processor and at the shape, never at a clock, so that the same machine always gives the same
bits. PyTorch's library (MKL) takes only its AVX2 kernels on processors that are not Intel's. That is half of what those
of AMD can do whose AVX-512 is as wide as its name, from Zen 5 on; up to Zen 4 it is all they can.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_info

from depsim.kernels.arguments import Array
from depsim.lazy_torch import torch
from depsim.processor import processor

_ZEN_5 = 26
"""Its "cpu family"."""
_NARROW = 16
"""Products with so few rows, columns or terms take NumPy's library half as long, or less, on any processor."""
_WIDE = ("SkylakeX", "Cooperlake", "SapphireRapids")
"""OpenBLAS's kernels for AVX-512."""


@cache
def numpy_is_faster() -> bool:
    """Whether NumPy multiplies wide matrices faster on this processor."""
    return processor("vendor_id") == "AuthenticAMD" and int(processor("cpu family") or 0) >= _ZEN_5


def multiply(left: Array, right: Array, out: Array) -> None:
    """Write the product of (A, K) and (K, B), float32, to ``out``."""
    if numpy_is_faster() or min(*left.shape, right.shape[1]) < _NARROW:
        np.matmul(left, right, out=out)
    else:
        torch.mm(torch.from_numpy(left), torch.from_numpy(right), out=torch.from_numpy(out))


def products_library() -> dict[str, str]:
    """Which library multiplies wide matrices here, and what NumPy's tells about its kernels."""
    found: list[dict[str, Any]] = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    beside = str(Path(np.__file__).parent)  # numpy/ and numpy.libs/; SciPy brings one of its own
    own = [pool for pool in found if pool["filepath"].startswith(beside)] or found
    names = ("internal_api", "version", "architecture")
    about = {name: str(own[0][name]) for name in names if own[0].get(name)} if own else {}
    return {"by": "numpy" if numpy_is_faster() else "torch"} | about


def slow_products() -> str:
    """What to say where products take kernels half as wide as the processor; empty elsewhere."""
    library = products_library()
    kernels = library.get("architecture", "")
    if library["by"] != "numpy" or library.get("internal_api") != "openblas" or kernels in _WIDE:
        return ""
    return f"slow products: OpenBLAS's {kernels} kernels, half as wide as this processor (unset OPENBLAS_CORETYPE)"
