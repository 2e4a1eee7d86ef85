"""A document as files: the same bytes every time, and nothing of the report before."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from depsim.report import writing
from depsim.report.document import Document, Paragraph, Picture, Section, Sheet
from depsim.report.folder import MANIFEST, ForeignFileError
from depsim.report.writing import document_blocks, document_files, facts_json, write_document
from tests.report.documents import document, picture, sheet

FILES = {
    MANIFEST,
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


def test_the_names_of_a_documents_files_are_known_before_it_is_drawn(tmp_path: Path) -> None:
    names = write_document(document(), tmp_path / "s", {"individuals.csv": b"a"})
    assert set(names) == {*document_files(document()), "individuals.csv", MANIFEST} == set(contents(tmp_path / "s"))


def test_what_stands_in_the_way_is_named_before_anything_is_drawn(tmp_path: Path) -> None:
    drawn: list[Picture] = []
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "lines.png").write_bytes(b"years of work")
    with pytest.raises(ForeignFileError, match=r"figures/lines\.png"):
        write_document(document(), tmp_path, None, drawn.append)
    assert drawn == []
    assert contents(tmp_path) == {"figures/lines.png": b"years of work"}


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


def test_a_large_drawing_is_in_the_page_as_pixels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "_LARGEST_DRAWING", 100)
    write_document(document(), tmp_path / "s")
    text = (tmp_path / "s" / "index.html").read_text()
    assert "data:image/png;base64," in text
    assert "data:image/svg" not in text
    assert (tmp_path / "s" / "figures" / "lines.svg").exists()


def test_facts_are_plain_json() -> None:
    facts = {"a": np.float64(1.5), "b": (np.int64(2), float("inf")), "c": np.array([1.0, np.nan]), 3: {"d": "<b>ß"}}
    found = json.loads(facts_json(replace(document(), facts=facts)))
    assert {key: found[key] for key in "abc3"} == {"a": 1.5, "b": [2, None], "c": [1.0, None], "3": {"d": "<b>ß"}}


def test_facts_hold_all_that_is_said_and_every_table() -> None:
    made = document()
    found = json.loads(facts_json(made))
    assert found["answer"] == list(made.answer)
    blocks = list(document_blocks(made.sections))
    assert found["said"] == [block.text for block in blocks if isinstance(block, Paragraph)]
    sheets = {block.name: block for block in blocks if isinstance(block, Sheet)}
    assert found["tables"].keys() == sheets.keys()
    for name, table in found["tables"].items():
        assert table["columns"] == [column.key for column in sheets[name].columns]
        assert [len(row) for row in table["rows"]] == [len(row) for row in sheets[name].rows]
    assert sheet().rows[0][0] == found["tables"][sheet().name]["rows"][0][0]
