"""Which claims had been declared before anything was known of an individual, by its runs and by earlier findings."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from depsim.tracking.mlflow_runs import CLAIMS
from depsim.yaml_file import read_yaml

FILE = Path(__file__).with_name("seen.yaml")
"""Individuals that findings have used (docs/finding); the next one takes seeds from 21,000 on."""


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


def was_seen(seed: int, data: str, claim: str = "") -> bool:
    """Whether an individual was in a finding before a claim was as it is now, which may have been made to fit it.

    Args:
        seed: of the individual.
        data: ``shared`` or ``individual``.
        claim: hash of the claim; left out, whether the individual was in any finding.

    >>> was_seen(199, "shared", "ab"), was_seen(200, "shared", "ab"), was_seen(10_000, "individual", "ab")
    (True, False, True)
    """
    return any(seed in seeds and claim not in claims for seeds, claims in _seen().get(data, ()))


@cache
def _seen() -> Mapping[str, list[tuple[range, frozenset[str]]]]:
    """By their data: seeds, and the hashes of claims that were declared before these were computed."""
    listed: dict[str, list[tuple[range, frozenset[str]]]] = {}
    for entry in read_yaml(FILE):
        first, last = entry["seeds"]
        listed.setdefault(entry["data"], []).append((range(first, last + 1), frozenset(entry["claims"])))
    return listed
