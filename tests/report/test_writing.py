"""A report's folder: whole or not there, the same bytes every time, and nothing else lost."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from depsim.report import writing
from depsim.report.document import Document, Picture, Section, Sheet
from depsim.report.writing import ForeignFolderError, facts_json, write_document
from tests.report.documents import document, picture

FILES = {
    "index.html",
    "study.json",
    *(f"figures/lines.{kind}" for kind in ("svg", "png", "csv")),
    *(f"tables/{name}.{kind}" for name in ("cells", "folded") for kind in ("csv", "md", "tex")),
}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_everything_is_written_and_again_the_same_bytes(tmp_path: Path) -> None:
    drawn: list[Picture] = []
    write_document(document(), tmp_path / "reports" / "s", {"individuals.csv": b"a"}, drawn.append)
    first = contents(tmp_path / "reports" / "s")
    assert set(first) == FILES | {"individuals.csv"}
    assert [each.name for each in drawn] == ["lines"]
    write_document(document(), tmp_path / "reports" / "s", {"individuals.csv": b"a"})
    assert contents(tmp_path / "reports" / "s") == first
    assert [path.name for path in (tmp_path / "reports").iterdir()] == ["s"]


def test_a_later_report_leaves_nothing_of_the_one_before(tmp_path: Path) -> None:
    write_document(document(Sheet("more", "More", (), ())), tmp_path / "s", {"individuals.csv": b"a"})
    assert (tmp_path / "s" / "tables" / "more.csv").exists()
    write_document(document(), tmp_path / "s")
    assert set(contents(tmp_path / "s")) == FILES


def test_what_goes_wrong_leaves_the_last_report_as_it_was(tmp_path: Path) -> None:
    write_document(document(), tmp_path / "s")
    before = contents(tmp_path / "s")

    def fails() -> object:
        raise ArithmeticError("cannot be drawn")

    broken = Document("t", (), (Section("s", "S", (picture("bad", fails),)),), {})
    with pytest.raises(ArithmeticError, match="cannot be drawn"):
        write_document(broken, tmp_path / "s")
    assert contents(tmp_path / "s") == before
    with pytest.raises(ArithmeticError):
        write_document(broken, tmp_path / "new")
    assert [path.name for path in tmp_path.iterdir()] == ["s"]


def test_a_report_that_cannot_take_its_place_leaves_the_last_one_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_document(document(), tmp_path / "s")
    before = contents(tmp_path / "s")
    real = writing.os.replace

    def replace(source: Path, target: Path) -> None:
        if Path(source).name == "new":
            raise OSError("no")
        real(source, target)

    monkeypatch.setattr(writing.os, "replace", replace)
    with pytest.raises(OSError, match="no"):
        write_document(document(title="other"), tmp_path / "s")
    assert contents(tmp_path / "s") == before
    assert [path.name for path in tmp_path.iterdir()] == ["s"]


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("years of work")
    (tmp_path / "file").write_text("x")
    for place in ("mine", "file"):
        with pytest.raises(ForeignFolderError, match=r"thesis|file"):
            write_document(document(), tmp_path / place)
    assert (tmp_path / "mine" / "thesis.tex").read_text() == "years of work"
    (tmp_path / "empty").mkdir()
    write_document(document(), tmp_path / "empty")


def test_the_working_directory_is_never_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ForeignFolderError, match="working directory"):
        write_document(document(), Path())
    write_document(document(), tmp_path / "s")
    monkeypatch.chdir(tmp_path / "s" / "tables")
    with pytest.raises(ForeignFolderError, match="working directory"):
        write_document(document(), tmp_path / "s")


def test_a_link_to_a_folder_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_document(document(), tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "index.html").exists()


def test_a_large_drawing_is_in_the_page_as_pixels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "_LARGEST_DRAWING", 100)
    write_document(document(), tmp_path / "s")
    text = (tmp_path / "s" / "index.html").read_text()
    assert "data:image/png;base64," in text
    assert "data:image/svg" not in text
    assert (tmp_path / "s" / "figures" / "lines.svg").exists()


def test_facts_are_plain_json() -> None:
    facts = {"a": np.float64(1.5), "b": (np.int64(2), float("inf")), "c": np.array([1.0, np.nan]), 3: {"d": None}}
    assert json.loads(facts_json(facts)) == {"a": 1.5, "b": [2, None], "c": [1.0, None], "3": {"d": None}}
    assert json.loads(facts_json({"name": "<b>ß</b>"})) == {"name": "<b>ß</b>"}
