from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import sys
import threading
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from depsim.execution import files, waiting
from depsim.execution.files import (
    LockedError,
    NotADatabaseError,
    allow_open_files,
    create_database,
    lock,
    require_database,
    write_atomically,
    write_new,
)


def test_a_file_is_written_with_its_folders(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "file"
    write_atomically(path, b"one")
    write_atomically(path, b"two")
    assert path.read_bytes() == b"two"
    assert [entry.name for entry in path.parent.iterdir()] == ["file"]


def test_an_interrupted_write_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"old")

    def interrupted(descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(files.os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_a_held_lock_is_refused_with_its_holder(tmp_path: Path) -> None:
    path = tmp_path / "locks" / "one.lock"
    with lock(path):
        with pytest.raises(LockedError, match=f"held by process {os.getpid()}"), lock(path, wait=False):
            raise AssertionError("two holders")
        with lock(tmp_path / "locks" / "other.lock", wait=False):
            pass


def test_a_lock_says_who_held_it_last(tmp_path: Path) -> None:
    path = tmp_path / "one.lock"
    for holder, before in (("a long name", ""), ("b", "a long name"), ("b", "b"), (None, "b")):
        with lock(path, holder=holder) as last:
            assert last == before
            assert path.read_text() == (holder or str(os.getpid()))


def test_a_lock_is_free_again_after_an_error(tmp_path: Path) -> None:
    path = tmp_path / "one.lock"
    with pytest.raises(ArithmeticError), lock(path):
        raise ArithmeticError
    with lock(path, wait=False):
        assert path.read_text() == str(os.getpid())


def test_a_lock_file_stays_for_the_next_holder(tmp_path: Path) -> None:
    path = tmp_path / "one.lock"
    with lock(path):
        before = path.stat().st_ino
    assert path.stat().st_ino == before


def test_a_waiting_process_gets_the_lock_when_it_is_free(tmp_path: Path) -> None:
    path, order = tmp_path / "one.lock", []

    def later() -> None:
        with lock(path):
            order.append("second")

    with lock(path):
        waiting = threading.Thread(target=later)
        waiting.start()
        waiting.join(0.05)
        assert waiting.is_alive()
        order.append("first")
    waiting.join(10)
    assert order == ["first", "second"]


def test_a_lock_goes_with_the_process_that_held_it(tmp_path: Path) -> None:
    path = tmp_path / "one.lock"
    code = (
        "import os, signal, sys; from pathlib import Path; from depsim.execution.files import lock\n"
        "with lock(Path(sys.argv[1])):\n    os.kill(os.getpid(), signal.SIGKILL)"
    )
    root = Path(files.__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code, str(path)], cwd=root).returncode == -9
    with lock(path, wait=False):
        assert path.read_text() == str(os.getpid())


def links(path: Path, target: Path, kind: str) -> None:
    target.write_text("years of work")
    if kind == "soft":
        path.symlink_to(target)
    elif kind == "hard":
        path.hardlink_to(target)
    elif kind == "dangling":
        target.unlink()
        path.symlink_to(target)
    else:
        path.symlink_to(path)


@pytest.mark.parametrize("wait", [True, False])
@pytest.mark.parametrize("kind", ["soft", "hard", "dangling", "circular"])
def test_a_lock_follows_no_link(tmp_path: Path, kind: str, wait: bool) -> None:
    path, target = tmp_path / "one.lock", tmp_path / "thesis.tex"
    links(path, target, kind)
    with (
        pytest.raises(OSError, match=r"one\.lock: is a link or no file, and a lock follows none; remove it"),
        lock(path, wait=wait),
    ):
        raise AssertionError("locked")
    assert (target.read_text() if target.exists() else None) == (None if kind == "dangling" else "years of work")


@pytest.mark.parametrize("kind", ["soft", "hard"])
def test_a_link_that_comes_while_the_lock_is_taken_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    path, target, real = tmp_path / "one.lock", tmp_path / "thesis.tex", files.FileLock.acquire

    def acquire(self: files.FileLock) -> object:
        found = real(self)
        path.unlink()
        links(path, target, kind)
        return found

    monkeypatch.setattr(files.FileLock, "acquire", acquire)
    with pytest.raises(OSError, match=r"one\.lock"), lock(path):
        raise AssertionError("locked")
    assert target.read_text() == "years of work"


def test_the_limit_of_open_files_is_raised_as_far_as_needed_and_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = [(256, 4096)]
    monkeypatch.setattr(resource, "getrlimit", lambda _kind: limits[-1])
    monkeypatch.setattr(resource, "setrlimit", lambda _kind, both: limits.append(both))
    allow_open_files(50)
    assert limits == [(256, 4096)]
    allow_open_files(2048)
    assert limits[1:] == [(2248, 4096)]
    with pytest.raises(OSError, match=r"4,000 conditions at once keep 4,200 files open, and 4,096 are allowed"):
        allow_open_files(4000)
    limits.append((resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    allow_open_files(10**6)
    assert len(limits) == 3


def test_so_many_locks_can_be_held(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (300, before[1]))
    try:
        allow_open_files(400 + len(os.listdir("/dev/fd")))  # beside what tests before have left open
        with ExitStack() as locks:
            for number in range(400):
                locks.enter_context(lock(tmp_path / f"{number}.lock"))
            assert len([*tmp_path.iterdir()]) == 400
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_looking_at_a_database_lets_go_of_no_lock_of_this_process(tmp_path: Path) -> None:
    """Else another process, as it leaves, puts the journal away that a connection of this one still reads from."""
    database = tmp_path / "a.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE t (x)")
        connection.execute("INSERT INTO t VALUES (1)")
        connection.commit()
        require_database(database)
        other = f"import sqlite3; c = sqlite3.connect({str(database)!r}); c.execute('SELECT * FROM t'); c.close()"
        subprocess.run([sys.executable, "-c", other], check=True)
        assert Path(f"{database}-wal").exists()
        assert connection.execute("SELECT x FROM t").fetchall() == [(1,)]


@pytest.mark.parametrize("content", [b"", b"SQLite format 4\0" + bytes(600), b"hello", bytes(5000)])
def test_only_sqlites_own_files_are_databases(tmp_path: Path, content: bytes) -> None:
    database = tmp_path / "a.db"
    require_database(database)  # none is there yet
    database.write_bytes(content)
    if content:
        with pytest.raises(NotADatabaseError, match="is no SQLite database"):
            require_database(database)
    else:
        require_database(database)
    assert database.read_bytes() == content


def test_a_new_file_replaces_none(tmp_path: Path) -> None:
    path = tmp_path / "a" / "file"
    write_new(path, b"one")
    with pytest.raises(FileExistsError):
        write_new(path, b"two")
    assert path.read_bytes() == b"one"
    assert [entry.name for entry in path.parent.iterdir()] == ["file"]


def test_an_interrupted_new_file_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(files.os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_new(tmp_path / "file", b"new")
    assert list(tmp_path.iterdir()) == []


def make_table(path: Path) -> None:
    """A database as MLflow leaves one: its last writes may lie in the journal beside it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE t (x)")


def tables(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM sqlite_master")]


@pytest.mark.parametrize("empty_file", [False, True])
def test_a_new_database_gets_its_name_when_it_is_complete(tmp_path: Path, empty_file: bool) -> None:
    database = tmp_path / "new" / "a.db"
    if empty_file:
        database.parent.mkdir()
        database.touch()
    create_database(database, make_table)
    assert [path.name for path in database.parent.iterdir()] == ["a.db"]
    assert tables(database) == ["t"]


def test_a_database_that_is_there_stays(tmp_path: Path) -> None:
    make_table(tmp_path / "a.db")
    before = (tmp_path / "a.db").read_bytes()
    create_database(tmp_path / "a.db", lambda _: pytest.fail("there is one"))
    assert (tmp_path / "a.db").read_bytes() == before


def test_the_next_process_removes_what_a_killed_one_left_half_made(tmp_path: Path) -> None:
    left = [tmp_path / f".unfinished-a.db{end}" for end in ("", "-wal", "-shm", "-journal")]
    others = [tmp_path / ".unfinished-b.db", tmp_path / "a.db-notes"]
    for path in (*left, *others):
        path.write_bytes(b"half")
    create_database(tmp_path / "a.db", make_table)
    assert sorted(tmp_path.iterdir()) == sorted([tmp_path / "a.db", *others])
    left[0].write_bytes(b"half")  # a process that was killed before it could remove its own
    create_database(tmp_path / "a.db", make_table)
    assert not left[0].exists()


def test_a_database_that_is_still_open_gets_no_name(tmp_path: Path) -> None:
    opened = []

    def make(path: Path) -> None:
        make_table(path)
        opened.append(sqlite3.connect(path))
        opened[0].execute("INSERT INTO t VALUES (1)")

    with pytest.raises((OSError, sqlite3.OperationalError)):
        create_database(tmp_path / "a.db", make)
    opened[0].close()
    assert not (tmp_path / "a.db").exists()


def test_whoever_waits_for_a_lock_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(waiting, "_PATIENCE_SECONDS", 0.05)
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with lock(tmp_path / "locks" / "a.lock"):
            entered.set()
            leave.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    entered.wait(10)
    threading.Timer(0.3, leave.set).start()
    with lock(tmp_path / "locks" / "a.lock"):
        pass
    holder.join()
    assert capsys.readouterr().err == f"note: another process is at work in {tmp_path}; waiting for it\n"
    with lock(tmp_path / "locks" / "a.lock"):
        pass
    assert capsys.readouterr().err == ""
