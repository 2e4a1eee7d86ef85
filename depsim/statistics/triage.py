"""A rule that sends individuals to treatments: learned on some, frozen, and scored on others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

LEARNERS = 200
"""Individuals that a rule is learned on."""
_DEPTH, _LEAF = 2, 20
"""Of the tree: questions to an answer, and individuals behind each answer at least."""


@dataclass(frozen=True, eq=False)
class TreatmentRule:
    """A tree of questions about what was measured before treatment; each leaf names the treatment that did best there.

    Args:
        tree: the fitted regressor, of the outcome under every treatment.
    """

    tree: Any

    def choose(self, measures: np.ndarray) -> np.ndarray:
        """Which treatment each individual gets.

        Args:
            measures: (N, P), as those that it was learned from.

        Shape: (N,) places of treatments.
        """
        return np.asarray(self._outcomes(self.tree.predict(measures)).argmax(axis=1))

    def answers(self, measures: Sequence[str]) -> tuple[tuple[str, int], ...]:
        """The rule in words, and the place of the treatment that each kind of individual gets.

        Args:
            measures: names of the P measures.
        """
        best = self._outcomes(self.tree.tree_.value[:, :, 0]).argmax(axis=1)
        return tuple((asked, int(best[leaf])) for leaf, asked in self._leaves(0, (), measures))

    def _outcomes(self, values: np.ndarray) -> np.ndarray:
        return values.reshape(len(values), -1)

    def _leaves(self, node: int, asked: tuple[str, ...], measures: Sequence[str]) -> Iterator[tuple[int, str]]:
        nodes = self.tree.tree_
        left, right = int(nodes.children_left[node]), int(nodes.children_right[node])
        if left == right:
            yield node, " and ".join(asked) or "everybody"
            return
        name, at = measures[int(nodes.feature[node])], float(nodes.threshold[node])
        yield from self._leaves(left, (*asked, f"{name} ≤ {at:.4g}"), measures)
        yield from self._leaves(right, (*asked, f"{name} > {at:.4g}"), measures)


def learn_rule(measures: np.ndarray, outcomes: np.ndarray) -> TreatmentRule | None:
    """A rule from individuals that took every treatment; None for fewer than two hundred.

    Args:
        measures: before treatment, (N, P), finite.
        outcomes: under each treatment, (N, A), finite, more is better.

    References: Breiman et al. (1984), "Classification and regression trees".
    """
    if len(measures) < LEARNERS:
        return None
    from sklearn.tree import DecisionTreeRegressor  # slow to import

    return TreatmentRule(
        DecisionTreeRegressor(max_depth=_DEPTH, min_samples_leaf=_LEAF, random_state=0).fit(measures, outcomes)
    )
