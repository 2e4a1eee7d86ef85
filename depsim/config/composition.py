"""Composing a configuration with Hydra."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.types import Override, OverrideType
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from depsim.config.choices import explain_composition, refuse_unnamed_choices, refuse_unusual_choices
from depsim.config.errors import ConfigError
from depsim.config.hydra_keys import leaves, refuse_changed_keys
from depsim.config.safety import refuse_foreign_overrides, refuse_foreign_values
from depsim.registry import PluginError, conf_folders
from depsim.yaml_file import BeyondLimitsError, YamlFileError, read_yaml


@dataclass(frozen=True)
class Composition:
    """A composed configuration with nothing foreign in it.

    Args:
        config: without Hydra's own part.
        choices: what was chosen in each configuration group, Hydra's own among them.
        launcher, sweeper: the classes that Hydra would run several jobs with.
        sweep_dir: the folder that a launcher hands its jobs over in.
    """

    config: DictConfig
    choices: Mapping[str, str | None]
    launcher: str
    sweeper: str
    sweep_dir: str


class Composer:
    """Composes configurations with Hydra, once for those that differ in plain values only.

    Args:
        extra_dir: a folder with configuration of one's own, laid out like ``conf/``.

    Raises:
        ConfigError: if the folder is not there.
    """

    def __init__(self, extra_dir: str | None = None) -> None:
        if extra_dir is not None and not Path(extra_dir).is_dir():
            raise ConfigError(f"--config-dir {extra_dir}: no such folder")
        self.extra_dir = extra_dir
        own = [] if extra_dir is None else [Path(extra_dir).absolute()]
        self._search_path = [f"hydra.searchpath=[file://{folder}]" for folder in own]
        try:
            self._folders = [conf_folders()[0], *own, *conf_folders()[1:]]
        except PluginError as error:
            raise ConfigError(str(error)) from None
        self._groups = {path.name for folder in self._folders for path in folder.iterdir() if path.is_dir()}
        for folder in own:
            self._require_bounded(folder)
        self._known: dict[tuple[str, ...], Composition] = {}

    def _require_bounded(self, folder: Path) -> None:
        """Refuse files of choices that OmegaConf would take hours, or all memory, to read."""
        found = (path for group in self._groups for path in (folder / group).glob("**/*.yaml"))
        for file in sorted(filter(Path.is_file, found)):
            try:
                read_yaml(file)
            except BeyondLimitsError as error:
                raise ConfigError(str(error)) from None
            except YamlFileError:
                continue  # nothing is wrong until it is chosen; then Hydra says what

    def compose(self, parsed: Sequence[Override]) -> Composition:
        """A composed configuration.

        Raises:
            ConfigError: if it cannot be composed or would run code that is not ours.
        """
        refuse_foreign_overrides(parsed)
        values = [override for override in parsed if self._is_plain_value(override)]
        others = [override for override in parsed if override not in values]
        if any(override.key_or_group.split("/")[0] not in self._groups for override in others):
            return self._compose_fully(parsed)  # keys are added or taken away: the order counts
        key = tuple(override.input_line or "" for override in others)
        if key not in self._known:
            try:
                self._known[key] = self._compose_fully(others)
            except ConfigError:
                return self._compose_fully(parsed)
        known = self._known[key]
        config = copy.deepcopy(known.config)
        try:
            for override in values:
                OmegaConf.update(config, override.key_or_group, override.value(), merge=True)
        except (OmegaConfBaseException, AssertionError, ValueError, TypeError):
            return self._compose_fully(parsed)  # which explains what is wrong
        refuse_foreign_values(OmegaConf.create({override.key_or_group: override.value() for override in values}))
        return replace(known, config=config)

    def _is_plain_value(self, override: Override) -> bool:
        """Whether an override gives an existing key a value, as OmegaConf would."""
        key = override.key_or_group
        if override.type != OverrideType.CHANGE or override.package is not None or "/" in key or key in self._groups:
            return False
        return not key.startswith("hydra.") and not isinstance(override.value(), Mapping)

    def _compose_fully(self, parsed: Sequence[Override]) -> Composition:
        lines = [*(override.input_line or "" for override in parsed), *self._search_path]
        with _hydra_at(self._folders[0]):
            refuse_unusual_choices(parsed, self._folders)
            try:
                config = compose("config", lines, return_hydra_config=True)
            except Exception as error:  # whatever it is, it is about what was to be composed
                raise explain_composition(error, parsed, self._folders, self._search_path) from None
            refuse_unnamed_choices(config.hydra.runtime.choices, config, self._folders)
            refuse_changed_keys(config, _shipped(), lambda key: self._file_of(key, lines))
        own = OmegaConf.masked_copy(config, [str(key) for key in config if key != "hydra"])
        refuse_foreign_values(own)
        OmegaConf.set_struct(own, True)
        hydra = config.hydra
        choices = {str(group): choice for group, choice in hydra.runtime.choices.items()}
        return Composition(own, choices, hydra.launcher._target_, hydra.sweeper._target_, hydra.sweep.dir)

    def _file_of(self, key: str, lines: list[str]) -> str | None:
        """The file of a folder that is not depsim's own that sets a key, or has it set by one of depsim's."""
        loader = GlobalHydra.instance().config_loader()
        for part in reversed(loader.compute_defaults_list("config", lines, RunMode.RUN).defaults):
            if (file := self._find(part.config_path)) is None:
                continue
            content = OmegaConf.to_container(OmegaConf.load(file), resolve=False)
            if key in dict(leaves(content, part.package or "")):
                places = [place for place in (file, self._find(part.parent)) if place is not None]
                return next((str(place) for place in places if self._folders[0] not in place.parents), None)
        return None

    def _find(self, name: str | None) -> Path | None:
        """The file that Hydra reads for a name such as ``treatment/none``."""
        files = [folder / f"{name}.yaml" for folder in self._folders]
        return next((file for file in files if file.is_file()), None)


@contextmanager
def _hydra_at(folder: Path) -> Iterator[None]:
    """Hydra's search path begins with a folder; afterwards nothing of it is left."""
    GlobalHydra.instance().clear()
    try:
        with initialize_config_dir(str(folder), version_base="1.3", job_name="depsim"):
            yield
    finally:
        GlobalHydra.instance().clear()


@cache
def _shipped() -> DictConfig:
    """The configuration as it comes with depsim and Hydra; called while Hydra's search path is set up."""
    return compose("config", [], return_hydra_config=True)
