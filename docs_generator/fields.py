"""What is said of a component's fields: unit, allowed values and meaning, from its annotations and docstrings."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Any, get_args

from pydantic import AfterValidator
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from depsim.component import Component, Label

_ENTRY = re.compile(r"^(?P<names>[a-z_]\w*(, [a-z_]\w*)*): (?P<text>.*)$")
_ANY_TEXT = "text"
GROUP = "keys"
"""What a component may be whose keys follow."""


class _Schema(GenerateJsonSchema):
    """A schema in which a function is the text that names it."""

    def callable_schema(self, schema: Any) -> JsonSchemaValue:
        return {"const": "package.module:function"}


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
    schema = kind.model_json_schema(schema_generator=_Schema)
    properties = (schema["$defs"][kind.__name__] if "$ref" in schema else schema)["properties"]
    for name in sorted(kind.model_fields, key=lambda name: _generation(kind, name)):
        field, node = kind.model_fields[name], properties[name]
        label = next((mark for mark in reversed(field.metadata) if isinstance(mark, Label)), None)
        meaning = _meaning(kind, name, label)
        if (inner := inner_component(field.annotation)) is not None:
            null = "/`null`" if type(None) in get_args(field.annotation) else ""
            yield Row(f"{prefix}{name}", "", f"{GROUP}{null}", meaning)
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
        return "/".join(_in_words(each, schema) for each in node.get("anyOf") or node["oneOf"])
    if "allOf" in node:
        return _in_words(node["allOf"][0], schema)
    if "enum" in node or "const" in node:
        return "/".join(f"`{each}`" for each in node.get("enum", [node.get("const")]))
    kind = node.get("type")
    if kind == "array":
        return f"list of {_in_words(node.get('items', {}), schema)}"
    if kind == "object":
        values = node.get("additionalProperties", next(iter(node.get("patternProperties", {}).values()), True))
        return f"mapping to {_in_words(values, schema) if isinstance(values, Mapping) and values else 'any value'}"
    if kind in ("number", "integer"):
        return _bounded(node)
    words = {"null": "`null`", "boolean": "`true`/`false`", "string": _ANY_TEXT}
    return f"text like `{node['pattern']}`" if "pattern" in node else words.get(str(kind), "any value")


def _referred(name: str, schema: Mapping[str, Any]) -> str:
    """Another component in a value, by the name that chooses it or its class's, or what else stands there."""
    node = schema["$defs"][name]
    if chosen := node.get("properties", {}).get("name", {}).get("const"):
        return f"`{chosen}`"
    return f"`{name}`" if node.get("type") == "object" else _in_words(node, schema)


def _bounded(node: Mapping[str, Any]) -> str:
    """The range of a number; bounds of one that need not be whole have a decimal point.

    >>> _bounded({"type": "integer", "minimum": 1, "maximum": 10**8}), _bounded({"type": "integer"})
    ('1–10⁸', 'integer')
    >>> _bounded({"type": "number", "exclusiveMinimum": 0, "maximum": 1}), _bounded({"type": "number", "minimum": 0})
    ('>0.0–1.0', '≥0.0')
    """
    whole, above = node["type"] == "integer", node.get("exclusiveMinimum")
    low, high = node.get("minimum") if above is None else above, node.get("maximum")
    if low is None and high is None:
        return str(node["type"])
    if low is None:
        return f"≤{_figure(high, whole)}"
    if high is None:
        return f"{'≥' if above is None else '>'}{_figure(low, whole)}"
    return f"{'' if above is None else '>'}{_figure(low, whole)}–{_figure(high, whole)}"


def _figure(value: Any, whole: bool) -> str:
    """A bound; powers of ten from a million on in short.

    >>> _figure(10**8, True), _figure(4_294_966, True), _figure(1, False), _figure(0.5, False)
    ('10⁸', '4,294,966', '1.0', '0.5')
    """
    if (power := len(str(int(value))) - 1) >= 6 and value == 10**power:
        return f"10{str(power).translate(str.maketrans('0123456789', '⁰¹²³⁴⁵⁶⁷⁸⁹'))}"
    return f"{int(value):,}" if whole else f"{float(value):,}"
