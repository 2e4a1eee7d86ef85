"""The question what changes along a setting: what it may be asked, what it says, and what it is asked unasked."""

from __future__ import annotations

import pytest

from depsim.report.ask import AskError
from depsim.report.asking import read_asks
from depsim.report.figures import style
from depsim.report.parts import Finding
from depsim.report.questions.response import Response, default_responses
from depsim.report.setting_words import MOST_WORDS
from depsim.study.reading import Study
from tests.people import paper_study, study, without
from tests.studies_varied import along, case, criteria, damping, doses, grid, in_layers, pruning_levels

REGROWN, PRUNED = "treatment.regrow_fraction", "pathology.sparsity"


def asked(made: Study, **options: str) -> Finding:
    (finding,) = Response(**options).findings(made)
    return finding


def even(_pruned: float, _regrown: float) -> float:
    return 60.0


STUDIES = {
    "one line": (lambda n: study(*along("ketamine", "treatment.damping_factor", {"0.5": 90, "1": 60}, n)),
                 {"along": "treatment.damping_factor"}),
    "several": (lambda n: study(*pruning_levels(n).arms[::2]), {"along": PRUNED}),
    "half": (lambda n: study(*doses(min(n, 2))), {"along": REGROWN}),
    "withdrawn": (lambda n: study(*damping(n).arms[:3]), {"along": "treatment.damping_factor"}),
    "grid": (lambda n: grid(lambda p, r: 60 + 20 * r * p, n), {"along": REGROWN, "by": PRUNED}),
    "two values": (criteria, {"along": "treatment.criterion"}),
    "many comparisons": (lambda n: study(*damping(n).arms[::3]), {"along": "treatment.bounded"}),
    "reference": (lambda n: in_layers(n, everywhere=90, layer_1=70, layer_2=90.1), {"along": "treatment.layers"}),
}  # fmt: skip


@pytest.mark.parametrize("name", STUDIES)
@pytest.mark.parametrize("n", [1, 12])
def test_every_answer_is_short_and_can_be_drawn(name: str, n: int) -> None:
    make, options = STUDIES[name]
    finding = asked(make(n), **options)
    assert len(finding.sentence.split()) <= MOST_WORDS
    assert "n = " in finding.sentence
    assert finding.figure is not None
    assert len(finding.figure.caption.split()) <= 40
    with style.look():
        drawn = finding.figure.draw()
    width, height = drawn.get_size_inches()
    assert width <= style.WIDTH
    assert height <= 4
    assert finding.table is not None
    assert len(finding.table.texts) <= 15
    assert {len(row) for row in finding.table.texts} == {len(finding.table.headings)}
    written = " ".join([finding.sentence, finding.text, *finding.also, finding.open, finding.caution])
    assert "nan" not in written.split()
    assert "None" not in written


def test_one_line_gives_both_ends_of_all_primary_outcomes() -> None:
    finding = asked(study(*along("ketamine", PRUNED, {"0.5": 90, "0.9": 89, "0.95": 60})), along=PRUNED)
    assert finding.sentence == (
        "From 50 to 95 % pruned, accuracy falls from 90 to 60 % under combined stress, 80 to 50 at sigma 2.5, "
        "area 85 to 55, relapse drop 9.0 to 6.0 (n = 12)."
    )
    (level,) = finding.also
    assert "combined stress (2 points) up to 90 % pruned" in level
    assert "first" not in finding.sentence


def test_a_peak_between_the_ends_is_given_with_its_place() -> None:
    flat = along("ketamine", PRUNED, {"0.5": 80, "0.9": 80.1, "0.95": 80})
    assert " at 90" not in asked(study(*flat), along=PRUNED).sentence
    peaked = along("ketamine", PRUNED, {"0.5": 80, "0.9": 95, "0.95": 70})
    assert "80 to 70 (95 at 90 % pruned)" in asked(study(*peaked), along=PRUNED).sentence
    dipped = along("ketamine", PRUNED, {"0.5": 80, "0.9": 60, "0.95": 90})
    assert "80 to 90 (60 at 90 % pruned)" in asked(study(*dipped), along=PRUNED).sentence


def test_a_grid_gives_ranges_of_all_outcomes_and_verdicts_on_dependence() -> None:
    def effect(pruned: float, regrown: float) -> float:
        return 60 + 20 * regrown * (pruned == 0.99)

    finding = asked(grid(effect), along=REGROWN, by=PRUNED)
    assert finding.sentence.startswith("Effects depend on each other in 4 of 4 outcomes; ")
    assert "60–76 % under combined stress, 50–66 at sigma 2.5, area 55–71, relapse drop 6.0–7.6" in finding.sentence
    assert "combined stress +14.0 [" in finding.also[0]
    assert "Effects" not in asked(grid(effect, 5), along=REGROWN, by=PRUNED).sentence, "five individuals"


def test_individuals_that_not_all_values_have_are_mentioned() -> None:
    first, *others = along("ketamine", PRUNED, {"0.5": 90, "0.9": 80, "0.95": 60})
    assert "n = 10 to 12" in asked(study(without(first, 1, 2), *others), along=PRUNED).caution


def test_a_key_that_does_not_vary_is_refused_with_those_that_do() -> None:
    varied = {REGROWN, PRUNED, "treatment", "cohort.seeds"}
    (ask,) = read_asks([{"response": REGROWN}])
    assert ask == Response(along=REGROWN)
    ask.check(varied, {"ketamine"})
    Response(along=REGROWN, by=PRUNED).check(varied, {"ketamine"})
    for wrong, message in (
        (Response(along="treatment.epochs"), rf"along=treatment.epochs: allowed are {PRUNED}, {REGROWN}"),
        (Response(along=REGROWN, by=REGROWN), rf"by={REGROWN}: allowed are {PRUNED}"),
        (Response(along="dose"), "along=dose"),
        (Response(along="treatment"), "along=treatment"),
        (Response(along="cohort.seeds"), "along=cohort.seeds"),
    ):
        with pytest.raises(AskError, match=message):
            wrong.check(varied, {"ketamine"})


def test_a_key_that_makes_no_line_has_no_answer() -> None:
    assert Response(along="training.epochs").findings(paper_study(3)) == ()
    holed = study(*grid(even, 3).arms[1:])
    assert asked(holed, along=REGROWN, by=PRUNED).name == "response_treatment_regrow_fraction"


def test_what_was_varied_is_asked_unasked_numbers_with_most_values_first() -> None:
    def keys(made: Study) -> list[tuple[str, str | None]]:
        return [(ask.along, ask.by) for ask in default_responses(made)]

    assert keys(paper_study(3)) == []
    assert keys(pruning_levels(3)) == [(PRUNED, None)]
    assert keys(grid(even, 3)) == [(REGROWN, PRUNED)]
    assert keys(criteria(3)) == [("treatment.criterion", None), (REGROWN, None)]
    assert keys(damping(3)) == [("treatment.damping_factor", None), ("treatment.bounded", None)]
    further = case("ketamine", 70, 3, pathology__sparsity="0.97", treatment__regrow_fraction="0.5")
    assert keys(study(*grid(even, 3).arms, further)) == [(PRUNED, None), (REGROWN, None)]
    ssri_too = along("ssri", PRUNED, {"0.9": 50, "0.95": 60, "0.99": 70}, 3)
    assert keys(study(*grid(even, 3).arms, *ssri_too)) == [(PRUNED, None), (REGROWN, PRUNED)]
    later = along("ketamine", "follow_up.maintenance", {"own": 50, "sham": 60}, 3)
    assert keys(study(*later)) == []
    placebos = along("placebo", "treatment.of", {"ketamine": 50, "ssri": 60}, 3)
    assert keys(study(*placebos)) == []
