"""The sources of modules as they were when this process loaded them.

A file says nothing about the code of a process that loaded it before its last edit. So each file is read once more
right before Python loads it; an edit within that millisecond goes unseen, every later one does not.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

_packages: set[str] = set()
_texts: dict[str, bytes] = {}


def loaded_text(name: str) -> bytes | None:
    """What a module was loaded from, or None if it is not loaded, or none of a watched package."""
    return _texts.get(name)


def watch(packages: Sequence[str]) -> None:
    """Remember the sources of these packages, too; of what is loaded already, as they are now."""
    for package in set(packages) - _packages:
        _packages.add(package)
        for name in [name for name in sys.modules if name.split(".")[0] == package]:
            _remember(name, getattr(sys.modules[name], "__spec__", None))


class _Remembering:
    """Stands before all of Python's finders: leaves the finding to them and reads what they find."""

    @classmethod
    def find_spec(
        cls, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name.partition(".")[0] not in _packages:
            return None
        others = (finder for finder in sys.meta_path if finder is not cls and hasattr(finder, "find_spec"))
        spec = next((spec for finder in others if (spec := finder.find_spec(name, path, target)) is not None), None)
        _remember(name, spec)
        return spec


def _remember(name: str, spec: ModuleSpec | None) -> None:
    if spec is not None and spec.origin is not None and spec.origin.endswith(".py"):
        with suppress(OSError):  # loading it will say so
            _texts[name] = Path(spec.origin).read_bytes()


sys.meta_path.insert(0, _Remembering)
