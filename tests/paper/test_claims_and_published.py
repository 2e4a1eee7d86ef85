"""Findings about claims, the published individual and the paper's order of treatments: words, tables and figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from depsim.paper.claims import claim_hashes
from depsim.paper.questions.claims import Claims, claims_sentence
from depsim.paper.questions.published import Published
from depsim.report.ask import Ask, AskError
from depsim.report.asking import default_asks, read_asks
from depsim.report.figures import style
from depsim.report.parts import MOST_ROWS, Finding
from depsim.study.estimate import Estimate
from depsim.study.reading import Study
from tests.people import arm, paper_arm, paper_study, study, without
from tests.studies_claimed import lasting, regimens, two_worlds

EQUAL = {f"treated/{name}": [100.0] * 12 for name in ("clean", "standard", "combined", "sparsity")}
STUDIES = {
    "one individual": paper_study(1, first_seed=42),
    "two individuals": paper_study(2),
    "twelve": paper_study(12),
    "thirty with own data": paper_study(30, "individual"),
    "all equal": study(arm("ketamine", EQUAL), arm("ssri", EQUAL)),
    "unequal sets": study(*paper_study(12).arms[:3], without(paper_study(12).arms[3], 0, 5)),
    "two worlds": two_worlds(n=12),
    "regimens": regimens(30, 5.0),
    "stress": study(lasting("ssri maintained", [8.0] * 12), lasting("ssri alone", [0.0] * 11 + [3.0])),
}
DRAWN = ("one individual", "two worlds", "stress")
SLOW = ("one individual", "two worlds", "thirty with own data")
ASKED: tuple[Ask, ...] = (
    *(Claims(file=file) for file in ("paper", "figures", "ours")), Published(), Published(of="orderings")
)  # fmt: skip
FORBIDDEN = (
    "cannot be told",
    "together (",
    "confirming",
    "one by one",
    "beside",
    "by chance",
    "told apart",
    "hold for everyone",
)


def findings(made: Study, asks: Sequence[Ask] = ASKED) -> list[Finding]:
    return [finding for ask in asks for finding in ask.findings(made)]


def one(made: Study, ask: Ask) -> Finding:
    (finding,) = ask.findings(made)
    return finding


def drawn(finding: Finding) -> Any:
    assert finding.figure is not None
    with style.look():
        return finding.figure.draw()


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in STUDIES]
)
def test_findings_keep_to_the_limits_of_a_page(name: str) -> None:
    answers = findings(STUDIES[name])
    assert answers
    for finding in answers:
        assert finding.table is not None
        assert len(finding.table.texts) <= MOST_ROWS
        words = " ".join(
            [finding.sentence, finding.text, finding.open, finding.caution, *finding.also, finding.table.note]
        )
        assert not [word for word in (*FORBIDDEN, "nan", "None ") if word in words.replace("None was", "")], words
        assert finding.figure is not None
        assert len(finding.figure.caption.split()) <= 40
        if name in DRAWN:
            assert drawn(finding).get_size_inches()[1] <= 3.7


def row(verdict: str, value: float = 100.0, n: int = 50, name: str = "A claim") -> Estimate:
    return Estimate({"claim": name}, n, value, verdict=verdict, more={})  # type: ignore[arg-type]


def test_a_sentence_counts_claims_by_their_verdicts_and_names_those_that_fail() -> None:
    rows = [*[row("yes")] * 24, row("no", name="Ketamine lasts"), *[row("undecided")] * 3]
    assert claims_sentence(rows, 28, "independent claims of the paper") == (
        "Of 28 independent claims of the paper 24 hold, 1 fails (“Ketamine lasts”) and 3 are undecided (n = 50)."
    )
    text = claims_sentence(rows, 30, "independent claims of the paper")
    assert text.startswith("Of 30 independent claims of the paper this study can judge 28: 24 hold,")
    few = [row("too few", 100.0, 5), row("too few", 0.0, 5), row("too few", 40.0, 5)]
    assert claims_sentence(few, 3, "claims") == "Of 3 claims 1 holds in every individual and 1 in none (n = 5)."
    failed = [row("no", name=f"Claim {place} with a rather long name of several words") for place in range(9)]
    assert all(one.of("claim") in claims_sentence(failed, 9, "claims") for one in failed), "each by its name"


def test_claims_that_do_not_hold_come_first_and_the_file_has_all_of_them() -> None:
    finding = one(paper_study(20), Claims())
    assert finding.table is not None
    order = ("no", "undecided", "too few", "yes")
    shown = [order.index(cells[6]) for cells in finding.table.texts]
    assert shown == sorted(shown)
    assert len(finding.table.rows) == 44 - 2  # no healthy network was measured
    assert "over 30 tests" in finding.table.note


def test_whether_claims_were_declared_beforehand_is_said() -> None:
    made = paper_study(12, first_seed=21_000)
    now = claim_hashes()
    arms = [replace(a, individuals=tuple(replace(p, claims=now) for p in a.individuals)) for a in made.arms]
    assert "All were declared before these individuals were computed." in one(study(*arms), Claims()).text
    assert "None was declared before these individuals were known" in one(made, Claims()).text


def test_each_counted_claim_is_a_dot_with_what_it_needs() -> None:
    finding = one(paper_study(20), Claims())
    axes = drawn(finding).axes
    names = [label.get_text() for axis in axes for label in axis.get_yticklabels()]
    assert len(names) == len(set(names)) == 28
    place = names.index("SSRI is not relapse-proof")
    (share,) = (r.value for r in finding.rows if r.of("claim") == names[place])
    axis = axes[place // 14]
    dots = [line.get_xdata()[0] for line in axis.lines if line.get_marker() == "o" and len(line.get_xdata())]
    ticks = [line.get_xdata()[0] for line in axis.lines if line.get_marker() == "|" and len(line.get_xdata())]
    assert dots[place % 14] == share
    assert set(ticks) == {50.0, 95.0}


def test_the_published_individual_has_a_diamond_and_a_band_in_each_strip() -> None:
    finding = one(paper_study(20), Published())
    axis = drawn(finding).axes[0]
    ssri = next(r for r in finding.rows if (r.of("condition"), r.of("outcome")) == ("ssri", "combined"))
    diamonds = [line.get_xdata()[0] for line in axis.lines if line.get_marker() == "D"]
    assert 83.5 in diamonds
    assert len(diamonds) == 5
    boxes = [band.get_paths()[0].get_extents() for band in axis.collections if band.get_alpha() == 0.16]
    ends = [(box.x0, box.x1) for box in boxes]
    assert any(end == pytest.approx((ssri.more["predicted_low"], ssri.more["predicted_high"])) for end in ends)


def test_what_lies_outside_is_named_with_its_numbers_its_side_and_what_the_test_would_notice() -> None:
    base = list(range(20))
    values = {
        f"treated/{column}": [published + 5 + 0.1 * value for value in base]
        for column, published in (("combined", 83.5), ("internal_noise_0.5", 87.2), ("internal_noise_2.5", 44.0))
    }
    finding = one(study(arm("ssri", values, range(21_000, 21_020))), Published())
    assert finding.sentence == (
        "3 of 3 published values (0.2 expected) lie outside where 95 % of new individuals would lie: "
        "ssri, combined stress: 83.5, ours 89.5; ssri, sigma 2.5: 44.0, ours 50.0; ssri, sigma 0.5: 87.2, ours 93.2. "
        "3 of 3 noise accuracies of treated networks lie below our median. All values together: p = 0.048 "
        "(8 of 10 times it would notice a shift of one condition by so many SD: ssri 2.5), "
        "one-sided over the noise exams p = 0.048: unlike ours."
    )
    below = one(study(arm("ssri", {name: [83.5] * 2 for name in values})), Published())
    assert below.sentence == "Published and ours under combined stress: ssri 84/84 % (n = 2)."


def test_individuals_with_data_of_their_own_are_no_reference_and_it_is_said() -> None:
    caution = "Ours have data of their own"
    assert caution in one(paper_study(30, "individual"), Published()).text
    assert caution not in one(paper_study(30), Published()).text
    assert one(paper_study(30, "individual"), Published()).also[0].endswith("lie within three standard errors of ours.")


def test_orders_are_counted_those_of_two_treatments_apart() -> None:
    finding = one(two_worlds(), Published(of="orderings"))
    assert finding.sentence.startswith(
        "Of the paper's 15 orders of two treatments 11 hold in both pairs of task and network"
    )
    assert "3 are reversed somewhere; of 8 against no treatment 7 (n = 40)" in finding.sentence
    assert finding.table is not None
    assert len(finding.table.texts) == 15
    cells = {text.get_text() for text in drawn(finding).axes[0].texts}
    assert cells == {
        f"{value:+.1f}" for r in finding.rows if r.more["between_drugs"] and (value := r.value) is not None
    }


def asked(made: Study) -> list[Any]:
    return [ask.dump() for ask in default_asks(made)]


def test_a_study_of_the_papers_conditions_is_asked_for_claims_and_the_published_individual() -> None:
    words = [next(iter(entry)) for entry in asked(paper_study(12))]
    assert words[:3] == ["contrasts", "claims", "published"]
    assert "published" not in [next(iter(entry)) for entry in asked(study(*paper_study(12).arms[:3]))]
    assert asked(two_worlds(n=12))[0] == {"published": {"of": "orderings"}}
    more = study(*regimens(30, 5.0).arms, lasting("ssri maintained", [8.0] * 9), lasting("ssri alone", [3.0] * 9))
    assert {"claims": {"file": "ours"}} in asked(more)


@pytest.mark.parametrize(
    ("entry", "treatments", "message"),
    [
        ({"claims": "paper"}, {"none", "ketamine", "ssri"}, "claims.file=paper: the conditions lack neurosteroid"),
        ({"claims": "ours"}, {"none"}, "claims.file=ours: the conditions lack bridge, handover"),
        (
            {"published": "orderings"},
            {"ssri", "sham"},
            "published.of=orderings: nothing was published of sham and ssri",
        ),
        ("published", {"sham"}, "published.of=individual: nothing was published of sham"),
    ],
)
def test_what_a_sweep_cannot_answer_is_refused(entry: Any, treatments: set[str], message: str) -> None:
    (ask,) = read_asks([entry])
    with pytest.raises(AskError, match=message):
        ask.check((), treatments)
    ask.check((), {"none", "ketamine", "ssri", "neurosteroid"})


def test_a_wrong_file_is_refused_by_name() -> None:
    with pytest.raises(AskError, match=r"claims.file=papers"):
        read_asks([{"claims": "papers"}])


def test_nothing_is_said_where_there_is_nothing() -> None:
    assert findings(study(paper_arm("ssri", 3, pathology__sparsity="0.9")), (Claims(), Published())) == []
    assert findings(Study("study", "1", (), ())) == []


@pytest.mark.parametrize("columns", [2, 3, 8])
def test_no_columns_name_covers_another(columns: int) -> None:
    from itertools import pairwise

    from depsim.report.figures.verdicts import draw_verdicts

    names = [f"four clusters, mlp deep {k}" for k in range(columns)]
    cells = {(0, column): ("yes", "+1.0") for column in range(columns)}
    with style.look():
        figure = draw_verdicts(["neurosteroid on − neurosteroid withdrawn, extreme noise (sigma 2.5)"], names, cells)
        figure.canvas.draw()
        boxes = [label.get_window_extent() for label in figure.axes[0].get_xticklabels()]
    assert all(left.x0 < right.x0 for left, right in pairwise(boxes))
    if columns < 6:
        assert all(left.x1 < right.x0 for left, right in pairwise(boxes))
