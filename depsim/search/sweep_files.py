"""Sweep files: one question each, and the grid of conditions, or the search, that answers it."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from hydra.core.override_parser.types import Override, OverrideType

from depsim.component import Component
from depsim.config import ConfigError, validate
from depsim.registry import own_folder
from depsim.report.ask import AskError
from depsim.report.asking import read_asks
from depsim.search.multiverse_file import MultiverseFile
from depsim.search.settings import SearchSettings
from depsim.search.stream_array import StreamArray
from depsim.study.setting_range import SettingRange
from depsim.terminal_text import meant
from depsim.yaml_file import YamlFileError, read_yaml

_NAME = re.compile(r"[a-z][a-z0-9_]*")


class SweepFile(Component):
    """A question and the grid of conditions that answers it.

    Args:
        question: what it asks.
        study: the MLflow experiment.
        settings: what is fixed: configuration key to value.
        grid: what is varied: configuration key to its values; or a list of such grids, one after the other.
        report: what the report on it asks (:mod:`depsim.report.ask`); what follows from the grid where a file says
            nothing of it.
        placebo: whether each treatment's placebo is a condition, too.
        array: the networks that undergo each condition of the grid, in place of a cohort.
    """

    question: str
    study: str
    settings: dict[str, Any]
    grid: dict[str, list[Any]] | list[dict[str, list[Any]]]
    report: list[Any] | None = None
    placebo: bool = False
    array: StreamArray | None = None

    @property
    def grids(self) -> list[dict[str, list[Any]]]:
        """What is varied, grid by grid."""
        return self.grid if isinstance(self.grid, list) else [self.grid]


class SearchFile(Component):
    """A question and the search that answers it.

    Args:
        question: what it asks.
        study: the MLflow experiment.
        settings: what is fixed: configuration key to value.
        search: what is varied, and how.
        report: what the report on it asks, as for a grid.
    """

    question: str
    study: str
    settings: dict[str, Any]
    search: SearchSettings
    report: list[Any] | None = None


def sweep_names() -> list[str]:
    """The sweeps that there are: those of the working directory and those that come with depsim."""
    return sorted({file.stem for folder in _folders() for file in folder.glob("*.yaml") if _NAME.fullmatch(file.stem)})


def load_sweep(name: str, changes: Sequence[Override] = ()) -> SweepFile | SearchFile | MultiverseFile:
    """Read a sweep file.

    Args:
        name: of the sweep.
        changes: overrides of keys below ``search``.

    Raises:
        ConfigError: if there is none of that name, or it is not one.
    """
    path = _path(name)
    try:
        content = read_yaml(path)
    except YamlFileError as error:
        raise ConfigError(str(error)) from None
    search = content.get("search") if isinstance(content, Mapping) else None
    if isinstance(search, Mapping):
        block = _changed(search, changes)
        if changes:
            validate(SearchSettings, "search", block)
        return _asking(validate(SearchFile, str(path), {**content, "search": block}), path)
    if changes:
        raise ConfigError(f"{changes[0].input_line}: {name} is no search")
    if isinstance(content, Mapping) and "space" in content:
        return _asking(validate(MultiverseFile, str(path), {**content, "space": _space(content["space"], path)}), path)
    return _asking(validate(SweepFile, str(path), content), path)


_File = TypeVar("_File", SweepFile, SearchFile, MultiverseFile)


def _space(space: Any, path: Path) -> Any:
    """The ranges of a multiverse, each read by itself: its key has dots of its own."""
    if not isinstance(space, Mapping):
        return space
    return {str(key): validate(SettingRange, f"{path}: space.{key}", entry) for key, entry in space.items()}


def _asking(file: _File, path: Path) -> _File:
    """A file whose report asks only what there is."""
    try:
        read_asks(file.report or [])
    except AskError as error:
        raise ConfigError(f"{path}: {error}") from None
    return file


def head_of(name: str) -> tuple[str, list[str]]:
    """What a sweep asks, and what its file says about that in comments."""
    question = load_sweep(name).question
    lines = _path(name).read_text(encoding="utf-8").splitlines()
    comments = list(itertools.takewhile(lambda line: line.startswith("#"), lines))
    return question, [line.removeprefix("#").strip() for line in comments]


def is_search(name: str) -> bool:
    """Whether a sweep is a search."""
    return isinstance(load_sweep(name), SearchFile)


def _changed(block: Mapping[str, Any], changes: Sequence[Override]) -> dict[str, Any]:
    """A search block with some of its keys changed; of a sampler or pruner also single settings."""
    changed = dict(block)
    for override in changes:
        if override.is_sweep_override() or override.type != OverrideType.CHANGE:
            raise ConfigError(f"{override.input_line}: allowed is search.key=value")
        part, _, inner = override.key_or_group.removeprefix("search.").partition(".")
        if not inner:
            changed[part] = override.value()
            continue
        known = changed.get(part)
        if part in ("sampler", "pruner") and not isinstance(known, Mapping):
            known = {"name": known}
        if isinstance(known, Mapping):
            changed[part] = {**known, inner: override.value()}
        elif part in SearchSettings.model_fields:
            raise ConfigError(f"{override.input_line}: no such key; allowed is search.{part}=value, as a whole")
        else:
            changed[part] = override.value()
    return changed


def _path(name: str) -> Path:
    if name not in (names := sweep_names()):
        stem = Path(name).name.removesuffix(".yaml")
        if stem in names:
            raise ConfigError(f"{name}: no such sweep; allowed is the name of its file alone: depsim sweep {stem}")
        raise ConfigError(f"{name}: no such sweep; there are {', '.join(names)}{meant(name, names)}")
    return next(folder / f"{name}.yaml" for folder in _folders() if os.path.lexists(folder / f"{name}.yaml"))


def _folders() -> list[Path]:
    folders = [Path("sweeps").absolute(), own_folder("sweeps")]
    return [folder for folder in dict.fromkeys(folders) if folder.is_dir()]
