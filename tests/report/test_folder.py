"""A report's folder: only what an earlier report wrote, unchanged, is ever replaced or removed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from depsim.report import folder as folders
from depsim.report.folder import MANIFEST, ForeignFileError, check_files, replace_files

FIRST = {"tables/a.csv": b"1", "figures/b.svg": b"2", "study.json": b"{}", "index.html": b"<p>"}
SECOND = {"tables/c.csv": b"3", "study.json": b"[]", "index.html": b"<b>"}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def without_manifest(folder: Path) -> dict[str, bytes]:
    return {name: data for name, data in contents(folder).items() if name != MANIFEST}


def plant(path: Path, data: bytes = b"years of work") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_a_later_report_takes_the_place_of_an_earlier_one_whole(tmp_path: Path) -> None:
    assert set(replace_files(tmp_path / "s", FIRST)) == {*FIRST, MANIFEST}
    assert without_manifest(tmp_path / "s") == FIRST
    replace_files(tmp_path / "s", SECOND)
    assert without_manifest(tmp_path / "s") == SECOND
    assert set(json.loads((tmp_path / "s" / MANIFEST).read_text())["sha256"]) == set(SECOND)
    assert sorted(os.listdir(tmp_path)) == ["s"]


def test_files_beside_a_report_stay_as_they_are(tmp_path: Path) -> None:
    mine = ["notes.txt", "tables/own.csv", "figures/photo.png", "figures/deep/photo.png", "thesis/chapter.tex"]
    for name in mine:
        plant(tmp_path / name)
    replace_files(tmp_path, FIRST)
    replace_files(tmp_path, SECOND)
    assert without_manifest(tmp_path) == SECOND | dict.fromkeys(mine, b"years of work")


@pytest.mark.parametrize("name", FIRST)
def test_a_file_in_the_way_stops_the_report_before_anything_is_written(tmp_path: Path, name: str) -> None:
    plant(tmp_path / name)
    with pytest.raises(ForeignFileError, match=name):
        replace_files(tmp_path, FIRST)
    assert contents(tmp_path) == {name: b"years of work"}
    assert sorted(os.listdir(tmp_path)) == [name.split("/")[0]]


def test_a_file_of_ours_that_was_changed_is_somebody_elses(tmp_path: Path) -> None:
    replace_files(tmp_path, FIRST)
    plant(tmp_path / "study.json")
    before = contents(tmp_path)
    with pytest.raises(ForeignFileError, match=r"study\.json: was changed"):
        replace_files(tmp_path, SECOND)
    assert contents(tmp_path) == before
    replace_files(tmp_path / "other", FIRST)
    plant(tmp_path / "other" / "tables" / "a.csv")  # in nobody's way, so it stays
    replace_files(tmp_path / "other", SECOND)
    assert without_manifest(tmp_path / "other") == SECOND | {"tables/a.csv": b"years of work"}


@pytest.mark.parametrize("name", ["tables", "figures/b.svg", MANIFEST])
def test_no_link_inside_the_folder_is_followed(tmp_path: Path, name: str) -> None:
    mine = plant(tmp_path / "mine" / "a.csv", FIRST["tables/a.csv"])
    target = tmp_path / "mine" if name == "tables" else mine
    link = tmp_path / "s" / name
    link.parent.mkdir(parents=True)
    link.symlink_to(target)
    with pytest.raises(ForeignFileError, match=name):
        replace_files(tmp_path / "s", FIRST)
    assert contents(tmp_path / "mine") == {"a.csv": b"1"}
    assert link.is_symlink()


def test_a_folder_of_ours_that_became_a_link_is_not_emptied(tmp_path: Path) -> None:
    replace_files(tmp_path / "s", FIRST)
    (tmp_path / "s" / "tables").rename(tmp_path / "mine")
    (tmp_path / "s" / "tables").symlink_to(tmp_path / "mine")
    with pytest.raises(ForeignFileError, match="tables: is a link"):
        replace_files(tmp_path / "s", SECOND)
    replace_files(tmp_path / "s", {"index.html": b"<i>"})
    assert contents(tmp_path / "mine") == {"a.csv": b"1"}


def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    replace_files(tmp_path / "link", FIRST)
    assert (tmp_path / "link").is_symlink()
    assert without_manifest(tmp_path / "real") == FIRST


def test_a_file_or_a_circle_of_links_is_no_folder(tmp_path: Path) -> None:
    plant(tmp_path / "file")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for name in ("file", "loop"):
        with pytest.raises(ForeignFileError, match=f"{name}: is no folder"):
            check_files(tmp_path / name, FIRST)


@pytest.mark.parametrize(
    "text", ["mine", "[]", "{}", '{"written by": "me", "sha256": {}}', '{"written by": "depsim report"}', "[" * 100_000]
)
def test_a_manifest_of_another_program_is_left_alone(tmp_path: Path, text: str) -> None:
    plant(tmp_path / MANIFEST, text.encode())
    with pytest.raises(ForeignFileError, match=r"manifest\.json: is no manifest of a report"):
        replace_files(tmp_path, FIRST)
    assert (tmp_path / MANIFEST).read_text() == text


@pytest.mark.parametrize("name", ["../mine", "figures/../../mine", "/etc/hostname", "thesis/mine", ".mine", "\\ud800"])
def test_a_manifest_that_lists_other_places_lists_nothing(tmp_path: Path, name: str) -> None:
    replace_files(tmp_path / "s", FIRST)
    (sha,) = json.loads((tmp_path / "s" / MANIFEST).read_text())["sha256"]["tables/a.csv"]
    mine = [plant(tmp_path / place, FIRST["tables/a.csv"]) for place in ("mine", "s/.mine", "s/thesis/mine")]
    plant(
        tmp_path / "s" / MANIFEST,
        b'{"written by": "depsim report", "sha256": {"%s": ["%s"]}}' % (name.encode(), sha.encode()),
    )
    for ours in FIRST:
        (tmp_path / "s" / ours).unlink()
    replace_files(tmp_path / "s", SECOND)
    assert all(path.read_bytes() == b"1" for path in mine)


@pytest.mark.parametrize("fatal", range(5))
def test_whatever_goes_wrong_leaves_the_last_report_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fatal: int
) -> None:
    replace_files(tmp_path / "s", FIRST)
    plant(tmp_path / "s" / "notes.txt")
    before, calls, real = contents(tmp_path / "s"), 0, os.replace

    def replace(source: Path, target: Path) -> None:
        nonlocal calls
        calls += 1
        if calls == fatal + 1:
            raise OSError("no space")
        real(source, target)

    monkeypatch.setattr(folders.os, "replace", replace)
    with pytest.raises(OSError, match="no space"):
        replace_files(tmp_path / "s", SECOND)
    assert contents(tmp_path / "s") == before
    calls = 0
    with pytest.raises(OSError, match="no space"):
        replace_files(tmp_path / "new", SECOND)
    assert sorted(os.listdir(tmp_path)) == ["s"]


@pytest.mark.parametrize("fatal", range(1, 5))
def test_a_report_that_was_killed_between_two_files_is_completed_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fatal: int
) -> None:
    replace_files(tmp_path, FIRST)
    plant(tmp_path / "notes.txt")
    calls, real = 0, os.replace

    def replace(source: Path, target: Path) -> None:
        nonlocal calls
        calls += 1
        if calls > fatal:
            os._exit(9)
        real(source, target)

    if (child := os.fork()) == 0:
        folders.os.replace = replace
        replace_files(tmp_path, SECOND)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    replace_files(tmp_path, SECOND)
    files = {name: data for name, data in without_manifest(tmp_path).items() if not name.startswith(".unfinished-")}
    assert files == SECOND | {"notes.txt": b"years of work"}
