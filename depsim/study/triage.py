"""Would a rule that sends individuals to treatments be worth anything: learned on some, scored on the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from depsim.stages import BEFORE, TREATED
from depsim.statistics import (
    FEWEST_FOR_INFERENCE,
    LEVEL,
    Contrast,
    Proportion,
    Score,
    contrast,
    exact_proportion,
    holm,
    learn_rule,
    score,
    share_p,
)
from depsim.statistics.triage import LEARNERS
from depsim.study.benefits import OUTCOMES, together, treated_arms
from depsim.study.components import without_crossed
from depsim.study.contrasts import margin
from depsim.study.findings import REFUTED, SUPPORTED, TOO_FEW, UNDECIDED
from depsim.study.kept import kept
from depsim.study.reading import Group, Study, StudyArm
from depsim.traits import STRESS_SENSITIVITY, STRUCTURAL_LOSS

MEASURES = {
    "sparsity": f"{BEFORE}/sparsity",
    "slope": f"{BEFORE}/slope",
    "healthy combined": f"{BEFORE}/healthy_combined",
    "depressed combined": f"{BEFORE}/depressed_combined",
}
"""What a rule may ask for, all of it measured before treatment: name to metric."""
LEARNED, PAPERS, RANDOM, ORACLE = "learned", "the paper's", "at random", "oracle"
_OUTCOME = f"{TREATED}/{OUTCOMES[-1].column}"
_DRUGS = ("ketamine", "neurosteroid", "ssri")
"""Which the paper's rule sends to, for much structural loss, for sensitivity, and else."""
_MOST = 0.5
"""Share of individuals that a sentence about a kind of them has to hold for."""


@dataclass(frozen=True)
class Scored:
    """A way to choose treatments, on individuals that nothing was learned from.

    Args:
        name: :data:`LEARNED`, :data:`PAPERS`, :data:`RANDOM` or :data:`ORACLE`.
        score: beside the best single treatment.
    """

    name: str
    score: Score


@dataclass(frozen=True)
class Triage:
    """Rules of one group of conditions.

    Args:
        data: ``shared`` or ``individual``.
        arms: the treatments.
        learners, scored: individuals.
        single: the treatment that is best for everybody, by the learners.
        rule: the learned one: what is asked, and the treatment of those for whom it is so.
        found: the ways to choose.
        margin: what a rule has to gain to be useful: the smallest relevant difference of the outcome, points.
    """

    data: str
    arms: tuple[StudyArm, ...]
    learners: int
    scored: int
    single: StudyArm
    rule: tuple[tuple[str, StudyArm], ...]
    found: tuple[Scored, ...]
    margin: float


@dataclass(frozen=True)
class Sentence:
    """A sentence of the paper's about a kind of individual.

    Args:
        who: which individuals, in words.
        says: what is said of them.
        holds: for how many of them it does, with the Clopper-Pearson interval.
        difference: the drug's outcome less that of the best other one, within individuals; None where not asked.
        p: exact, against half of them, adjusted by Holm over the sentences of a group; None without individuals.
        noticed: the share that would have been told from half 8 times of 10; None where no share would.
    """

    who: str
    says: str
    holds: Proportion
    difference: Contrast | None
    p: float | None
    noticed: float | None

    @property
    def verdict(self) -> str:
        """Whether it holds for most of them."""
        if self.p is None or self.noticed is None or self.holds.n < FEWEST_FOR_INFERENCE:
            return TOO_FEW
        if self.p > LEVEL:
            return UNDECIDED
        return SUPPORTED if self.holds.share > _MOST else REFUTED


@kept
def triages(study: Study) -> tuple[Triage, ...]:
    """The rules of each group that has two treatments, and individuals to learn on and to score.

    The two hundred individuals of the smallest seeds learn, the others score: who does what depends on no outcome, and
    a rule stays what it is when a study grows.

    References: STATISTICS 11; SCENARIOS 5.
    """
    return tuple(found for group in without_crossed(study).groups() if (found := _triage(group)) is not None)


def _triage(group: Group) -> Triage | None:
    arms = treated_arms(group)
    if len(arms) < 2 or not all(arms[0].has(metric) for metric in MEASURES.values()):
        return None
    measures, outcomes = together(arms, list(MEASURES.values()), _OUTCOME)
    rule = learn_rule(measures[:LEARNERS], outcomes[:LEARNERS])
    fresh, outcomes_of_fresh = measures[LEARNERS:], outcomes[LEARNERS:]
    if rule is None or not len(fresh):
        return None
    single = int(outcomes[:LEARNERS].mean(axis=0).argmax())
    chosen = {LEARNED: rule.choose(fresh)}
    if (papers := _papers_rule(arms, measures[:LEARNERS], fresh)) is not None:
        chosen[PAPERS] = papers
    chosen[ORACLE] = outcomes_of_fresh.argmax(axis=1)
    everyone, alone = np.arange(len(fresh)), outcomes_of_fresh[:, single]
    followed = {name: outcomes_of_fresh[everyone, own] for name, own in chosen.items()}
    relevant = margin(OUTCOMES[-1], arms[single], np.column_stack([followed[LEARNED], alone]))
    found = [Scored(name, score(own, alone, chosen[name] != single, relevant)) for name, own in followed.items()]
    away = np.full(len(fresh), 1 - 1 / len(arms))
    found.insert(-1, Scored(RANDOM, score(outcomes_of_fresh.mean(axis=1), alone, away, relevant)))
    answers = tuple((asked, arms[place]) for asked, place in rule.answers(list(MEASURES)))
    return Triage(group.data, tuple(arms), LEARNERS, len(fresh), arms[single], answers, tuple(found), relevant)


def _papers_rule(arms: Sequence[StudyArm], learners: np.ndarray, fresh: np.ndarray) -> np.ndarray | None:
    """The paper's Figure 4, split at the medians of the learners; None unless each drug is one of the arms."""
    if (places := _places(arms)) is None:
        return None
    loss, slope = (list(MEASURES).index(name) for name in ("sparsity", "slope"))
    middle = np.median(learners, axis=0)
    lost, sensitive = fresh[:, loss] > middle[loss], fresh[:, slope] < middle[slope]
    ketamine, neurosteroid, ssri = places
    return np.where(lost, ketamine, np.where(sensitive, neurosteroid, ssri))


def _places(arms: Sequence[StudyArm]) -> list[int] | None:
    """Where the paper's drugs are among the arms; None unless each of them is one."""
    places = [[place for place, arm in enumerate(arms) if arm.treatment == drug] for drug in _DRUGS]
    return [own[0] for own in places] if all(len(own) == 1 for own in places) else None


@kept
def sentences(study: Study) -> tuple[tuple[str, tuple[Sentence, ...]], ...]:
    """What becomes of the paper's triage sentences in each group that has its drugs, and traits; its data first."""
    found = [(group.data, _sentences(group)) for group in without_crossed(study).groups()]
    return tuple((data, own) for data, own in found if own)


def _sentences(group: Group) -> tuple[Sentence, ...]:
    treated = treated_arms(group)
    if (places := _places(treated)) is None:
        return ()
    arms = [treated[place] for place in places]
    traits = [f"trait/{trait}" for trait in (STRUCTURAL_LOSS, STRESS_SENSITIVITY)]
    if not all(arms[0].has(trait) for trait in traits):
        return ()
    own, outcomes = together(arms, traits, _OUTCOME)
    lost, sensitive = (own > np.median(own, axis=0)).T
    ketamine, neurosteroid = (outcomes[:, place] - np.delete(outcomes, place, axis=1).max(axis=1) for place in (0, 1))
    traits_of_all, remission = together([arms[2]], traits, f"{TREATED}/remission")
    mild = (traits_of_all <= np.median(own, axis=0)).all(axis=1)
    nothing = np.zeros(0)
    asked = (
        ("structural loss above the median", "ketamine does best", ketamine[lost], ketamine[lost] > 0),
        ("stress sensitivity above the median", "neurosteroid does best", neurosteroid[sensitive],
         neurosteroid[sensitive] > 0),
        ("neither above the median", "SSRI brings remission", nothing, remission[mild, 0] > 0.5),
    )  # fmt: skip
    ps = [share_p(int(holds.sum()), holds.size, _MOST) if holds.size else None for *_, holds in asked]
    return tuple(
        Sentence(who, says, exact_proportion(holds), contrast(by, np.zeros(by.size)) if by.size else None, p,
                 noticed_share(holds.size, len(asked)))
        for (who, says, by, holds), p in zip(asked, holm(ps), strict=True)
    )  # fmt: skip


def noticed_share(n: int, tests: int) -> float | None:
    """The share above a half that n individuals tell from it 8 times of 10, in a family of so many tests; None: none.

    >>> noticed_share(100, 3), noticed_share(5, 3)
    (0.67, None)
    """
    from scipy.special import bdtrc

    least = next((k for k in range(n // 2 + 1, n + 1) if share_p(k, n, _MOST) <= LEVEL / tests), None)
    if least is None:
        return None
    shares = np.arange(51, 101) / 100
    enough = shares[bdtrc(least - 1, n, shares) >= 0.8]
    return float(enough[0]) if enough.size else None
