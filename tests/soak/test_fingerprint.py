"""Code of other arms and edits of a copy of the program beside a search."""

from __future__ import annotations

from pathlib import Path

from tests.search.test_fingerprint import append, changes, program, search

__all__ = ["program"]


def test_code_that_only_other_arms_use_is_none_of_its_business(program: Path) -> None:
    before = search(program)
    for file in ("steps/modulate.py", "steps/regrowth_criteria/random.py", "treatment/tonic_inhibition.py"):
        append(program / "depsim" / file, "X_OF_A_TEST = 1\n")
    assert changes(before, search(program)) == []
