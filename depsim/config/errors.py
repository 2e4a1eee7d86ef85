"""What is wrong with a configuration, in one sentence: the key, the value and what is allowed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from depsim.terminal_text import meant

_LONGEST = 120
STUDY_NAME = r"^\w[\w .+-]{0,99}$"
_PATTERNS = {STUDY_NAME: "a name of up to 100 letters, digits, spaces and . _ + -"}
"""Of texts, in words."""


class ConfigError(ValueError):
    """A configuration that cannot be run; the message names the key, the value and what is allowed."""


class UnknownKeyError(ConfigError):
    """A key that the choices made do not have.

    Attributes:
        above: the key that lacks it, ``treatment``; empty for the configuration itself.
        name: what it lacks.
    """

    above = name = ""


def shortened(text: str | None) -> str:
    """A text that a message can hold: at most 120 characters of it, in one line.

    >>> shortened("seed=1"), shortened("study=" + 200 * "s").endswith("sss... (206 characters)")
    ('seed=1', True)
    """
    line = " ".join((text or "").split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}... ({len(line)} characters)"


def explain_validation(error: ValidationError, key: str, schema: type[BaseModel]) -> ConfigError:
    """All that a schema found wrong, one line each."""
    entries: list[dict[str, Any]] = [dict(entry) for entry in error.errors()]
    # A list whose items are refused counts as too short, too, which would only confuse.
    shown = [e for e in entries if e["type"] != "too_short" or len(e["input"]) < e["ctx"]["min_length"]]
    return ConfigError("\n".join(dict.fromkeys(_explain_one(entry, key, schema) for entry in shown)))


def _explain_one(error: dict[str, Any], key: str, schema: type[BaseModel]) -> str:
    # Positions inside a list are written [i]; the branches of a union are no part of the key.
    path, places = key, [schema]
    for part in error["loc"]:
        siblings = [name for place in places for name in place.model_fields]
        if (chosen := [place for place in places if _is_tag(part, place)]) and part not in siblings:
            places = chosen
            continue
        places = [
            inner
            for place in places
            if part in place.model_fields
            for inner in _schemas_in(place.model_fields[part].annotation)
        ] or places
        if isinstance(part, int):
            path += f"[{part}]"
        elif part.isidentifier() and part not in ("int", "float", "str", "none") and not part[0].isupper():
            path = f"{path}.{part}" if path else part
    if error["type"] == "extra_forbidden":
        return f"{path}={format_value(error['input'])}: unknown key{allowed(str(error['loc'][-1]), siblings)}"
    if error["type"] == "missing":
        return f"{path}: missing; it has no default"
    if error["type"] == "too_short":
        return f"{path}={format_value(error['input'])}: needs at least {error['ctx']['min_length']}"
    if error["type"] == "string_pattern_mismatch":
        pattern = error["ctx"]["pattern"]
        return f"{path}={error['input']}: must be {_PATTERNS.get(pattern, f'like {pattern}')}"
    reason = error["msg"].removeprefix("Value error, ").replace("Input should be", "must be").replace("tuple", "list")
    if error["loc"]:
        return f"{path}={format_value(error['input'])}: {reason}"
    return f"{path}.{reason}" if reason.partition("=")[0] in schema.model_fields else f"{path}: {reason}"


def _schemas_in(annotation: Any) -> list[type[BaseModel]]:
    """The schemas that a field's type is made of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [schema for inner in get_args(annotation) for schema in _schemas_in(inner)]


def _is_tag(part: object, schema: type[BaseModel]) -> bool:
    """Whether a part of a place in a union names this schema."""
    return any(part in get_args(field.annotation) for field in schema.model_fields.values())


def allowed(wrong: str, names: Iterable[str], parent: str = "") -> str:
    """What may stand in place of something unknown, with the name that may have been meant."""
    listed = list(names)
    if not listed:
        return f"; {parent} has no keys" if parent else "; there are none"
    return f"; allowed are {', '.join(listed)}{meant(wrong, listed)}"


def format_value(value: object) -> str:
    """A value as it would be typed."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return "[" + ",".join(map(format_value, value)) + "]" if isinstance(value, list | tuple) else str(value)
