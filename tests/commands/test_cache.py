from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.jobs import depsim, run, spec, watch_work


def line(text: str, name: str) -> str:
    return next(found for found in text.splitlines() if found.strip().startswith(name))


def test_where_nothing_was_run_there_is_nothing(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim("cache") == 0
    assert capsys.readouterr().out == f"{empty}/mlruns: nothing there yet\n"
    assert depsim("cache", "--clear") == 0
    assert "removed 0 healthy networks, 0 B" in capsys.readouterr().out
    assert list(empty.iterdir()) == []


@pytest.mark.slow
def test_it_says_what_there_is_and_clears_the_networks_only(
    finished_study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = finished_study
    networks = list(project.glob("mlruns/cache/healthy/??/*.safetensors"))
    size = sum(path.stat().st_size for path in networks)
    files = [path for path in (project / "mlruns" / "artifacts").rglob("*") if path.is_file()]
    assert depsim("cache") == 0
    said = capsys.readouterr().out
    assert f"{len(files)} files" in line(said, "artifacts")
    assert "   2; depsim cache --clear" in line(said, "healthy networks")
    assert f"{size / 1024:.1f} KiB" in line(said, "healthy networks")
    assert re.search(r"\d\.\d (K|M)iB", line(said, "databases"))
    half = networks[0].parent / ".unfinished-abc"
    half.write_bytes(b"x" * 1024)
    assert depsim("cache", "--clear") == 0
    assert f"removed 2 healthy networks, {(size + 1024) / 1024:.1f} KiB" in capsys.readouterr().out
    assert list(project.glob("mlruns/cache/healthy/??/*")) == []
    assert list(project.glob("mlruns/cache/healthy/??/.*")) == []
    assert [path for path in (project / "mlruns" / "artifacts").rglob("*") if path.is_file()] == files
    computed = watch_work(monkeypatch)
    run(spec("none", "cohort=smoke", "cohort.size=2", "study=finished"))
    assert computed == []


@pytest.mark.slow  # kills a process
def test_what_a_killed_process_left_half_written_goes(project: Path) -> None:
    half = project / "mlruns" / "cache" / "healthy" / "ab" / ".unfinished-abc"
    half.parent.mkdir(parents=True)
    half.touch()
    assert depsim("cache", "--clear") == 0
    assert not half.exists()


@pytest.mark.slow
def test_a_server_is_named_without_its_password(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://ada:s3cr3t@mlflow.lab.example")
    assert depsim("cache") == 0
    said = capsys.readouterr().out
    assert "https://mlflow.lab.example" in said
    assert "s3cr3t" not in said


@pytest.mark.parametrize("words", [("--clean",), ("everything",)])
def test_nothing_else_can_be_asked_for(words: tuple[str, ...], empty: Path) -> None:
    assert depsim("cache", *words) == 2
    assert list(empty.iterdir()) == []
