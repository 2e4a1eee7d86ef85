"""Composing a configuration with Hydra."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, OverrideType
from hydra.errors import HydraException, OverrideParseException
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

import depsim
from depsim.config.errors import ConfigError, explain_composition
from depsim.config.safety import BASIC_LAUNCHER, BASIC_SWEEPER, refuse_foreign_config, refuse_foreign_overrides

_SWEEPER_KEYS = ("max_batch_size", "params")


def config_folder(name: str) -> Path:
    """``conf`` or ``sweeps``, in a checkout or in an installed package."""
    package = Path(depsim.__file__).parent
    installed = package / name
    return installed if installed.is_dir() else package.parent / name


def parse_overrides(overrides: Iterable[str]) -> list[Override]:
    """Hydra's reading of command-line overrides.

    Raises:
        ConfigError: if one cannot be read.
    """
    parser = OverridesParser.create()
    parsed = []
    for override in overrides:
        if override.startswith("="):
            raise ConfigError(f"{override}: cannot be read; allowed is key=value")
        try:
            parsed.append(parser.parse_overrides([override])[0])
        except OverrideParseException as error:
            reason = str(error).splitlines()[0]
            raise ConfigError(f"{override}: cannot be read; allowed is key=value ({reason})") from None
    return parsed


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


def below_swept_choices(parsed: Sequence[Override]) -> list[Override]:
    """The fixed overrides of keys that Hydra may not know until a swept choice is made.

    Hydra composes once without what is swept, and refuses a key there that only the swept choices bring.
    """
    swept = {override.key_or_group for override in parsed if override.is_sweep_override()}

    def is_below(key: str) -> bool:
        return "." in key and ("experiment" in swept or any(key.startswith(f"{group}.") for group in swept))

    fixed = [o for o in parsed if o.type == OverrideType.CHANGE and not o.is_sweep_override()]
    return [o for o in fixed if is_below(o.key_or_group) and not o.key_or_group.startswith("hydra.")]


def compose_config(overrides: Sequence[str], parsed: Sequence[Override], extra_dir: str | None) -> DictConfig:
    """The composed configuration, Hydra's own part included, with nothing foreign in it.

    Raises:
        ConfigError: if it cannot be composed or would run code that is not ours.
    """
    refuse_foreign_overrides(parsed)
    folders = [config_folder("conf")]
    search = []
    if extra_dir is not None:
        if not Path(extra_dir).is_dir():
            raise ConfigError(f"--config-dir {extra_dir}: no such folder")
        folders.append(Path(extra_dir).absolute())
        search = [f"hydra.searchpath=[file://{folders[-1]}]"]
    GlobalHydra.instance().clear()
    try:
        with initialize_config_dir(str(folders[0]), version_base="1.3", job_name="depsim"):
            try:
                config = compose("config", [*overrides, *search], return_hydra_config=True)
            except (HydraException, OmegaConfBaseException, ValueError) as error:
                raise explain_composition(error, parsed, folders) from None
    finally:
        GlobalHydra.instance().clear()
    refuse_foreign_config(config)
    _refuse_unknown_keys(config)
    _require_whole_launcher(config)
    return config


def _refuse_unknown_keys(config: DictConfig) -> None:
    """Refuse added keys of Hydra's own launcher and sweeper, which would not take them."""
    for part, target, known in (("launcher", BASIC_LAUNCHER, ()), ("sweeper", BASIC_SWEEPER, _SWEEPER_KEYS)):
        block = config.hydra[part]
        extra = [key for key in block if key not in ("_target_", *known)]
        if block._target_ == target and extra:
            allowed = f"allowed are {', '.join(known)}" if known else "there are none"
            raise ConfigError(f"hydra.{part}.{extra[0]}={block[extra[0]]}: unknown key; {allowed}")


def _require_whole_launcher(config: DictConfig) -> None:
    """Refuse a launcher file of one's own that takes nothing over from submitit's."""
    launcher, name = config.hydra.launcher, config.hydra.runtime.choices["hydra/launcher"]
    if "submitit" in launcher._target_ and "submitit_folder" not in launcher:
        raise ConfigError(
            f"hydra/launcher={name}: lacks the settings of submitit, such as submitit_folder; allowed is a file with "
            "defaults: [submitit_slurm] or [submitit_local], and what is to be different"
        )
