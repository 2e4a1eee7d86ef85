"""What a configuration may not do: run code that is not ours, or read the environment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from hydra.core.override_parser.types import Override
from omegaconf import DictConfig, OmegaConf

from depsim.config.errors import ConfigError

_HYDRA_KEYS = re.compile(
    r"hydra/(launcher|sweeper|sweeper/sampler|sweeper/pruner)"
    r"|hydra\.(run\.dir|sweep\.dir|sweep\.subdir|job\.name|verbose|mode)"
    r"|hydra\.(launcher|sweeper)\.(?!.*_target_).+"
)
BASIC_LAUNCHER = "hydra._internal.core_plugins.basic_launcher.BasicLauncher"
"""The launcher that runs jobs in this process."""
BASIC_SWEEPER = "hydra._internal.core_plugins.basic_sweeper.BasicSweeper"
"""The sweeper that runs all combinations."""
SEARCH_SWEEPER = "depsim_optuna"
"""The sweeper that searches, as it is called in ``conf/hydra/sweeper``."""
_HYDRA_TARGETS = (
    BASIC_LAUNCHER,
    BASIC_SWEEPER,
    "hydra_plugins.depsim_optuna.sweeper.DepsimOptunaSweeper",
    "hydra_plugins.hydra_submitit_launcher.submitit_launcher.LocalLauncher",
    "hydra_plugins.hydra_submitit_launcher.submitit_launcher.SlurmLauncher",
)


def refuse_foreign_overrides(parsed: Iterable[Override]) -> None:
    """Refuse overrides that could make Hydra run code of someone else's.

    Raises:
        ConfigError: naming the override.
    """
    for override in parsed:
        key, line = override.key_or_group, override.input_line or ""
        if (key == "hydra" or re.match(r"hydra[./]", key)) and not _HYDRA_KEYS.fullmatch(key):
            raise ConfigError(
                f"{line}: this part of Hydra's own configuration is fixed; allowed are hydra/launcher, hydra/sweeper, "
                "hydra.launcher.*, hydra.sweeper.*, hydra.run.dir, hydra.sweep.dir, hydra.sweep.subdir, "
                "hydra.job.name, hydra.mode and hydra.verbose"
            )
        if re.search(r"\$\{[^}]*:", line) or "_target_" in key:
            raise ConfigError(f"{line}: resolvers and targets cannot be given; allowed are plain values and ${{key}}")


def refuse_foreign_config(config: DictConfig) -> None:
    """Refuse a composed configuration that would make Hydra run code of someone else's, or read the environment.

    Raises:
        ConfigError: naming the key.
    """
    hydra = OmegaConf.to_container(config.hydra, resolve=False)
    assert isinstance(hydra, dict)
    for group, choice in hydra["runtime"]["choices"].items():
        if isinstance(choice, str) and ("/" in choice or choice.startswith(".")):
            raise ConfigError(f"{group}={choice}: must be a name in the folder {group}, not a path")
    if hydra.get("callbacks"):
        raise ConfigError("hydra.callbacks: callbacks run foreign code; none are allowed")
    for part in ("launcher", "sweeper"):
        target = (hydra.get(part) or {}).get("_target_")
        if target not in _HYDRA_TARGETS:
            raise ConfigError(f"hydra.{part}._target_={target}: not allowed; choose hydra/{part}=basic")
    for part in ("job_logging", "hydra_logging"):
        for key, _ in _leaves(hydra.get(part) or {}, f"hydra.{part}"):
            if key.endswith((".()", ".class")) or ".()." in key or ".class." in key:
                raise ConfigError(f"{key}: logging that builds objects runs foreign code; it is not allowed")
    for key, value in _leaves(hydra, "hydra"):
        if isinstance(value, str) and "oc.env" in value:
            raise ConfigError(f"{key}={value}: the environment is not read; allowed are plain values")
    refuse_foreign_values(OmegaConf.masked_copy(config, [str(key) for key in config if key != "hydra"]))


def refuse_foreign_values(config: DictConfig) -> None:
    """Refuse values of a configuration, without Hydra's own part, that would be computed when they are read.

    Raises:
        ConfigError: naming the key.
    """
    for key, value in _leaves(OmegaConf.to_container(config, resolve=False), ""):
        if isinstance(value, str) and re.search(r"\$\{[^}]*:", value):
            raise ConfigError(f"{key}={value}: resolvers are not allowed, only plain values and ${{key}}")


def _leaves(node: Any, key: str) -> Iterable[tuple[str, Any]]:
    """All (dotted key, value) pairs below a node; a mapping's own keys count too."""
    if isinstance(node, Mapping):
        for name, value in node.items():
            yield from _leaves(value, f"{key}.{name}" if key else str(name))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _leaves(value, f"{key}[{index}]")
    else:
        yield key, node
