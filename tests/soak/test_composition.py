"""Every shipped sweep is composed as by Hydra."""

from __future__ import annotations

from pathlib import Path

import pytest

from depsim.config import Composer
from depsim.search.sweep_files import sweep_names
from tests.config.test_composition import _each_composer_for_itself, assert_the_same, sweep_points, used

__all__ = ["_each_composer_for_itself", "used"]


@pytest.mark.parametrize("name", sweep_names())
def test_every_sweep_is_composed_as_by_hydra(used: Composer, name: str, empty: Path) -> None:
    assert_the_same(used, sweep_points(name)[-1])
