"""The reference is what the sources say: current, complete, with a meaning for every key, metric, file and tag."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import pytest

import depsim
from depsim.component import Component, Count, Label, Neutral, PositiveShare
from depsim.report.asking import questions
from depsim.treatment import Placebo
from docs_generator import metrics, python, report
from docs_generator.command_line import commands
from docs_generator.configuration import GROUPS, choices, components
from docs_generator.fields import Row, described_arguments, rows_of
from docs_generator.pages import DOCS, FOLDER, content, file_names
from tests.jobs import SMALL

ROOT = Path(depsim.__file__).parent
OF_OPTUNA = {"fingerprint", "settings", "run"}
"""What a search notes in Optuna's database."""
OF_BEFORE = {"condition_key"}
"""A tag that only earlier versions wrote."""


@pytest.mark.slow
@pytest.mark.parametrize("name", file_names())
def test_generated_files_are_current(name: str, empty: Path) -> None:
    assert content(name) == (DOCS / name).read_text(encoding="utf-8"), "make reference writes it again"


@pytest.mark.parametrize("kind", list(dict.fromkeys(components())), ids=lambda kind: kind.__name__)
def test_every_key_has_a_meaning(kind: type[Component]) -> None:
    assert [row.key for row in rows_of(kind) if not row.meaning or not row.allowed] == []


def test_all_groups_and_choices_are_on_the_page() -> None:
    text = (FOLDER / "configuration.md").read_text(encoding="utf-8")
    folders = {folder.name for folder in (ROOT.parent / "conf").iterdir() if folder.is_dir()}
    assert set(GROUPS) == folders - {"hydra"}
    assert [f"{group}={name}" for group in GROUPS for name in choices(group) if f"`{group}={name}`" not in text] == []


def test_all_commands_are_on_the_page() -> None:
    text = (FOLDER / "command-line.md").read_text(encoding="utf-8")
    assert {"run", "sweep", "report"} <= set(commands())
    assert [name for name in commands() if f"\n  depsim {name} " not in text] == []


def test_a_page_has_every_question_with_what_its_options_mean() -> None:
    text = (FOLDER / "report.md").read_text(encoding="utf-8")
    for word, kind in questions().items():
        assert f"\n| `{word}` | " in text
        assert [row.key for row in rows_of(kind) if not row.meaning] == []
        assert report.options(kind).startswith(f"`{kind.shorthand}`: " if kind.shorthand else "")
    assert "; in place of `against` (`regimens` or `gains`)" in report.options(questions()["contrasts"])
    assert "(" not in report.options(questions()["course"])


def test_keys_of_another_treatment_are_those_of_its_choice() -> None:
    keys = {row.key: row.allowed for row in rows_of(Placebo)}
    assert keys["of"] == "`Treatment`"
    assert not any(key.startswith("of.") for key in keys)


class Inner(Component):
    """A part.

    Args:
        size: how large it is.
    """

    size: Count


class Base(Component):
    """What all have.

    Args:
        late: a field that came later; None for none.
    """

    late: Annotated[int | None, Neutral(None)] = None


class Whole(Base):
    """A component.

    Args:
        part: what is in it.
        first, second: shares of ``all``,
            of everything.
        rate: of the training.
    """

    part: Inner | None
    first: PositiveShare
    second: Annotated[PositiveShare, Label("a share", "SD")]
    rate: Annotated[float, Label("learning rate")]
    silent: bool
    labelled: Annotated[tuple[int, ...], Label("several")]


def test_rows_say_what_annotations_and_docstrings_say() -> None:
    assert list(rows_of(Whole, "x.")) == [
        Row("x.part", "", "keys/`null`", "what is in it"),
        Row("x.part.size", "", "1–10⁸", "how large it is"),
        Row("x.first", "share", ">0.0–1.0", "shares of `all`, of everything"),
        Row("x.second", "SD", ">0.0–1.0", "shares of `all`, of everything"),
        Row("x.rate", "", "number", "learning rate, of the training"),
        Row("x.silent", "", "`true`/`false`", ""),
        Row("x.labelled", "", "list of integer", "several"),
        Row("x.late", "", "integer/`null`", "a field that came later; null for none"),
    ]
    assert described_arguments(Inner) == {"size": "how large it is."}


def test_the_page_on_python_is_text_that_says_what_each_name_is() -> None:
    text = (FOLDER / "python.md").read_text(encoding="utf-8")
    assert ":::" not in text
    assert ":class:" not in text
    for name in python.names():
        assert re.search(rf"^- `{name}(\([\w*, ]+\))?`: \w.*\.$", text, re.MULTILINE), name
    assert "- `depsim.simulate(*overrides, progress)`: Run" in text
    assert " Has `plan()`, `maintaining()`.\n" in text


JOBS = {
    "ketamine": ["treatment=ketamine", "treatment.epochs=2"],
    "withdrawal": ["treatment=neurosteroid", "treatment.epochs=2", "assessment=mood", "follow_up=withdrawal_curve"],
    "cycles": ["treatment=sham", "treatment.epochs=2", "assessment=mood", "follow_up=stress_cycles"],
    "traits": ["cohort=diverse", "pathology=mixed"],
    "recurrent": ["~model.hidden", "model=recurrent"],
}  # fmt: skip
"""Settings that measure all there is."""


@pytest.fixture(scope="module")
def measured() -> tuple[set[str], set[str]]:
    """Names of metrics and curves of small jobs."""
    names, curves = set[str](), set[str]()
    for settings in JOBS.values():
        small = [word for word in SMALL if "model=recurrent" not in settings or not word.startswith("model")]
        chosen = [word for word in settings if not word.startswith("~")]
        result = depsim.simulate(*small, "cohort.size=2", "cohort.first_seed=0", "workers=1", *chosen)
        assert not result.failures
        names |= set(result.metrics)
        curves |= {name for outcome in result.outcomes for name in outcome.curves}
    return names, curves


@pytest.mark.slow
def test_every_metric_has_a_line_and_every_line_a_metric(measured: tuple[set[str], set[str]]) -> None:
    for found, lines in zip(measured, (metrics.METRICS, metrics.CURVES), strict=True):
        patterns = [line[0] for line in lines if not line[0].startswith("search/")]
        ways = {name: [pattern for pattern in patterns if metrics.matches(name, pattern)] for name in found}
        assert {name: way for name, way in ways.items() if len(way) != 1} == {}
        assert set(patterns) == {way[0] for way in ways.values()}


def test_a_metric_without_a_line_would_be_found() -> None:
    assert not any(metrics.matches("treated/mine", pattern) for pattern, *_ in metrics.METRICS)


def test_every_tag_has_a_line_and_every_line_a_tag() -> None:
    sources = [file for part in ("tracking", "search", "report") for file in (ROOT / part).rglob("*.py")]
    written = {
        tag for file in sources for tag in re.findall(r'"depsim\.([a-z_0-9]+)"', file.read_text(encoding="utf-8"))
    }
    grouped = {"treatment", "pathology", "model"}  # their names are made
    assert {name for name, _ in metrics.TAGS} == (written | grouped) - OF_OPTUNA - OF_BEFORE


def test_every_file_has_a_line() -> None:
    sources = "".join((ROOT / name).read_text(encoding="utf-8") for name in (
        "tracking/mlflow_job.py", "tracking/mlflow_runs.py", "search/engine.py", "report/folder.py", "report/publish.py"
    ))  # fmt: skip
    written = set(re.findall(r'"([a-z_]+\.(?:csv|json|yaml|npz|png|txt|patch|html))"', sources))
    assert "individuals.csv" in written
    assert written <= {name for _, name, _ in metrics.FILES}
