from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from depsim.execution import files
from depsim.execution.files import LockedError, lock, lock_all, write_atomically


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
