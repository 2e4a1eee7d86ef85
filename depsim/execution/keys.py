"""Keys: what a result is the result of, as a hash.

A key covers the scientific configuration, the seed, the sources that determine the numbers, the kind of device and the
precision; never the git commit, the study, the workers or the chunk.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import depsim
from depsim.component import Component
from depsim.protocol import Condition, Origin

PRECISION = "float32"
_ORIGIN_SOURCES = (
    "component.py",
    "population.py",
    "schedules.py",
    "vectormath.py",
    "normals.py",
    "streams.py",
    "task",
    "model",
    "training",
    "execution/arithmetic.py",
)
_CONDITION_SOURCES = (
    *_ORIGIN_SOURCES,
    "pathology",
    "treatment",
    "assessment",
    "protocol.py",
)


def describe(part: Component) -> dict[str, Any]:
    """A component as plain values: its class and its fields."""
    return {"_target_": f"{type(part).__module__}.{type(part).__qualname__}", **part.model_dump(mode="json")}


def condition_key(condition: Condition, device_kind: str) -> str:
    """What all individuals' outcomes under one condition are filed under: 32 hexadecimal digits."""
    return digest(_describe_condition(condition, device_kind))


def run_key(condition: Condition, seed: int, device_kind: str) -> str:
    """What one individual's outcome under one condition is filed under: 32 hexadecimal digits."""
    return digest(_describe_condition(condition, device_kind) | {"seed": seed})


def origin_key(origin: Origin, seed: int, device_kind: str) -> str:
    """What one individual's healthy network is filed under: 32 hexadecimal digits."""
    return digest(_describe_origin(origin) | _circumstances(device_kind, _ORIGIN_SOURCES) | {"seed": seed})


def digest(value: object) -> str:
    """Hash of plain values: 32 hexadecimal digits, the same wherever they are computed."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@cache
def sources_digest(names: Sequence[str] = _CONDITION_SOURCES) -> str:
    """Hash of the program's own sources under these names."""
    root = Path(depsim.__file__).parent
    files = sorted(file for name in names for file in _python_files(root / name))
    hasher = hashlib.sha256()
    for file in files:
        hasher.update(file.relative_to(root).as_posix().encode() + b"\0")
        hasher.update(file.read_bytes() + b"\0")
    return hasher.hexdigest()[:32]


def _python_files(path: Path) -> list[Path]:
    return list(path.rglob("*.py")) if path.is_dir() else [path]


def _circumstances(device_kind: str, sources: tuple[str, ...]) -> dict[str, Any]:
    return {"device": device_kind, "precision": PRECISION, "sources": sources_digest(sources)}


def _describe_condition(condition: Condition, device_kind: str) -> dict[str, Any]:
    parts = {
        "pathology": describe(condition.pathology),
        "treatment": describe(condition.treatment),
        "assessment": describe(condition.assessment),
    }
    return _describe_origin(condition.origin) | parts | _circumstances(device_kind, _CONDITION_SOURCES)


def _describe_origin(origin: Origin) -> dict[str, Any]:
    return {
        "task": describe(origin.task),
        "model": describe(origin.model),
        "training": describe(origin.training),
        "data": origin.data,
        "hold": describe(origin.hold),
    }
