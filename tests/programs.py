"""Copies of the program that a test may change, and commands run by them."""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import depsim
from tests.faults.drivers import finished

ROOT = Path(depsim.__file__).parents[1]
PARTS = ("depsim", "conf", "sweeps", "hydra_plugins")
_DRIVE = """
import os, shlex, sys
import depsim
from depsim.__main__ import main
assert depsim.__file__.startswith(os.environ["PYTHONPATH"]), depsim.__file__
sys.exit(max(main(shlex.split(line)) for line in sys.argv[1:]))
"""


def copy_program(to: Path) -> Path:
    """A copy of the program, with the modules and kernels that are compiled already."""
    for name in PARTS:
        shutil.copytree(ROOT / name, to / name, ignore=shutil.ignore_patterns("*.pyc.*", "*.tmp.*"))
    return to


def drive(program: Path, folder: Path, *lines: str) -> tuple[int, str, str]:
    """Commands of ``depsim`` by the program in a folder, one after the other in one process.

    Args:
        program: its folder.
        folder: the working directory.
        lines: what follows ``depsim``, each.

    Returns:
        The largest exit code, and what is said on both streams.
    """
    return code_of(program, folder, _DRIVE, *lines)


def code_of(program: Path, folder: Path, code: str, *arguments: str) -> tuple[int, str, str]:
    """A piece of Python that imports the program of a folder; libraries are there already.

    Args:
        program: its folder.
        folder: the working directory.
        code: what is run.
        arguments: what ``sys.argv`` holds from 1 on.

    Returns:
        The exit code, and what is said on both streams.
    """
    environment = {"PYTHONPATH": str(program), "DEPSIM_PLUGINS": "", "NUMBA_CACHE_DIR": ""}
    return finished(folder, [str(program), code, *arguments], environment, run_code)


def run_code(words: list[str]) -> int:
    """In a new process: forget the program that tests import, and run code that imports another one."""
    from numba.core import config

    program, code, *arguments = words
    for name in [name for name in sys.modules if name.partition(".")[0] in ("depsim", "hydra_plugins")]:
        del sys.modules[name]
    sys.path.insert(0, program)
    sys.argv = ["-c", *arguments]
    importlib.invalidate_caches()
    config.reload_config()
    exec(compile(code, "<code>", "exec"), {"__name__": "__main__"})
    return 0


def driven(program: Path, folder: Path, *lines: str) -> str:
    """As :func:`drive`, where everything goes well; what was printed."""
    code, out, err = drive(program, folder, *lines)
    assert code == 0, err
    return out


def edit(file: Path, before: str, after: str) -> None:
    """Replace what stands in a file once."""
    text = file.read_text()
    assert text.count(before) == 1, f"{file}: {before!r} stands there {text.count(before)} times"
    file.write_text(text.replace(before, after))


def healthy_networks(folder: Path) -> dict[str, int]:
    """The stored healthy networks of a working directory; one that is written again gets another number."""
    found = (folder / "mlruns" / "cache" / "healthy").rglob("*.safetensors")
    return {file.name: file.stat().st_ino for file in found}


def words(*given: str | Sequence[str]) -> str:
    """A line for :func:`drive`."""
    return " ".join(" ".join(part) if not isinstance(part, str) else part for part in given)
