"""The command line: ``depsim run``, ``depsim sweep``, ``depsim report``, ``depsim cache``, ``depsim ui``."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

_HELP = """\
depsim: does a finding about simulated depression hold for a population, or was it one lucky seed?

  depsim run [-m] [KEY=VALUE ...]     one condition on one cohort, or several with -m
                                      depsim run treatment=ketamine cohort=pilot
                                      depsim run -m treatment=ketamine,ssri pathology.sparsity=0.9,0.95
                                      depsim run --help lists the choices and keys
  depsim sweep NAME [KEY=VALUE ...]   a prepared question; the same command again goes on where it stopped
                                      depsim sweep paper
                                      depsim sweep --help lists the sweeps
  depsim report STUDY [--export]      what the runs of a study say: tables, figures and one page, in reports/STUDY
                                      depsim report paper
  depsim cache [--clear]              what mlruns/ holds; --clear removes the stored healthy networks, no result
  depsim ui [--port PORT]             the MLflow UI on what has been run here, on this machine only

Results go to mlruns/ of the working directory. In Python: depsim.simulate("treatment=ketamine", "cohort=smoke")
"""
_COMMANDS = ("run", "sweep", "report", "cache", "ui")
_COMPUTING = ("run", "sweep")
OK, FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code.

    0: done. 1: an individual failed, a lock is held, or a file or the store cannot be written. 2: wrong usage or
    configuration; nothing was run. 130: interrupted.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words and words[0] in ("-sc", "--shell-completion"):
        words = ["run", *_completing_run(words)]
    if not words or words[0] in ("-h", "--help"):
        print(_HELP, end="")
        return OK if words else WRONG_USAGE
    if words[0] == "--version":
        from importlib.metadata import version

        print(f"depsim {version('depsim')}")
        return OK
    if words[0] not in _COMMANDS:
        print(f"depsim: {words[0]}: no such command; there are {', '.join(_COMMANDS)}", file=sys.stderr)
        return WRONG_USAGE
    if words[0] in _COMPUTING:
        _import_when_used("torch")
    command = importlib.import_module(f"depsim.commands.{words[0]}")
    return int(command.main(words[1:]))


class _Later(ModuleType):
    """Stands for a module until something of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        """Ask the module itself, which is imported at the first question."""
        if name.startswith("__") and name not in ("__version__",):
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        found = getattr(importlib.import_module(self.__name__), name)
        self.__dict__[name] = found
        return found


def _import_when_used(name: str) -> None:
    """Let ``import name`` cost nothing until it is used: a finished sweep need not wait seconds for PyTorch."""
    if name not in sys.modules:
        sys.modules[name] = _Later(name)


def _completing_run(words: list[str]) -> list[str]:
    """Hydra's shell completion calls the program with the line typed so far; it knows no subcommands."""
    line = os.environ.get("COMP_LINE", "")
    if line.startswith("depsim run"):
        os.environ["COMP_LINE"] = line.replace("depsim run", "depsim", 1)
        os.environ["COMP_POINT"] = str(max(0, int(os.environ.get("COMP_POINT", "0")) - len(" run")))
    return words


if __name__ == "__main__":
    sys.exit(main())
