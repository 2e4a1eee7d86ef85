"""Provenance: what program, on what machine, made a result."""

from __future__ import annotations

import platform
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from depsim.execution.device import cores
from depsim.execution.keys import PRECISION
from depsim.execution.packages import package_version
from depsim.kernels.products import products_library
from depsim.lazy_torch import torch
from depsim.processor import processor
from depsim.terminal_text import visible

_PACKAGES = (
    "depsim",
    "torch",
    "numpy",
    "numba",
    "scipy",
    "hydra-core",
    "omegaconf",
    "mlflow",
    "safetensors",
    "pydantic",
)


@cache
def provenance(sources: str, device_kind: str) -> dict[str, Any]:
    """Versions, commit, processor and device, as plain values.

    Args:
        sources: hash of the sources in use.
        device_kind: ``cpu`` or ``cuda``.
    """
    commit = _git("rev-parse", "HEAD")
    return {
        "git_commit": commit.decode().strip() if commit else None,
        "git_dirty": bool(_git("status", "--porcelain")) if commit else None,
        "sources": sources,
        "python": platform.python_version(),
        "packages": {name: package_version(name) for name in _PACKAGES},
        "platform": platform.platform(),
        "cpu": processor("model name") or platform.processor(),
        "cores": cores(),
        "threads_per_worker": 1,
        "products": products_library(),
        "precision": PRECISION,
        "gpu": torch.cuda.get_device_name() if device_kind == "cuda" else None,
        "launched_by": [visible(word) for word in (Path(sys.argv[0]).name, *sys.argv[1:])],  # which need not be UTF-8
    }


@cache
def uncommitted_patch() -> bytes:
    """What the checkout's working tree changes against its commit, for ``git apply``; empty outside a checkout.

    Bytes, as sources need not be UTF-8; and whatever the user's git is set to do for readers.
    """
    return _git("diff", "--no-color", "--no-ext-diff", "--no-textconv", "HEAD") or b""


def _git(*arguments: str) -> bytes | None:
    """What git says about the checkout that this very package lies in, or None where there is none."""
    package = Path(__file__).parents[1]
    try:
        tracked = subprocess.run(
            ["git", "ls-files", "--error-unmatch", "__init__.py"], cwd=package, capture_output=True, check=False
        )
        if tracked.returncode != 0:
            return None
        answer = subprocess.run(["git", *arguments], cwd=package, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return answer.stdout
