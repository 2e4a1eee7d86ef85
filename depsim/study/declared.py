"""Which claims had been declared before anything was known of an individual, by its runs and by earlier findings."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from depsim.tracking.mlflow_runs import CLAIMS

SEEN = {"shared": range(200), "individual": range(300)}
"""Seeds of individuals that were in a finding before the claims were written, by their data (docs/finding).

The next finding takes seeds from 10,000 on.
"""


def declared_claims(run: Any, runs: Iterable[Any]) -> Mapping[str, str]:
    """Name and hash of each claim, as it was when the condition's run began; empty where that run says nothing.

    Args:
        run: of an individual; what it says itself counts first, as it was copied from another study then.
        runs: of the same steps, its condition's among them.
    """
    tags, parent = run.data.tags, run.data.tags.get("mlflow.parentRunId")
    if CLAIMS in tags or parent is None:
        return _parsed(tags.get(CLAIMS, "{}"))
    texts = (other.data.tags.get(CLAIMS, "{}") for other in runs if other.info.run_id == parent)
    return _parsed(next(texts, "{}"))


@cache
def _parsed(text: str) -> Mapping[str, str]:
    return dict(json.loads(text))


def was_seen(seed: int, data: str) -> bool:
    """Whether an individual was in an earlier finding, so that claims may have been written with it in mind.

    Args:
        seed: of the individual.
        data: ``shared`` or ``individual``.

    References: STATISTICS T8.

    >>> was_seen(199, "shared"), was_seen(200, "shared"), was_seen(10_000, "individual")
    (True, False, False)
    """
    return seed in SEEN.get(data, ())
