"""What a report says of courses and rates: within its limits, of many individuals, of few and of one."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from depsim.report.ask import AskError
from depsim.report.asking import default_asks, read_asks
from depsim.report.figures import style
from depsim.report.figures.condition_style import ConditionStyle
from depsim.report.figures.courses import draw_courses
from depsim.report.figures.lines import Line, Panel
from depsim.report.parts import MOST_ROWS, Finding
from depsim.study.reading import Study
from tests.people import paper_study, study
from tests.studies_course import by_lot, climbing, followed, moods, regimens, stressed, withdrawn_study

STUDIES: dict[str, Callable[[], Study]] = {
    "paper": lambda: paper_study(20),
    "one": lambda: paper_study(1, first_seed=42),
    "moods": moods,
    "withdrawal": withdrawn_study,
    "few": lambda: withdrawn_study(5),
    "stressed": stressed,
    "regimens": regimens,
    "ladder": lambda: study(climbing()),
    "nobody needed it": lambda: study(climbing(given={1: [0] * 8, 2: [0] * 8, 3: [0] * 8})),
    "structure": lambda: study(by_lot(40)),
}
ASKED = {
    "paper": ("noise", "collapse"), "one": ("noise", "collapse"), "moods": ("bias", "noise"),
    "withdrawal": ("withdrawal",), "few": ("withdrawal",), "stressed": ("cycles", "relapse"),
    "regimens": ("recovery",), "ladder": ("ladder", "recovery"), "nobody needed it": ("ladder",),
    "structure": ("layers",),
}  # fmt: skip
COURSES = ("noise", "withdrawal", "bias", "cycles", "layers")


def asked(made: Study, what: str) -> list[Finding]:
    (ask,) = read_asks([{"course" if what in COURSES else "rates": what}])
    return list(ask.findings(made))


@pytest.mark.parametrize(
    ("name", "what"),
    [
        pytest.param(name, what, marks=pytest.mark.slow if what in ("cycles", "withdrawal") else ())
        for name, asks in ASKED.items()
        for what in asks
    ],
)
def test_a_finding_is_within_the_limits_of_a_page(name: str, what: str) -> None:
    answers = asked(STUDIES[name](), what)
    assert answers
    for finding in answers:
        assert finding.sentence[-1] == "."
        texts = [finding.sentence, finding.text, *finding.also, finding.open, finding.caution]
        if finding.table is not None:
            assert len(finding.table.texts) <= MOST_ROWS
            assert {len(line) for line in finding.table.texts} == {len(finding.table.headings)}
            texts += [cell for line in finding.table.texts for cell in line]
        assert not any(word in text for text in texts for word in (" nan", " None", " inf"))
        numbers = [value for row in finding.rows for value in (row.value, row.low, row.high, *row.more.values())]
        assert all(math.isfinite(value) for value in numbers if isinstance(value, float))
        if finding.figure is not None:
            assert len(finding.figure.caption.split()) <= 40


@pytest.mark.slow
@pytest.mark.parametrize(("name", "what"), [(name, what) for name, asks in ASKED.items() for what in asks])
def test_a_figure_fits_the_page(name: str, what: str) -> None:
    for finding in asked(STUDIES[name](), what):
        if finding.figure is not None:
            with style.look():
                drawn = finding.figure.draw()
                drawn.draw_without_rendering()
            assert drawn.get_figheight() <= 3.7
            assert drawn.get_figwidth() <= style.WIDTH


def test_a_study_that_has_nothing_of_it_says_nothing() -> None:
    made = paper_study(3)
    assert [asked(made, what) for what in ("withdrawal", "bias", "cycles", "layers", "recovery", "ladder")] == [[]] * 6
    assert asked(made, "relapse") == []


def test_where_hardly_anybody_reached_remission_that_is_what_is_said() -> None:
    free = [0.0] * 48 + [1.0, 8.0]
    made = study(followed("ketamine", "own", [8.0] * 50, cycles=8), followed("ssri", "own", free, cycles=8))
    first, second = asked(made, "relapse")
    assert first.sentence.endswith("2 of 50 under ssri reached remission.")
    assert "longer" not in f"{second.sentence} {' '.join(second.also)}"
    assert second.open == "No verdict yet: n = 2, and 1 test takes 10 individuals (`cohort.size=10`)."


def test_a_wrong_option_is_refused_with_what_is_allowed() -> None:
    with pytest.raises(AskError, match=r"course\.over=nois.*'noise', 'withdrawal', 'bias', 'cycles' or 'layers'"):
        read_asks([{"course": "nois"}])
    with pytest.raises(AskError, match=r"rates\.of"):
        read_asks(["rates"])


def words(made: Study) -> list[str]:
    return [next(iter(ask.dump().items()))[1].get("over", ask.dump().get("rates", {}).get("of", ask.word))
            for ask in default_asks(made)]  # fmt: skip


@pytest.mark.slow
def test_what_a_study_was_made_for_comes_first_and_layers_last() -> None:
    assert words(stressed())[:2] == ["cycles", "relapse"]
    assert words(withdrawn_study())[0] == "withdrawal"
    assert words(study(climbing()))[0] == "ladder"
    beside = words(study(climbing(), climbing("bridge", {})))
    assert beside.index("contrasts") < beside.index("ladder")
    paper = words(paper_study(12))
    assert paper.index("contrasts") < paper.index("noise")
    assert "recovery" not in paper  # which nobody measured here
    layered = replace(by_lot(4), treatment="none")
    assert words(study(layered))[-2:] == ["layers", "estimates"]


def test_a_title_longer_than_its_panel_is_broken() -> None:
    names = [f"ssri then ketamine if needed, combined {number}, epochs 5" for number in range(3)]
    two, style_of_a = np.array([1.0, 2.0]), ConditionStyle("#222222", "s", "-", False)
    shown = [Panel(name, "%", (Line("a", style_of_a, two, two, two, two),)) for name in names]
    with style.look():
        drawn = draw_courses(shown, 3, "noise")
        drawn.draw_without_rendering()
    for axis, name in zip(drawn.axes, names, strict=True):
        assert axis.get_title("left").replace("\n", " ") == name
        box = axis._left_title.get_window_extent()
        assert 0 <= box.x0 < box.x1 <= drawn.bbox.width
