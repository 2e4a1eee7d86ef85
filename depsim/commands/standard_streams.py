"""The standard streams of a command: one that is closed, that lacks a character, or that nobody reads any more."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import TextIO

from depsim.commands import FAILED, READER_GONE
from depsim.terminal_text import complain


def prepare_streams() -> None:
    """Let anything be printed: to nowhere where a stream is closed, as an escape where it lacks the character.

    The descriptors 0 to 2 are taken even so. A database that was opened as one of them would get what is printed, and
    the workers are given them, too.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # the lowest that is free: this one
    sys.stdout = _printable(sys.stdout)
    sys.stderr = _printable(sys.stderr)


def _printable(stream: TextIO | None) -> TextIO:
    if stream is None:  # it was closed when Python started
        return open(os.devnull, "w", encoding="utf-8")  # as long as the process lasts
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    return stream


def unprinted(error: OSError) -> int:
    """Say that the output could not be written, unless nobody reads it any more; returns the exit code."""
    if isinstance(error, BrokenPipeError):
        return READER_GONE
    with suppress(OSError):
        complain(f"depsim: the output cannot be written: {error.strerror}")
    return FAILED


def finish_streams(code: int) -> int:
    """Print what is still to be printed; returns the exit code, in which it shows if that cannot be.

    Args:
        code: the exit code where all can be printed.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError as error:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # Python flushes it again at its end
            code = code or unprinted(error)
    return code
