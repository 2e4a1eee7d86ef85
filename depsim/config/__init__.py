"""From configuration to typed values: composition with Hydra, and every check before anything runs.

This is where configuration objects stop. Everything below gets frozen, validated values; everything that is wrong is
said here, in one sentence with the key, the value and what is allowed.
"""

from depsim.config.building import Order, build, prepare, validate
from depsim.config.composition import compose_config, config_folder, parse_overrides
from depsim.config.errors import ConfigError

__all__ = [
    "ConfigError",
    "Order",
    "build",
    "compose_config",
    "config_folder",
    "parse_overrides",
    "prepare",
    "validate",
]
