"""The paper's claims, counted: how many individuals support each sentence that can be computed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from depsim.outcomes import name_column
from depsim.stages import HEALTHY
from depsim.statistics import Proportion, proportion, verdict
from depsim.study.panels import Panel, align
from depsim.study.published import values
from depsim.yaml_file import read_yaml

TOO_FEW = "too few for inference"
NOT_MEASURED = "not measured"

_Test = Callable[[np.ndarray, np.ndarray, float], np.ndarray]
_RELATIONS: dict[str, tuple[str, _Test]] = {
    "above": (">", lambda left, right, margin: left > right + margin),
    "below": ("<", lambda left, right, margin: left < right - margin),
    "at least": ("≥", lambda left, right, margin: left >= right + margin),
    "at most": ("≤", lambda left, right, margin: left <= right - margin),
    "within": ("within", lambda left, right, margin: np.abs(left - right) <= margin),
}
"""How claims compare: the sign that formulas show, and the test."""


@dataclass(frozen=True)
class Term:
    """A condition's outcome.

    Args:
        condition: its name in a panel, or ``healthy``.
        column: the outcome.
    """

    condition: str
    column: str

    def __str__(self) -> str:
        return f"{self.condition} {name_column(self.column)}"


@dataclass(frozen=True)
class Comparison:
    """A term beside another or a number, within one individual.

    Args:
        left, right: what is compared.
        relation: ``above``, ``below``, ``at least``, ``at most`` or ``within``.
        margin: points; how much further, or for ``within`` how far apart at most.
    """

    left: Term
    relation: str
    right: Term | float
    margin: float

    def __str__(self) -> str:
        sign = _RELATIONS[self.relation][0]
        right = f"{self.right:g}" if isinstance(self.right, float) else str(self.right)
        if self.relation == "within":
            return f"{self.left} = {right} ± {self.margin:g}" if self.margin else f"{self.left} = {right}"
        shift = f" {'-' if self.relation in ('below', 'at most') else '+'} {self.margin:g}" if self.margin else ""
        return f"{self.left} {sign} {right}{shift}"

    def terms(self) -> tuple[Term, ...]:
        """What has to be measured."""
        return (self.left, self.right) if isinstance(self.right, Term) else (self.left,)

    def test(self, measured: dict[Term, np.ndarray]) -> np.ndarray:
        """For whom it holds, (N,) booleans; ``measured`` has one value per individual of each term, (N,)."""
        left = measured[self.left]
        right = measured[self.right] if isinstance(self.right, Term) else np.full_like(left, self.right)
        return _RELATIONS[self.relation][1](left, right, self.margin)


@dataclass(frozen=True)
class Claim:
    """A sentence of the paper that can be computed.

    Args:
        name: what it says, in a few words.
        where: section of the paper.
        quote: its words.
        holds: comparisons, which must all hold for an individual.
    """

    name: str
    where: str
    quote: str
    holds: tuple[Comparison, ...]

    @property
    def formula(self) -> str:
        """The comparisons, spelled."""
        return "; ".join(map(str, self.holds))

    def terms(self) -> tuple[Term, ...]:
        """What has to be measured, each once."""
        return tuple(dict.fromkeys(term for comparison in self.holds for term in comparison.terms()))

    def support(self, measured: dict[Term, np.ndarray]) -> np.ndarray:
        """Who supports it, (N,) booleans."""
        return np.asarray(np.logical_and.reduce([comparison.test(measured) for comparison in self.holds]))


@dataclass(frozen=True)
class Finding:
    """What individuals say about a claim.

    Args:
        claim: which.
        share: of the individuals in whom it holds, of those that have all it needs.
        verdict: supported, refuted, undecided, :data:`TOO_FEW` or :data:`NOT_MEASURED`.
        missing: what was not measured, in words.
        published: whether it holds of the paper's own tables; None where they don't say.
    """

    claim: Claim
    share: Proportion
    verdict: str
    missing: tuple[str, ...]
    published: bool | None


@cache
def claims() -> tuple[Claim, ...]:
    """All claims, in the order of the paper.

    Raises:
        ValueError: for a relation that there is not.
    """
    listed = read_yaml(Path(__file__).parent / "claims.yaml")
    return tuple(
        Claim(entry["name"], entry["where"], entry["quote"], tuple(map(_comparison, entry["holds"])))
        for entry in listed
    )


def findings(panel: Panel) -> tuple[Finding, ...]:
    """What a panel's individuals say about each claim."""
    return tuple(_finding(claim, panel) for claim in claims())


def _finding(claim: Claim, panel: Panel) -> Finding:
    terms = claim.terms()
    columns = [_values(term, panel) for term in terms]
    missing = tuple(str(term) for term, column in zip(terms, columns, strict=True) if not column)
    _, together = align(columns)
    share = proportion(claim.support(dict(zip(terms, together.T, strict=True))))
    answer: str = verdict(share)
    if share.n == 0:
        answer = NOT_MEASURED
    elif share.too_few:
        answer = TOO_FEW
    return Finding(claim, share, answer, missing, _of_the_paper(claim))


def _values(term: Term, panel: Panel) -> dict[int, float]:
    """Seed to value; the healthy stage is one for all arms, and read from the first that has it."""
    if term.condition != HEALTHY:
        condition = panel.condition(term.condition)
        return condition.values(term.column) if condition else {}
    found: dict[int, float] = {}
    for condition in panel.conditions:
        metric = condition.arm.values(f"{HEALTHY}/{term.column}")
        found = {s: float(v) for s, v in zip(condition.arm.seeds, metric, strict=True) if np.isfinite(v)} | found
    return found


def _of_the_paper(claim: Claim) -> bool | None:
    table: dict[Term, float | None] = {Term(v.row, v.column): v.mean for v in _printed()}
    known = {term: np.array([value]) for term in claim.terms() if (value := table.get(term)) is not None}
    return bool(claim.support(known)[0]) if len(known) == len(claim.terms()) else None


def _printed() -> Iterator[Any]:
    for table in ("table_1", "table_2"):
        yield from values(table)


def _comparison(words: list[Any]) -> Comparison:
    left, relation, right, *margin = words
    if relation not in _RELATIONS:
        raise ValueError(f"{relation}: not a relation; there are {', '.join(_RELATIONS)}")
    return Comparison(
        left=_term(left),
        relation=relation,
        right=_term(right) if isinstance(right, str) else float(right),
        margin=float(margin[0]) if margin else 0.0,
    )


def _term(text: str) -> Term:
    condition, _, column = text.rpartition(" ")
    return Term(condition, column)
