"""An extension of Griffe: docstrings as they are written here, in the form that mkdocstrings shows well."""

from __future__ import annotations

import re
from typing import Any

import griffe

_NOTES = ("SCENARIOS", "PROTOCOL", "STATISTICS")
"""Working notes that are no part of the repository."""
_SHARED = re.compile(r"^( +)(\w+(?:, \w+)+): (.*(?:\n\1 +\S.*)*)", re.MULTILINE)
_EXAMPLE = re.compile(r"(?:^>>> .*\n?(?:^(?!\s*$|>>> ).*\n?)*)+", re.MULTILINE)
_REFERENCES = re.compile(r"^References: (.*(?:\n +\S.*)*)$", re.MULTILINE)


class PlainDocstrings(griffe.Extension):
    """Changes the docstring of everything that is shown."""

    def on_object(self, *, obj: Any, **_: Any) -> None:
        """Called with each module, class, function and attribute."""
        if obj.docstring is not None:
            obj.docstring.value = shown(obj.docstring.value)


def shown(docstring: str) -> str:
    """A docstring in which names that share a text have one each, and examples are a section.

    >>> shown("Adds.\\n\\nArgs:\\n    a, b: numbers.\\n\\n>>> add(1, 2)\\n3").splitlines()[3:5]
    ['    a: numbers.', '    b: numbers.']
    """
    text = re.sub(r":\w+:`~?([\w.]+)`", r"`\1`", docstring)
    text = _SHARED.sub(lambda found: "\n".join(f"{found[1]}{n}: {found[3]}" for n in found[2].split(", ")), text)
    text = _REFERENCES.sub(_references, text)
    text = _EXAMPLE.sub(lambda found: "Examples:\n" + re.sub(r"(?m)^(?=.)", "    ", found[0]), text)
    return text.rstrip()


def _references(found: re.Match[str]) -> str:
    """Those that a reader can look up."""
    kept = [each for each in re.split(r";\s+", found[1].rstrip(".")) if not each.startswith(_NOTES)]
    return f"References: {'; '.join(kept)}." if kept else ""
