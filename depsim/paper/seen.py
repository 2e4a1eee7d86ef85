"""Which individuals a finding had used before a claim was as it is now."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from depsim.yaml_file import read_yaml

FILE = Path(__file__).with_name("seen.yaml")
"""Individuals that findings have used (docs/finding); the next one takes seeds from 21,000 on."""


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
