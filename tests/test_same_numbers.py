"""The tool that compares two commits sees every kind of difference, and no other."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

import depsim

BASE: dict[str, Any] = {
    "ssri": {
        "42": {
            "metrics": {"treated/combined": "0x1.0p+6"},
            "curves": {"treated/loss": [[0, "0x1.0p+0"], [1, "0x1.0p-1"]]},
            "masks": {"treated": ["abc", "def"]},
            "notes": ["a note"],
        }
    }
}


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(Path(depsim.__file__).parents[1] / "benchmarks"))
    import same_numbers

    return same_numbers


def test_equal_numbers_differ_in_nothing(tool: Any) -> None:
    assert list(tool.differences(BASE, copy.deepcopy(BASE))) == []
    assert tool.compared(BASE) == {"cases": 1, "individuals": 1, "metrics": 1, "curves": 1, "masks": 1}


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("metrics", "treated/combined", "0x1.0000000000001p+6"),
        ("curves", "treated/loss", [[0, "0x1.0p+0"], [2, "0x1.0p-1"]]),
        ("masks", "treated", ["abc", "deg"]),
    ],
)
def test_every_kind_of_difference_is_seen(tool: Any, part: str, name: str, value: Any) -> None:
    changed, without = copy.deepcopy(BASE), copy.deepcopy(BASE)
    changed["ssri"]["42"][part][name] = value
    (line,) = tool.differences(BASE, changed)
    assert f"ssri, individual 42: {part} {name}" in line
    del without["ssri"]["42"][part][name]
    assert len(list(tool.differences(BASE, without))) == 1


def test_a_missing_case_an_individual_and_a_note_are_seen(tool: Any) -> None:
    silent = copy.deepcopy(BASE)
    silent["ssri"]["42"]["notes"] = []
    assert len(list(tool.differences(BASE, silent))) == 1
    assert list(tool.differences(BASE, {})) == list(tool.differences(BASE, {"ssri": {}})) == [
        "ssri, individual 42: missing"
    ]  # fmt: skip


def test_what_is_only_new_is_listed_and_no_difference(tool: Any) -> None:
    more = copy.deepcopy(BASE)
    more["ssri"]["42"]["metrics"]["trait/plasticity"] = "0x1.0p+0"
    assert list(tool.differences(BASE, more)) == []
    assert tool.new_names(BASE, more) == ["trait/plasticity"]


def test_what_may_be_left_out_is_named_and_another_value_of_it_is_a_difference(tool: Any) -> None:
    name = tool.WANTED[0]
    before, other = copy.deepcopy(BASE), copy.deepcopy(BASE)
    before["ssri"]["42"]["metrics"][name] = (0.0).hex()
    before["ssri"]["42"]["notes"].append(tool.WANTED_NOTE)
    assert list(tool.differences(before, BASE)) == []
    assert tool.left_out(before, BASE) == [f"ssri, individual 42: metrics {name}: 0 is left out, as wanted"]
    other["ssri"]["42"]["metrics"][name] = (1.0).hex()
    other["ssri"]["42"]["notes"].append(tool.WANTED_NOTE)
    assert len(list(tool.differences(before, other))) == 1
    assert tool.left_out(before, other) == []


def test_the_cases_cover_what_has_to_stay(tool: Any) -> None:
    for real in (False, True):
        names = " ".join(" ".join([name, *overrides]) for name, overrides in tool.cases(real).items())
        for part in ("workers=1", "workers=2", "cohort.data=shared", "cohort.data=individual", "[42,7]",
                     "bounded=false",
                     "pathology.criterion=random", "treatment.criterion=random", "sparsity=0.8", "sparsity=0.5",
                     "hold.data", "hold.init", "hold.order", "tracking=mlflow", "follow_up=stress_cycles"):  # fmt: skip
            assert part in names
        assert ("model.hidden" in names) is not real
