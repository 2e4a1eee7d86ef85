"""What a page says of a multiverse: shares, where they come from, and which settings change that."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from depsim.report.ask import AskError
from depsim.report.asking import read_asks
from depsim.report.figures import style
from depsim.report.parts import Finding
from depsim.study.analyses import multiverse
from depsim.study.main_effects import MainEffects
from depsim.study.reading import Study
from tests.multiverses import SPACE, multiverse_of

RATE = "ssri.learning_rate"


def made(arm: str, at: Mapping[str, float], draw: np.random.Generator) -> float:
    """Ketamine is better than its placebo everywhere, and than an SSRI unless that learns fast."""
    levels = {"untreated": 30.0, "ketamine": 80.0, "ssri": 45.0, "placebo of ketamine": 66.0, "placebo of ssri": 45.0}
    return levels[arm] + 50.0 * (arm == "ssri" and at[RATE] > 0.8) + float(draw.normal())


@pytest.fixture(scope="module")
def small() -> Study:
    return multiverse_of(24, made)


def findings(study: Study, entry: object = "multiverse") -> dict[str, Finding]:
    (ask,) = read_asks([entry])
    return {finding.name: finding for finding in ask.findings(study)}


def test_the_answer_has_the_share_and_how_many_sets_tell_more(small: Study) -> None:
    answer = findings(small)["multiverse"]
    assert answer.sentence.startswith("ketamine beats ssri at sigma 2.5 in ")
    assert answer.sentence.endswith(" of 24 sets of settings.")
    assert answer.open == "To say which settings change it takes 60 sets of settings; there are 24 (`points=60`)."
    assert answer.table is not None
    assert [row[0] for row in answer.table.texts] == [
        "ketamine − ssri", "ketamine − placebo of ketamine", "ssri − placebo of ssri"
    ]  # fmt: skip
    assert set(findings(small)) == {"multiverse", "multiverse_outcomes"}, "nothing on what decides below 60 points"
    assert all(row.p is None for row in answer.rows), "a point is no draw from nature"


def test_another_order_can_come_first(small: Study) -> None:
    asked = {"multiverse": {"pair": ["ketamine", "placebo of ketamine"]}}
    assert findings(small, asked)["multiverse"].sentence.startswith(
        "ketamine beats placebo of ketamine at sigma 2.5 in 100 % [86, 100] of 24 sets"
    )
    assert " under combined stress in 0 % " in findings(small, {"multiverse": "combined"})["multiverse"].sentence
    (ask,) = read_asks([{"multiverse": {"pair": ["ketamine", "lithium"]}}])
    with pytest.raises(AskError, match=r"multiverse\.pair=lithium: allowed are ketamine, placebo of ketamine"):
        ask.check((), ("ketamine", "ssri"))
    (ask,) = read_asks([{"multiverse": "mood"}])
    with pytest.raises(AskError, match=r"multiverse\.outcome=mood"):
        ask.check((), ("ketamine",))


def test_the_curve_has_every_point_by_its_effect_with_the_papers_marked(small: Study) -> None:
    figure = findings(small)["multiverse"].figure
    assert figure is not None
    effects = [row.value for row in figure.rows]
    assert len(effects) == 24
    assert effects == sorted(effects, key=float)  # type: ignore[arg-type]
    assert {RATE, "pathology.sparsity"} < set(figure.rows[0].more)
    with style.look():
        curve, strips, _ = figure.draw().axes
    assert [text.get_text() for text in strips.get_yticklabels()][-1] == "learning rate of ssri"
    assert strips.images[0].get_array().shape == (6, 24)
    (papers,) = [line for line in curve.lines if line.get_label() == "the paper's settings"]
    place = [row.of("set") for row in figure.rows].index("0")
    assert (list(papers.get_xdata()), list(papers.get_ydata())) == ([place + 1], [effects[place]])


@pytest.mark.parametrize("deciding", [5, None])
def test_the_setting_that_decides_is_named_or_none_is(
    small: Study, deciding: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    shares = np.array([0.1, 0.02, 0.05, 0.03, 0.0, 0.6])
    found = MainEffects(shares, shares / 2, shares + 0.1, deciding)
    monkeypatch.setattr(multiverse, "main_effects", lambda *_: found)
    section = findings(small)["deciding"]
    if deciding is None:
        assert section.sentence == (
            "No setting stands out: the largest share of the variance is 60 % [30, 70], "
            "the learning rate of ssri (range: 1e-06 to 0.001, log)."
        )
        assert "it does not" not in findings(small)["multiverse"].sentence
    else:
        assert findings(small)["multiverse"].sentence.endswith(
            " of 24 sets of settings; it does not in 4 of the 8 sets in which the learning rate of ssri is above "
            "0.0001, the highest third of its range (1e-06 to 0.001, log), and in 0 of the 16 others."
        )
        assert section.sentence == (
            "The learning rate of ssri (range: 1e-06 to 0.001, log) alone accounts for 60 % [30, 70] "
            "of the variance over settings."
        )
    assert "along the learning rate of ssri +3" in section.text
    assert section.table is not None
    assert section.table.texts[0] == ("learning rate of ssri", "1e-06 to 0.001, log", "1e-05", "60 [30, 70]")
    assert len(section.table.texts) == len(SPACE)
    assert section.figure is not None
    with style.look():
        _, rate, pruned = section.figure.draw().axes
    assert (rate.get_xlabel(), rate.get_xscale()) == ("learning rate of ssri", "log")
    assert pruned.get_xlabel() == "share of synapses pruned"
