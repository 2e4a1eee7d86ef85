"""Files that are whole or not there, locks between processes, and which disks are no place for a database."""

from __future__ import annotations

import errno
import os
import re
import sqlite3
import stat
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import TextIO

from filelock import FileLock, Timeout

UNFINISHED = ".unfinished-"
"""How the names of files begin that are being written, or that a killed process was writing."""
_MOUNTS = Path("/proc/mounts")
_NETWORK = re.compile(
    r"(fuse\.)?(nfs4?|cifs|smb3|smbfs|lustre|gpfs|beegfs|ceph|cephfs|glusterfs|sshfs|afs|panfs|pvfs2|orangefs|ocfs2|gfs2"
    r"|weka\w*|s3fs|gcsfuse|davfs2?)"
)
"""File systems that several machines can write to, as Linux calls them."""
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
    held = FileLock(path, timeout=-1 if wait else 0, fallback_to_soft=False, preserve_lock_file=True)
    try:
        holding = held.acquire()
    except Timeout:
        with _opened(path) as file:
            raise LockedError(f"held by process {file.read().strip() or 'unknown'}") from None
    with holding:
        own = holder or str(os.getpid())
        with _opened(path) as file:
            last = file.read()
            if last != own:
                file.seek(0)
                file.truncate()
                file.write(own)
        yield last


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    """A lock file to read or to write; never what a link leads to."""
    descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "r+", encoding="utf-8", errors="replace") as file:
        _require_plain(path, os.fstat(descriptor))
        yield file


def _require_plain(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
        raise OSError(f"{path}: is a link or no file, and a lock follows none; remove it")


@contextmanager
def lock_all(paths: list[Path]) -> Iterator[None]:
    """Hold several locks, taken in one order everywhere so that no two processes wait for each other."""
    with ExitStack() as stack:
        for path in sorted(set(paths)):
            stack.enter_context(lock(path))
        yield


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


class NetworkDiskError(OSError):
    """A database was to lie where several machines can write to it; the message says what to do instead."""


def network_filesystem(path: Path, mounts: str) -> str | None:
    """What kind of network file system a path lies on, or None if its disk is this machine's own.

    Args:
        path: absolute; it need not exist.
        mounts: the table of what is mounted where, in the format of ``/proc/mounts``.

    >>> table = "/dev/sda1 / ext4 rw 0 0\\nserver:/home /home nfs4 rw 0 0"
    >>> network_filesystem(Path("/home/ada/mlruns"), table)
    'nfs4'
    >>> network_filesystem(Path("/homes"), table) is None
    True
    """
    deepest, kind = -1, ""
    for line in mounts.splitlines():
        fields = line.split()
        if len(fields) < 3:
            continue
        point = Path(re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), fields[1]))
        if path.is_relative_to(point) and len(point.parts) >= deepest:  # of two on one point the later one counts
            deepest, kind = len(point.parts), fields[2]
    return kind if _NETWORK.fullmatch(kind) else None


def require_local_disk(database: Path) -> None:
    """Refuse a place for an SQLite database that several machines can write to: their locks do not protect it.

    Args:
        database: the file, there or not.

    Raises:
        NetworkDiskError: if it would lie on a network file system. Where the system has no table of mounts, never.
    """
    if not _MOUNTS.exists():
        return
    kind = network_filesystem(database.resolve(), os.fsdecode(_MOUNTS.read_bytes()))
    if kind is not None:
        raise NetworkDiskError(
            f"{database}: a network disk ({kind}), where SQLite gets damaged; work in a folder on a local disk, "
            "or let MLFLOW_TRACKING_URI name an MLflow server (docs/cluster.md)"
        )


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
