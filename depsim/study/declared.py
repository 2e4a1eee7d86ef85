"""Which claims had been declared before anything was known of an individual, by its runs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from depsim.tracking.mlflow_runs import CLAIMS


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
