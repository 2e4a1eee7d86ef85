from __future__ import annotations

import itertools

import numpy as np

from depsim.report.document import Picture
from depsim.report.sections import answer, variance
from depsim.report.writing import document_blocks
from depsim.study.reading import Study
from tests.people import arm, study
from tests.report.blocks import assert_sound, blocks_of, column, named


def crossed(treatment: str = "ssri", skip: tuple[int, int] | None = None, value: float | None = None) -> Study:
    """Four data sets by four initialisations, of which only the data matter."""
    arms = []
    for data, init in itertools.product(range(4), range(4)):
        if (data, init) != skip:
            own = 50.0 + 3 * data if value is None else value
            held = {"cohort.hold.data": str(data), "cohort.hold.init": str(init)}
            arms.append(arm(treatment, {"treated/combined": [own]}, data="individual", changed=held))
    return study(*arms)


def test_each_end_of_an_interval_stands_on_its_side() -> None:
    arms = []
    for data, init in itertools.product(range(4), range(4)):
        held = {"cohort.hold.data": str(data), "cohort.hold.init": str(init)}
        values = {"treated/combined": [50.0 + 3 * data + (data * init) % 3]}
        arms.append(arm("ssri", values, data="individual", changed=held))
    sheet = named(blocks_of(variance.section(study(*arms))), "variance_components")
    for key in ("share", "sd"):
        low, middle, high = (column(sheet, f"{key}{end}")[0] for end in ("_low", "", "_high"))
        assert low < middle < high  # type: ignore[operator]


def test_no_stream_is_called_the_largest_where_that_cannot_be_said() -> None:
    random = np.random.default_rng(3)
    first, second = random.normal(0, 3, (2, 4))
    arms = [
        arm("ssri", {"treated/combined": [float(50 + first[data] + second[init] + random.normal())]}, data="individual",
            changed={"cohort.hold.data": str(data), "cohort.hold.init": str(init)})
        for data, init in itertools.product(range(4), range(4))
    ]  # fmt: skip
    told = study(*arms)
    assert column(named(blocks_of(variance.section(told)), "variance_leads"), "largest") == ["none can be named"]
    lines = answer.answer(told)
    assert "Which stream has the largest share of it cannot be said under ssri." in lines
    assert not [line for line in lines if line.startswith("Largest")]


def test_equal_values_have_no_shares_and_no_figure() -> None:
    found = blocks_of(variance.section(crossed(value=97.0)))
    assert not [block for block in found if isinstance(block, Picture)]
    assert set(column(named(found, "variance_components"), "share_low")) == {None}
    assert_sound(found)


def test_one_factor_alone_cannot_be_split_and_that_is_said() -> None:
    held = [{"cohort.hold.data": str(data), "cohort.hold.init": "0"} for data in range(4)]
    arms = [arm("ssri", {"treated/combined": [50.0]}, data="individual", changed=own) for own in held]
    section = variance.section(study(*arms))
    assert section is not None
    assert any("no components" in getattr(block, "text", "") for block in section.blocks)
    assert list(document_blocks([section])) == list(section.blocks)
