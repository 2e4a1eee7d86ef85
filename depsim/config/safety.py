"""What a configuration may not do: build objects that are not ours, or read the environment."""

from __future__ import annotations

import re
from collections.abc import Iterable

from hydra.core.override_parser.types import Override
from omegaconf import DictConfig, OmegaConf

from depsim.config.errors import ConfigError, shortened
from depsim.config.hydra_keys import leaves, refuse_fixed_key


def refuse_foreign_overrides(parsed: Iterable[Override]) -> None:
    """Refuse overrides that could make Hydra run code of someone else's.

    Raises:
        ConfigError: naming the override.
    """
    for override in parsed:
        line = override.input_line or ""
        if re.search(r"\$\{[^}]*:", line) or "_target_" in override.key_or_group:
            raise ConfigError(
                f"{shortened(line)}: resolvers and targets cannot be given; allowed are plain values and ${{key}}"
            )
        refuse_fixed_key(override)


def refuse_foreign_values(config: DictConfig) -> None:
    """Refuse values of a configuration, without Hydra's own part, that would be computed when they are read.

    Raises:
        ConfigError: naming the key.
    """
    for key, value in leaves(OmegaConf.to_container(config, resolve=False), ""):
        if isinstance(value, str) and re.search(r"\$\{[^}]*:", value):
            raise ConfigError(f"{key}={shortened(value)}: resolvers are not allowed, only plain values and ${{key}}")
