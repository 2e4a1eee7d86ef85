"""What a page of docs shows: files to write, and commands with what they print."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

DOCS = Path(__file__).parents[2] / "docs"
_BLOCK = re.compile(r"^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
_FILE = re.compile(r"# (?P<path>[\w./-]+\.(?:py|yaml|toml))\n")
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)*(?:e[-+]\d+)?")
_RULE = re.compile(r"[─…]+")


class Command(NamedTuple):
    """What is typed and what is shown of its answer.

    Args:
        line: after the prompt.
        shown: the lines below it.
    """

    line: str
    shown: tuple[str, ...]


def files(page: str) -> dict[str, str]:
    """The files that a page shows, each headed by a comment with its path."""
    blocks = [block["text"] for block in _BLOCK.finditer(page) if block["kind"] in ("python", "yaml", "toml")]
    return {head["path"]: text for text in blocks if (head := _FILE.match(text))}


def commands(page: str) -> list[Command]:
    """The commands that a page shows, in order."""
    found: list[Command] = []
    for block in _BLOCK.finditer(page):
        if block["kind"] != "console":
            continue
        for line in block["text"].splitlines():
            if line.startswith("$ "):
                found.append(Command(line[2:], ()))
            else:
                found[-1] = Command(found[-1].line, (*found[-1].shown, line))
    return found


def masked(printed: str) -> list[str]:
    """Lines without what differs from one run to the next: numbers, and the width of tables.

    >>> masked("treated   99.9 ± 0.1   x  1")
    ['treated # x #']
    """
    plain = (" ".join(_NUMBER.sub("#", _RULE.sub(" ", line)).split()) for line in printed.splitlines())
    return [line.replace("# ± #", "#") for line in plain if line]  # a constant has no spread


def missing(shown: tuple[str, ...], printed: str) -> list[str]:
    """The shown lines that were not printed in this order; ``...`` stands for any lines left out."""
    left, absent = masked(printed), []
    for line in masked("\n".join(shown)):
        if line == "...":
            continue
        if line in left:
            left = left[left.index(line) + 1 :]
        else:
            absent.append(line)
    return absent
