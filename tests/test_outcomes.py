from __future__ import annotations

import pytest

from depsim.outcomes import is_bounded
from docs_generator.metrics import METRICS


@pytest.mark.parametrize(("pattern", "unit"), [(pattern, unit) for pattern, unit, _ in METRICS])
def test_what_the_reference_gives_in_per_cent_is_bounded_and_nothing_else(pattern: str, unit: str) -> None:
    assert is_bounded(pattern.replace("SIGMA", "2.5").replace("WHAT", "combined")) == (unit == "%")
