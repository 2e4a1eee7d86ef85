"""Files and databases that are whole or not there, and locks between processes."""

from __future__ import annotations

import errno
import glob
import os
import sqlite3
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TextIO

from filelock import FileLock, Timeout

from depsim.execution.waiting import note_if_slow

UNFINISHED = ".unfinished-"
"""How the names of files begin that are being written, or that a killed process was writing."""
_OTHER_FILES = 200
"""Open files beside the locks: sockets, pipes, the database, libraries."""


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file that appears under its name only when it is complete and on disk."""
    with _on_disk(path, data) as name:
        os.replace(name, path)


def write_new(path: Path, data: bytes) -> None:
    """Write a file that appears under its name only when it is complete and on disk, and replaces none.

    Others may read it, as far as the process's mask allows.

    Raises:
        FileExistsError: if there is one of that name, also one that came meanwhile.
    """
    with _on_disk(path, data) as name:
        os.umask(mask := os.umask(0o077))  # to ask for it is to set it
        os.chmod(name, 0o666 & ~mask)
        try:
            os.link(name, path)  # which, unlike a renaming, never replaces
        except FileExistsError:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None


@contextmanager
def _on_disk(path: Path, data: bytes) -> Iterator[str]:
    """The name of a file beside a path that has these bytes on disk; under that name it does not stay."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=UNFINISHED, dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield name
    finally:
        with suppress(FileNotFoundError):
            os.unlink(name)


class LockedError(RuntimeError):
    """Another process holds a lock; the message says which."""


@contextmanager
def lock(path: Path, *, wait: bool = True, holder: str | None = None) -> Iterator[str]:
    """Hold a lock among processes of this machine; it goes with the process, however that ends.

    Args:
        path: the lock file; it stays behind, empty but for who holds it.
        wait: wait for another holder to finish, or raise.
        holder: what the file says of who holds it; None for the process.

    Shape: what the file said of who held it last.

    Raises:
        LockedError: if another process holds it and ``wait`` is false.
        OSError: if the path is a link, or anything else but a file with no other name: its target is left alone.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # A soft lock would outlive a killed process; a file removed on release would take away its next holder's name.
    if os.path.lexists(path):
        _require_plain(path, path.lstat())
    held = FileLock(path, timeout=0, fallback_to_soft=False, preserve_lock_file=True)
    try:
        holding = held.acquire()
    except Timeout:
        if not wait:
            with _opened(path) as file:
                raise LockedError(f"held by process {file.read().strip() or 'unknown'}") from None
        with note_if_slow(f"another process is at work in {path.parent.parent}; waiting for it"):
            holding = held.acquire(timeout=-1)
    with holding:
        name = holder or str(os.getpid())
        with _opened(path) as file:
            last = file.read()
            if last != name:
                file.seek(0)
                file.truncate()
                file.write(name)
        yield last


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    """A lock file to read or to write; never what a link leads to."""
    descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "r+", encoding="utf-8", errors="replace") as file:
        _require_plain(path, os.fstat(descriptor))
        yield file


def _require_plain(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
        raise OSError(f"{path}: is a link or no file, and a lock follows none; remove it")


def allow_open_files(count: int) -> None:
    """Raise this process's limit of open files, where it has one, so that so many more can be open.

    Raises:
        OSError: naming the limit, where the system allows no more.
    """
    try:
        import resource
    except ImportError:  # not a system with such limits
        return
    needed = count + _OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise OSError(f"{count:,} conditions at once keep {needed:,} files open, and {hard:,} are allowed (ulimit -Hn)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def create_database(database: Path, make: Callable[[Path], None]) -> None:
    """Make an SQLite database that is there under its name only when it is complete; one that is there stays.

    The caller holds a lock that all who make this database take. What a killed process left half made is removed.

    Args:
        database: the file. An empty one counts as none, as for SQLite.
        make: makes the database at the path that it is given, and closes it.

    Raises:
        OSError: if ``make`` has left the new database open.
    """
    unfinished = database.with_name(UNFINISHED + database.name)
    database.parent.mkdir(parents=True, exist_ok=True)
    for leftover in database.parent.glob(f"{glob.escape(unfinished.name)}*"):
        leftover.unlink()
    if database.exists() and (database.is_dir() or database.stat().st_size > 0):
        return
    make(unfinished)
    with closing(sqlite3.connect(unfinished, timeout=0)) as connection:  # the journal's files keep their names
        if connection.execute("PRAGMA journal_mode = DELETE").fetchone() != ("delete",):
            raise OSError(f"{unfinished}: is still open and cannot get its name")
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    unfinished.rename(database)


class NotADatabaseError(OSError):
    """Something else has the name of an SQLite database; the message says what."""


def require_database(database: Path) -> None:
    """Refuse what cannot be opened as an SQLite database, which would be tried again and again.

    Args:
        database: the file, there or not.

    Raises:
        NotADatabaseError: if it is no file, or a file of another kind.
        OSError: if it cannot be read.
    """
    if not database.exists():
        return
    if database.is_file():
        if not os.access(database, os.R_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(database))
        if _sqlite_takes(database):
            return
    what = "a folder" if database.is_dir() else "no SQLite database"
    raise NotADatabaseError(f"{database}: is {what}, and a database has to be there; move it away")


def _sqlite_takes(database: Path) -> bool:
    """Whether SQLite takes a file for one of its own. Only SQLite may open it.

    Whoever else closes a file lets go of all locks that this process has on it, those of open connections among them;
    another process then puts the journal away under them ("How to corrupt an SQLite database", 2.2, of its
    documentation).
    """
    try:
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("PRAGMA schema_version")
    except sqlite3.OperationalError:
        return True  # it is in use, say: whoever opens it next says what is wrong
    except sqlite3.DatabaseError:
        return False
    return True
