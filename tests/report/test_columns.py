from __future__ import annotations

import pytest

from depsim.report.columns import _COLUMNS, columns_of, of_settings
from depsim.report.document import Column


def test_every_key_stands_once() -> None:
    keys = [column.key for column in _COLUMNS]
    assert len(set(keys)) == len(keys)


def test_an_unknown_key_is_refused_and_a_setting_is_its_own_heading() -> None:
    with pytest.raises(KeyError, match="means"):
        columns_of("n means")
    assert of_settings(["treatment.epochs"]) == (Column("treatment.epochs", "treatment.epochs"),)
