"""Choices in configuration groups, by the names of their files and in no other way; and what went wrong with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hydra.core.override_parser.types import Override
from omegaconf import DictConfig, OmegaConf

from depsim.config.errors import ConfigError, UnknownKeyError, allowed, format_value, shortened
from depsim.registry import allowing, as_default

_OPTIONAL = "experiment"
"""The one group in which nothing has to be chosen."""
_SWEEPER = "hydra/sweeper"


def require_named_choices(choices: Mapping[Any, Any], folders: Sequence[Path]) -> None:
    """Refuse choices, of an override or a file, that are not one name of a file in the group's folder.

    A path or a suffix (``ketamine.yaml``) would find the file, too, and file its runs under another name.

    Args:
        choices: of each group; where several files were chosen, Hydra leaves the group out.
        folders: with configuration, depsim's own first.

    Raises:
        ConfigError: naming the group, the choice and what is allowed.
    """
    required = [_SWEEPER, *(path.name for path in folders[0].iterdir() if path.is_dir() and path.name != "hydra")]
    for place in sorted({*map(str, choices), *required}):
        group, choice = place.partition("@")[0], choices.get(place)
        if group.startswith("hydra/") and not group.startswith(_SWEEPER):
            continue
        names, is_optional = names_in(group, folders), group == _OPTIONAL or place not in required
        if place not in choices or (choice is None and not is_optional):
            raise ConfigError(f"{place}: must be chosen by one name{allowed('', names)}")
        if choice is not None and choice not in names:
            raise ConfigError(f"{place}={shortened(str(choice))}: unknown choice{allowed(str(choice), names)}")


def refuse_unknown_choices(parsed: Sequence[Override], folders: Sequence[Path]) -> None:
    """Refuse overrides that choose what no file of the group is called.

    Raises:
        ConfigError: naming the override and what is allowed.
    """
    for override in parsed:
        group, value = override.key_or_group, override.value()
        if override.is_delete() or isinstance(value, Mapping) or not is_group(group, folders):
            continue
        if (choice := format_value(value)) not in (names := names_in(group, folders)):
            line = shortened(override.input_line)
            raise ConfigError(f"{line}: unknown choice{allowed(choice, names)}{_lying_here(group, choice)}")


def refuse_unknown_key(
    override: Override, config: DictConfig, choices: Mapping[str, Any], folders: Sequence[Path]
) -> None:
    """Refuse an override of a key that the choices made do not have.

    Args:
        override: the override.
        config, choices: composed by the choices alone.
        folders: with configuration.

    Raises:
        UnknownKeyError: naming the override and what is allowed.
    """
    if (unknown := _unknown_part(config, override.key_or_group)) is None:
        return
    above, name, siblings = unknown
    made = {place.rpartition("@")[2]: choice for place, choice in choices.items()}
    choice = made.get(above)
    chosen = above if choice is None else f"{above}={choice}"
    of = f" of {chosen}" if choice is not None and siblings else ""
    line, more = shortened(override.input_line), ""
    of_choices = any(f"{above}.{sibling}" in made for sibling in siblings)  # the drugs of a regimen, say
    if of_choices and name in names_in(above.partition(".")[0], folders):
        default = as_default(f"{above}.{name}")
        more = f"; the {above.partition('.')[0]}'s file must list a further one under defaults, such as {default}"
    error = UnknownKeyError(f"{line}: unknown key{of}{allowed(name, siblings, chosen)}{more}")
    error.above, error.name = above, name
    raise error


def _lying_here(group: str, choice: str) -> str:
    """Where a choice that is unknown would be known: in a package of the working directory that nobody has allowed."""
    if not choice.isidentifier():
        return ""
    packages = [file.parts[0] for file in sorted(Path().glob(f"*/conf/{group}/{choice}.yaml"))]
    here = next((name for name in packages if Path(name, "__init__.py").is_file()), None)
    return "" if here is None else f"; {here}/ has it, and {allowing(here)} allows that package"


def is_group(key: str, folders: Sequence[Path]) -> bool:
    """Whether a key is a configuration group."""
    return "." not in key and any((folder / key).is_dir() for folder in folders)


def names_in(group: str, folders: Sequence[Path]) -> list[str]:
    """The names that can be chosen in a group; of sweepers depsim's own and the one that runs all combinations."""
    searched = folders[:1] if group == _SWEEPER else folders
    names = {file.stem for folder in searched for file in (folder / group).glob("*.yaml") if file.is_file()}
    return sorted({"basic", *names} if group == _SWEEPER else names)


def _unknown_part(config: DictConfig, key: str) -> tuple[str, str, list[str]] | None:
    """The first part of a key that does not exist: what is above it, itself, and the keys there; None if all exist."""
    node, above = OmegaConf.to_container(config, resolve=False), list[str]()
    for part in key.split("."):
        if isinstance(node, list) and part.isdecimal() and int(part) < len(node):
            node = node[int(part)]
        elif isinstance(node, dict) and part in node:
            node = node[part]
        else:
            siblings = (
                [str(name) for name in node if name not in ("_target_", "hydra")] if isinstance(node, dict) else []
            )
            return ".".join(above), part, siblings
        above.append(part)
    return None
