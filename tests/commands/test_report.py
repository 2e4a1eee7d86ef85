"""``depsim report``: from what MLflow holds to a folder, a run of kind ``study`` and a first screen."""

from __future__ import annotations

import csv
import json
import os
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from depsim.commands.report import folder_name
from depsim.execution.files import lock
from depsim.report import publish, writing
from depsim.report.figures import style
from depsim.report.files import rows_csv
from depsim.report.parts import Figure
from depsim.report.questions.contrasts import Contrasts
from depsim.tracking.mlflow_store import open_client
from tests.jobs import artifacts, depsim, run, runs, spec, working_in
from tests.report.pages import Html

pytestmark = pytest.mark.slow  # whole commands on a store

NAME = "<b>x</b>"
DRAW = writing._draw
PEOPLE = ("cohort.size=2", "cohort.first_seed=0", "cohort.data=individual", "study=x")


@pytest.fixture(scope="module")
def studied(tmp_path_factory: pytest.TempPathFactory, new_store: Path) -> Path:
    """A project with a study of two conditions on two individuals each, and a report on it."""
    folder = tmp_path_factory.mktemp("studied")
    with working_in(folder, new_store):
        run(spec("none", *PEOPLE), spec("ketamine", *PEOPLE))
        client = open_client()
        # No study of depsim's is called so, but an experiment can be renamed in MLflow.
        client.rename_experiment(client.get_experiment_by_name("x").experiment_id, NAME)
        assert depsim("report", NAME, "--export") == 0
    return folder


@pytest.fixture(scope="module")
def _drawings() -> dict[tuple[Any, ...], Any]:
    return {}


@pytest.fixture(autouse=True)
def _drawn_once(_drawings: dict[tuple[Any, ...], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A figure of the same numbers is drawn once for all tests here: drawing is most of what a report takes."""

    def draw(figure: Figure, with_png: bool) -> Any:
        key = figure.name, figure.caption, rows_csv(figure.rows), with_png
        if key not in _drawings:
            _drawings[key] = DRAW(figure, with_png)
        return _drawings[key]

    monkeypatch.setattr(writing, "_draw", draw)


@pytest.fixture
def there(studied: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(studied)
    return studied / "reports" / folder_name(NAME)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_report_of_a_study_with_markup_in_its_name_is_a_sound_page(there: Path) -> None:
    page = Html((there / "index.html").read_text())
    assert NAME in "".join(page.texts)
    assert page.named("b") == []
    assert json.loads((there / "study.json").read_text())["study"] == NAME


def test_a_repeated_report_is_byte_identical_and_says_the_same(
    there: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "_draw", DRAW)
    assert depsim("report", NAME, "--export") == 0  # another test may have made one in another way
    before = contents(there)
    capsys.readouterr()
    assert depsim("report", NAME, "--export") == 0
    assert contents(there) == before
    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    answer = json.loads((there / "study.json").read_text())["answer"]
    assert " ".join(answer.split()[:3]) in printed.out
    assert lines[-2] == f"reports/{folder_name(NAME)}/index.html"
    assert lines[-1].startswith("next: depsim ui")
    assert len(lines) <= 25
    assert "100%" in printed.err


def test_the_reports_run_in_mlflow_is_brought_up_to_date_and_never_multiplies(there: Path) -> None:
    assert depsim("report", NAME, "--export") == 0
    (found,) = runs(NAME, kind="study")
    kept = artifacts(found)
    assert contents(kept) == contents(there)
    assert found.info.run_name == "report"
    assert found.info.status == "FINISHED"
    (kept / "figures" / "stale.svg").write_bytes(b"of an older report")
    assert depsim("report", NAME) == 0
    (again,) = runs(NAME, kind="study")
    assert again.info.run_id == found.info.run_id
    assert set(contents(kept)) == set(contents(there))
    assert "individuals.csv" not in contents(kept)
    note = again.data.tags["mlflow.note.content"]
    assert "`depsim report '<b>x</b>'`" in note
    assert json.loads((there / "study.json").read_text())["answer"].split()[0] in note


def test_each_condition_has_a_picture_a_colour_and_the_answer_which_are_written_once(
    there: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert depsim("report", NAME) == 0
    answer = json.loads((there / "study.json").read_text())["answer"]
    conditions = runs(NAME, kind="condition")
    assert len(conditions) == 2
    for found in conditions:
        picture = (artifacts(found) / "summary.png").read_bytes()
        assert len(found.data.tags["depsim.summary_sha256"]) == 64
        assert picture.startswith(b"\x89PNG")
        note = found.data.tags["mlflow.note.content"]
        assert note.startswith("**")
        assert answer.split()[0] in note
        assert "\n| " in note, "its own means"
        assert f"Run by `{found.data.tags['mlflow.source.name']}`, reported by `depsim report '<b>x</b>'`." in note
        assert found.info.status == "FINISHED"
    colours = {found.data.tags["depsim.treatment"]: found.data.tags["mlflow.runColor"] for found in conditions}
    assert colours == style.colours(["none", "ketamine"])
    written: list[str] = []
    monkeypatch.setattr(publish, "write_files", lambda _client, run_id, _files: written.append(run_id))
    assert depsim("report", NAME) == 0
    assert written == []
    # A condition that was gone on with has its own description again, until the next report.
    open_client().set_tag(conditions[0].info.run_id, "mlflow.note.content", "`depsim run`")
    assert depsim("report", NAME) == 0
    assert written == []
    (again,) = (run for run in runs(NAME, kind="condition") if run.info.run_id == conditions[0].info.run_id)
    assert again.data.tags["mlflow.note.content"].startswith("**")
    assert "mlflow.runColor" not in runs(NAME, kind="individual")[0].data.tags


def test_a_report_changes_nothing_that_a_sweep_reads(there: Path) -> None:
    seen = [(r.info.run_id, r.info.status, r.data.metrics) for r in runs(NAME) if "depsim.run_key" in r.data.tags]
    assert depsim("report", NAME) == 0
    assert seen == [
        (r.info.run_id, r.info.status, r.data.metrics) for r in runs(NAME) if "depsim.run_key" in r.data.tags
    ]
    assert len(seen) == 4


def test_all_individuals_are_exported_twice_alike(there: Path) -> None:
    from pyarrow import parquet

    assert depsim("report", NAME, "--export") == 0
    rows = list(csv.DictReader((there / "individuals.csv").read_text().splitlines()))
    stored = {r.data.tags["depsim.run_key"]: r for r in runs(NAME, kind="individual")}
    assert {row["run_key"] for row in rows} == set(stored)
    table = parquet.read_table(there / "individuals.parquet").to_pylist()
    for row, same in zip(rows, table, strict=True):
        run = stored[row["run_key"]]
        assert row["seed"] == run.data.tags["depsim.seed"] == str(same["seed"])
        assert row["treatment"] == run.data.tags["depsim.treatment"]
        assert (row["pathology.sparsity"], same["pathology.sparsity"]) == ("0.95", 0.95)
        assert (row["task.train_size"], same["pathology.criterion"]) == (str(same["task.train_size"]), "magnitude")
        assert row["cohort.hold.init"] == ""
        assert same["cohort.hold.init"] is None
        assert float(row["treated/combined"]) == same["treated/combined"] == run.data.metrics["treated/combined"]
        assert (row["treatment.regrow_fraction"] == "0.5") == (row["treatment"] == "ketamine")
    assert depsim("report", NAME) == 0
    assert not (there / "individuals.csv").exists()


def test_run_ids_and_times_stand_in_the_facts_and_not_on_the_page(there: Path) -> None:
    assert depsim("report", NAME) == 0
    page, facts = (there / "index.html").read_text(), (there / "study.json").read_text()
    for found in runs(NAME):
        assert found.info.run_id not in page
        assert found.info.run_id in facts or found.data.tags["depsim.kind"] == "study"


def test_another_folder_can_be_named_and_what_a_person_keeps_there_stays_there(
    there: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("notes.txt", "figures/photo.png", "tables/own.csv"):
        (tmp_path / "here" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "here" / name).write_text("mine")
    for _ in range(2):
        assert depsim("report", NAME, "--out", str(tmp_path / "here")) == 0
        assert (tmp_path / "here" / "index.html").exists()
        assert all((tmp_path / "here" / n).read_text() == "mine" for n in ("notes.txt", "figures/photo.png"))
    (found,) = runs(NAME, kind="study")
    assert not {"notes.txt", "figures/photo.png", "tables/own.csv"} & set(contents(artifacts(found)))
    (tmp_path / "here" / "study.json").write_text("mine")
    before = contents(tmp_path / "here")
    capsys.readouterr()
    assert depsim("report", NAME, "--out", str(tmp_path / "here")) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(
        f"depsim: {tmp_path}/here/study.json: was changed since the last report; nothing was written."
    )
    assert contents(tmp_path / "here") == before


def test_a_report_in_the_making_refuses_a_second_one(there: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim("report", NAME) == 0
    with ExitStack() as held:  # a lock for each folder that tests before this one wrote reports to
        for path in (there.parents[1] / "mlruns" / "locks").glob("report-*.lock"):
            held.enter_context(lock(path))
        assert depsim("report", NAME) == 1
    assert f"held by process {os.getpid()}" in capsys.readouterr().err


def test_a_question_that_fails_is_not_passed_over(there: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(there)
    monkeypatch.setattr(Contrasts, "findings", lambda _self, _study: 1 / 0)
    with pytest.raises(ZeroDivisionError, match="division"):
        depsim("report", NAME)
    assert contents(there) == before


def test_an_unknown_study_is_refused_with_those_that_there_are(there: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim("report", "papers") == 2
    assert capsys.readouterr().err == f"depsim: papers: no such study; there are {NAME}\n"
    assert not (there.parent / "papers").exists()
    assert depsim("report", "seeds") == 2
    assert capsys.readouterr().err == f"depsim: seeds: no such study; there are {NAME}; depsim sweep seeds makes it\n"


def test_without_a_store_none_is_made(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim("report", "paper") == 2
    assert "no runs in" in capsys.readouterr().err
    assert list(empty.iterdir()) == []


def test_a_study_without_a_finished_run_has_nothing_to_report(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    open_client().create_experiment("begun")
    assert depsim("report", "begun") == 2
    assert "nothing in this study is finished yet" in capsys.readouterr().err
    assert not (project / "reports").exists()


def test_a_single_individual_is_reported_with_its_values(project: Path) -> None:
    run(spec("none", "seed=1", "study=one"))
    assert depsim("report", "one") == 0
    text = "".join(Html((project / "reports" / "one" / "index.html").read_text()).texts)
    assert "one individual, seed 1" in text
    assert "nan" not in text.lower().split()


@pytest.mark.parametrize("words", [(), ("a", "b"), ("a", "--nonsense"), ("a", "--out")])
def test_wrong_words_are_refused(words: tuple[str, ...], empty: Path) -> None:
    assert depsim("report", *words) == 2
    assert list(empty.iterdir()) == []


@pytest.mark.parametrize("study", ["..", ".", "", "/etc", "a/b", "../../x", ".hidden", "a\0b", "a" * 300, "über", "-x"])
def test_no_name_of_a_study_leads_out_of_the_folder_of_reports(study: str) -> None:
    name = folder_name(study)
    assert Path(name).name == name
    assert name[0].isalnum()
    assert len(name) < 100
    assert name != folder_name(f"{study}!")


def test_an_ordinary_name_stays_as_it_is() -> None:
    assert [folder_name(name) for name in ("paper", "seeds-2", "a_b.c")] == ["paper", "seeds-2", "a_b.c"]


def test_a_page_of_ones_own(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(spec("none", *PEOPLE))
    (project / "lab").mkdir()
    (project / "lab" / "page.html").write_text("<!DOCTYPE html><title>{{ page.study }}</title>{{ page.answer }}")
    assert depsim("report", "x", "--template", "lab") == 0
    assert (project / "reports" / "x" / "index.html").read_text().startswith("<!DOCTYPE html><title>x</title>")
    (project / "lab" / "page.html").write_text("{{ nothing }}")
    before = (project / "reports" / "x" / "index.html").read_bytes()
    capsys.readouterr()
    assert depsim("report", "x", "--template", "lab") == 2
    assert "UndefinedError: 'nothing' is undefined" in capsys.readouterr().err
    assert (project / "reports" / "x" / "index.html").read_bytes() == before
    assert depsim("report", "x", "--template", "nowhere") == 2
    assert capsys.readouterr().err == "depsim: --template nowhere: no such folder\n"


def test_what_a_person_wrote_on_a_conditions_run_stays(project: Path) -> None:
    run(spec("none", *PEOPLE))
    (condition,) = runs("x", kind="condition")
    client = open_client()
    assert depsim("report", "x") == 0
    client.set_tag(condition.info.run_id, "mlflow.note.content", "mine")
    client.set_tag(condition.info.run_id, "mlflow.runColor", "#123456")
    assert depsim("report", "x") == 0
    tags = client.get_run(condition.info.run_id).data.tags
    assert (tags["mlflow.note.content"], tags["mlflow.runColor"]) == ("mine", "#123456")
    client.set_tag(condition.info.run_id, "mlflow.note.content", "")
    assert depsim("report", "x") == 0
    assert client.get_run(condition.info.run_id).data.tags["mlflow.note.content"].startswith("**")
