"""A page as files: the same bytes every time, and nothing of the report before."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from depsim.report import writing
from depsim.report.folder import MANIFEST, ForeignFileError
from depsim.report.parts import Figure
from depsim.report.writing import facts_json, page_files, write_page
from tests.report.pages import figure, page, table

FILES = {
    MANIFEST,
    "index.html",
    "study.json",
    *(f"figures/{name}" for name in ("first.svg", "first.png", "first.csv", "lines.svg", "lines.csv")),
    *(f"tables/{name}.{kind}" for name in ("cells", "inner_cells", "file_only") for kind in ("csv", "tex")),
}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.slow
def test_everything_is_written_and_again_the_same_bytes(tmp_path: Path) -> None:
    drawn: list[Figure] = []
    names = write_page(page(), tmp_path / "reports" / "s", {"individuals.csv": b"a"}, drawn.append)
    first = contents(tmp_path / "reports" / "s")
    assert set(first) == FILES | {"individuals.csv"} == set(names)
    assert {*page_files(page())} == FILES - {MANIFEST} | {"figures/lines.png"}
    assert [figure.name for figure in drawn] == ["first", "lines"]
    write_page(page(), tmp_path / "reports" / "s", {"individuals.csv": b"a"})
    assert contents(tmp_path / "reports" / "s") == first
    assert [path.name for path in (tmp_path / "reports").iterdir()] == ["s"]


def test_what_stands_in_the_way_is_named_before_anything_is_drawn(tmp_path: Path) -> None:
    drawn: list[Figure] = []
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "lines.png").write_bytes(b"years of work")
    with pytest.raises(ForeignFileError, match=r"figures/lines\.png"):
        write_page(page(), tmp_path, None, drawn.append)
    assert drawn == []
    assert contents(tmp_path) == {"figures/lines.png": b"years of work"}


@pytest.mark.slow
def test_a_later_report_leaves_nothing_of_the_one_before(tmp_path: Path) -> None:
    write_page(page(table("more")), tmp_path / "s", {"individuals.csv": b"a"})
    assert (tmp_path / "s" / "tables" / "more.csv").exists()
    write_page(page(), tmp_path / "s")
    assert set(contents(tmp_path / "s")) == FILES


def test_what_goes_wrong_leaves_the_last_report_as_it_was(tmp_path: Path) -> None:
    write_page(page(), tmp_path / "s")
    before = contents(tmp_path / "s")

    def fails() -> object:
        raise ArithmeticError("cannot be drawn")

    broken = replace(page(), figure=figure("bad", fails))
    with pytest.raises(ArithmeticError, match="cannot be drawn"):
        write_page(broken, tmp_path / "s")
    assert contents(tmp_path / "s") == before


def test_a_large_drawing_is_in_the_page_as_pixels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "LARGEST_DRAWING", 100)
    write_page(page(), tmp_path / "s")
    text = (tmp_path / "s" / "index.html").read_text()
    assert "data:image/png;base64," in text
    assert "data:image/svg" not in text
    assert (tmp_path / "s" / "figures" / "lines.png").exists()


def test_facts_are_plain_json_with_the_answer() -> None:
    facts = {"a": np.float64(1.5), "b": (np.int64(2), float("inf")), "c": np.array([1.0, np.nan]), 3: {"d": "<b>ß"}}
    written = json.loads(facts_json(replace(page(), facts=facts)))
    assert {key: written[key] for key in "abc3"} == {"a": 1.5, "b": [2, None], "c": [1.0, None], "3": {"d": "<b>ß"}}
    assert (written["question"], written["answer"]) == (page().title, page().answer)
