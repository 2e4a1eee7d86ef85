"""Reading YAML that anybody may have written: plain values, soon, or one line on why not."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import yaml

_LONGEST = 50_000
"""Bytes of a file."""
_MOST = 10_000
"""Values in a file, those that an alias repeats counted each time."""
_DEEPEST = 50
"""Brackets within brackets."""


class YamlFileError(ValueError):
    """A file cannot be read; the message names it."""


class BeyondLimitsError(YamlFileError):
    """A file is YAML, perhaps, but is not read: too large, too deep, repeating itself, or with a key twice."""


def read_yaml(path: Path) -> Any:
    """What a YAML file says.

    Raises:
        YamlFileError: if it is no file, not YAML, too large, too deep, repeats itself without end, or has a key twice.
    """
    try:
        return _parsed(_text(path))
    except RecursionError:
        raise BeyondLimitsError(f"{path}: nested too deeply") from None
    except OSError as error:
        raise YamlFileError(f"{path}: {error.strerror}") from None
    except _RefusedError as error:
        raise BeyondLimitsError(f"{path}: {error}") from None
    except (yaml.YAMLError, ValueError) as error:  # such as a date that there is none
        raise YamlFileError(f"{path}: not YAML ({' '.join(str(error).split())})") from None


class _RefusedError(ValueError):
    """YAML that is not read; the message says why."""


class _Loader(yaml.SafeLoader):
    """Gives up at once where brackets are nested too deeply: the scanner's time grows with the square of that."""

    def fetch_flow_collection_start(self, TokenClass: Any) -> None:  # noqa: N803 (PyYAML's name)
        if self.flow_level >= _DEEPEST:
            raise RecursionError
        super().fetch_flow_collection_start(TokenClass)


def _text(path: Path) -> str:
    """What a file holds; what is no file may never come to an end."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise _RefusedError("is a folder, no file" if stat.S_ISDIR(status.st_mode) else "is no file")
    with path.open("rb") as file:
        data = file.read(_LONGEST + 1)
    if len(data) > _LONGEST:
        raise _RefusedError(f"{status.st_size:,} bytes; allowed are at most {_LONGEST:,}")
    return data.decode("utf-8")


def _parsed(text: str) -> Any:
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        if _count(node, {}, loader) > _MOST:
            raise _RefusedError(f"more than {_MOST:,} values, those that aliases repeat among them")
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _count(node: yaml.Node, counts: dict[yaml.Node, int], loader: yaml.SafeLoader) -> int:
    """How many values a node is, with all that aliases repeat in it; keys are to be different."""
    if node in counts:
        if counts[node] == 0:
            raise _RefusedError(f"line {_line(node)}: contains itself")
        return counts[node]
    counts[node] = 0
    inner: list[yaml.Node] = []
    if isinstance(node, yaml.MappingNode):
        _require_different([key for key, _ in node.value], loader)
        inner = [part for pair in node.value for part in pair]
    elif isinstance(node, yaml.SequenceNode):
        inner = node.value
    counts[node] = 1 + sum(_count(part, counts, loader) for part in inner)
    return counts[node]


def _require_different(keys: list[yaml.Node], loader: yaml.SafeLoader) -> None:
    seen = set()
    for key in keys:
        if isinstance(key, yaml.ScalarNode):
            value = key.value if key.tag == "tag:yaml.org,2002:merge" else loader.construct_object(key)
            if value in seen:
                raise _RefusedError(f"line {_line(key)}: {key.value}: the key is there twice; allowed is once")
            seen.add(value)


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
