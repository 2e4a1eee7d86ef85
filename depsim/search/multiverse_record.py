"""What a study keeps of its multiverse, so that more points and arms are points and arms of the same one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from depsim.config import ConfigError
from depsim.config.overrides import parse_overrides
from depsim.search.multiverse import MultiversePlan
from depsim.search.points import sequence_name
from depsim.study.setting_range import SettingRange, dump_space
from depsim.tracking.base import Tracker

_LONGEST = 5000
"""Characters that MLflow keeps of it."""
_NOT_FIXED = frozenset(("study", "tracking", "executor", "workers", "chunk", "max_jobs", "cache_limit_gib", "cohort"))
"""Keys of what every condition has in common that decide none of its numbers."""


def require_same(plan: MultiversePlan, tracker: Tracker) -> dict[str, Any]:
    """Refuse a multiverse that began as another one; more points, arms and individuals are no other one.

    Args:
        plan: what is to be run.
        tracker: which may hold the study.

    Shape: what the study is to keep from now on.

    Raises:
        ConfigError: naming each key that changed, its value before and now, and what is allowed.
    """
    job = plan.arms[0].base.job
    before, now = tracker.read_multiverse(job.study), record_of(plan)
    if changed := _changes(before, now):
        raise ConfigError(
            f"sweep {plan.name}: study {job.study} began as another multiverse: {'; '.join(changed)}. Allowed are more "
            "points, arms and individuals; --fresh or study=NAME begins another one"
        )
    return {**now, "arms": {**before.get("arms", {}), **now["arms"]}}


def record_of(plan: MultiversePlan) -> dict[str, Any]:
    """All that makes the points of a multiverse comparable, as plain values.

    Raises:
        ConfigError: if it is more than a store keeps.
    """
    common = [line for line in plan.arms[0].lines if all(line in arm.lines for arm in plan.arms)]
    fixed = {word.get_key_element(): (word.input_line or "").partition("=")[2] for word in parse_overrides(common)}
    ignored = _NOT_FIXED | plan.arm_keys
    record = {
        "space": dump_space(plan.space),
        "first_seed": plan.arms[0].base.job.population.members[0],
        "sequence": sequence_name(len(plan.space)),
        "fixed": {**{key: text for key, text in fixed.items() if key not in ignored}, **plan.held},
        "arms": {arm.label: plan.spec(arm, {}, plan.seeds(0)).job.arm_key for arm in plan.arms},
    }
    if (length := len(json.dumps(record))) > _LONGEST:
        raise ConfigError(
            f"sweep {plan.name}: its space and settings are {length} characters; a store keeps {_LONGEST}"
        )
    return record


def _changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What two records differ in, a phrase each; nothing where there was none before."""
    if not before:
        return []
    lines = _differences("space.", before["space"], now["space"]) + _differences("", before["fixed"], now["fixed"])
    for key in ("first_seed", "sequence"):
        lines += _differences("", {key: before[key]}, {key: now[key]}) if not lines else []
    changed = [label for label, key in now["arms"].items() if before["arms"].get(label, key) != key]
    return lines or [f"the paper's settings of {label}" for label in changed]


def _differences(prefix: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    return [
        f"{prefix}{key}: {_text(before.get(key))} before, {_text(now.get(key))} now"
        for key in {**before, **now}
        if before.get(key) != now.get(key)
    ]


def _text(value: Any) -> str:
    if not isinstance(value, Mapping):
        return "nothing" if value is None else str(value)
    parts = [(name, value[name]) for name in SettingRange.model_fields if name in value]
    return ", ".join(f"{name} {part:g}" if isinstance(part, float) else f"{name} {part}" for name, part in parts)
