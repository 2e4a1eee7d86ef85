from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from depsim.execution import files
from depsim.execution.files import (
    LockedError,
    NetworkDiskError,
    NotADatabaseError,
    allow_open_files,
    lock,
    lock_all,
    network_filesystem,
    require_database,
    require_local_disk,
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


def test_several_locks_are_held_together_and_each_once(tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.lock" for name in "ba"]
    with lock_all([*paths, paths[0]]):
        for path in paths:
            with pytest.raises(LockedError), lock(path, wait=False):
                raise AssertionError("two holders")
    for path in paths:
        with lock(path, wait=False):
            assert path.exists()


def test_locks_are_taken_in_one_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str] = []
    original = files.lock

    def recorded(path: Path):  # type: ignore[no-untyped-def]
        taken.append(path.name)
        return original(path)

    monkeypatch.setattr(files, "lock", recorded)
    for names in (["b", "c", "a"], ["c", "a", "b"]):
        with lock_all([tmp_path / name for name in names]):
            assert taken == ["a", "b", "c"]
        taken.clear()


MOUNTS = """\
sysfs /sys sysfs rw,nosuid 0 0
/dev/vda1 / ext4 rw,relatime 0 0
tmpfs /tmp tmpfs rw 0 0
filer:/export/home /home nfs4 rw,vers=4.2,addr=10.0.0.1 0 0
/dev/nvme0n1 /home/ada/scratch xfs rw 0 0
//nas/share /mnt/our\\040share cifs rw 0 0
mds@tcp:/work /work lustre rw,flock 0 0
gpfs0 /gpfs gpfs rw 0 0
ada@host:/ /mnt/host fuse.sshfs rw 0 0
/dev/sdb1 /data ext4 rw 0 0
filer:/data /data nfs rw 0 0
filer:/old /archive nfs rw 0 0
/dev/sdc1 /archive xfs rw 0 0
nonsense
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/bob/study/mlruns/mlflow.db", "nfs4"),
        ("/home", "nfs4"),
        ("/homework", None),
        ("/home/ada/scratch/mlruns/mlflow.db", None),
        ("/home/ada/scratches", "nfs4"),
        ("/mnt/our share/x", "cifs"),
        ("/mnt/our", None),
        ("/work/x", "lustre"),
        ("/gpfs/projects/x", "gpfs"),
        ("/mnt/host/x", "fuse.sshfs"),
        ("/data/x", "nfs"),
        ("/archive/x", None),
        ("/tmp/x", None),
        ("/root/x", None),
    ],
)
def test_a_network_disk_is_told_from_a_local_one(path: str, kind: str | None) -> None:
    assert network_filesystem(Path(path), MOUNTS) == kind


def test_without_a_table_of_mounts_every_disk_counts_as_local() -> None:
    assert network_filesystem(Path("/home/ada"), "") is None


def test_a_database_on_a_network_disk_is_refused_also_through_a_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, shared = tmp_path / "mounts", tmp_path / "shared"
    shared.mkdir()
    (tmp_path / "link").symlink_to(shared)
    table.write_text(f"/dev/vda1 / ext4 rw 0 0\nfiler:/x {shared} nfs4 rw 0 0\n")
    monkeypatch.setattr(files, "_MOUNTS", table)
    require_local_disk(tmp_path / "mlflow.db")
    for folder in ("shared", "link"):
        with pytest.raises(NetworkDiskError, match=r"nfs4.*MLFLOW_TRACKING_URI"):
            require_local_disk(tmp_path / folder / "mlflow.db")
    monkeypatch.setattr(files, "_MOUNTS", tmp_path / "none")
    require_local_disk(shared / "mlflow.db")


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
        allow_open_files(400)
        with lock_all([tmp_path / f"{number}.lock" for number in range(400)]):
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
