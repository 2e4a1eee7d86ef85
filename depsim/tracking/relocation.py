"""A store whose folder was moved or copied.

MLflow keeps the absolute address of every run's artifacts, and its client cannot change one. In a folder that was
copied, new files would replace those of the original; so the addresses are brought up to date in the database itself,
before anything else is read or written. They also tell where a store was made: no other mark is needed, and stores of
earlier versions have none.
"""

from __future__ import annotations

import atexit
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from urllib.parse import unquote

_COLUMNS = (("experiments", "artifact_location"), ("runs", "artifact_uri"))
_OF_A_STUDY = re.compile(r"(?P<root>(?:file://)?/.*/mlruns)/artifacts/[^/]+")


def relocate(database: Path, root: Path) -> list[str]:
    """Let the artifact addresses of a store begin with the folder that it lies in.

    Args:
        database: the SQLite file.
        root: the ``mlruns`` that it is opened in, absolute. Another name of the same place, through a link, is no move.

    Shape: the folders that it was in before; none where nothing had to be changed.
    """
    with closing(sqlite3.connect(database)) as connection, connection:
        roots = [old for old in _roots(connection) if _path(old).resolve() != root.resolve()]
        for old in roots:
            for table, column in _COLUMNS:
                for form in (_path(old).as_uri(), str(_path(old))):  # MLflow's own experiment has a bare path
                    new = root.as_uri() if form.startswith("file:") else str(root)
                    connection.execute(
                        f"UPDATE {table} SET {column} = ? || substr({column}, ?) WHERE substr({column}, 1, ?) = ?",
                        (new, len(form) + 1, len(form) + 1, f"{form}/"),
                    )
    return [str(_path(old)) for old in roots]


@cache
def copy_to_read(root: Path) -> Path:
    """A copy of the database of a store that cannot be written, with the addresses that hold here.

    It goes with this process.

    Args:
        root: the ``mlruns`` that holds ``mlflow.db``, absolute.
    """
    folder = Path(tempfile.mkdtemp(prefix="depsim-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for file in root.glob("mlflow.db*"):  # the latest writes may still lie in the journal beside it
        if not file.name.endswith("-shm"):
            shutil.copyfile(file, folder / file.name)
    relocate(folder / "mlflow.db", root)
    return folder / "mlflow.db"


def _roots(connection: sqlite3.Connection) -> Iterator[str]:
    """The folders that studies were made in."""
    there = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'experiments'").fetchone()
    rows = connection.execute("SELECT artifact_location FROM experiments").fetchall() if there else []
    matches = (_OF_A_STUDY.fullmatch(location or "") for (location,) in rows)
    yield from dict.fromkeys(match["root"] for match in matches if match)


def _path(root: str) -> Path:
    return Path(unquote(root.removeprefix("file://"))) if root.startswith("file:") else Path(root)
