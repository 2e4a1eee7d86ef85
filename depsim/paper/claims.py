"""The paper's claims: the sentences that can be computed, each one comparison, and what each asks of a population."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from depsim.assessment.base import RELEVANT
from depsim.execution.keys import digest
from depsim.outcomes import PRIMARY, is_primary, name_column
from depsim.stages import HEALTHY
from depsim.statistics import exact
from depsim.study.naming import UNTREATED
from depsim.yaml_file import read_yaml

FILE = Path(__file__).with_name("claims.yaml")
OURS = "ours"
"""Where a question stands that the paper does not ask."""
_MEAN, _RELEVANT = "mean", "relevant"
"""What stands for a required share, and for a margin."""
_NEAR_THE_CEILING = 90.0
"""Per cent from which a level is told by its distance to 100."""
_IN_POINTS = {outcome.column for outcome in PRIMARY if outcome.unit == "points"}
"""Columns whose levels are differences themselves."""

_Test = Callable[[np.ndarray, float], np.ndarray]
_RELATIONS: dict[str, tuple[str, _Test]] = {
    "above": (">", lambda differences, margin: differences > margin),
    "below": ("<", lambda differences, margin: differences < -margin),
    "at least": ("≥", lambda differences, margin: differences >= margin),
    "at most": ("≤", lambda differences, margin: differences <= -margin),
    "within": ("within", lambda differences, margin: np.abs(differences) <= margin),
}
"""How claims compare: the sign that formulas show, and the test of left less right."""


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
        relevant: whether the margin is the smallest relevant difference of both conditions, which only their values
            say; ``margin`` is 0 then.
    """

    left: Term
    relation: str
    right: Term | float
    margin: float
    relevant: bool = False

    def __str__(self) -> str:
        sign = _RELATIONS[self.relation][0]
        right = f"{self.right:g}" if isinstance(self.right, float) else str(self.right)
        margin = "a relevant difference" if self.relevant else f"{self.margin:.3g}" if self.margin else ""
        if self.relation == "within":
            return f"{self.left} = {right} ± {margin}" if margin else f"{self.left} = {right}"
        shift = f" {'−' if self.relation in ('below', 'at most') else '+'} {margin}" if margin else ""
        return f"{self.left} {sign} {right}{shift}"

    def terms(self) -> tuple[Term, ...]:
        """What has to be measured."""
        return (self.left, self.right) if isinstance(self.right, Term) else (self.left,)

    def test(self, measured: Mapping[Term, np.ndarray]) -> np.ndarray:
        """For whom it holds, (N,) booleans; ``measured`` has one value per individual of each term, (N,)."""
        return np.asarray(_RELATIONS[self.relation][1](self.differences(measured), self.margin))

    def differences(self, measured: Mapping[Term, np.ndarray]) -> np.ndarray:
        """Left minus right of each individual, (N,), whatever the margin; exact, as accuracies are counts of tests."""
        left, right = self._sides(measured)
        return exact(left - right)

    def scaled(self, factor: float) -> Comparison | None:
        """With ``factor`` times the margin and the level, one near 100 by its distance to it; None where neither is."""
        right = self.right
        if isinstance(right, float) and right >= _NEAR_THE_CEILING:
            right = 100 - factor * (100 - right)
        elif isinstance(right, float) and self.left.column in _IN_POINTS:
            right = factor * right
        changed = replace(self, right=right, margin=factor * self.margin)
        return None if changed == self else changed

    def _sides(self, measured: Mapping[Term, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        left = measured[self.left]
        return left, measured[self.right] if isinstance(self.right, Term) else np.full_like(left, self.right)


@dataclass(frozen=True)
class Claim:
    """A sentence of the paper that can be computed, or a part of one.

    Args:
        name: what it says, in a few words.
        where: section of the paper, or :data:`OURS`.
        quote: its words.
        holds: what must hold for an individual.
        required: the share of all individuals for whom it has to hold; None where the mean of their differences has
            to: lie above or below, or, of two that are alike, within the margin.
        implied_by: name of the claim that holds for nobody without this one; None where there is none.
        by_construction: whether it cannot come out otherwise, as it says what a treatment does by definition.
    """

    name: str
    where: str
    quote: str
    holds: Comparison
    required: float | None
    implied_by: str | None = None
    by_construction: bool = False

    @property
    def counted(self) -> bool:
        """Whether it is one of the tests of its file."""
        return self.implied_by is None and not self.by_construction

    @property
    def between_drugs(self) -> bool:
        """Whether it holds one treatment against another, or against what is left of it without the drug."""
        conditions = {term.condition for term in self.holds.terms()}
        return len(conditions) == 2 and not conditions & {UNTREATED, HEALTHY}

    @property
    def ours(self) -> bool:
        """Whether the question is not the paper's."""
        return self.where == OURS

    def hash(self, relevant: Mapping[str, float] = RELEVANT) -> str:
        """Of what is said, when it holds, and with which margin: 12 hexadecimal digits.

        Args:
            relevant: the smallest relevant differences that are declared, in points, by column.
        """
        said = {key: value for key, value in asdict(self).items() if key != "where"}
        margin = {"relevant difference": relevant.get(self.holds.left.column)} if self.holds.relevant else {}
        return digest(said | margin)[:12]


@cache
def claims() -> tuple[Claim, ...]:
    """All claims, in the order of the paper.

    Raises:
        ValueError: naming the claim that is not one comparison, asks for what there is not, or is implied by none.
    """
    listed = tuple(read_claim(entry) for entry in read_yaml(FILE))
    check_implied(listed)
    return listed


def check_implied(listed: Sequence[Claim]) -> None:
    """Refuse claims that are implied by what does not imply them.

    Raises:
        ValueError: naming the claim.
    """
    by_name = {claim.name: claim for claim in listed}
    taken: set[str] = set()
    for claim in listed:
        if (name := claim.implied_by) is None:
            continue
        by = by_name.get(name)
        if by is None or not by.counted or (by.required is None) != (claim.required is None):
            raise ValueError(f"{claim.name}: implied by {name}, which is no counted claim of the same kind")
        if by.required is not None and claim.required is not None and claim.required > by.required:
            raise ValueError(f"{claim.name}: implied by {name}, which has to hold for fewer individuals")
        if name in taken:
            raise ValueError(f"{claim.name}: implied by {name}, which implies another claim already")
        taken.add(name)


def claim_hashes(relevant: Mapping[str, float] = RELEVANT) -> dict[str, str]:
    """Name and hash of every claim, with these smallest relevant differences."""
    return {claim.name: claim.hash(relevant) for claim in claims()}


def read_claim(entry: Mapping[str, Any]) -> Claim:
    """A claim as a file says it.

    Raises:
        ValueError: naming the claim that is not one comparison, or asks for what there is not.
    """
    name, words, required = str(entry["name"]), entry["holds"], entry["required"]
    if not 3 <= len(words) <= 4 or any(isinstance(word, list) for word in words):
        raise ValueError(f"{name}: a claim is one comparison [LEFT, RELATION, RIGHT, MARGIN], got {words}")
    if words[1] not in _RELATIONS:
        raise ValueError(f"{name}: {words[1]} is no relation; there are {', '.join(_RELATIONS)}")
    if required == _MEAN and words[1] not in ("above", "below", "within"):
        raise ValueError(f"{name}: a mean lies above, below or within, got {words[1]}")
    if required != _MEAN and not (isinstance(required, float) and 0 < required < 1):
        raise ValueError(f"{name}: required={required}; allowed are {_MEAN} and shares between 0 and 1")
    holds = _comparison(words)
    columns = {term.column for term in holds.terms()}
    if holds.relevant and not (len(holds.terms()) == 2 and len(columns) == 1 and is_primary(holds.left.column)):
        raise ValueError(f"{name}: a relevant difference is that of two conditions in one primary outcome")
    if required == _MEAN and words[1] == "within" and not (holds.margin > 0 or holds.relevant):
        raise ValueError(f"{name}: a mean lies within a margin above 0, got {holds.margin:g}")
    share = None if required == _MEAN else required
    rest = entry.get("implied_by"), bool(entry.get("by_construction"))
    return Claim(name, entry["where"], entry["quote"], holds, share, *rest)


def _comparison(words: list[Any]) -> Comparison:
    left, relation, right, *margin = words
    relevant = margin == [_RELEVANT]
    return Comparison(
        left=_term(left),
        relation=relation,
        right=_term(right) if isinstance(right, str) else float(right),
        margin=float(margin[0]) if margin and not relevant else 0.0,
        relevant=relevant,
    )


def _term(text: str) -> Term:
    condition, _, column = text.rpartition(" ")
    return Term(condition, column)
