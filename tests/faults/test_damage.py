"""Files that were damaged on disk are noticed, every one; nothing in them is run; the numbers come out right."""

from __future__ import annotations

import io
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from depsim.tracking import artifacts as drawing
from tests.jobs import artifacts, depsim, run, runs, spec, tiny

pytestmark = pytest.mark.slow  # whole jobs on a store

PEOPLE = 10
JOB = (f"cohort.seeds=[{','.join(map(str, range(PEOPLE)))}]", "cohort=smoke")


class Bomb:
    """Unpickled, it creates a file in the working directory."""

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str, str]]:
        return open, ("exploded", "w")


def _pickled_array(_data: bytes) -> bytes:
    file = io.BytesIO()
    np.savez(file, stages=np.array([Bomb()], dtype=object))
    return file.getvalue()


DAMAGES: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("empty", lambda _data: b""),
    ("one byte", lambda data: data[:1]),
    ("half", lambda data: data[: len(data) // 2]),
    ("all but a byte", lambda data: data[:-1]),
    ("a bit in the middle", lambda data: _flipped(data, len(data) // 2)),
    ("a bit near the start", lambda data: _flipped(data, 9)),
    ("the last bit", lambda data: _flipped(data, len(data) - 1)),
    ("text", lambda _data: b"not what you expect\n" * 100),
    ("a pickle", lambda _data: pickle.dumps(Bomb())),
    ("a pickle inside", _pickled_array),
]
"""As many as there are individuals; one for each file."""


def _flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


@pytest.mark.slow
@pytest.mark.usefixtures("project")
def test_twenty_damaged_files_of_the_cache_and_of_masks_are_all_noticed(
    project: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], record_property: Callable[[str, object], None],
) -> None:  # fmt: skip
    run(spec("none", *JOB, "study=s"))
    healthy = sorted(project.glob("mlruns/cache/healthy/??/*.safetensors"))
    masks = sorted(artifacts(each) / "masks.npz" for each in runs("s", kind="individual"))
    assert (len(healthy), len(masks), len(DAMAGES)) == (PEOPLE, PEOPLE, PEOPLE)
    whole = {path: path.read_bytes() for path in healthy + masks}
    for files in (healthy, masks):
        for path, (_, damage) in zip(files, DAMAGES, strict=True):
            path.write_bytes(damage(whole[path]))
    capsys.readouterr()
    assert depsim("run", *tiny("none", *JOB, "study=t")) == 0  # would copy all ten and compute nobody
    notes = [line for line in capsys.readouterr().err.splitlines() if line.startswith("note: damaged")]
    names = [path.stem for path in healthy] + [path.parents[1].name for path in masks]
    noticed = [sum(name in note for note in notes) for name in names]
    figures = f"{len(whole)} damaged files, {sum(map(bool, noticed))} noticed"
    record_property("damage", figures)
    print(figures)
    assert noticed == [1] * 20, notes
    assert not (project / "exploded").exists()
    again = {r.data.tags["depsim.run_key"]: r.data.metrics for r in runs("t", kind="individual")}
    assert again == {r.data.tags["depsim.run_key"]: r.data.metrics for r in runs("s", kind="individual")}
    assert {path: path.read_bytes() for path in healthy} == {path: whole[path] for path in healthy}
    assert not any("depsim.reused_from" in r.data.tags for r in runs("t"))


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("what", ["another's", "gone"])
def test_a_whole_mask_file_of_somebody_else_is_damage_and_so_is_none(
    what: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(spec("none", "cohort=smoke", "cohort.size=2", "study=s"))
    one, two = (artifacts(each) / "masks.npz" for each in runs("s", kind="individual"))
    if what == "gone":
        one.unlink()
    else:
        shutil.copy(two, one)
    assert depsim("run", *tiny("none", "cohort=smoke", "cohort.size=2", "study=t")) == 0
    said = capsys.readouterr().err
    assert said.count("note: damaged record, computing the individual again") == 1
    assert one.parents[1].name in said
    assert ["depsim.reused_from" in r.data.tags for r in runs("t", kind="individual")].count(True) == 1


@pytest.mark.usefixtures("project")
def test_a_cohort_that_counts_in_a_damaged_record_keeps_its_metrics_and_shows_another(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    titles: list[str] = []
    monkeypatch.setattr(drawing, "masks_image", lambda _masks, title: titles.append(title) or b"a picture")
    run(spec("none", "cohort=smoke", "cohort.size=2", "study=s"))
    for each in runs("s", kind="individual"):
        (artifacts(each) / "masks.npz").write_bytes(b"")
    assert depsim("run", *tiny("none", "cohort=smoke", "study=s")) == 0
    said = capsys.readouterr().err
    assert said.count("note: damaged record of individual") == 2
    assert "its metrics are kept" in said
    assert titles[-1].endswith("masks of individual 2")
    newest = runs("s", kind="condition")[-1]
    assert newest.data.metrics["summary/treated/combined.n"] == 3
    assert (newest.info.status, (artifacts(newest) / "masks.npz").exists()) == ("FINISHED", True)
    # And where nobody's can be read, the figures are there all the same.
    for each in runs("s", kind="individual"):
        (artifacts(each) / "masks.npz").write_bytes(b"")
    assert depsim("run", *tiny("none", "cohort=smoke", "cohort.seeds=[2,0]", "study=s")) == 0
    newest = runs("s", kind="condition")[-1]
    assert newest.data.metrics["summary/treated/combined.n"] == 2
    assert not (artifacts(newest) / "masks.npz").exists()
