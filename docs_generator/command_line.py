"""The page of the command line: what the program itself says of each command."""

from __future__ import annotations

import importlib
import os
import pkgutil
import subprocess
import sys
from tempfile import TemporaryDirectory

import depsim.commands

_WIDTH = "100"
_INTRODUCTION = """\
# Command line

`depsim COMMAND --help` prints all options, the choices and keys of `run`, and the prepared questions of `sweep`.

Exit codes: 0 done, 1 an individual failed (the others finish), 2 wrong configuration, 130 interrupted (what is finished
is kept), 141 nobody reads the output any more.

`depsim run` is a [Hydra](https://hydra.cc) application: `-m` runs several conditions, `--cfg job` shows the composed
configuration, `--config-dir DIR` adds a folder laid out like `conf/`, `--dry-run` lists what there is to compute, and
`depsim run --hydra-help` lists all flags.

Tab completion of commands, sweeps, choices and keys, now and in `~/.bashrc`: `eval "$(depsim -sc install=bash)"`;
in fish: `depsim -sc install=fish | source`.
"""


_VARIABLES = """\
## Environment variables

| variable | meaning |
|---|---|
| `DEPSIM_PLUGINS` | packages, with commas between, whose components may be used |
| `MLFLOW_TRACKING_URI` | an MLflow server or database in place of `mlruns/` |
| `DASK_SCHEDULER_ADDRESS` | the scheduler, where `executor=dask` has no address |
"""


def page() -> str:
    """The page."""
    return "\n".join([_INTRODUCTION, f"```text\n{printed()}```\n", _VARIABLES])


def commands() -> list[str]:
    """The names of all commands: the modules that have a ``main``."""
    names = [module.name for module in pkgutil.iter_modules(depsim.commands.__path__)]
    return [name for name in names if hasattr(importlib.import_module(f"depsim.commands.{name}"), "main")]


def printed(*words: str) -> str:
    """What a command's help prints."""
    plain = {"COLUMNS": _WIDTH, "NO_COLOR": "1", "TERM": "dumb", "DEPSIM_PLUGINS": ""}
    command = [sys.executable, "-m", "depsim", *words, "--help"]
    with TemporaryDirectory() as folder:  # whose sweeps would be listed, if it had any
        done = subprocess.run(command, env=os.environ | plain, cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip("\n") + "\n"
