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

`depsim COMMAND --help` prints more: choices and keys of `run`, the prepared questions of `sweep`, what each varies.

Exit codes: 0 done, 1 an individual failed (the others
finish), 2 wrong configuration, 130 interrupted (what is finished is kept), 141 nobody reads the output any more.

`depsim run` is a [Hydra](https://hydra.cc) application: `-m` runs several conditions, `--cfg job` shows the composed
configuration, `--config-dir DIR` adds a folder laid out like `conf/`, `--dry-run` lists what there is to compute, and
`depsim run --hydra-help` lists all flags.

Tab completion of commands, sweeps, choices and keys, now and in `~/.bashrc`: `eval "$(depsim -sc install=bash)"`;
in fish: `depsim -sc install=fish | source`.
"""


_OF_HYDRA = {"run"}
"""Commands whose help is Hydra's."""
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
    general = printed()
    names = sorted(commands(), key=lambda name: general.find(f"depsim {name} "))
    parts = [_INTRODUCTION, f"```text\n{general}```\n"]
    parts += [f"## depsim {name}\n\n```text\n{_options(name)}```\n" for name in names if name not in _OF_HYDRA]
    return "\n".join([*parts, _VARIABLES])


def _options(name: str) -> str:
    """How a command is used and its options, of its help."""
    text = printed(name)
    usage, options = text.partition("\n\n")[0], text.partition("\noptions:\n")[2].partition("\n\n")[0]
    return "\n".join([usage, *(line for line in options.splitlines() if "--help" not in line), ""])


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
