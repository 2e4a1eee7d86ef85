"""Copies of the program that a test may change, and commands run by them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import depsim

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
    """A copy of the program, with the kernels that are compiled already."""
    for name in PARTS:
        shutil.copytree(ROOT / name, to / name, ignore=shutil.ignore_patterns("*.pyc*", "*.tmp.*"))
    return to


def drive(program: Path, folder: Path, *lines: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Commands of ``depsim`` by the program in a folder, one after the other in one process.

    Args:
        program: its folder.
        folder: the working directory.
        lines: what follows ``depsim``, each.
        environment: on top of this process's.
    """
    kept = {key: value for key, value in os.environ.items() if key not in ("MLFLOW_TRACKING_URI", "DEPSIM_PLUGINS")}
    environment = kept | {"PYTHONPATH": str(program)} | environment
    command = [sys.executable, "-P", "-c", _DRIVE, *lines]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def driven(program: Path, folder: Path, *lines: str) -> str:
    """As :func:`drive`, where everything goes well; what was printed."""
    answer = drive(program, folder, *lines)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


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
