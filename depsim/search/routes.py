"""Settings of a multiverse as configuration keys: what belongs to a treatment is named by it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from depsim.config import ConfigError
from depsim.execution.job import Job
from depsim.study.setting_range import COMMON_GROUPS
from depsim.terminal_text import meant

_TREATMENT = "treatment"


@dataclass(frozen=True)
class Route:
    """Where a setting stands in the configuration of each arm.

    Args:
        name: of the setting, in the file.
        keys: label of an arm to its configuration keys.
    """

    name: str
    keys: Mapping[str, tuple[str, ...]]

    @property
    def arms(self) -> list[str]:
        """Labels of the arms that have it."""
        return [label for label, keys in self.keys.items() if keys]

    def keys_in(self, label: str) -> tuple[str, ...]:
        """The configuration keys that it is in an arm; none where the arm has none."""
        return self.keys[label]


def routes_of(name: str, space: Iterable[str], arms: Mapping[str, Job]) -> dict[str, Route]:
    """Where each setting of a space stands.

    A treatment's setting goes to the treatment wherever an arm has it: by itself, as what a placebo is of, or as a drug
    of a regimen.

    Args:
        name: of the sweep.
        space: its keys.
        arms: by label.

    Raises:
        ConfigError: for a setting that no arm has; names what is allowed.
    """
    return {key: _route(f"sweep {name}: space.{key}", key, arms) for key in space}


def papers_value(route: Route, jobs: Sequence[Job]) -> Any:
    """The value that a setting has without a multiverse.

    Args:
        route: of the setting.
        jobs: of all arms, in the order of the route's labels.
    """
    keys = dict(zip(route.keys, jobs, strict=True))
    label = route.arms[0]
    return _value(keys[label], route.keys[label][0])


def _route(where: str, key: str, arms: Mapping[str, Job]) -> Route:
    first, _, rest = key.partition(".")
    if first in COMMON_GROUPS:
        route = Route(key, {label: (key,) if _has(job, key) else () for label, job in arms.items()})
        if not route.arms:
            raise ConfigError(f"{where}: no arm has it{_allowed(rest, _children(next(iter(arms.values())), first))}")
        return route
    there = dict.fromkeys(choice for job in arms.values() for choice in _treatments(job).values())
    if first == _TREATMENT or first not in there or not rest:
        names = [*(f"{group}.KEY" for group in COMMON_GROUPS), *(f"{choice}.KEY" for choice in there)]
        raise ConfigError(f"{where}: no arm has it; allowed are {', '.join(names)}{meant(first, list(there))}")
    keys = {
        label: tuple(
            f"{place}.{rest}"
            for place, choice in _treatments(job).items()
            if choice == first and _has(job, f"{place}.{rest}")
        )
        for label, job in arms.items()
    }
    if not any(keys.values()):
        siblings = next(
            _children(job, place)
            for job in arms.values()
            for place, choice in _treatments(job).items()
            if choice == first
        )
        raise ConfigError(f"{where}: no setting of {first}{_allowed(rest, siblings)}")
    return Route(key, keys)


def _treatments(job: Job) -> dict[str, str]:
    """Where treatments stand in an arm: the whole one, what a placebo is of, and the drugs of a regimen."""
    return {
        place: choice for place, choice in job.choices.items() if place == _TREATMENT or place.startswith("treatment.")
    }


def _value(job: Job, key: str) -> Any:
    """The value at a dotted key; of a group of files the chosen one's name."""
    return job.choices[key] if key in job.choices else _node(job, key)


def _node(job: Job, key: str) -> Any:
    node: Any = job.config
    for part in key.split("."):
        node = node[part]
    return node


def _has(job: Job, key: str) -> bool:
    try:
        value = _value(job, key)
    except (KeyError, TypeError):
        return False
    return not isinstance(value, Mapping)


def _children(job: Job, place: str) -> list[str]:
    node = _node(job, place)
    return [str(child) for child in node if child != "_target_"] if isinstance(node, Mapping) else []


def _allowed(wrong: str, names: Sequence[str]) -> str:
    return f"; allowed are {', '.join(names)}{meant(wrong, names)}" if names else "; it has none"
