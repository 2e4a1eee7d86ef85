from __future__ import annotations

from depsim.study.panels import panels
from tests.people import arm, paper_arm, study


def test_shared_and_individual_data_are_never_one_panel() -> None:
    arms = [paper_arm(name, 3, data=data) for name in ("none", "ssri") for data in ("individual", "shared")]
    found = panels(study(*arms))
    assert [(panel.name, len(panel.conditions)) for panel in found] == [("shared", 2), ("individual", 2)]


def test_other_surroundings_stand_apart_and_say_how_they_differ() -> None:
    arms = [paper_arm("ssri", 3, pathology__sparsity=level) for level in ("0.9", "0.95")]
    papers, other = panels(study(*arms))
    assert (papers.is_papers, papers.name, papers.title) == (True, "shared", "Shared data, as in the paper")
    assert (other.differs, other.name) == (("pathology.sparsity=0.9",), "shared_1")
    assert other.title == "Shared data, 90 % pruned"


def test_headings_name_what_varies_and_not_what_all_have() -> None:
    levels = [("0.9", "20"), ("0.95", "20"), ("0.9", "5")]
    short = [paper_arm("ssri", 3, pathology__sparsity=s, training__epochs=e, task__spread="1.5") for s, e in levels]
    titles = [panel.title for panel in panels(study(*short))]
    assert sorted(titles) == [
        "Shared data, pathology.sparsity=0.9, training.epochs=20",
        "Shared data, pathology.sparsity=0.9, training.epochs=5",
        "Shared data, pathology.sparsity=0.95, training.epochs=20",
    ]
    assert [panel.title for panel in panels(study(short[0]))] == ["Shared data"]


def test_groups_that_differ_in_the_device_alone_can_be_told_apart() -> None:
    found = panels(study(paper_arm("ssri", 3), paper_arm("ssri", 4, device="cuda")))
    assert len({panel.name for panel in found}) == len({panel.title for panel in found}) == 2
    assert all(panel.is_papers for panel in found)


def test_of_several_settings_the_papers_is_taken_and_the_others_are_noted() -> None:
    arms = [paper_arm("ssri", 3, treatment__epochs=epochs) for epochs in ("50", "100", "200")]
    (panel,) = panels(study(paper_arm("none", 3), *arms, arm("ketamine", {})))  # of failures alone
    assert [condition.name for condition in panel.conditions] == ["untreated", "ssri"]
    assert panel.conditions[1].arm is arms[1]
    assert panel.notes == ("ssri: 2 arms with other settings are left out here, beside the paper's.",)
    assert len(panels(study(paper_arm("none", 3), arms[0]))[0].conditions) == 1  # none of them the paper's


def test_a_treatment_of_ones_own_takes_part_under_its_name() -> None:
    own = arm("light", {"treated/combined": [50.0, 60.0], "withdrawn/combined": [40.0, 40.0]})
    (panel,) = panels(study(paper_arm("none", 2), own))
    assert [condition.name for condition in panel.conditions] == ["untreated", "light", "light withdrawn"]
    assert panels(study(own)) == ()
