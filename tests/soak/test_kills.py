"""Twenty kills of a sweep of eighty individuals, kills of a long course, and four processes on one fresh store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.faults import killing


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory, new_store: Path) -> killing.Found:
    return killing.undisturbed(tmp_path_factory.mktemp("undisturbed"), new_store, killing.sweep(40))


def test_twenty_kills(
    tmp_path: Path, new_store: Path, expected: killing.Found, record_property: Callable[[str, object], None]
) -> None:
    folder = killing.start_folder(tmp_path, new_store)
    moments = sorted(np.random.default_rng(4).integers(0, 81, 20).tolist())
    figures = killing.assert_kills_of_the_driver_show_nowhere(folder, killing.sweep(40), moments, expected, seed=4)
    record_property("kills of the driver", figures)
    print(figures)


def test_kills_of_workers(tmp_path: Path, new_store: Path, expected: killing.Found) -> None:
    folder = killing.start_folder(tmp_path, new_store)
    killing.assert_kills_of_workers_show_nowhere(folder, killing.sweep(40), expected)


def test_stress_cycles_that_are_killed_go_on_and_end_the_same(tmp_path: Path, new_store: Path) -> None:
    words = killing.stress_cycles(3)
    expected = killing.undisturbed(tmp_path / "undisturbed", new_store, words)
    folder = killing.start_folder(tmp_path / "killed", new_store)
    killing.assert_kills_of_the_driver_show_nowhere(folder, words, (0, 5), expected, seed=9)
    metrics = [dict(metrics) for metrics, _ in expected[1]["individuals"].values()]
    assert len(metrics) == 12
    assert all("maintained/combined/2" in own for own in metrics)


def test_four_processes_begin_on_one_fresh_store(tmp_path: Path) -> None:
    killing.assert_processes_share_a_fresh_store(tmp_path, processes=4, people=50)
