"""Where questions are found: depsim's own, and those of packages that the user has allowed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from depsim import registry
from depsim.registry import PluginError
from depsim.report import asking
from depsim.report.ask import AskError
from tests.people import paper_study

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
