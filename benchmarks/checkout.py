"""Another commit of this repository, in a folder that is thrown away."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]


def resolve(name: str) -> str:
    """The full name of a commit."""
    question = ["git", "rev-parse", "--verify", f"{name}^{{commit}}"]
    return subprocess.run(question, cwd=ROOT, check=True, text=True, stdout=subprocess.PIPE).stdout.strip()


@contextmanager
def checked_out(commit: str) -> Iterator[Path]:
    """A folder with the files of a commit."""
    with tempfile.TemporaryDirectory() as folder:
        archive = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
        subprocess.run(["tar", "x", "-C", folder], input=archive, check=True)
        yield Path(folder)


def environment(tree: Path) -> dict[str, str]:
    """In which the program of a folder is the one that runs."""
    kept = {key: value for key, value in os.environ.items() if key not in ("MLFLOW_TRACKING_URI", "DEPSIM_PLUGINS")}
    return kept | {"PYTHONPATH": str(tree)}
