"""What is said of a component's fields: unit, allowed values and meaning, from its annotations and docstrings."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Any, get_args

from pydantic import AfterValidator

from depsim.component import Component, Label

_ENTRY = re.compile(r"^(?P<names>[a-z_]\w*(, [a-z_]\w*)*): (?P<text>.*)$")
_ANY_TEXT = "text"


@dataclass(frozen=True)
class Row:
    """A key in a table.

    Args:
        key: below the component, as typed: ``hold.data``.
        unit: of its values; empty where they have none.
        allowed: what its values may be.
        meaning: what it is.
    """

    key: str
    unit: str
    allowed: str
    meaning: str


def rows_of(kind: type[Component], prefix: str = "") -> Iterator[Row]:
    """All keys of a component, its own before those that it inherits; a component in it, then that one's keys."""
    schema = kind.model_json_schema()
    properties = (schema["$defs"][kind.__name__] if "$ref" in schema else schema)["properties"]
    for name in sorted(kind.model_fields, key=lambda name: _generation(kind, name)):
        field, node = kind.model_fields[name], properties[name]
        label = next((mark for mark in reversed(field.metadata) if isinstance(mark, Label)), None)
        meaning = _meaning(kind, name, label)
        if (inner := inner_component(field.annotation)) is not None:
            null = " or `null`" if type(None) in get_args(field.annotation) else ""
            yield Row(f"{prefix}{name}", "", f"the keys below{null}", meaning)
            yield from rows_of(inner, f"{prefix}{name}.")
            continue
        unit = label.unit if label is not None and label.unit else "share" if _is_share(node) else ""
        yield Row(f"{prefix}{name}", unit, _allowed(node, schema, field.metadata), meaning)


def _generation(kind: type[Component], name: str) -> int:
    """How many classes lie between a component and the one that a field comes from."""
    return next(far for far, each in enumerate(kind.__mro__) if name in inspect.get_annotations(each))


def inner_component(annotation: Any) -> type[Component] | None:
    """The component whose keys a field's are, also where it may be null; none of an abstract one, which has choices."""
    kinds = set(get_args(annotation)) - {type(None)} if isinstance(annotation, UnionType) else {annotation}
    kind = kinds.pop() if len(kinds) == 1 else None
    is_component = inspect.isclass(kind) and issubclass(kind, Component) and not inspect.isabstract(kind)
    return kind if is_component else None


def first_line(kind: type) -> str:
    """What a class is, in one line."""
    return (inspect.getdoc(kind) or "").splitlines()[0]


def described_arguments(kind: type) -> dict[str, str]:
    """What a class's docstring says of its arguments, name to text; several names can have one text."""
    _, _, block = (inspect.cleandoc(kind.__doc__ or "")).partition("\nArgs:\n")
    entries: dict[str, list[str]] = {}
    names: list[str] = []
    for line in block.splitlines():
        if line and not line.startswith(" "):
            break
        if line.startswith("    ") and not line.startswith("     ") and (found := _ENTRY.match(line.strip())):
            names = found["names"].split(", ")
            entries |= {name: [found["text"]] for name in names}
        elif line.strip():
            for name in names:
                entries[name].append(line.strip())
    return {name: " ".join(lines) for name, lines in entries.items()}


def _meaning(kind: type[Component], name: str, label: Label | None) -> str:
    """The docstring's text of a field, of the class or the nearest one that it comes from; else its label."""
    told = next((text for each in kind.__mro__ if (text := described_arguments(each).get(name))), "")
    if told.startswith("of "):
        told = f"{label.title}, {told}" if label is not None else f"{name} {told}"
    return markdown(told or (label.title if label is not None else ""))


def markdown(text: str) -> str:
    """A docstring's text as Markdown in a cell: code has one backquote, and nothing ends in a full stop."""
    text = re.sub(r":\w+:`~?([\w.]+)`", r"`\1`", text).replace("``", "`").replace("|", "\\|")
    return re.sub(r"\bNone\b", "null", text).rstrip(".")


def _is_share(node: Mapping[str, Any]) -> bool:
    """Whether values are numbers between 0 and 1."""
    nodes = [each for each in (node, *node.get("anyOf", ())) if each.get("type") == "number"]
    return any(each.get("maximum") == 1 and 0 in (each.get("minimum"), each.get("exclusiveMinimum")) for each in nodes)


def _allowed(node: Mapping[str, Any], schema: Mapping[str, Any], metadata: list[Any]) -> str:
    """What values may be, in words."""
    text = _in_words(node, schema)
    if text == _ANY_TEXT:
        text = _refused_unless(metadata) or text
    return text.replace("|", "\\|")


def _refused_unless(metadata: list[Any]) -> str:
    """What a validator says that a text must be, if it says so."""
    for mark in metadata:
        if isinstance(mark, AfterValidator):
            try:
                mark.func("")  # type: ignore[call-arg]
            except ValueError as error:
                return re.sub(r"^must be (one of: )?", "", str(error))
    return ""


def _in_words(node: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    if "$ref" in node:
        return _referred(node["$ref"].rpartition("/")[2], schema)
    if "anyOf" in node or "oneOf" in node:
        parts = [_in_words(each, schema) for each in node.get("anyOf") or node["oneOf"]]
        return (", or " if any("," in each or ":" in each for each in parts) else " or ").join(parts)
    if "allOf" in node:
        return _in_words(node["allOf"][0], schema)
    if "enum" in node or "const" in node:
        return " or ".join(f"`{each}`" for each in node.get("enum", [node.get("const")]))
    kind = node.get("type")
    if kind == "array":
        least = f" of at least {node['minItems']}" if node.get("minItems") else ""
        return f"list{least}: {_in_words(node.get('items', {}), schema)}"
    if kind == "object":
        values = node.get("additionalProperties", next(iter(node.get("patternProperties", {}).values()), True))
        return f"mapping to {_in_words(values, schema) if isinstance(values, Mapping) and values else 'any value'}"
    if kind in ("number", "integer"):
        return _bounded("integer" if kind == "integer" else "number", node)
    words = {"null": "`null`", "boolean": "`true` or `false`", "string": _ANY_TEXT}
    return f"text like `{node['pattern']}`" if "pattern" in node else words.get(str(kind), "any value")


def _referred(name: str, schema: Mapping[str, Any]) -> str:
    """Another component in a value, by the name that chooses it or its class's, or what else stands there."""
    node = schema["$defs"][name]
    if chosen := node.get("properties", {}).get("name", {}).get("const"):
        return f"`{chosen}`"
    return f"`{name}`" if node.get("type") == "object" else _in_words(node, schema)


def _bounded(noun: str, node: Mapping[str, Any]) -> str:
    above, least, most = node.get("exclusiveMinimum"), node.get("minimum"), node.get("maximum")
    low = f"above {_figure(above)}" if above is not None else "" if least is None else _figure(least)
    high = "" if most is None else _figure(most)
    if low and high:
        return f"{noun}, {low} to {high}"
    if low or high:
        return f"{noun}, {low if above is not None else f'at least {low}'}" if low else f"{noun}, at most {high}"
    return noun


def _figure(value: float) -> str:
    """A bound; powers of ten from a million on in short.

    >>> _figure(10**8), _figure(4_294_966), _figure(1.0)
    ('10⁸', '4,294,966', '1')
    """
    if (power := len(str(int(value))) - 1) >= 6 and value == 10**power:
        return f"10{str(power).translate(str.maketrans('0123456789', '⁰¹²³⁴⁵⁶⁷⁸⁹'))}"
    return f"{value:,g}" if abs(value) < 100_000 else f"{int(value):,}"
