"""What README and docs say of the program's own finding is what the program wrote, and can be computed again."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from matplotlib.colors import to_rgb
from PIL import Image

from benchmarks import finding as tool
from benchmarks import finding_words as words
from benchmarks.kept_studies import CONDITIONS, KeptStudy, keep_study, read_kept
from depsim.report.figures import style
from depsim.report.words import code_spans, true_minus
from depsim.study.reading import Replicate
from tests.people import paper_study

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
KEPT = {run.name: facts for run in tool.RUNS if (facts := tool.stored(run.name))}
PEOPLE = {name: tool.individuals(name) for name in KEPT}
DRAWN_WITHOUT_CONDITIONS = {"generality", "triage", "multiverse"}
PRIMARY = {"combined": "treated/combined", "internal_noise_2.5": "treated/internal_noise_2.5",
           "resilience_auc": "treated/resilience_auc", "relapse_drop": "relapse_drop"}  # fmt: skip


def test_what_the_readme_shows_is_what_the_finding_says() -> None:
    made = {"answer": words.answer_of_the_readme(KEPT, PEOPLE), "first_run": words.first_run(PEOPLE["paper"])}
    for name in tool.PRINTED:
        (printed,) = re.findall(rf"make finding: {name} -->\n```\n(.*?)```\n<!-- end -->", README, re.DOTALL)
        made[name] = tool.fenced(tool.shortened(printed))
        typed = "make reproduce" if name == "reproduce" else shlex.join(("depsim", *tool.PRINTED[name]))
        assert f"\n{typed}    # " in README
    assert tool.renewed(README, made) == README


def test_the_readme_is_an_entry_of_at_most_120_lines_whose_links_are_there() -> None:
    assert len(README.splitlines()) <= 120
    assert all(f"make {target}" in README for target in ("setup", "reproduce", "test"))
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", README)
    assert len(links) > 5
    assert [link for link in links if not link.startswith("http") and not (ROOT / link).exists()] == []


def test_the_pages_of_the_finding_are_made_from_what_is_kept() -> None:
    assert (tool.DOCS / "README.md").read_text(encoding="utf-8") == words.page_of_the_finding(KEPT, PEOPLE)
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
    assert all((tool.DOCS / name / file).is_file() for file in ("index.html", "picture.png", CONDITIONS))


@pytest.mark.slow
@pytest.mark.parametrize("name", KEPT)
def test_every_number_of_a_page_comes_out_of_the_kept_individuals_again(name: str) -> None:
    """A changed word with a changed number fails."""
    folder = tool.DOCS / name
    page = tool.page_of(read_kept(folder))
    facts = json.loads((folder / "study.json").read_text(encoding="utf-8"))
    html = (folder / "index.html").read_text(encoding="utf-8")
    shown = " ".join(unescape(re.sub(r"<[^>]*>", "", re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL))).split())
    made = tool.slim({**json.loads(json.dumps(dict(page.facts), default=float)), "core_seconds": 0.0})
    assert facts["answer"] == page.answer
    assert facts["bullets"] == list(page.bullets)
    assert facts["findings"] == made["findings"]
    said = [page.title, page.answer, *page.bullets, *(section.text for section in page.sections)]
    said += [
        text for table in page.tables for text in (table.title, table.note, *(c for row in table.texts for c in row))
    ]
    assert [text for text in said if " ".join(plain(text).split()) not in shown] == []


def plain(text: str) -> str:
    """As a page shows it: without backquotes, and with minus signs."""
    return true_minus("".join(piece for _, piece in code_spans(text)))


@pytest.mark.parametrize("name", [name for name in KEPT if name not in DRAWN_WITHOUT_CONDITIONS])
def test_a_kept_picture_has_the_colours_of_all_its_conditions(name: str) -> None:
    """A palette of the median cut merged ketamine and the neurosteroid into one teal."""
    kept = read_kept(tool.DOCS / name)
    treatments = {arm.treatment for arm in kept.study.arms} & {"none", "ketamine", "ssri", "neurosteroid"}
    wanted = {to_rgb(colour) for treatment, colour in style.colours(sorted(treatments)).items()}
    with Image.open(tool.DOCS / name / "picture.png") as picture:
        counts = picture.convert("RGB").getcolors(2**24)
    assert counts is not None
    colours = np.array([colour for count, colour in counts if count >= 20]) / 255
    apart = [np.abs(colours - colour).max(axis=1) for colour in wanted]
    assert max(distance.min() for distance in apart) < 0.25, "thin marks are paler"
    assert len({int(distance.argmin()) for distance in apart}) == len(wanted), "no two of them are one"


def wide(study: str, metric: str) -> pd.DataFrame:
    """A metric, one row for each individual and one column for each condition."""
    table = tool.individuals(study).pivot(index="seed", columns="condition", values=metric).dropna()
    return table.rename(columns={"neurosteroid": "neurosteroid on"})  # which is what it is before it is withdrawn


def contrasts(study: str) -> dict[tuple[str, str, str], dict[str, Any]]:
    rows = words.rows_of(KEPT[study], "contrasts_placebo")
    return {(row["a"], row["b"], row["outcome"]): row for row in rows}


@pytest.mark.parametrize("drug", ["ketamine", "ssri", "neurosteroid on"])
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


def test_luck_counts_differences_between_drugs_and_what_lies_outside() -> None:
    untreated = published("untreated", "ssri", 1.0, -1.0) | {"inside": True}
    joint = {"key": {"outcome": "all values"}, "p": 0.12, "verdict": "undecided", "n": 200}
    holds, turns = (
        [published("ketamine", "ssri", ours, 2.0) | {"inside": False}, untreated, joint] for ours in (1.0, -1.0)
    )
    studies = [study_of("published", rows) for rows in (holds, turns)]
    sentence = words.luck(studies[0], studies[0])
    assert "The ranking holds: 1 of 1 published differences between treated conditions" in sentence
    assert ("1 of 2 published values and differences lie where fewer than 5 % of ours do (primary outcomes: ketamine − "
            "ssri combined stress 2.0, ours 1.0). All values together: p = 0.12: unlucky and typical are both "
            "open") in sentence  # fmt: skip
    assert "The ranking holds in part: 1 of 1" in words.luck(*studies)


def test_the_mechanism_is_a_table_of_all_primary_outcomes() -> None:
    rows = [
        {"key": {"a": drug, "b": f"placebo of {drug}", "outcome": outcome}, "value": -0.25, "low": -1.0, "high": 0.5,
         "n": 12}
        for drug in ("ketamine", "neurosteroid withdrawn") for outcome in words.OUTCOMES
        if (drug, outcome) != ("neurosteroid withdrawn", "relapse_drop")
    ]  # fmt: skip
    text = words.mechanism(study_of("contrasts_placebo", rows))
    cell = "−0.2 [−1.0, +0.5]"
    assert f"| ketamine | {' | '.join([cell] * 4)} |\n| neurosteroid withdrawn | {' | '.join([cell] * 3)} | – |" in text
    assert "(n = 12; in the relapse drop less is better)" in text


def people_of(values: dict[str, list[float]], column: str = "treated/internal_noise_2.5") -> pd.DataFrame:
    """Individuals of conditions with these values."""
    return pd.DataFrame([{"seed": seed, "condition": name, column: value, "relapse_drop": value}
                         for name, of in values.items() for seed, value in enumerate(of)])  # fmt: skip


def test_a_paired_difference_is_students() -> None:
    people = people_of({"a, lr 1": [3.0, 5.0, 4.0], "b": [1.0, 1.0, 5.0]})
    made = words.paired(people, "a", "b", "internal_noise_2.5")
    low, high = scipy.stats.ttest_1samp([2.0, 4.0, -1.0], 0).confidence_interval()
    assert made == pytest.approx((5 / 3, low, high, 3, 2))


def test_training_alone_is_said_with_what_its_interval_cannot_tell() -> None:
    people = people_of({"sham, 170 epochs, lr 0.0005": [80.0, 82.0, 85.0], "ketamine": [81.0, 82.0, 83.0]})
    text = words.longer_training({"regimens": people})
    assert "−" in text.partition("in 3 individuals, an interval too wide for parity")[0]
    assert words.longer_training({}) == words.still_open({}) == ""


def test_sets_are_counted_on_both_sides_of_the_bound() -> None:
    rows = [
        {"seed": seed, "treatment": treatment, "treatment.learning_rate": rate,
         "treated/internal_noise_2.5": value + (treatment == "ketamine") * (0.5 if wins else -0.5)}
        for number, (rate, wins) in enumerate([(5e-4, False), (5e-4, True), (1e-5, True), (2e-6, False)])
        for seed, value in ((number, 40.0), (10_000 + number, 42.0)) for treatment in ("ketamine", "ssri", "none")
    ]  # fmt: skip
    text = words.across_settings({"multiverse": pd.DataFrame(rows)})
    assert "in 2 of 4 sets of settings; it does not in 1 of the 2 in which" in text
    assert "asked from 1e-06 to 0.001, is in the highest third (above 0.0001), and in 1 of the 2 others." in text
    assert text.endswith("it wins 1 of 1.")


def test_what_is_easily_missed_is_said_once_each() -> None:
    lines = words.buried(KEPT, PEOPLE).splitlines()[2:]
    assert len(lines) == 3
    assert "+5.7 [+5.2, +6.3] points, in 50 of 50 individuals" in lines[0]
    assert "10.9 of the 14.5 points" in lines[1]


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


@pytest.mark.slow
def test_a_study_is_kept_and_its_page_made_from_what_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tool, "DOCS", tmp_path)
    made = paper_study(12)
    again = Replicate(1, made.arms[1].individuals, (), ())
    arms = (made.arms[0], replace(made.arms[1], replicates=(again,)), *made.arms[2:])
    kept = KeptStudy(replace(made, arms=arms), (), "Asked?", None)
    keep_study(kept, tmp_path / "study")
    read = read_kept(tmp_path / "study")
    assert read.question == "Asked?"
    assert [arm.settings for arm in read.study.arms] == [dict(arm.settings) for arm in arms]
    for ours, theirs in zip(read.study.arms, arms, strict=True):
        assert [(p.seed, p.metrics) for p in ours.individuals] == [(p.seed, p.metrics) for p in theirs.individuals]
    assert [again.number for again in read.study.arms[1].replicates] == [1]
    assert len(tool.individuals("study")) == 12 * len(arms), "of a replicated individual the first simulation"
    tool.write_study("study", 12.0)
    folder = tmp_path / "study"
    assert {f.name for f in folder.iterdir()} == {
        "index.html", "picture.png", "study.json", "individuals.csv.gz", "conditions.json.gz"
    }  # fmt: skip
    assert json.loads((folder / "study.json").read_text())["core_seconds"] == 12.0
    first = {f.name: f.read_bytes() for f in folder.iterdir()}
    keep_study(read, folder)
    tool.write_study("study", 12.0)
    assert {f.name: f.read_bytes() for f in folder.iterdir()} == first, "the same from what is kept"


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
