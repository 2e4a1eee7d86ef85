"""Relapse-free curves and courses of accuracy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from depsim.steps import DivergedError
from depsim.study.courses import (
    CYCLES_FREE,
    RELAPSE,
    both_lasting,
    course_of,
    lasting,
    relapse_free,
)
from depsim.study.reading import Failure, StudyArm
from tests.people import arm

NAN = float("nan")


def followed_arm(free: list[float], relapse: list[float], last: int = 4) -> StudyArm:
    n = len(free)
    values = {f"maintained/combined/{cycle}": [90.0 - cycle - k for k in range(n)] for cycle in range(last + 1)}
    return arm("ssri", {CYCLES_FREE: free, RELAPSE: relapse, **values})


def test_who_is_at_risk_and_who_relapses_counted_by_hand() -> None:
    """Ten: two never well, three relapse at 2, one at 3, four not at all."""
    found = relapse_free(followed_arm([0, 0, 2, 2, 2, 3, 4, 4, 4, 4], [NAN, NAN, 1, 1, 1, 1, 0, 0, 0, 0]))
    assert found.at_risk == (10, 8, 8, 5, 4)
    assert found.events == (2, 0, 3, 1, 0)
    assert found.share == pytest.approx([80, 80, 50, 40, 40])
    assert (found.low < found.share).all()
    assert (found.share < found.high).all()
    s, n = 0.8, 10  # Greenwood's variance after cycle 0, on the scale of log(-log)
    spread = np.sqrt(2 / (n * 8)) / np.log(s)
    ends = sorted(100 * s ** np.exp(sign * 1.959964 * spread) for sign in (-1, 1))
    assert (found.low[0], found.high[0]) == pytest.approx(ends, abs=1e-3)


def test_a_course_has_those_with_every_cycle() -> None:
    gap = arm("ssri", {"maintained/combined/0": [1.0, 2.0], "maintained/combined/1": [NAN, 3.0]})
    assert course_of(gap, "combined").tolist() == [[2.0, 3.0]]


def failed(seed: int, where: str) -> Failure:
    return Failure(seed, f"depsim.steps.examine.DivergedError: {DivergedError(where, (seed,))}", f"run-{seed}")


def test_whose_training_diverged_relapsed_at_that_cycle_and_before_the_first_at_none() -> None:
    own = followed_arm([4, 4, 0], [0, 0, NAN])
    gone = (
        failed(7, "maintained 2"), failed(5, "stressed 3"), failed(8, "treated"), failed(9, "maintained"),
        Failure(11, "MemoryError: no more memory", "run-11"),
    )  # fmt: skip
    found = lasting(replace(own, failures=gone))
    assert found.seeds == (0, 1, 2, 5, 7, 8, 9)  # of whom there is no memory nothing is said
    assert found.cycles.tolist() == [4, 4, 0, 3, 2, 0, 0]
    assert found.ended.tolist() == [False, False, True, True, True, True, True]
    assert found.diverged == {5: 3, 7: 2, 8: 0, 9: 0}
    assert relapse_free(replace(own, failures=gone)).at_risk == (7, 4, 4, 3, 2)


def test_two_arms_are_paired_with_those_who_diverged() -> None:
    own = replace(followed_arm([4, 3], [0, 1]), failures=(failed(2, "maintained 1"), failed(5, "treated")))
    assert both_lasting(own, followed_arm([1, 4, 4], [1, 0, 0])).tolist() == [[4, 1], [3, 4], [1, 4]]
