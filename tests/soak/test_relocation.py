"""Stores that are copied or moved, and gone on with in processes of their own."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.tracking.test_relocation import _MOVED, contents, go_on, original

__all__ = ["original"]


def test_a_copy_is_a_store_of_its_own(original: Path, tmp_path: Path) -> None:
    copy = original.with_name("a copy")
    shutil.copytree(original, copy)
    before = contents(original)
    notes = go_on(copy, tmp_path)
    assert notes.count(_MOVED.format(new=copy / "mlruns", old=original / "mlruns")) == notes.count("addresses") == 1
    assert contents(original) == before


def test_a_moved_store_is_written_where_it_is(original: Path, tmp_path: Path) -> None:
    moved = original.with_name("moved")
    original.rename(moved)
    assert go_on(moved, tmp_path).count(_MOVED.format(new=moved / "mlruns", old=original / "mlruns")) == 1
    assert not original.exists()
