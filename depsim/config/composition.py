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
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from depsim.config.allow_list import refuse_changed_keys, refuse_foreign_overrides, refuse_foreign_values
from depsim.config.choices import is_group, refuse_unknown_choices, refuse_unknown_key, require_named_choices
from depsim.config.errors import ConfigError, shortened
from depsim.registry import PluginError, conf_folders
from depsim.yaml_file import BeyondLimitsError, YamlFileError, read_yaml


@dataclass(frozen=True)
class Composition:
    """A composed configuration with nothing foreign in it.

    Args:
        config: without Hydra's own part.
        choices: what was chosen in each configuration group, Hydra's own among them.
    """

    config: DictConfig
    choices: Mapping[str, str | None]


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
        extra = [] if extra_dir is None else [Path(extra_dir).absolute()]
        self._search_path = [f"hydra.searchpath=[file://{folder}]" for folder in extra]
        try:
            shipped, *plugins = conf_folders()
        except PluginError as error:
            raise ConfigError(str(error)) from None
        self._folders = [shipped, *extra, *plugins]
        for folder in extra:
            self._require_bounded(folder)
        self._known: dict[tuple[str, ...], Composition] = {}

    def _require_bounded(self, folder: Path) -> None:
        """Refuse files of choices that OmegaConf would take hours, or all memory, to read."""
        groups = [path for path in folder.iterdir() if path.is_dir()]
        for file in sorted(path for group in groups for path in group.glob("**/*.yaml") if path.is_file()):
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
        values = [override for override in parsed if self._is_value(override)]
        others = [override for override in parsed if override not in values]
        if not all(is_group(override.key_or_group, self._folders) for override in others):
            return self._compose(parsed)  # keys are added or taken away: the order counts
        chosen = self._chosen(others)
        config = copy.deepcopy(chosen.config)
        for override in values:
            try:
                OmegaConf.update(config, override.key_or_group, override.value(), merge=True)
            except (OmegaConfBaseException, AssertionError, ValueError, TypeError) as error:
                refuse_unknown_key(override, config, chosen.choices, self._folders)
                reason = str(error).partition("\n")[0]
                raise ConfigError(f"{shortened(override.input_line)}: {reason}") from None
        return replace(chosen, config=config)

    def _is_value(self, override: Override) -> bool:
        """Whether an override gives an existing key a plain value."""
        is_plain = override.type == OverrideType.CHANGE and override.package is None
        key = override.key_or_group
        is_ours = not key.startswith("hydra") and not is_group(key, self._folders)
        return is_plain and is_ours and not isinstance(override.value(), Mapping)

    def _chosen(self, choices: Sequence[Override]) -> Composition:
        """What choices alone give; composed once."""
        key = tuple(override.input_line or "" for override in choices)
        if key not in self._known:
            self._known[key] = self._compose(choices)
        return self._known[key]

    def _compose(self, parsed: Sequence[Override]) -> Composition:
        lines = [*(override.input_line or "" for override in parsed), *self._search_path]
        with _hydra_at(self._folders[0]):
            try:
                config = compose("config", lines, return_hydra_config=True)
            except Exception as error:  # whatever it is, it is about what was to be composed
                failure = error
            else:
                choices = {str(group): choice for group, choice in config.hydra.runtime.choices.items()}
                require_named_choices(choices, self._folders)
                if len(self._folders) > 1:  # depsim's own files change nothing of Hydra's
                    refuse_changed_keys(config, _shipped(str(choices["hydra/sweeper"])), self._foreign_files(choices))
                settings = OmegaConf.masked_copy(config, [str(key) for key in config if key != "hydra"])
                refuse_foreign_values(settings)
                OmegaConf.set_struct(settings, True)
                return Composition(settings, choices)
        raise self._explain(failure, parsed)

    def _explain(self, error: Exception, parsed: Sequence[Override]) -> ConfigError:
        """Why Hydra could not compose.

        Raises:
            ConfigError: for a choice or a key that does not exist.
        """
        refuse_unknown_choices(parsed, self._folders)
        choices = [override for override in parsed if is_group(override.key_or_group, self._folders)]
        added = {override.key_or_group for override in parsed if override.is_add() or override.is_force_add()}
        if len(choices) < len(parsed):
            known = self._chosen(choices)
            for override in parsed:
                if override not in choices and override.key_or_group not in added:
                    refuse_unknown_key(override, known.config, known.choices, self._folders)
        if isinstance(error, RecursionError):
            chosen = " ".join(override.input_line or "" for override in parsed)
            return ConfigError(f"{shortened(chosen)}: a file that is chosen is nested too deeply to be read")
        causes = [cause for cause in (error, error.__cause__) if cause is not None]
        reasons = ". ".join(" ".join(str(cause).split("\nTo append")[0].split()).rstrip(".") for cause in causes)
        return ConfigError(reasons or f"cannot be composed ({type(error).__name__})")

    def _foreign_files(self, choices: Mapping[str, str | None]) -> list[str]:
        """The chosen files that are not depsim's own."""
        names = [f"{place.partition('@')[0]}/{choice}.yaml" for place, choice in choices.items()]
        return [str(folder / name) for folder in self._folders[1:] for name in names if (folder / name).is_file()]


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
def _shipped(sweeper: str) -> DictConfig:
    """The configuration as it comes with depsim and Hydra; called while Hydra's search path is set up."""
    return compose("config", [f"hydra/sweeper={sweeper}"], return_hydra_config=True)
