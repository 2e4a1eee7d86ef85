"""What a sweep file may ask of its report: wrong words are refused before anything runs."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from depsim.config import ConfigError
from depsim.report.ask import AskError
from depsim.report.asking import questions, read_asks
from depsim.report.questions.conditions import Estimates
from depsim.report.questions.contrasts import Contrasts
from depsim.report.questions.response import Response
from depsim.search.sweep_files import load_sweep, sweep_names
from depsim.search.sweeps import plan_sweep


def test_a_question_is_a_word_or_a_word_with_its_options() -> None:
    asked = read_asks(["contrasts", {"contrasts": "placebo"}, {"response": {"along": "treatment.epochs"}}])
    assert asked == (Contrasts(), Contrasts(against="placebo"), Response(along="treatment.epochs"))
    assert [ask.dump() for ask in asked][1:] == [
        {"contrasts": {"against": "placebo"}}, {"response": {"along": "treatment.epochs"}},
    ]  # fmt: skip


def test_outcomes_are_a_list_as_files_have_them() -> None:
    asked = read_asks([{"contrasts": {"outcomes": ["treated/mine"]}}, {"estimates": ["treated/mine", "combined"]}])
    assert asked == (Contrasts(outcomes=("treated/mine",)), Estimates(outcomes=("treated/mine", "combined")))
    assert read_asks([ask.dump() for ask in asked]) == asked


@pytest.mark.parametrize(("entries", "message"), [
    ("contrasts", r"report=contrasts: must be a list"),
    (["contrast"], r"report: contrast: no such question; there are claims, contrasts.*did you mean contrasts"),
    ([{"contrasts": {"beside": "x"}}], r"report: contrasts\.beside=x: .*allowed are outcomes, against, pairs"),
    ([{"response": 3}], r"report: response\.along=3"),
    ([{"a": 1, "b": 2}], r"no such question"),
    ([[]], r"no such question"),
])  # fmt: skip
def test_a_wrong_word_is_refused_with_what_is_allowed(entries: object, message: str) -> None:
    with pytest.raises(AskError, match=message):
        read_asks(entries)


def _some(annotation: object) -> object:
    """A value that an option may have."""
    return next(iter(get_args(annotation)), "x")


@pytest.mark.parametrize("word", questions())
def test_every_question_is_asked_by_its_word_and_says_itself_again(word: str) -> None:
    kind = questions()[word]
    required = {name: _some(field.annotation) for name, field in kind.model_fields.items() if field.is_required()}
    (asked,) = read_asks([{word: required}])
    assert isinstance(asked, kind)
    assert read_asks([asked.dump()]) == (asked,)


@pytest.mark.parametrize(("report", "message"), [
    ("[contrast]", "contrast: no such question"),
    ("[{contrasts: placbo}]", r"contrasts\.against=placbo: allowed are .*placebo"),
    ("[{response: treatment.epochz}]", r"response\.along=treatment\.epochz"),
])  # fmt: skip
def test_a_sweep_that_asks_what_it_cannot_answer_is_refused(
    report: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sweeps").mkdir()
    (tmp_path / "sweeps" / "mine.yaml").write_text(
        "question: Why?\nstudy: mine\nsettings: {cohort: smoke}\n"
        f"grid: {{treatment: [none, ketamine], treatment.epochs: [5]}}\nreport: {report}\n".replace(
            ", treatment.epochs: [5]", "")
    )  # fmt: skip
    with pytest.raises(ConfigError, match=message):
        plan_sweep("mine", [])


@pytest.mark.parametrize("name", sweep_names())
def test_every_shipped_sweep_has_a_question_and_asks_what_there_is(name: str) -> None:
    file = load_sweep(name)
    assert file.question.endswith("?")
    assert read_asks(file.report or []) is not None
