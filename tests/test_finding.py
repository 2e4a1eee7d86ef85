"""What README and docs say of the program's own finding is what the program wrote."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
MOST = 4_000_000
"""Bytes of all docs."""


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import finding

    return finding


def test_the_readmes_answers_are_the_reports(tool: Any) -> None:
    made = {found.sweep[0]: tool.in_brief(found) for found in tool.FINDINGS}
    for name in tool.PRINTED:
        (printed,) = re.findall(rf"make finding: {name} -->\n```\n(.*?)```\n<!-- end -->", README, re.DOTALL)
        made[name] = tool.fenced(tool.shortened(printed))
        typed = "make reproduce" if name == "reproduce" else shlex.join(("depsim", *tool.PRINTED[name]))
        assert f"\n{typed}    # " in README
    assert tool.renewed(README, made) == README
    for found in tool.FINDINGS:
        answer = tool.stored(found)["answer"]
        assert len(answer) >= 3
        assert [number for number, line in enumerate(answer, start=1) if line in README] == list(tool.SHOWN)


def test_the_readme_is_an_entry_of_at_most_120_lines() -> None:
    assert len(README.splitlines()) <= 120
    assert all(f"make {target}" in README for target in ("setup", "reproduce", "test"))


def test_a_printed_answer_ends_before_ids_and_hints(tool: Any) -> None:
    printed = "the answer\n a  1\nwhat it means\nrun 1f\nnext: go on\n      there\n"
    assert tool.shortened(printed) == "the answer\n a  1\nwhat it means"
    assert tool.shortened("a\nnext: b\nc") == "a"


def test_the_finding_says_which_commands_and_commits_made_it(tool: Any) -> None:
    said = (ROOT / "docs/finding/README.md").read_text(encoding="utf-8")
    assert said == tool.how_it_was_made()
    assert "depsim sweep paper cohort=large cohort.data=shared\n" in said
    for found in tool.FINDINGS:
        runs = tool.stored(found)["condition_runs"]
        assert runs
        assert all(run["provenance"]["git_commit"] in said and not run["provenance"]["git_dirty"] for run in runs)


def test_the_finding_is_of_two_hundred_individuals_on_the_papers_data_first(tool: Any) -> None:
    first, second = (tool.rows_of(tool.stored(found), "individuals") for found in tool.FINDINGS)
    assert {(arm["data"], arm["finished"], arm["failed"]) for arm in first} == {("shared", 200, 0)}
    assert {(arm["data"], arm["finished"], arm["failed"]) for arm in second} == {("individual", 200, 0)}


def test_the_page_beyond_the_paper_holds_the_answers_of_its_studies(tool: Any) -> None:
    page = tool.PAGE.read_text(encoding="utf-8")
    assert f"({tool.PAGE.relative_to(ROOT)})" in README
    for found, size in zip(tool.BEYOND, (50, 50, 20, 200, 300, 20), strict=True):
        assert tool.answered(found) in page
        assert {arm["finished"] + arm["failed"] for arm in tool.rows_of(tool.stored(found), "individuals")} == {size}
    assert all((ROOT / "docs" / link).is_file() for link in re.findall(r"\]\(([^)]+)\)", page))


def test_docs_are_small_and_what_the_readme_shows_is_there() -> None:
    assert sum(file.stat().st_size for file in (ROOT / "docs").rglob("*") if file.is_file()) <= MOST
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", README)
    assert len(links) > 5
    assert [link for link in links if not link.startswith("http") and not (ROOT / link).exists()] == []


def test_an_answer_goes_where_its_marks_are(tool: Any) -> None:
    text = "a\n<!-- make finding: one -->\nold\n<!-- end -->\nb\n<!-- make finding: two -->\n<!-- end -->\n"
    made = tool.renewed(text, {"two": tool.fenced("2"), "one": "1\n"})
    assert made == text.replace("old", "1").replace("two -->\n", "two -->\n```\n2\n```\n")
    assert tool.fenced(" 1 \n2\n\n") == "```\n 1\n2\n```\n"
    with pytest.raises(SystemExit, match="no place for three"):
        tool.renewed(text, {"three": ""})


def test_only_means_three_standard_errors_away_are_named(tool: Any) -> None:
    cells = [{"condition": "ssri", "outcome": o, "distance": d} for o, d in (("a", 2.9), ("b", -3.1), ("c", None))]
    assert "1 of 2 means lie within" in tool.beside_the_sequel(cells)
    assert "(not: ssri, b: -3.1)" in tool.beside_the_sequel(cells)
    assert "not:" not in tool.beside_the_sequel(cells[:1])


def test_a_studys_numbers_and_figures_are_kept_and_nothing_else(
    tool: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    provenance = {"cpu": "c", "cores": 2, "python": "3", "packages": {"torch": "2"}, "git_commit": "abc"}
    facts = {"answer": ["x"], "condition_runs": [{"provenance": provenance}]}
    monkeypatch.setattr(tool, "DOCS", tmp_path / "docs")
    monkeypatch.chdir(tmp_path)
    for found in (everything := (*tool.FINDINGS, *tool.BEYOND)):
        figures = tmp_path / "reports" / found.sweep[0] / "figures"
        figures.mkdir(parents=True)
        (figures.parent / "study.json").write_text(json.dumps(facts))
        (figures / "other.png").touch()
        for name in found.figures:
            Image.new("RGB", (3, 2), "red").save(figures / f"{name}.png")
    tool.keep(everything)
    kept = {file.relative_to(tmp_path / "docs").as_posix() for file in (tmp_path / "docs").rglob("*") if file.is_file()}
    shown = {f"{found.sweep[0]}/{name}.png" for found in everything for name in found.figures}
    assert kept == shown | {f"{found.sweep[0]}/study.json" for found in everything}
    assert "On c, 2 cores, Python 3, PyTorch 2; sources of commit `abc`" in tool.how_it_was_made()
    with Image.open(tmp_path / "docs/gain/bias_curves.png") as picture:
        assert (picture.size, picture.convert("RGB").getpixel((0, 0))) == ((3, 2), (255, 0, 0))
    (gain,) = [found for found in tool.BEYOND if found.sweep[0] == "gain"]
    part = tool.part(gain, "Why?\n  More.\n", {"a": [100.0, 2_000.0], "b": [400.0]})
    for said in ("## Why?\n\n1. x\n", "It took 42 minutes of one core", "treatment is a, 1050 s an individual.\n"):
        assert said in part
    assert "![bias_curves](finding/gain/bias_curves.png)" in part
    assert "`depsim sweep gain cohort.size=20` and `depsim report gain`" in part


def test_the_calibrations_real_individuals_are_those_of_the_triage(
    tool: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Triage:
        def __init__(self, name: str) -> None:
            assert name == "triage"

        def wide(self, metric: str) -> pd.DataFrame:
            assert metric == "treated/combined"
            return pd.DataFrame({"none": [25.0, 30.125], "ssri": [90.5, np.nan]}, index=pd.Index([3, 7], name="seed"))

    monkeypatch.setattr(tool.depsim, "load_study", Triage)
    monkeypatch.setattr(tool, "REAL", tmp_path / "real.csv")
    tool.real_individuals()
    assert (tmp_path / "real.csv").read_text() == "seed,none,ssri\n3,25,90.5\n"


def test_an_unknown_study_is_refused(tool: Any) -> None:
    with pytest.raises(SystemExit, match="nonsense: no study of the finding"):
        tool.main(["gain", "nonsense"])
