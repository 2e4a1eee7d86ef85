"""What README and docs say of the program's own finding is what the program wrote, and can be computed again."""

from __future__ import annotations

import base64
import io
import json
import re
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from benchmarks import finding as tool
from benchmarks import finding_words as words

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
KEPT = {run.name: facts for run in tool.RUNS if (facts := tool.stored(run.name))}
MOST = 6_000_000
"""Bytes of docs/finding."""
PRIMARY = {"combined": "treated/combined", "internal_noise_2.5": "treated/internal_noise_2.5",
           "resilience_auc": "treated/resilience_auc", "relapse_drop": "relapse_drop"}  # fmt: skip


def test_what_the_readme_shows_is_what_the_finding_says() -> None:
    made = {"answer": words.answer_of_the_readme(KEPT), "first_run": words.first_run(tool.individuals("paper"))}
    for name in tool.PRINTED:
        (printed,) = re.findall(rf"make finding: {name} -->\n```\n(.*?)```\n<!-- end -->", README, re.DOTALL)
        made[name] = tool.fenced(tool.shortened(printed))
        typed = "make reproduce" if name == "reproduce" else shlex.join(("depsim", *tool.PRINTED[name]))
        assert f"\n{typed}    # " in README
    assert tool.renewed(README, made) == README


def test_the_readme_is_an_entry_of_at_most_110_lines_whose_links_are_there() -> None:
    assert len(README.splitlines()) <= 110
    assert all(f"make {target}" in README for target in ("setup", "reproduce", "test"))
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", README)
    assert len(links) > 5
    assert [link for link in links if not link.startswith("http") and not (ROOT / link).exists()] == []


def test_the_pages_of_the_finding_are_made_from_what_is_kept() -> None:
    assert (tool.DOCS / "README.md").read_text(encoding="utf-8") == words.page_of_the_finding(KEPT)
    assert tool.BEYOND.read_text(encoding="utf-8") == words.page_beyond(KEPT)
    for page in (tool.DOCS / "README.md", tool.BEYOND):
        links = re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8"))
        assert links
        assert [link for link in links if not (page.parent / link).is_file()] == []


@pytest.mark.parametrize("name", KEPT)
def test_a_study_is_kept_whole_and_of_individuals_that_no_finding_had(name: str) -> None:
    facts, table = KEPT[name], tool.individuals(name)
    assert facts["study"] == name
    assert not any("failed" in arm for arm in facts["arms"])
    assert table["seed"].min() >= 10_000
    assert set(table["condition"]) == {arm["name"] for arm in facts["arms"]}
    assert not any(made["provenance"]["git_dirty"] for made in facts["condition_runs"])
    assert all((tool.DOCS / name / file).is_file() for file in ("index.html", "picture.png"))


def test_the_finding_is_small_enough_to_be_kept() -> None:
    assert sum(file.stat().st_size for file in tool.DOCS.rglob("*") if file.is_file()) <= MOST


def wide(study: str, metric: str) -> pd.DataFrame:
    """A metric, one row for each individual and one column for each condition."""
    table = tool.individuals(study).pivot(index="seed", columns="condition", values=metric).dropna()
    return table.rename(columns={"neurosteroid": "neurosteroid on"})  # which is what it is before it is withdrawn


def contrasts(study: str) -> dict[tuple[str, str, str], dict[str, Any]]:
    rows = words.rows_of(KEPT[study], "contrasts_placebo")
    return {(row["a"], row["b"], row["outcome"]): row for row in rows}


@pytest.mark.parametrize("drug", words.DRUGS)
@pytest.mark.parametrize("outcome", ["combined", "internal_noise_2.5"])
def test_a_drug_less_its_placebo_can_be_computed_from_the_kept_individuals(drug: str, outcome: str) -> None:
    (row,) = [
        row
        for (a, b, of), row in contrasts("placebo").items()
        if (a, of) == (drug, outcome) and b.startswith("placebo of")
    ]
    table = wide("placebo", PRIMARY[outcome])
    differences = table[drug] - table[row["b"]]
    assert len(differences) == row["n"]
    assert differences.mean() == pytest.approx(row["value"], abs=1e-4)
    assert table[drug].mean() == pytest.approx(row["mean_a"], abs=1e-4)
    assert differences.std() == pytest.approx(row["sd"], abs=1e-4)


CLAIMS = {
    "Ketamine bears extreme noise better than SSRI": ("internal_noise_2.5", "ketamine", "ssri"),
    "Ketamine bears extreme noise better than neurosteroid": ("internal_noise_2.5", "ketamine", "neurosteroid on"),
    "SSRI bears combined stress less than ketamine": ("combined", "ketamine", "ssri"),
    "Neurosteroid relapses more than ketamine": ("relapse_drop", "neurosteroid on", "ketamine"),
    "Neurosteroid relapses less than SSRI": ("relapse_drop", "ssri", "neurosteroid on"),
    "Ketamine relapses less than SSRI": ("relapse_drop", "ssri", "ketamine"),
}
"""Claims that one condition has more of an outcome than another."""


@pytest.mark.parametrize("study", ["paper", "seeds"])
@pytest.mark.parametrize("claim", CLAIMS)
def test_a_claim_holds_in_as_many_of_the_kept_individuals_as_the_report_counts(study: str, claim: str) -> None:
    outcome, more, less = CLAIMS[claim]
    (row,) = [row for row in words.rows_of(KEPT[study], "claims") if row["claim"] == claim]
    table = wide(study, PRIMARY[outcome])
    assert len(table) == row["n"]
    assert (table[more] > table[less]).sum() == row["count"]


def test_a_printed_answer_ends_before_ids_and_hints() -> None:
    printed = "the answer\n a  1\nwhat it means\nrun 1f\nnext: go on\n      there\n"
    assert tool.shortened(printed) == "the answer\n a  1\nwhat it means"
    assert tool.shortened("a\nnext: b\nc") == "a"


def test_an_answer_goes_where_its_marks_are() -> None:
    text = "a\n<!-- make finding: one -->\nold\n<!-- end -->\nb\n<!-- make finding: two -->\n<!-- end -->\n"
    made = tool.renewed(text, {"two": tool.fenced("2"), "one": "1\n"})
    assert made == text.replace("old", "1").replace("two -->\n", "two -->\n```\n2\n```\n")
    assert tool.fenced(" 1 \n2\n\n") == "```\n 1\n2\n```\n"
    with pytest.raises(SystemExit, match="no place for three"):
        tool.renewed(text, {"three": ""})


def published(a: str, b: str, ours: float, theirs: float) -> dict[str, Any]:
    return {"key": {"a": a, "b": b, "outcome": "combined"}, "value": ours, "published": theirs, "n": 200}


def study_of(name: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"findings": [{"name": name, "rows": rows}]}


def test_luck_counts_differences_between_drugs_and_answers_as_the_report_does() -> None:
    untreated = published("untreated", "ssri", 1.0, -1.0)
    answer = "One in twenty is as low: unlucky and typical are both open."
    holds, turns = ([published("ketamine", "ssri", ours, 2.0), untreated] for ours in (1.0, -1.0))
    studies = [{"findings": [{"name": "published", "answer": answer, "rows": rows}]} for rows in (holds, turns)]
    sentence = words.luck(studies[0], studies[0])
    assert "The ranking holds: 1 of 1 published differences between drugs" in sentence
    assert sentence.endswith(f"on its data, 1 in 200 with data of their own. {answer}")
    assert "The ranking holds in part: 1 of 1" in words.luck(*studies)


def test_the_mechanism_is_each_drug_beside_its_placebo() -> None:
    against = [
        {"key": {"a": drug, "b": f"placebo of {drug}", "outcome": outcome}, "mean_a": mean, "mean_b": 30.0 + placebo,
         "low": -20.4, "high": -20.4 + width}
        for drug, mean, placebo in (("ketamine", 80.0, 49.8), ("ssri", 70.0, 20.0), ("neurosteroid on", 50.0, 16.0))
        for outcome, width in (("combined", 0.8), ("internal_noise_2.5", 1.2))
    ]  # fmt: skip
    untreated = {"key": {"a": "ketamine", "b": "untreated", "outcome": "combined"}, "mean_a": 80.0, "mean_b": 30.0}
    facts = {"findings": [{"name": "contrasts_placebo", "rows": against}, {"name": "contrasts", "rows": [untreated]}]}
    sentence = words.mechanism(facts)
    assert "gives 50 to 99.6 % of what a drug adds: ketamine 80.0 beside 79.8 %, ssri 70.0 beside 50.0 %," in sentence
    assert "neurosteroid on 50.0 beside 46.0 %, untreated 30.0. At sigma 2.5 it is ketamine 80.0 beside" in sentence
    assert "(differences to within ± 0.4 to 0.6 points, 95 % intervals)" in sentence


def test_training_alone_is_found_by_its_settings() -> None:
    arms = [{"name": "ketamine", "settings": {"treatment": "ketamine"}},
            {"name": "sham, 170", "settings": {"treatment": "sham", "treatment.epochs": "170"}},
            {"name": "sham, 15", "settings": {"treatment": "sham", "treatment.epochs": "15"}}]  # fmt: skip
    rows = [{"key": {"a": a, "b": "untreated", "outcome": "internal_noise_2.5"}, "mean_a": mean, "mean_b": 28.4}
            for a, mean in (("sham, 15", 66.0), ("sham, 170", 81.7), ("ketamine", 82.4))]  # fmt: skip
    facts = study_of("contrasts", rows) | {"arms": arms}
    assert words.training_alone(facts, 170) == (81.7, 82.4)
    assert words.training_alone(facts, 110) is None
    assert "Training alone for 170 epochs reaches 82 % at sigma 2.5, ketamine 82 %." in words.still_open(facts, None)
    assert "epochs" not in words.still_open(None, None)


def test_the_settings_are_no_longer_open_once_a_multiverse_has_tried_them() -> None:
    found = {"findings": [{"name": "deciding", "answer": "no."}, {"name": "multiverse", "answer": "it holds in 97 %."}]}
    assert "of the settings, of the paper's one network" in words.still_open(None, None)
    sentence = words.still_open(None, found)
    assert "Over reasonable values of what the paper fixed, it holds in 97 %. How much" in sentence
    assert "the settings, of" not in sentence


def test_replicates_are_told_by_what_they_were_run_for() -> None:
    facts = {"question": "Q", "answer": "A",
             "findings": [{"name": "reliability", "question": "Again?", "answer": "Yes.", "rows": []}]}  # fmt: skip
    assert words.part("seeds", facts).startswith("## Q\n\nA\n\n![seeds](seeds/picture.png)\n\n[page](seeds/index.html)")
    assert words.part("gain", facts).startswith("## Q\n\n[Answer](../beyond.md), [page](gain/index.html)")
    assert words.part("replicates", facts).startswith("## Again?\n\nYes.\n\n![replicates]")


def test_the_first_run_varies_as_much_as_the_individuals_do() -> None:
    table = pd.DataFrame({"condition": ["ssri", "ssri", "ketamine"], "treated/clean": [75.0, 100.0, 1.0],
                          "treated/combined": [80.4, 90.6, 2.0]})  # fmt: skip
    assert "Of 2 after SSRI: clean 75 to 100 %, combined 80 to 91 %." in words.first_run(table)


FACTS = {
    "arms": [
        {
            "arm_key": "k",
            "name": "ketamine",
            "settings": {"model": "mlp", "treatment": "ketamine"},
            "run_ids": {"10000": "r"},
            "failed": {},
        },
        {"arm_key": "n", "name": "untreated", "settings": {"model": "mlp", "treatment": "none"}},
    ],
    "condition_runs": [
        {"run_id": run, "provenance": {"cpu": cpu}} for run, cpu in (("a", "x"), ("b", "x"), ("c", "y"))
    ],
    "findings": [{"name": "f", "rows": [{"n": 2, "value": 0.123456781, "low": None}]}],
}


def test_a_study_is_kept_as_page_picture_numbers_and_individuals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report, kept = tmp_path / "reports/gain", tmp_path / "docs/gain"
    (report / "figures").mkdir(parents=True)
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 255, (30, 2 * tool.WIDTH, 3), dtype=np.uint8))
    for name in ("first", "second"):
        picture.save(report / f"figures/{name}.png")
    page = "".join(
        f'<figure id="figure-{name}"><img src="data:image/svg+xml;base64,AAAA" alt="x"></figure>'
        for name in ("first", "second")
    )
    (report / "index.html").write_text(f"<h1>Q</h1>{page}")
    (report / "study.json").write_text(json.dumps(FACTS))
    (report / "individuals.csv").write_text(
        "arm_key,treatment,data,seed,run_key,training.epochs,treated/combined,treated/sparsity/1,treated/other,trait/plasticity\n"
        "k,ketamine,individual,10000,r1,20,97.123456789,1,2,\nk,ketamine,individual,10001,r2,20,98,1,2,\n"
    )
    monkeypatch.setattr(tool, "DOCS", tmp_path / "docs")
    monkeypatch.setattr(tool, "depsim_main", lambda _: 0)
    monkeypatch.setattr(tool, "core_seconds", lambda _: 12.0)
    monkeypatch.chdir(tmp_path)
    tool.keep("gain")
    assert {file.name for file in kept.iterdir()} == {"index.html", "picture.png", "study.json", "individuals.csv.gz"}
    facts = json.loads((kept / "study.json").read_text())
    assert facts["core_seconds"] == 12.0
    assert facts["settings"] == {"model": "mlp"}
    assert facts["arms"] == [
        {"arm_key": "k", "name": "ketamine", "settings": {"treatment": "ketamine"}},
        {"arm_key": "n", "name": "untreated", "settings": {"treatment": "none"}},
    ]
    assert [run["run_id"] for run in facts["condition_runs"]] == ["a", "c"], "one of each origin"
    assert facts["findings"] == [{"name": "f", "rows": [{"n": 2, "value": 0.12345678}]}]
    pictures = re.findall(r'src="data:image/png;base64,([^"]+)"', (kept / "index.html").read_text())
    assert [Image.open(io.BytesIO(base64.b64decode(data))).size for data in pictures] == [(tool.WIDTH, 15)] * 2
    table = tool.individuals("gain")
    assert list(table) == ["arm_key", "condition", "treatment", "data", "seed", "treated/combined"]
    assert list(table["treated/combined"]) == [97.12346, 98.0]
    before = (kept / "individuals.csv.gz").read_bytes()
    tool.keep("gain")
    assert (kept / "individuals.csv.gz").read_bytes() == before


def test_the_calibrations_real_individuals_are_those_of_the_triage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
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


def test_an_unknown_study_is_refused() -> None:
    with pytest.raises(SystemExit, match="nonsense: no study of the finding"):
        tool.main(["gain", "nonsense"])
