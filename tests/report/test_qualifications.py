"""What qualifies a number stands with it: margins, few collapses, families, and names that say what was done."""

from __future__ import annotations

import numpy as np

from depsim.report.asking import default_asks
from depsim.report.compose import compose
from depsim.report.questions.contrasts import Contrasts
from depsim.report.questions.rates import Rates
from depsim.study.naming import name_conditions
from tests.people import arm, paper_study, study

DRUGS = ("ketamine", "ssri", "neurosteroid")


def with_placebos(n: int) -> tuple[object, ...]:
    placebos = [
        arm("placebo", {"treated/combined": np.linspace(90, 92, n), "treated/remission": np.ones(n),
                        "treated/response": np.ones(n)},
            changed={"treatment.of": drug, **{f"treatment.of.{k.removeprefix('treatment.')}": v
                     for k, v in arm(drug, {}).settings.items() if k.startswith("treatment.")}})
        for drug in DRUGS
    ]  # fmt: skip
    return (*paper_study(n).arms, *placebos)


def test_each_margin_that_was_used_stands_in_the_note() -> None:
    """The note had the last row's margin for all rows."""
    spread = np.linspace(-0.1, 0.1, 12)
    arms = (
        arm(name, {"treated/combined": mean + spread}) for name, mean in zip(DRUGS, (80.0, 90.0, 97.5), strict=True)
    )
    (made,) = Contrasts(outcomes=("combined",)).findings(study(*arms))
    assert made.table is not None
    assert "(combined stress 0.25 to 2.00)" in made.table.note


def test_with_placebos_drugs_are_still_compared_with_drugs() -> None:
    made = study(*with_placebos(12))  # type: ignore[arg-type]
    (all_pairs,) = Contrasts().findings(made)
    (alone,) = Contrasts().findings(paper_study(12))
    assert [dict(row.key) for row in all_pairs.rows] == [dict(row.key) for row in alone.rows]
    assert [row.p_holm for row in all_pairs.rows] == [row.p_holm for row in alone.rows], "one family with and without"
    assert {ask.word for ask in default_asks(made)} >= {"contrasts"}


def test_few_collapses_take_a_means_verdict_and_are_counted() -> None:
    steady = np.linspace(80, 82, 50)
    for collapses, verdict in ((0, "yes"), (1, None), (4, None), (5, "yes"), (50, "yes")):
        standard = np.where(np.arange(50) < collapses, 50.0, 99.0)
        lower = arm("ssri", {"treated/combined": steady - 5, "treated/standard": standard})
        (made,) = Contrasts(outcomes=("combined",)).findings(
            study(arm("ketamine", {"treated/combined": steady}), lower)
        )
        (row,) = made.rows
        assert (row.verdict, row.more["majority"]) == (verdict, "yes")
        assert (f"{collapses} of 50 collapsed under ketamine or ssri" in made.caution) == (verdict is None)


def test_rates_name_all_conditions() -> None:
    """One of three placebos was listed."""
    rates = {"treated/remission": np.ones(12), "treated/response": np.ones(12)}
    treated = [arm(name, rates) for name in ("none", *DRUGS)]
    (made,) = Rates(of="recovery").findings(study(*treated, *with_placebos(12)[4:]))  # type: ignore[arg-type]
    assert all(f"placebo of {drug} 100" in made.sentence for drug in DRUGS)


def test_what_qualifies_an_answer_stands_in_its_section_or_a_bullet() -> None:
    page = compose(paper_study(20), (), "depsim report paper")
    said = " ".join([*page.bullets, *(section.text for section in page.sections)])
    assert "of 15 noise accuracies of treated networks lie below our median" in said
    assert "8 of 10 times it would notice a shift of one condition by so many SD: untreated" in said
    assert "Neurosteroid collapses once it is withdrawn" in said


def test_each_of_several_shams_has_its_epochs_and_its_learning_rate() -> None:
    """“Sham, 15 epochs” had one learning rate in one study and another in the next."""
    shams = [{"treatment": "sham", "treatment.epochs": e, "treatment.learning_rate": "0.0005"} for e in ("15", "170")]
    assert name_conditions(shams) == ["sham, 15 epochs, lr 0.0005", "sham, 170 epochs, lr 0.0005"]
    assert name_conditions([shams[0], {"treatment": "none"}]) == ["sham", "untreated"]
