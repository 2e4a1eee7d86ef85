"""What a sweep over held streams prints: which stream matters, and no table of networks as if they were individuals."""

from __future__ import annotations

import itertools

import pytest

from depsim.commands.streams import _answer, show_streams
from depsim.config import Composer, prepare
from depsim.execution.job import Job
from depsim.study.searches import People
from tests.jobs import TINY, depsim, tiny

pytestmark = pytest.mark.slow  # whole commands on a store


def measured(*skipped: tuple[int, int], value: float | None = None) -> list[tuple[Job, People]]:
    """Three training sets by three orders, of which only the training sets matter."""
    found: list[tuple[Job, People]] = []
    composer = Composer()
    for train, order in itertools.product(range(3), range(3)):
        held = (f"cohort.hold.train={train}", f"cohort.hold.order={order}")
        job = prepare(tiny("none", "cohort=pilot", "seed=0", *held), composer).job
        own = {"treated/combined": 40.0 + 9 * train if value is None else value}
        found.append((job, {} if (train, order) in skipped else {0: own}))
    return found


def test_each_stream_has_its_share_and_none_is_called_the_largest(capsys: pytest.CaptureFixture[str]) -> None:
    show_streams(measured())
    (line,) = capsys.readouterr().out.splitlines()
    assert ", 9 networks, combined stress: shares of the variance train 100 [" in line
    assert " order 0 [0, " in line
    assert "largest" not in line


def test_what_is_missing_or_the_same_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    show_streams(measured((1, 1)))
    assert "combined stress: 1 network missing, so no variance components" in capsys.readouterr().out
    show_streams(measured(value=50.0))
    assert "combined stress: the same for all" in capsys.readouterr().out


@pytest.mark.usefixtures("project")
def test_individuals_who_share_a_stream_are_not_set_beside_the_sequels(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("sweep", "paper", *TINY, "cohort=smoke", "study=s", "treatment=none")
    assert depsim(*asked) == 0
    assert "Beside the sequel" in capsys.readouterr().out
    assert depsim(*asked, "cohort.hold.data=0", "cohort.hold.init=0", "cohort.hold.order=0") == 0
    assert "sequel" not in capsys.readouterr().out


def test_a_design_that_cannot_be_split_is_said_in_words() -> None:
    whole = [({"train": a, "test": b}, float(a + 2 * b)) for a in range(2) for b in range(2)]
    assert "shares of the variance" in _answer(whole)
    assert _answer(whole[:1]) == "no variance components: two factors have to vary, got none"
    assert "1 network missing" in _answer([*whole[:3], (whole[3][0], float("nan"))])
