"""What a page says of traits, rules, replicates, variance components and searches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from depsim.execution.recorder import ABANDONED
from depsim.paper.questions.figure_4 import Figure4
from depsim.report.ask import AskError
from depsim.report.asking import default_asks, read_asks
from depsim.report.figures import style
from depsim.report.parts import Finding
from depsim.report.questions.search import Searches, name_winner
from depsim.report.questions.traits import WhoBenefits
from depsim.report.questions.variance import Variance
from depsim.study.reading import Failure, Replicate, Study
from depsim.study.searches import Score, Search, Trial, Winner
from tests.diverse import diverse
from tests.people import arm, paper_study, study
from tests.searches import objective
from tests.study.test_trait_slopes import moving_floor
from tests.study.test_variance_rows import crossed

KEY = "treatment.regrow_fraction"
GAIN = objective("treated/internal_noise_2.5", "maximise", "mean")
COST = objective("treated/sparsity", "maximise", "mean")


def trial(number: int, *values: float, state: str = "COMPLETE", reason: str = "") -> Trial:
    return Trial(number, state, reason, 6, values, bool(values), {KEY: str(number / 10)})


def winner(number: int, *gains: float, n: int = 12, breaks: tuple[str, ...] = ()) -> Winner:
    """Individuals that gain so many points in each objective, give or take one."""
    metrics = [GAIN.metric, COST.metric][: len(gains)]
    wobble = np.random.default_rng(number).normal(0, 1, n)
    papers = {seed: dict.fromkeys(metrics, 60.0 + seed) for seed in range(n)}
    people = {
        seed: {m: 60.0 + seed + g + wobble[seed] for m, g in zip(metrics, gains, strict=True)} for seed in range(n)
    }
    values = tuple(60.0 + gain for gain in gains)
    fresh, reference = Score(values, people=people), Score((60.0,) * len(gains), people=papers)
    return Winner(number, {KEY: number / 10}, tuple(value + 2 for value in values), fresh, reference, breaks)


TRIALS = (trial(0, 60.0), trial(1, state="PRUNED"), trial(2, 70.0), trial(3, state="FAIL", reason="no"))
PARAMS = {"sampler": "TPESampler", "fixed.treatment": "ketamine"}
DONE = Search("search_ketamine", (GAIN,), PARAMS, TRIALS, ((KEY, GAIN.metric, 0.9),), (winner(2, 5.0),), True,
              "depsim sweep search_ketamine")  # fmt: skip
FRONT = replace(DONE, objectives=(GAIN, COST), winners=(winner(0, 4.0, -3.0), winner(2, 0.0, 4.0)),
                trials=(trial(0, 60.0, 50.0), trial(2, 55.0, 60.0)))  # fmt: skip


def searched(*searches: Search) -> Study:
    return Study("study", "1", (), searches)


def replicated(spread: float) -> Study:
    """Individuals whose combined stress differs between two replicates by twice this, and between them by up to 2."""
    between, within = np.linspace(-1, 1, 30), np.where(np.arange(30) % 2, 1.0, -1.0)
    one, other = (arm("ssri", {"treated/combined": 80 + between + sign * spread * within}) for sign in (1, -1))
    return study(replace(one, replicates=(Replicate(1, other.individuals, (Failure(90, "no", "r"),), ()),)))


STUDIES: dict[str, Callable[[], Sequence[Finding]]] = {
    "slopes": lambda: WhoBenefits().findings(moving_floor(200, 0, gain=3.0)),
    "no slopes": lambda: WhoBenefits().findings(moving_floor(60, 1)),
    "few": lambda: WhoBenefits().findings(moving_floor(12, 0)),
    "one drug": lambda: WhoBenefits().findings(study(*moving_floor(40, 0).arms[:2])),
    "rule": lambda: WhoBenefits(of="rule").findings(diverse(260)),
    "figure 4": lambda: Figure4().findings(diverse(260)),
    "reliability": lambda: WhoBenefits(of="reliability").findings(diverse(20, replicates=2)),
    "reliability of one": lambda: WhoBenefits(of="reliability").findings(replicated(2.0)),
    "variance": lambda: Variance().findings(study(*crossed(), *crossed("none"))),
    "variance with a hole": lambda: Variance().findings(study(*crossed(skip=(1, 2)))),
    "variance of nothing": lambda: Variance().findings(study(*crossed(treated__combined=97.0))),
    "search": lambda: Searches().findings(searched(DONE)),
    "trade-off": lambda: Searches().findings(searched(FRONT)),
    "searches": lambda: Searches().findings(searched(
        replace(DONE, winners=(), finished=False), replace(DONE, winners=()),
        replace(DONE, trials=(), winners=(), finished=False),
        replace(DONE, winners=(replace(winner(2, 1.0), fresh=Score(None, "individual 3: nan")),)),
        replace(DONE, winners=(replace(winner(2, 1.0), reference=Score(None)),)),
    )),
}  # fmt: skip


_SLOW = ("slopes", "no slopes", "few", "one drug", "rule", "figure 4")
"""Figures of many panels, and fits."""


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow) if n in _SLOW else n for n in STUDIES])
def test_sentences_tables_and_figures_keep_within_their_limits(name: str) -> None:
    findings = STUDIES[name]()
    assert findings
    assert len({finding.name for finding in findings}) == len(findings)
    for finding in findings:
        assert finding.sentence
        assert finding.table is None or len(finding.table.texts) <= 15
        for text in (finding.sentence, finding.open, finding.caution, *finding.also):
            assert "cannot be told" not in text
            assert "none" not in text.split()
        if finding.figure is not None:
            assert len(finding.figure.caption.split()) <= 40
            with style.look():
                drawn = finding.figure.draw()
                drawn.draw_without_rendering()
            assert drawn.get_size_inches()[1] <= 3.7


def one(findings: Sequence[Finding], name: str) -> Finding:
    return next(finding for finding in findings if finding.name == name)


@pytest.mark.slow
def test_the_steepest_slope_of_drug_minus_drug_has_an_interval_among_all_of_them() -> None:
    answers = STUDIES["slopes"]()
    finding = one(answers, "traits")
    assert finding.sentence.startswith("Per SD of structural loss, ketamine − ")
    assert "simultaneous intervals" in finding.sentence
    (row,) = [r for r in finding.rows if r.of("b") in finding.sentence and r.of("trait") == "structural_loss"
              and r.of("a") == "ketamine" and r.of("b") and r.of("outcome") == "combined"]  # fmt: skip
    assert f"[+{float(row.more['together_low'] or 0):.1f}, " in finding.sentence
    assert {r.of("b") != "" for r in one(answers, "traits_own").rows} == {False}
    assert finding.table is not None
    assert not [cells for cells in finding.table.texts if "untreated" in cells[0]]


def test_without_an_established_slope_none_is_claimed() -> None:
    sentence = one(STUDIES["no slopes"](), "traits").sentence
    assert sentence.startswith("0 of 36 slopes of drug minus drug are established; steepest, per SD of ")


def test_few_individuals_have_numbers_and_are_told_how_many_take_intervals() -> None:
    finding = one(STUDIES["few"](), "traits")
    assert "(`cohort.size=30`)" in finding.open
    assert "[" not in finding.sentence
    assert any(character.isdigit() for character in finding.sentence)


@pytest.mark.slow
def test_too_few_for_a_rule_are_told_how_many_one_takes() -> None:
    assert WhoBenefits(of="rule").findings(diverse(50)) == ()
    (kinds,) = Figure4().findings(diverse(50))
    assert kinds.name == "kinds"
    assert kinds.open == "No rule yet: it is learned on 200 and scored on others (`cohort.size=240`)."


def test_a_reliability_below_one_half_says_nothing_of_individuals_and_failures_are_counted() -> None:
    (finding,) = STUDIES["reliability of one"]()
    assert finding.caution == "Reliability below 0.5: say nothing of single individuals for ssri, combined stress."
    assert finding.text.endswith(" 1 replicate failed.")
    (reliable,) = WhoBenefits(of="reliability").findings(replicated(0.05))
    assert reliable.caution == ""
    assert reliable.sentence.startswith("Reliable for single individuals: 1 of 1 outcomes and differences; ")


@pytest.mark.parametrize(("other", "largest"), [(0.0, True), (5.0, False)])
def test_a_stream_is_called_the_largest_where_it_surely_is(other: float, largest: bool) -> None:
    generator = np.random.default_rng(1)
    data, init = generator.normal(0, 1, (2, 8)) * [[5.0], [other]]
    arms = [
        arm("ssri", {"treated/combined": [60 + data[a] + init[b] + generator.normal()]}, data="individual",
            changed={"cohort.hold.data": str(a), "cohort.hold.init": str(b)})
        for a in range(8) for b in range(8)
    ]  # fmt: skip
    (finding,) = Variance().findings(study(*arms))
    assert finding.also == (("Surely the largest stream: data (ssri, combined stress).",) if largest else ())
    assert finding.table is not None
    assert [cell.endswith("largest") for cell in finding.table.texts[0][1:]] == [largest, False, False]


def test_what_is_missing_of_a_design_is_named() -> None:
    (hole,) = STUDIES["variance with a hole"]()
    assert hole.sentence.startswith("No shares for ssri: 15 networks of an incomplete design")
    assert (hole.table, hole.figure) == (None, None)
    (whole,) = STUDIES["variance"]()
    assert whole.sentence.startswith("Largest estimated shares of variance in %, combined stress: data ")
    assert whole.table is not None
    assert whole.table.headings[1:] == ("data", "init", "residual")
    (same,) = STUDIES["variance of nothing"]()
    assert same.sentence == "All 16 networks have the same value in every outcome, so there is no variance to split."


def test_the_answer_of_a_search_is_the_gain_over_the_papers_settings() -> None:
    (finding,) = STUDIES["search"]()
    (row,) = finding.rows
    assert f"gain +{row.value or 0:.1f} [+" in finding.sentence
    assert finding.sentence.startswith(
        "Ketamine, 20 % regrown: extreme noise (sigma 2.5) 65.0, the paper's settings 60.0"
    )
    assert "(optimism +2.0)" in finding.also[0]
    (no_gain,) = Searches().findings(searched(replace(DONE, winners=(winner(2, 0.1),))))
    assert "no gain" in no_gain.sentence
    (less,) = Searches().findings(searched(replace(DONE, winners=(winner(2, -5.0),))))
    assert ": loss -" in less.sentence


def test_a_search_without_a_winner_is_over_or_goes_on() -> None:
    begun, over, new, lost, alone = STUDIES["searches"]()
    assert begun.sentence == "No winner yet after 4 trials; `depsim sweep search_ketamine` goes on."
    assert over.sentence == "No winner: of 4 trials no complete one keeps the constraints."
    assert (new.figure, new.table) == (None, None)
    assert lost.open == "Not scored on fresh individuals: trial 2: individual 3: nan."
    assert alone.open.startswith("The paper's settings were not scored on the fresh individuals: `depsim sweep")
    assert "on fresh individuals" in alone.sentence


def test_an_interrupted_trial_is_no_failed_one_and_broken_constraints_are_a_caution() -> None:
    gone = trial(4, state="FAIL", reason=ABANDONED)
    (finding,) = Searches().findings(searched(replace(DONE, trials=(*TRIALS, gone))))
    assert "5 trials (2 complete, 1 failed, 1 interrupted, 1 stopped early)" in finding.text
    assert finding.caution == "1 trial failed, the first: no."
    broken = replace(DONE, winners=(winner(2, 5.0, breaks=("mean of treated/clean >= 97",)),))
    (finding,) = Searches().findings(searched(broken))
    assert finding.caution == "Constraints not kept on fresh individuals: trial 2: mean of treated/clean >= 97."


def test_a_winner_is_named_by_its_treatment_and_settings_whatever_their_type() -> None:
    point = {"treatment": "ssri", "treatment.learning_rate": 1.2345e-05, "treatment.criterion": "random"}
    assert name_winner(DONE, replace(winner(2, 1.0), point=point)) == "ssri, lr 1.23e-05, random regrowth"


def test_the_question_that_a_study_was_made_for_is_asked_first() -> None:
    assert next(ask.word for ask in default_asks(searched(DONE))) == "search"
    assert next(ask.word for ask in default_asks(study(*crossed()))) == "variance"
    asked = default_asks(diverse(201, replicates=2))
    assert [ask.dump() for ask in asked[:2]] == [{"traits": {}}, {"traits": {"of": "rule"}}]
    assert {"traits": {"of": "reliability"}} in [ask.dump() for ask in asked[2:]]
    assert not [ask for ask in default_asks(diverse(200)) if ask.dump() == {"traits": {"of": "rule"}}]
    assert not [ask for ask in default_asks(paper_study(12)) if ask.word in ("traits", "variance", "search")]


def test_a_sweep_file_may_ask_for_each_of_them_and_a_wrong_word_is_refused() -> None:
    rule, slopes, variance, search = read_asks([{"traits": "rule"}, "traits", "variance", "search"])
    assert (rule, slopes, variance, search) == (WhoBenefits(of="rule"), WhoBenefits(), Variance(), Searches())
    with pytest.raises(AskError, match=r"traits\.of=slope"):
        read_asks([{"traits": {"of": "slope"}}])
    WhoBenefits().check((), ("none", "ketamine", "ssri"))
    WhoBenefits(of="reliability").check((), ("ssri",))
    with pytest.raises(AskError, match=r"traits\.of=slopes: takes two drugs or more, there are none, ssri"):
        WhoBenefits().check((), ("none", "ssri"))
