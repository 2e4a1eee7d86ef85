"""The published values as data, against the paper's tables, copied here once more by hand."""

from __future__ import annotations

import pytest

from depsim.config import prepare
from depsim.execution.job import scientific_settings
from depsim.paper.published import differences, is_papers, is_papers_treatment, published
from tests.people import SURROUNDINGS, TREATMENTS

TABLE_1 = """
untreated              95.0  50.8  43.9  31.8 28.3    -
ketamine               47.5 100.0 100.0  96.9 84.5 -0.2
ssri                   95.0 100.0  99.5  83.5 44.0 10.8
neurosteroid on        95.0 100.0 100.0  97.5 42.5  4.1
neurosteroid withdrawn 95.0     -     -  90.5 58.6    -
"""
TABLE_2 = """
untreated        43.9 31.6 29.9 28.0 28.3
ketamine        100.0 99.8 99.0 96.1 84.5
ssri             99.5 87.2 70.3 58.0 44.0
neurosteroid on 100.0 99.9 89.6 69.3 42.5
"""
SEQUEL = """
untreated              28.9 2.4 27.8 1.6   -   -
ketamine               97.3 0.2 81.7 3.0 0.0 0.4
ssri                   81.3 8.8 42.0 3.1 9.1 5.8
neurosteroid on        97.8 0.1 41.2 1.0 6.9 5.6
neurosteroid withdrawn 68.8 9.9 51.9 2.8   -   -
"""


def read(table: str, columns: int) -> dict[str, list[float | None]]:
    rows = {}
    for line in table.strip().splitlines():
        words = line.split()
        values = [None if word == "-" else float(word) for word in words[-columns:]]
        rows[" ".join(words[:-columns])] = values
    return rows


def test_table_1() -> None:
    table = published()["paper"]["table_1"]
    assert table["columns"] == ["sparsity", "clean", "standard", "combined", "internal_noise_2.5", "relapse_drop"]
    assert table["rows"] == read(TABLE_1, 6)


def test_table_2() -> None:
    table = published()["paper"]["table_2"]
    assert table["columns"] == ["standard", *(f"internal_noise_{sigma}" for sigma in ("0.5", "1.0", "1.5", "2.5"))]
    assert table["rows"] == read(TABLE_2, 5)


def test_the_sequels_means_and_deviations() -> None:
    sequel, expected = published()["sequel"], read(SEQUEL, 6)
    assert sequel["n"] == 10
    assert sequel["columns"] == ["combined", "internal_noise_2.5", "relapse_drop"]
    assert sequel["mean"] == {name: values[0::2] for name, values in expected.items()}
    assert sequel["sd"] == {name: values[1::2] for name, values in expected.items()}


def test_the_papers_condition_is_known_and_every_other_is_named() -> None:
    assert is_papers(SURROUNDINGS | {"treatment": "ssri", "treatment.epochs": "3", "cohort.data": "shared"})
    assert is_papers(SURROUNDINGS | {"device": "cuda", "assessment.internal_noise": "[0.5]"})
    assert differences(SURROUNDINGS | {"pathology.sparsity": "0.9"}) == ("pathology.sparsity=0.9",)
    assert differences(SURROUNDINGS | {"task.new": "3"}) == ("task.new=3",)
    without = {key: value for key, value in SURROUNDINGS.items() if key != "task.spread"}
    assert differences(without) == ("task.spread missing",)


def test_the_papers_treatments_are_known_by_their_settings() -> None:
    for treatment, settings in TREATMENTS.items():
        assert is_papers_treatment({"treatment": treatment} | settings)
    assert not is_papers_treatment({"treatment": "ssri"} | TREATMENTS["ssri"] | {"treatment.epochs": "50"})
    assert not is_papers_treatment({"treatment": "ssri"})
    assert not is_papers_treatment({"treatment": "light"})


@pytest.mark.parametrize("treatment", sorted(TREATMENTS))
def test_what_conf_has_by_default_is_the_papers_condition(treatment: str) -> None:
    """The settings as they go to MLflow; a key that conf/ gains has to be decided on here too."""
    job = prepare(["tracking=none", f"treatment={treatment}"]).job
    settings = scientific_settings(job.params())
    assert is_papers(settings)
    assert is_papers_treatment(settings)
