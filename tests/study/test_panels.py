from __future__ import annotations

from dataclasses import replace

import numpy as np

from depsim.study.panels import align, panels
from tests.people import arm, paper_arm, paper_study, study


def test_conditions_have_the_papers_names_and_order() -> None:
    (panel,) = panels(paper_study(3))
    assert [condition.name for condition in panel.conditions] == [
        "untreated",
        "ketamine",
        "ssri",
        "neurosteroid on",
        "neurosteroid withdrawn",
    ]
    assert panel.is_papers
    assert panel.missing == ()
    assert panel.seeds == panel.shared_seeds == (0, 1, 2)


def test_a_missing_arm_is_named() -> None:
    (panel,) = panels(study(paper_arm("none", 3), paper_arm("ketamine", 3)))
    assert panel.missing == ("ssri", "neurosteroid on", "neurosteroid withdrawn")


def test_shared_and_individual_data_are_never_one_panel() -> None:
    arms = [paper_arm(name, 3, data=data) for name in ("none", "ssri") for data in ("individual", "shared")]
    found = panels(study(*arms))
    assert [(panel.data, panel.name, len(panel.conditions)) for panel in found] == [
        ("shared", "shared", 2),
        ("individual", "individual", 2),
    ]


def test_other_surroundings_stand_apart_and_say_how_they_differ() -> None:
    arms = [paper_arm("ssri", 3, pathology__sparsity=level) for level in ("0.9", "0.95")]
    papers, other = panels(study(*arms))
    assert papers.is_papers
    assert other.differs == ("pathology.sparsity=0.9",)
    assert other.title == "Shared data, 90 % pruned"
    assert papers.name != other.name


def test_headings_name_what_varies_and_not_what_all_have() -> None:
    levels = [("0.9", "20"), ("0.95", "20"), ("0.9", "5")]
    short = [paper_arm("ssri", 3, pathology__sparsity=s, training__epochs=e, task__spread="1.5") for s, e in levels]
    titles = [panel.title for panel in panels(study(*short))]
    assert sorted(titles) == [
        "Shared data, pathology.sparsity=0.9, training.epochs=20",
        "Shared data, pathology.sparsity=0.9, training.epochs=5",
        "Shared data, pathology.sparsity=0.95, training.epochs=20",
    ]
    assert [panel.title for panel in panels(study(*short[:2]))] == [
        "Shared data, 90 % pruned",
        "Shared data, 95 % pruned",
    ]
    assert [panel.title for panel in panels(study(short[0]))] == ["Shared data"]


def test_where_individuals_lost_unequally_a_heading_says_so() -> None:
    unequal = paper_arm("ssri", 3, pathology__sparsity="0.9")
    lost = [replace(p, metrics={**p.metrics, "depressed/sparsity": 88.25 + p.seed}) for p in unequal.individuals]
    _, other = panels(study(paper_arm("ssri", 3), replace(unequal, individuals=tuple(lost))))
    assert other.title == "Shared data, 88.25 to 90.25 % pruned"


def test_groups_that_differ_in_the_device_alone_can_be_told_apart() -> None:
    found = panels(study(paper_arm("ssri", 3), paper_arm("ssri", 4, device="cuda")))
    assert len({panel.name for panel in found}) == len({panel.title for panel in found}) == 2
    assert all(panel.is_papers for panel in found)


def test_a_heading_names_no_device_where_it_tells_nothing() -> None:
    arms = [paper_arm("ssri", 3, pathology__sparsity="0.9", device="cuda"), paper_arm("ssri", 3)]
    papers, other = panels(study(*arms))
    assert (papers.title, other.title) == ("Shared data, as in the paper", "Shared data, 90 % pruned")


def test_of_several_settings_the_papers_is_taken_and_the_others_are_noted() -> None:
    arms = [paper_arm("ssri", 3, treatment__epochs=epochs) for epochs in ("50", "100", "200")]
    (panel,) = panels(study(paper_arm("none", 3), *arms))
    assert panel.conditions[1].arm is arms[1]
    assert panel.notes == ("ssri: 2 arms with other settings are left out here, beside the paper's.",)


def test_a_treatment_without_the_papers_settings_is_left_out_and_noted() -> None:
    (panel,) = panels(study(paper_arm("none", 3), paper_arm("ssri", 3, treatment__epochs="50")))
    assert [condition.name for condition in panel.conditions] == ["untreated"]
    assert panel.notes == ("ssri: one arm with other settings is left out here, none of them the paper's.",)


def test_a_treatment_of_ones_own_takes_part_under_its_name() -> None:
    own = arm("light", {"treated/combined": [50.0, 60.0], "withdrawn/combined": [40.0, 40.0]})
    (panel,) = panels(study(paper_arm("none", 2), own))
    assert [condition.name for condition in panel.conditions] == ["untreated", "light", "light withdrawn"]
    assert panels(study(own)) == ()


def test_an_arm_of_failures_alone_is_no_condition() -> None:
    (panel,) = panels(study(paper_arm("none", 2), arm("ssri", {})))
    assert [condition.name for condition in panel.conditions] == ["untreated"]


def test_what_is_not_measured_is_empty() -> None:
    (panel,) = panels(paper_study(2))
    withdrawn = panel.condition("neurosteroid withdrawn")
    assert withdrawn is not None
    assert withdrawn.values("relapse_drop") == {}
    assert panel.condition("lithium") is None


def test_individuals_are_aligned_by_seed() -> None:
    seeds, values = align([{3: 1.0, 1: 2.0, 2: 0.0}, {1: 5.0, 3: 6.0}])
    assert seeds == (1, 3)
    assert np.array_equal(values, [[2.0, 5.0], [1.0, 6.0]])
    assert align([])[1].shape == (0, 0)
