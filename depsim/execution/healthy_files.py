"""The files of the store of healthy networks: which there are, and removing them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from depsim.execution.files import UNFINISHED

FOLDER = Path("mlruns/cache/healthy")
"""Of the working directory, where the program keeps them."""
_KEY = re.compile("[0-9a-f]{32}")


def network_path(folder: Path, key: str) -> Path:
    """Where a network of this key is stored."""
    return folder / key[:2] / f"{key}.safetensors"


def stored_networks(folder: Path) -> Iterator[tuple[Path, int, float]]:
    """All stored networks: file, bytes, and when it was last used (seconds since 1970); no other file."""
    for path in folder.glob("??/*.safetensors"):
        if not _KEY.fullmatch(path.stem) or path != network_path(folder, path.stem) or path.parent.is_symlink():
            continue
        with suppress(FileNotFoundError):  # another process may be making room
            status = path.stat()
            yield path, status.st_size, status.st_mtime


def remove_networks(folder: Path) -> tuple[int, int]:
    """Remove all stored networks, and what killed processes left half written; running work trains them again.

    Shape: how many networks were removed, and the bytes freed.
    """
    count = freed = 0
    for path, size, _ in list(stored_networks(folder)):
        path.unlink(missing_ok=True)
        count, freed = count + 1, freed + size
    for path in list(folder.glob(f"??/{UNFINISHED}*")):
        if path.parent.is_symlink():
            continue
        with suppress(FileNotFoundError):  # its writer may just have finished, and otherwise stores nothing
            freed += path.stat().st_size
            path.unlink()
    return count, freed
