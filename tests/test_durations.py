"""How long the tests take, as it is kept, and what is made of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import durations
from tests.durations import FAST, KEPT, SLOW, SOAK


def test_no_test_without_a_mark_takes_more_than_a_second() -> None:
    """``make measure-durations`` measures them again."""
    kept = json.loads(KEPT.read_text())
    assert kept[FAST]["tests"] > 1_000
    assert {test: spent for test, spent in kept[FAST]["heaviest"].items() if spent > durations.LIMIT} == {}


def test_every_kind_of_test_is_kept_and_the_targets_are_within_their_budgets() -> None:
    kept = json.loads(KEPT.read_text())
    assert [kind for kind in (FAST, SLOW, SOAK) if kept[kind]["tests"] == 0] == []
    assert durations.over_budget(kept) == []


def test_seconds_are_added_up_by_kind_and_file() -> None:
    found = durations.summary({(FAST, "a.py::x[1]"): 0.04, (FAST, "a.py::y"): 0.26, (SLOW, "b.py::x"): 3.0})
    assert found[FAST] == {"tests": 2, "seconds": 0.3, "files": {"a.py": 0.3}, "heaviest": {"a.py::y": 0.26}}
    assert found[SLOW] == {"tests": 1, "seconds": 3.0, "files": {"b.py": 3.0}, "heaviest": {"b.py::x": 3.0}}
    assert found[SOAK] == {"tests": 0, "seconds": 0, "files": {}, "heaviest": {}}


def test_a_run_of_some_kinds_leaves_what_is_kept_of_the_others(tmp_path: Path) -> None:
    file = tmp_path / "durations.json"
    durations.write(file, durations.summary({(FAST, "a.py::x"): 1.0, (SOAK, "c.py::x"): 9.0}))
    durations.write(file, durations.summary({(SOAK, "c.py::y"): 2.0}))
    kept = json.loads(file.read_text())
    assert (kept[FAST]["seconds"], kept[SOAK]["heaviest"]) == (1.0, {"c.py::y": 2.0})


@pytest.mark.parametrize(
    ("fast", "slow", "wrong"),
    [(360, 0, []), (361, 0, ["make check: 361 test-seconds, 360 are allowed"]), (300, 1_140, []),
     (300, 1_141, ["make test: 1441 test-seconds, 1440 are allowed"])],
)  # fmt: skip
def test_a_target_may_take_one_and_a_half_times_its_budget(
    fast: float, slow: float, wrong: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = durations.summary({(FAST, "a.py::x"): fast, (SLOW, "b.py::x"): slow})
    assert durations.over_budget(found) == wrong
    file = tmp_path / "durations.json"
    durations.write(file, found)
    assert durations.main(["--within-budget", str(file)]) == (1 if wrong else 0)
    assert capsys.readouterr().out.splitlines()[: len(wrong)] == wrong


def test_the_heaviest_are_printed_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert durations.main([]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "The 20 heaviest files:"
    seconds = [float(line.split()[0]) for line in said[1:21]]
    assert seconds == sorted(seconds, reverse=True)
    assert said[21] == "The 20 heaviest tests:"
