"""Sweep files: one question each, as a grid of conditions."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from depsim.component import Component
from depsim.config import ConfigError, Order, config_folder, parse_overrides, prepare, validate
from depsim.config.composition import single_values

_NAME = re.compile(r"[a-z][a-z0-9_]*")


class SweepFile(Component):
    """A question and the grid of conditions that answers it.

    Args:
        question: what it asks.
        study: the MLflow experiment.
        settings: what is fixed: configuration key to value.
        grid: what is varied: configuration key to its values.
        tables: the published tables to print ours beside, or None.
    """

    question: str
    study: str
    settings: dict[str, Any]
    grid: dict[str, list[Any]]
    tables: Literal["paper"] | None


@dataclass(frozen=True)
class Sweep:
    """A sweep whose jobs are all composed and checked.

    Args:
        name: its file's.
        file: what it says.
        orders: its jobs, none twice.
    """

    name: str
    file: SweepFile
    orders: tuple[Order, ...]


def sweep_names() -> list[str]:
    """The sweeps that there are: those of the working directory and those that come with depsim."""
    return sorted({file.stem for folder in _folders() for file in folder.glob("*.yaml") if _NAME.fullmatch(file.stem)})


def load_sweep(name: str) -> SweepFile:
    """Read a sweep file.

    Raises:
        ConfigError: if there is none of that name, or it is not one.
    """
    if name not in sweep_names():
        raise ConfigError(f"{name}: no such sweep; there are {', '.join(sweep_names())}")
    path = next(folder / f"{name}.yaml" for folder in _folders() if (folder / f"{name}.yaml").exists())
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not YAML ({' '.join(str(error).split())})") from None
    return validate(SweepFile, str(path), content)


def plan_sweep(name: str, overrides: Sequence[str]) -> Sweep:
    """Compose and check every job of a sweep.

    Args:
        name: of the sweep.
        overrides: from the command line; one that names a key of the grid replaces its values, and several values
            (``pathology.sparsity=0.8,0.9``) make a new axis.

    Raises:
        ConfigError: naming the sweep's or the configuration's key, the value and what is allowed.
    """
    file = load_sweep(name)
    axes: dict[str, list[str]] = {"study": [f"study={_spell(file.study)}"]}
    for key, value in file.settings.items():
        axes[key] = [f"{key}={_spell(value)}"]
    for key, values in file.grid.items():
        if not values:
            raise ConfigError(f"sweep {name}: grid.{key}=[]: needs at least one value")
        axes[key] = [f"{key}={_spell(value)}" for value in values]
    for override in parse_overrides(overrides):
        axes[override.get_key_element()] = single_values(override)
    orders: dict[tuple[str, str], Order] = {}
    for point in itertools.product(*axes.values()):
        order = prepare(point)
        orders.setdefault(order.job.identity, order)
    return Sweep(name, file, tuple(orders.values()))


def _folders() -> list[Path]:
    folders = [Path("sweeps").absolute(), config_folder("sweeps")]
    return [folder for folder in dict.fromkeys(folders) if folder.is_dir()]


def _spell(value: object) -> str:
    """A YAML value in Hydra's override syntax."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{key}:{_spell(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_spell, value)) + "]"
    if isinstance(value, str) and not re.fullmatch(r"[\w./-]+", value):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return str(value)
