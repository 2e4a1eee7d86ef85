"""Keys: what a result is the result of, as a hash.

A key covers the steps with their settings, the seed, the sources in use, the kind of device and the precision; never
the git commit, the study, the workers or the chunk. Whatever plans steps is no part of a key: its plan is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from depsim.component import Component, settings_of
from depsim.execution.sources import sources_digest
from depsim.model.state import Activity
from depsim.protocol import Arm, Baseline
from depsim.steps.base import described_fields
from depsim.streams import Position

PRECISION = "float32"
_ENGINE = ("depsim.execution.course", "depsim.execution.arithmetic")
"""What leads individuals through steps, whatever the steps."""


def describe(value: Any) -> Any:
    """A step, a component or a part of one as plain values: what it is and the settings that are not neutral."""
    if isinstance(value, Component):
        return {"is": _name(type(value)), **{name: describe(setting) for name, setting in settings_of(value).items()}}
    if is_dataclass(value):
        return {
            "is": _name(type(value)),
            **{name: describe(setting) for name, setting in described_fields(value).items()},
        }
    if callable(value):
        return _name(value)
    if isinstance(value, Position) and not value.replicate:
        return [int(value.section), value.number]  # as before there were replicates
    if isinstance(value, Activity) and value.layers is None:
        return [value.damping_factor, value.bounded]  # as before there were layers
    return [describe(item) for item in value] if isinstance(value, tuple | list) else value


def arm_key(arm: Arm, device_kind: str) -> str:
    """What is done to individuals, by whatever version of the program: 32 hexadecimal digits."""
    return digest({**_baseline(arm.baseline, device_kind), "steps": describe(arm.steps)})


def arm_sources(arm: Arm) -> str:
    """The sources that an arm's numbers come from: 32 hexadecimal digits."""
    return sources_digest(computing_modules(arm))


def computing_modules(arm: Arm) -> frozenset[str]:
    """The modules that compute an arm, without those that they import."""
    return frozenset(_ENGINE) | frozenset(_modules((_computing(arm.baseline), arm.steps)))


def run_key(arm: str, sources: str, seed: int) -> str:
    """What one individual's outcome is filed under: 32 hexadecimal digits.

    Args:
        arm, sources: of :func:`arm_key` and :func:`arm_sources`.
        seed: the individual.
    """
    return digest([arm, sources, seed])


def baseline_key(baseline: Baseline, seed: int, device_kind: str) -> str:
    """What one individual's healthy network is filed under: 32 hexadecimal digits."""
    sources = sources_digest(frozenset(_ENGINE) | frozenset(_modules(_computing(baseline))))
    return digest([_baseline(baseline, device_kind), sources, seed])


def digest(value: object) -> str:
    """Hash of plain values: 32 hexadecimal digits, the same wherever they are computed."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _baseline(baseline: Baseline, device_kind: str) -> dict[str, Any]:
    circumstances = {"device": device_kind, "precision": PRECISION}
    return {"baseline": describe(baseline), "train": describe(baseline.train), **circumstances}


def _computing(baseline: Baseline) -> tuple[Any, ...]:
    """The parts of a baseline that compute."""
    return baseline.task, baseline.model, baseline.hold, baseline.train


def _name(kind: Any) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _modules(value: Any) -> Iterator[str]:
    """The modules of everything that a step or a baseline consists of."""
    if isinstance(value, tuple | list):
        for item in value:
            yield from _modules(item)
    elif isinstance(value, Component) or is_dataclass(value):
        yield type(value).__module__
        names = type(value).model_fields if isinstance(value, Component) else [field.name for field in fields(value)]
        for name in names:
            yield from _modules(getattr(value, name))
    elif callable(value):
        yield value.__module__
