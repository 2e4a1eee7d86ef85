"""Where questions are found: depsim's own, and those of packages that the user has allowed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from depsim import registry
from depsim.registry import PluginError
from depsim.report import asking
from depsim.report.ask import AskError
from depsim.report.figures import style
from tests.people import arm, paper_study, study
from tests.programs import ROOT

QUESTION = '''"""A question."""

from typing import ClassVar

from depsim.report.ask import Ask, Unasked
from depsim.report.parts import Finding


class Count(Ask):
    """How many conditions there are."""

    word: ClassVar[str] = "WORD"

    def findings(self, study):
        """One."""
        return (Finding("count", "How many?", f"{len(study.arms)} conditions.", ()),)

    @classmethod
    def unasked(cls, study):
        """Before the contrasts."""
        return (Unasked(75, cls()),)
'''


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for questions, in a package that is allowed; what is remembered of it is forgotten afterwards."""
    name = f"asked_{tmp_path.name}"
    (tmp_path / name / "questions").mkdir(parents=True)
    for folder in (name, f"{name}/questions"):
        (tmp_path / folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv(registry.VARIABLE, name)
    yield tmp_path / name / "questions"
    registry._packages.cache_clear()


def test_a_question_of_an_allowed_package_is_asked_by_its_word_and_in_its_turn(package: Path) -> None:
    (package / "count.py").write_text(QUESTION.replace("WORD", "count"))
    (asked,) = asking.read_asks(["count"])
    made = paper_study(3)
    assert asked.findings(made)[0].sentence == f"{len(made.arms)} conditions."
    words = [ask.word for ask in asking.default_asks(made)]
    assert words.index("count") + 1 == words.index("contrasts")


def test_a_package_that_nobody_allows_asks_nothing(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (package / "count.py").write_text(QUESTION.replace("WORD", "count"))
    monkeypatch.delenv(registry.VARIABLE)
    with pytest.raises(AskError, match="count: no such question"):
        asking.read_asks(["count"])


@pytest.mark.parametrize(
    ("text", "message"),
    [(QUESTION.replace("WORD", "contrasts"), "the word contrasts is taken by depsim"), ("import nothing", "nothing")],
)
def test_a_word_that_is_taken_and_a_module_that_cannot_be_imported_are_refused(
    text: str, message: str, package: Path
) -> None:
    (package / "count.py").write_text(text)
    with pytest.raises(PluginError, match=message):
        asking.questions()


def test_pairs_and_a_curve_of_ones_own_come_with_sentence_table_and_figure(package: Path) -> None:
    text = (ROOT / "docs" / "tutorial" / "own-question.md").read_text(encoding="utf-8")
    file = text.partition("# mylab/questions.py\n")[2].partition("```")[0]
    assert file.count("\n") <= 40
    (package / "mine.py").write_text(file)
    metrics = {f"treated/sparsity/layer_{layer}": np.arange(12.0) + layer for layer in (1, 2, 3)}
    doses = [
        arm("ketamine", {"treated/combined": np.arange(12.0) ** 2 * dose, **metrics},
            changed={"treatment.regrow_fraction": str(dose)})
        for dose in (0.3, 0.1, 0.2)
    ]  # fmt: skip
    each, left = (ask.findings(study(*doses))[0] for ask in asking.read_asks(["each_step", "layers_left"]))
    assert [(row.of("a")[-13:], row.of("b")[-13:]) for row in each.rows] == [
        (" 20 % regrown", " 10 % regrown"), (" 30 % regrown", " 20 % regrown")
    ]  # fmt: skip
    assert each.sentence.startswith("Differences in points, combined stress: ketamine, 20 % regrown − ketamine, 10 %")
    assert [(row.key["x"], row.value) for row in left.rows][:3] == [(1, 6.5), (2, 7.5), (3, 8.5)]
    assert left.sentence.startswith("Sparsity at layer 1 / 2 / 3, %: ketamine, 30 % regrown 6.5/7.5/8.5, ")
    for finding in (each, left):
        assert finding.table is not None
        assert finding.figure is not None
        with style.look():
            assert finding.figure.draw().axes
