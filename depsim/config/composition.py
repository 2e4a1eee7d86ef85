"""Composing a configuration with Hydra."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Glob, IntervalSweep, Override, OverrideType
from hydra.errors import HydraException, OverrideParseException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from depsim.config.errors import ConfigError, explain_composition
from depsim.config.safety import (
    BASIC_LAUNCHER,
    BASIC_SWEEPER,
    refuse_foreign_config,
    refuse_foreign_overrides,
    refuse_foreign_values,
)
from depsim.registry import PluginError, conf_folders

_SWEEPER_KEYS = ("max_batch_size", "params")


def parse_overrides(overrides: Iterable[str]) -> list[Override]:
    """Hydra's reading of command-line overrides.

    Raises:
        ConfigError: if one cannot be read.
    """
    return [_parse(override) for override in overrides]


@lru_cache(maxsize=10_000)
def _parse(override: str) -> Override:
    """One override; the points of a grid share most of theirs."""
    if override.startswith("="):
        raise ConfigError(f"{override}: cannot be read; allowed is key=value")
    try:
        return _parser().parse_overrides([override])[0]
    except OverrideParseException as error:
        reason = str(error).splitlines()[0]
        raise ConfigError(f"{override}: cannot be read; allowed is key=value ({reason})") from None


@cache
def _parser() -> OverridesParser:
    return OverridesParser.create()


def single_values(override: Override) -> list[str]:
    """The overrides that one with several values stands for, in its order; one without stands for itself.

    Raises:
        ConfigError: if it is an interval, which has no list of values.
    """
    line = override.input_line or ""
    if not override.is_sweep_override():
        return [line]
    if not override.is_discrete_sweep():
        raise ConfigError(f"{line}: an interval has no list of values; allowed is key=a,b,c")
    return [f"{override.get_key_element()}={value}" for value in override.sweep_string_iterator()]


def first_value(override: Override) -> str:
    """The override with the first of its values, if it has several."""
    if not override.is_sweep_override():
        return override.input_line or ""
    values = override.value()
    if isinstance(values, IntervalSweep):
        return f"{override.get_key_element()}={values.start}"
    if isinstance(values, Glob):
        raise ConfigError(f"{override.input_line}: glob is not known here; allowed is key=a,b,c")
    return f"{override.get_key_element()}={next(iter(override.sweep_string_iterator()), '')}"


def below_swept_choices(parsed: Sequence[Override]) -> list[Override]:
    """The fixed overrides of keys that Hydra may not know until a swept choice is made.

    Hydra composes once without what is swept, and refuses a key there that only the swept choices bring.
    """
    swept = {override.key_or_group for override in parsed if override.is_sweep_override()}

    def is_below(key: str) -> bool:
        return "." in key and ("experiment" in swept or any(key.startswith(f"{group}.") for group in swept))

    fixed = [o for o in parsed if o.type == OverrideType.CHANGE and not o.is_sweep_override()]
    return [o for o in fixed if is_below(o.key_or_group) and not o.key_or_group.startswith("hydra.")]


@dataclass(frozen=True)
class Composition:
    """A composed configuration with nothing foreign in it.

    Args:
        config: without Hydra's own part.
        choices: what was chosen in each configuration group, Hydra's own among them.
        launcher, sweeper: the classes that Hydra would run several jobs with.
        sweep_params: the axes that a file would add to them, or None.
    """

    config: DictConfig
    choices: Mapping[str, str | None]
    launcher: str
    sweeper: str
    sweep_params: Any


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
        self._known: dict[tuple[str, ...], Composition] = {}

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
        except OmegaConfBaseException:
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
        lines = [override.input_line or "" for override in parsed]
        GlobalHydra.instance().clear()
        try:
            with initialize_config_dir(str(self._folders[0]), version_base="1.3", job_name="depsim"):
                try:
                    config = compose("config", [*lines, *self._search_path], return_hydra_config=True)
                except (HydraException, OmegaConfBaseException, ValueError) as error:
                    raise explain_composition(error, parsed, self._folders) from None
        finally:
            GlobalHydra.instance().clear()
        refuse_foreign_config(config)
        _refuse_unknown_keys(config)
        _require_complete_launcher(config)
        own = OmegaConf.masked_copy(config, [str(key) for key in config if key != "hydra"])
        OmegaConf.set_struct(own, True)
        hydra = config.hydra
        choices = {str(group): choice for group, choice in hydra.runtime.choices.items()}
        params = hydra.sweeper.get("params")
        return Composition(own, choices, hydra.launcher._target_, hydra.sweeper._target_, params)


def _refuse_unknown_keys(config: DictConfig) -> None:
    """Refuse added keys of Hydra's own launcher and sweeper, which would not take them."""
    for part, target, known in (("launcher", BASIC_LAUNCHER, ()), ("sweeper", BASIC_SWEEPER, _SWEEPER_KEYS)):
        block = config.hydra[part]
        extra = [key for key in block if key not in ("_target_", *known)]
        if block._target_ == target and extra:
            allowed = f"allowed are {', '.join(known)}" if known else "there are none"
            raise ConfigError(f"hydra.{part}.{extra[0]}={block[extra[0]]}: unknown key; {allowed}")


def _require_complete_launcher(config: DictConfig) -> None:
    """Refuse a launcher file of one's own that takes nothing over from submitit's."""
    launcher, name = config.hydra.launcher, config.hydra.runtime.choices["hydra/launcher"]
    if "submitit" in launcher._target_ and "submitit_folder" not in launcher:
        raise ConfigError(
            f"hydra/launcher={name}: lacks the settings of submitit, such as submitit_folder; allowed is a file with "
            "defaults: [submitit_slurm] or [submitit_local], and what is to be different"
        )
