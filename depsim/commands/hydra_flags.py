"""Hydra's own flags of ``depsim run``: which are ours, which go together, and what shell completion needs."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping

from depsim.config.errors import ConfigError, shortened

_REFUSED = ("config_name", "config_path", "experimental_rerun")
"""Hydra's flags that would run another configuration than the one that is checked, or unpickle a file."""
_EXCLUSIVE = ("run", "multirun", "cfg", "info", "shell_completion")
_INFORMATIVE = ("help", "hydra_help", "cfg", "info", "shell_completion", "resolve", "package")
_SHELLS = ("bash", "fish", "zsh")
_COMPLETIONS = tuple(f"{what}={shell}" for what in ("install", "uninstall", "query") for shell in _SHELLS)


def informs(arguments: argparse.Namespace) -> bool:
    """Whether the flags ask for something to be shown, and nothing to be run."""
    return any(getattr(arguments, name) for name in _INFORMATIVE)


def check_flags(arguments: argparse.Namespace) -> None:
    """Refuse Hydra's flags that are not ours, those that do not go together, and those that lack something.

    Raises:
        ConfigError: naming the flag and what is allowed.
    """
    for flag in _REFUSED:
        if (value := getattr(arguments, flag)) is not None:
            raise ConfigError(f"--{flag.replace('_', '-')} {value}: not allowed; allowed is --config-dir FOLDER")
    if arguments.hydra_help and arguments.overrides:
        raise ConfigError(f"--hydra-help {shortened(arguments.overrides[0])}: takes no overrides; allowed with --help")
    if arguments.help or arguments.hydra_help:
        return
    given = [f"--{flag.replace('_', '-')}" for flag in _EXCLUSIVE if getattr(arguments, flag)]
    if len(given) > 1:
        raise ConfigError(f"{' '.join(given)}: do not go together; allowed is one of them")
    if arguments.resolve and not arguments.cfg:
        raise ConfigError("--resolve: shows nothing by itself; allowed with --cfg or --help")
    if arguments.shell_completion:
        _check_completion(arguments.overrides, os.environ)


def _check_completion(words: list[str], environment: Mapping[str, str]) -> None:
    """Refuse what Hydra's shell completion does not understand."""
    if len(words) != 1 or words[0] not in _COMPLETIONS:
        given = shortened(" ".join(["--shell-completion", *words]))
        raise ConfigError(f"{given}: allowed is one of {', '.join(_COMPLETIONS)}")
    if words[0].startswith("query=") and "COMP_LINE" not in environment:
        raise ConfigError(
            f"--shell-completion {words[0]}: answers the shell, which sets COMP_LINE; allowed here is "
            f"install={words[0].partition('=')[2]}"
        )
