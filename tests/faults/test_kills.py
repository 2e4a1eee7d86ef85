"""The driver or a worker is killed: nothing finished is lost, nothing is done twice; many more kills in tests/soak."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import killing

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory, new_store: Path) -> killing.Found:
    return killing.undisturbed(tmp_path_factory.mktemp("undisturbed"), new_store, killing.sweep(8))


def test_a_sweep_that_is_killed_loses_and_repeats_nobody(
    tmp_path: Path, new_store: Path, expected: killing.Found
) -> None:
    folder = killing.start_folder(tmp_path, new_store)
    killing.assert_kills_of_the_driver_show_nowhere(folder, killing.sweep(8), (0, 1, 6, 8, 13), expected, seed=4)


def test_two_processes_begin_on_one_fresh_store(tmp_path: Path) -> None:
    killing.assert_processes_share_a_fresh_store(tmp_path, processes=2, people=6)
