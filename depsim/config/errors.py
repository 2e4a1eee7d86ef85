"""What is wrong with a configuration, in one sentence: the key, the value and what is allowed."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, get_args

from hydra import compose
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from pydantic import BaseModel, ValidationError


class ConfigError(ValueError):
    """A configuration that cannot be run; the message names the key, the value and what is allowed."""


def explain_validation(error: ValidationError, key: str, schema: type[BaseModel]) -> ConfigError:
    """All that a schema found wrong, one line each."""
    found: list[dict[str, Any]] = [dict(entry) for entry in error.errors()]
    # A list whose items are refused counts as too short, too, which would only confuse.
    shown = [e for e in found if e["type"] != "too_short" or len(e["input"]) < e["ctx"]["min_length"]]
    return ConfigError("\n".join(dict.fromkeys(_explain_one(entry, key, schema) for entry in shown)))


def _explain_one(error: dict[str, Any], key: str, schema: type[BaseModel]) -> str:
    # Positions inside a list are written [i]; the branches of a union are no part of the key.
    path, places = key, [schema]
    for part in error["loc"]:
        siblings = [name for place in places for name in place.model_fields]
        if (chosen := [place for place in places if _is_tag(part, place)]) and part not in siblings:
            places = chosen
            continue
        places = [found for place in places if part in place.model_fields
                  for found in _schemas_in(place.model_fields[part].annotation)] or places  # fmt: skip
        if isinstance(part, int):
            path += f"[{part}]"
        elif part.isidentifier() and part not in ("int", "float", "str", "none"):
            path = f"{path}.{part}" if path else part
    if error["type"] == "extra_forbidden":
        return f"{path}={_format_value(error['input'])}: unknown key{_allowed(str(error['loc'][-1]), siblings)}"
    if error["type"] == "missing":
        return f"{path}: missing; it has no default"
    if error["type"] == "too_short":
        return f"{path}={_format_value(error['input'])}: needs at least {error['ctx']['min_length']}"
    if error["type"] == "string_pattern_mismatch":
        return f"{path}={error['input']}: must be a name of up to 100 letters, digits, spaces and . _ + -"
    reason = error["msg"].removeprefix("Value error, ").replace("Input should be", "must be").replace("tuple", "list")
    return f"{path}={_format_value(error['input'])}: {reason}" if error["loc"] else f"{path}: {reason}"


def _schemas_in(annotation: Any) -> list[type[BaseModel]]:
    """The schemas that a field's type is made of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [schema for inner in get_args(annotation) for schema in _schemas_in(inner)]


def _is_tag(part: object, schema: type[BaseModel]) -> bool:
    """Whether a part of a place in a union names this schema."""
    return any(part in get_args(field.annotation) for field in schema.model_fields.values())


def explain_composition(error: Exception, parsed: Sequence[Override], folders: Sequence[Path]) -> ConfigError:
    """Why Hydra could not compose; called while its configuration search path is set up."""
    groups = {path.name for folder in folders for path in folder.iterdir() if path.is_dir()}
    fine: list[str] = []
    for override in parsed:
        key, line = override.key_or_group, override.input_line or ""
        if key == "hydra/launcher" and str(override.value()).startswith("submitit") and find_spec("submitit") is None:
            return ConfigError(f"{line}: not installed here; pip install 'depsim[slurm]' brings it")
        if key in groups:
            choices = sorted({file.stem for folder in folders for file in (folder / key).glob("*.yaml")})
            choice = _format_value(override.value())
            if choice not in choices and (choice, key) != ("null", "experiment"):
                return ConfigError(f"{line}: unknown choice{_allowed(choice, choices)}")
            fine.append(line)
        elif key.startswith("hydra/"):
            fine.append(line)
    for override in parsed:
        key, line = override.key_or_group, override.input_line or ""
        if key in groups or override.is_add() or key.startswith("hydra/"):
            continue
        try:
            known = compose("config", fine, return_hydra_config=True)
        except (HydraException, OmegaConfBaseException, ValueError):
            break
        if (siblings := _siblings_of_unknown(known, key)) is not None:
            parent = key.rpartition(".")[0]
            return ConfigError(f"{line}: unknown key{_allowed(key.rpartition('.')[2], siblings, parent)}")
    return ConfigError(" ".join(line.strip() for line in str(error).splitlines() if line.strip()))


def _siblings_of_unknown(config: DictConfig, key: str) -> list[str] | None:
    """The keys that exist where ``key`` was looked for, or None if it exists."""
    node: Any = OmegaConf.to_container(config, resolve=False)
    for part in key.split("."):
        if not isinstance(node, dict):
            return []
        if part not in node:
            return [str(name) for name in node if name not in ("_target_", "hydra")]
        node = node[part]
    return None


def _allowed(wrong: str, names: Iterable[str], parent: str = "") -> str:
    listed = list(names)
    if not listed:
        return f"; {parent or 'this'} has no keys" if parent else "; there are none"
    close = difflib.get_close_matches(wrong, listed, n=1)
    hint = f" (did you mean {close[0]}?)" if close else ""
    return f"; allowed are {', '.join(listed)}{hint}"


def _format_value(value: object) -> str:
    """A value as it would be typed."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return "[" + ",".join(map(_format_value, value)) + "]" if isinstance(value, list | tuple) else str(value)
