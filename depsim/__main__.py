"""The command line: ``depsim run``, ``sweep``, ``report``, ``new``, ``cache`` and ``ui``."""

from __future__ import annotations

import argparse
import gc
import importlib
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType

from depsim.commands import INTERRUPTED, OK, WRONG_USAGE
from depsim.commands.standard_streams import finish_streams, prepare_streams, unprinted
from depsim.terminal_text import complain, meant

_HELP = """\
depsim: does a finding about simulated depression hold for a population, or was it one lucky seed?

  depsim run [-m] [KEY=VALUE ...]     one condition on one cohort, or several with -m
                                      depsim run treatment=ketamine cohort=pilot
                                      depsim run -m treatment=ketamine,ssri pathology.sparsity=0.9,0.95
                                      depsim run --help lists the choices and keys; --dry-run what there is to do
  depsim sweep NAME [KEY=VALUE ...]   a prepared question; the same command again goes on where it stopped
                                      depsim sweep paper
                                      depsim sweep --help lists the sweeps
  depsim report STUDY [--export]      what the runs of a study say: tables, figures and one page, in reports/STUDY
                                      depsim report paper
  depsim new treatment NAME           a treatment of your own in depsim_own/, with its tests, ready to be changed
  depsim new model NAME --torch       the same for a network that is a PyTorch module
  depsim cache [--clear]              what mlruns/ holds; --clear removes the stored healthy networks, no result
  depsim ui [STUDY] [--open]          the MLflow UI on what has been run here, on this machine only

Results go to mlruns/ of the working directory. In Python: depsim.simulate("treatment=ketamine", "cohort=smoke")
"""
_COMMANDS = ("run", "sweep", "report", "new", "cache", "ui")
_NEW_OBJECTS = 1_000_000
"""So many before Python looks for cycles among them: more than a report makes, hardly any of which is in one."""


def program() -> int:
    """The console's ``depsim``, in a process of its own: :func:`main` with fewer searches for cycles of objects.

    Ctrl-C ends it at once while it starts; what works on something has its own way to end.
    """
    is_heeded = signal.getsignal(signal.SIGINT) is signal.default_int_handler  # not where it was started with &
    if is_heeded:
        signal.signal(signal.SIGINT, _end)
    gc.set_threshold(_NEW_OBJECTS)
    code = main()
    if is_heeded:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is done, and the exit code stands
    gc.freeze()  # all memory goes back at once: no last search
    return code


def _end(_number: int, _frame: FrameType | None) -> None:
    """End this process without an exception, which modules that are being imported turn into others of their own."""
    with suppress(Exception):
        sys.stdout.flush()
        complain("\ninterrupted")
    os._exit(INTERRUPTED)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code (see :mod:`depsim.commands`)."""
    prepare_streams()
    try:
        code = _command(list(sys.argv[1:] if arguments is None else arguments))
    except SystemExit as stop:  # argparse has printed help, or what is wrong
        code = int(stop.code or OK)
    except OSError as error:  # commands say themselves what else goes wrong
        code = unprinted(error)
    return finish_streams(code)


def _command(words: list[str]) -> int:
    """Find out which command it is, and run it."""
    for what in (*words, os.getcwd()):  # both end up in MLflow, which keeps texts
        if any(0xD800 <= ord(letter) < 0xE000 for letter in what):
            complain(f"depsim: {what}: is no UTF-8, and neither words nor the working directory may be anything else")
            return WRONG_USAGE
    if words and words[0] in ("-sc", "--shell-completion"):
        return _complete(words)
    parser = argparse.ArgumentParser(prog="depsim", add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument("command", nargs="?", choices=_COMMANDS)
    parser.add_argument("-h", "--help", action="store_true")
    parser.add_argument("--version", action="store_true")
    try:
        given, unknown = parser.parse_known_args(words[:1])
    except argparse.ArgumentError:
        unknown = words[:1]
    if unknown:
        complain(f"depsim: {words[0]}: no such command; there are {', '.join(_COMMANDS)}{meant(words[0], _COMMANDS)}")
        return WRONG_USAGE
    if given.version:
        from importlib.metadata import version

        print(f"depsim {version('depsim')}")
        return OK
    if given.command is None:
        print(_HELP, end="")
        return OK if given.help else WRONG_USAGE
    return int(importlib.import_module(f"depsim.commands.{given.command}").main(words[1:]))


def _complete(words: list[str]) -> int:
    """Shell completion: of commands and sweeps here, of choices and keys by Hydra, which knows no commands.

    Args:
        words: what the shell calls for its script, and then with the line typed so far in the environment.
    """
    typed = os.environ.get("COMP_LINE", "depsim run ").split(" ")[1:]
    if len(typed) < 2:
        print(*_COMMANDS, sep="\n")
        return OK
    if typed[0] == "sweep" and len(typed) == 2:
        print(*importlib.import_module("depsim.search.sweep_files").sweep_names(), sep="\n")
        return OK
    if typed[0] not in ("run", "sweep"):
        return OK
    if "COMP_LINE" in os.environ:
        os.environ["COMP_LINE"] = " ".join(["depsim", *typed[1 if typed[0] == "run" else 2 :]])
    return int(importlib.import_module("depsim.commands.run").main(words))


if __name__ == "__main__":
    sys.exit(program())
