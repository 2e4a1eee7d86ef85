"""Text for a terminal: what would steer the terminal, or deceive its reader, is shown as an escape."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Collection
from typing import NoReturn

_STEERING = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""Control characters but for tab and new line, marks that turn the direction of writing, and halves of characters."""


def visible(text: str) -> str:
    r"""The same text with its control characters as visible escapes.

    >>> print(visible("a\x1b[31mb\r\nc"))
    a\x1b[31mb\r
    c
    """
    return _STEERING.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


def meant(wrong: str, names: Collection[str]) -> str:
    """The name that may have been meant by one that does not exist, as the end of a message; empty where none is close.

    >>> meant("ketamin", ["ketamine", "ssri"])
    ' (did you mean ketamine?)'
    """
    import difflib

    close = difflib.get_close_matches(wrong, names, n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def complain(text: str) -> None:
    """Print to standard error."""
    print(visible(text), file=sys.stderr, flush=True)


class Parser(argparse.ArgumentParser):
    """A parser whose complaints about the words of a command line can be shown."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and exit."""
        super().error(visible(message))
