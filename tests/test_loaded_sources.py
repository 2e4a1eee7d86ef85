"""What was loaded is remembered, whatever becomes of the file."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

import depsim.registry
from depsim.loaded_sources import loaded_text, watch


def test_every_module_of_depsim_is_remembered() -> None:
    ours = [name for name in sys.modules if name.split(".")[0] == "depsim" and sys.modules[name].__file__]
    assert {"depsim", "depsim.registry", "depsim.component"} <= set(ours)
    assert [name for name in ours if loaded_text(name) is None] == []
    assert loaded_text("depsim.registry") == Path(depsim.registry.__file__).read_bytes()
    assert loaded_text("numpy") is None


def test_an_edit_changes_nothing_until_the_module_is_loaded_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "watched_pkg").mkdir()
    (tmp_path / "watched_pkg" / "__init__.py").write_text("A = 1\n")
    (tmp_path / "watched_pkg" / "part.py").write_text("B = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    package = importlib.import_module("watched_pkg")
    assert loaded_text("watched_pkg") is None
    watch(["watched_pkg"])
    part = importlib.import_module("watched_pkg.part")
    for file in (package.__file__, part.__file__):
        Path(file or "").write_text("C = 20\n")  # of another length, else Python takes its compiled code for current
    assert loaded_text("watched_pkg") == b"A = 1\n"
    assert loaded_text("watched_pkg.part") == b"B = 1\n"
    importlib.reload(part)
    assert (part.C, loaded_text("watched_pkg.part")) == (20, b"C = 20\n")
