from __future__ import annotations

import pytest

from depsim.report.columns import _COLUMNS, columns_of, of_settings
from depsim.report.document import Column
from depsim.report.wording import spell_value

HEADINGS = {
    "p": "p",
    "p_holm": "p, Holm",
    "n": "n",
    "mean": "mean",
    "sd": "SD",
    "ci_low": "95 % from",
    "ci_high": "to",
    "a": "A",
    "b": "B",
    "d_z": "d_z",
    "when": "when",
    "outcome": "outcome",
}


def test_headings_say_what_the_numbers_are() -> None:
    assert {key: column.heading for key, column in zip(HEADINGS, columns_of(*HEADINGS), strict=True)} == HEADINGS


def test_every_key_stands_once() -> None:
    keys = [column.key for column in _COLUMNS]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [("p_holm", 0.05041, "0.0504"), ("p_holm", 1.9e-6, "1.9e-06"), ("p", 0.2578, "0.258"),
     ("mean", 97.256, "97.26"), ("d_z", 1.3994, "+1.40"), ("difference", -0.2, "-0.20"),
     ("percentile", 79.6, "80"), ("seed", 42, "42")],
)  # fmt: skip
def test_numbers_have_their_form(key: str, value: float, shown: str) -> None:
    (column,) = columns_of(key)
    assert spell_value(value, column) == shown


def test_an_unknown_key_is_refused_and_a_setting_is_its_own_heading() -> None:
    with pytest.raises(KeyError, match="means"):
        columns_of("n means")
    assert of_settings(["treatment.epochs"]) == (Column("treatment.epochs", "treatment.epochs"),)
