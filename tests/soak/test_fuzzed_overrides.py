"""Five times as many overrides as ``make test`` tries."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.faults.test_fuzzed_overrides import EXAMPLES, assert_no_traceback_and_no_hang, commands, with_examples


@given(words=st.composite(commands)())
@with_examples(5 * EXAMPLES)
def test_no_override_makes_a_traceback_or_a_hang(words: list[str], empty: Path) -> None:
    assert_no_traceback_and_no_hang(words, empty)
