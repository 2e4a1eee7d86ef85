"""Choices in configuration groups, by the names of their files and in no other way; and what went wrong with them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hydra import compose
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.types import Override
from omegaconf import DictConfig, OmegaConf

from depsim.config.errors import ConfigError, UnknownKeyError, allowed, format_value, shortened
from depsim.registry import allowing, as_default

_REFUSED_KEY = re.compile(r"(?:Could not (?:override|delete from config\.) '|Error merging override ~?)([^'=\s]*)")
"""How Hydra begins to say which override it could not apply."""


def refuse_unusual_choices(parsed: Sequence[Override], folders: Sequence[Path]) -> None:
    """Refuse overrides that choose anything else than one name; called while Hydra's search path is set up.

    Raises:
        ConfigError: naming the override and what is allowed.
    """
    for override in parsed:
        group, value = override.key_or_group, override.value()
        if override.is_delete() or override.is_sweep_override() or not _is_group(group, folders):
            continue
        if not isinstance(value, str | Mapping) or (isinstance(value, Mapping) and group.startswith("hydra/")):
            names = allowed("" if value is None else format_value(value), _names_in(group, folders))
            without = "; for none, leave it out" if value is None else ""
            raise ConfigError(f"{shortened(override.input_line)}: must be one name{names}{without}")


def refuse_unnamed_choices(choices: Mapping[Any, Any], config: DictConfig, folders: Sequence[Path]) -> None:
    """Refuse choices, of an override or a file, that are not one name of a file in the group's folder.

    A path or a suffix (``ketamine.yaml``) would find the file, too, and file its runs under another name.

    Args:
        choices: of each group; where several files were chosen, Hydra leaves the group out.
        config: composed.
        folders: with configuration.

    Raises:
        ConfigError: naming the group, the choice and what is allowed.
    """
    for place, choice in choices.items():
        group = str(place).partition("@")[0]
        if choice is not None and choice not in (names := _names_in(group, folders)):
            raise ConfigError(f"{place}={shortened(str(choice))}: unknown choice{allowed(str(choice), names)}")
    groups = {path.name for folder in folders for path in folder.iterdir() if path.is_dir() and path.name in config}
    for group in sorted({"hydra/launcher", "hydra/sweeper", *groups - {"hydra"}}):
        if group not in choices:
            raise ConfigError(f"{group}: must be chosen by one name{allowed('', _names_in(group, folders))}")
    for group in ("hydra/launcher", "hydra/sweeper"):
        if choices[group] is None:
            raise ConfigError(f"{group}=null: must be one name{allowed('', _names_in(group, folders))}")


def explain_composition(
    error: Exception, parsed: Sequence[Override], folders: Sequence[Path], search_path: Sequence[str]
) -> ConfigError:
    """Why Hydra could not compose; called while its configuration search path is set up.

    Args:
        error: what it raised.
        parsed: what was to be composed.
        folders: with configuration.
        search_path: the overrides that name those of one's own.
    """
    fine = [*search_path]
    for override in parsed:
        group, line = override.key_or_group, shortened(override.input_line)
        if group == "hydra/launcher" and str(override.value()).startswith("submitit") and find_spec("submitit") is None:
            return ConfigError(f"{line}: not installed here; pip install 'depsim[slurm]' brings it")
        if not _is_group(group, folders):
            continue
        names, choice = _names_in(group, folders), format_value(override.value())
        if choice not in names and not override.is_delete():
            return ConfigError(f"{line}: unknown choice{allowed(choice, names)}{_lying_here(group, choice)}")
        fine.append(override.input_line or "")
    refused = _REFUSED_KEY.match(str(error))
    at_fault = next((each for each in parsed if refused is not None and each.key_or_group == refused[1]), None)
    if at_fault is not None and (unknown := _unknown_key(at_fault, fine, folders)) is not None:
        return unknown
    if isinstance(error, RecursionError):
        chosen = " ".join(override.input_line or "" for override in parsed)
        return ConfigError(f"{shortened(chosen)}: a file that is chosen is nested too deeply to be read")
    causes = [cause for cause in (error, error.__cause__) if cause is not None]
    said = ". ".join(" ".join(str(cause).split("\nTo append")[0].split()).rstrip(".") for cause in causes)
    return ConfigError(said or f"cannot be composed ({type(error).__name__})")


def _unknown_key(override: Override, choices: Sequence[str], folders: Sequence[Path]) -> UnknownKeyError | None:
    """What an override names that the choices made do not have; None if they have it, or are at fault themselves."""
    try:
        known = compose("config", list(choices), return_hydra_config=True)
    except Exception:  # the error says it
        return None
    if (lost := _unknown_part(known, override.key_or_group)) is None:
        return None
    above, name, siblings = lost
    made = {str(place).rpartition("@")[2]: choice for place, choice in known.hydra.runtime.choices.items()}
    choice = made.get(above)
    chosen = above if choice is None else f"{above}={choice}"
    of = f" of {chosen}" if choice is not None and siblings else ""
    line, more = shortened(override.input_line), ""
    of_choices = any(f"{above}.{sibling}" in made for sibling in siblings)  # the drugs of a regimen, say
    if of_choices and name in _names_in(above.partition(".")[0], folders):
        default = as_default(f"{above}.{name}")
        more = f"; the {above.partition('.')[0]}'s file must list a further one under defaults, such as {default}"
    unknown = UnknownKeyError(f"{line}: unknown key{of}{allowed(name, siblings, chosen)}{more}")
    unknown.above, unknown.name = above, name
    return unknown


def _lying_here(group: str, choice: str) -> str:
    """Where a choice that is unknown would be known: in a package of the working directory that nobody has allowed."""
    if not choice.isidentifier():
        return ""
    found = sorted(Path().glob(f"*/conf/{group}/{choice}.yaml"))
    lying = [file.parts[0] for file in found if Path(file.parts[0], "__init__.py").is_file()]
    if not lying:
        return ""
    return f"; {lying[0]}/ has it, and {allowing(lying[0])} allows that package"


def _is_group(key: str, folders: Sequence[Path]) -> bool:
    """Whether a key is a configuration group."""
    return key.startswith("hydra/") or ("." not in key and any((folder / key).is_dir() for folder in folders))


def _names_in(group: str, folders: Sequence[Path]) -> list[str]:
    """The names that can be chosen in a group, those of Hydra and its plugins among them."""
    names = {file.stem for folder in folders for file in (folder / group).glob("*.yaml") if file.is_file()}
    if group.startswith("hydra/"):
        names |= _known_to_hydra(group, tuple(folders))
    return sorted(names)


@cache
def _known_to_hydra(group: str, _folders: tuple[Path, ...]) -> frozenset[str]:
    """Those of Hydra, its plugins and the folders; asked of it once, as it reads its whole search path each time."""
    return frozenset(GlobalHydra.instance().config_loader().get_group_options(group))


def _unknown_part(config: DictConfig, key: str) -> tuple[str, str, list[str]] | None:
    """The first part of a key that does not exist: what is above it, itself, and the keys there; None if all exist."""
    node, above = OmegaConf.to_container(config, resolve=False), list[str]()
    for part in key.split("."):
        if not isinstance(node, dict) or part not in node:
            there = node if isinstance(node, dict) else {}
            return ".".join(above), part, [str(name) for name in there if name not in ("_target_", "hydra")]
        node = node[part]
        above.append(part)
    return None
