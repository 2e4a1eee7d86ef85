"""Rules: learned, frozen, and of no use to others where nobody benefits from another treatment."""

from __future__ import annotations

import numpy as np

from depsim.statistics import learn_rule
from depsim.statistics.mean_interval import student_interval
from depsim.statistics.triage import LEARNERS


def people(n: int, apart: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Three treatments; the second is better by so much for those whose second measure is above 0, else worse."""
    generator = np.random.default_rng(seed)
    measures = generator.normal(size=(n, 3))
    outcomes = 50 + 4 * generator.normal(size=(n, 1)) + generator.normal(size=(n, 3))
    outcomes[:, 1] += apart * np.sign(measures[:, 1])
    outcomes[:, 2] -= 2
    return measures, outcomes


def test_a_rule_finds_who_benefits_and_says_it_in_words() -> None:
    rule = learn_rule(*people(LEARNERS, 8.0))
    assert rule is not None
    fresh = np.array([[0.0, 2.0, 0.0], [0.0, -2.0, 0.0], [3.0, 1.0, -3.0]])
    assert rule.choose(fresh).tolist() == [1, 0, 1]
    answers = rule.answers(["loss", "slope", "combined"])
    assert {place for asked, place in answers if asked.startswith("slope >")} == {1}
    assert {place for asked, place in answers if asked.startswith("slope ≤")} == {0}
    assert 2 <= len(answers) <= 4
    assert rule.choose(people(50, 8.0, 3)[0]).tolist() == rule.choose(people(50, 8.0, 3)[0]).tolist()


def test_two_hundred_are_the_fewest_and_every_answer_stands_for_twenty() -> None:
    measures, outcomes = people(LEARNERS, 8.0)
    assert learn_rule(measures[1:], outcomes[1:]) is None
    rule = learn_rule(measures, outcomes)
    assert rule is not None
    nodes = rule.tree.tree_
    assert nodes.n_node_samples[nodes.children_left < 0].min() >= 20
    assert nodes.max_depth <= 2


def test_without_a_question_worth_asking_everybody_gets_the_same() -> None:
    rule = learn_rule(np.zeros((LEARNERS, 2)), np.tile([1.0, 3.0], (LEARNERS, 1)))
    assert rule is not None
    assert rule.answers(["a", "b"]) == (("everybody", 1),)
    assert rule.choose(np.zeros((4, 2))).tolist() == [1, 1, 1, 1]


def test_in_sample_a_rule_seems_to_gain_where_nobody_benefits_and_on_others_it_does_not() -> None:
    inside, outside, useful = [], [], []
    for seed in range(60):
        measures, outcomes = people(LEARNERS + 100, 0.0, seed)
        rule = learn_rule(measures[:LEARNERS], outcomes[:LEARNERS])
        assert rule is not None
        single = int(outcomes[:LEARNERS].mean(axis=0).argmax())
        for part, gains in ((slice(None, LEARNERS), inside), (slice(LEARNERS, None), outside)):
            chosen, outcome = rule.choose(measures[part]), outcomes[part]
            gain = outcome[np.arange(len(outcome)), chosen] - outcome[:, single]
            gains.append(gain.mean())
        useful.append(student_interval(gain[:, None])[0][0] > 1.0)
    assert np.mean(inside) > 0.02
    assert np.mean(outside) < 0.02
    assert not any(useful)
