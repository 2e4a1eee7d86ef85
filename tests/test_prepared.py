"""The prepared experiments are what their rule chose."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest

from depsim.config import prepare
from tests.contracts.choices import names

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs/prepared.md"


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import prepared

    return prepared


def measured(tool: Any, standard: float = 100.0, at_half: float = 99.0, at_full: float = 98.0, **more: float) -> Any:
    """A network that loses most at the highest noise; at the scales in between nothing is chosen."""
    noisy = dict.fromkeys(tool.SCALES, 0.0) | {0.5: at_half, 1.0: at_full}
    return tool.Measured(standard, noisy, more.get("healthy", 97.0), more.get("untreated", 30.0), 25.0)


def test_the_fewest_passes_within_a_point_of_the_best_are_chosen(tool: Any) -> None:
    papers = {tool.PAPERS: {1: measured(tool)}}
    for standards, passes in (((95, 98.2, 99.1), 3), ((98.2, 98.5, 99), 1), ((90, 95, 99), 9), ((98, 99.1, 99), 3)):
        own = {count: measured(tool, value) for count, value in zip((1, 3, 9), standards, strict=True)}
        assert tool.choose({**papers, ("digits", "mlp"): own})["digits", "mlp"].passes == passes


@pytest.mark.slow
def test_an_epoch_shows_at_least_a_quarter_as_many_points_as_the_papers(tool: Any) -> None:
    assert {task: tool.allowed(task) for task in tool.TASKS} == {"four_clusters": [1, 3, 9], "digits": [3, 9]}


def test_the_scale_takes_the_same_share_above_chance_as_from_the_papers_network(tool: Any) -> None:
    # the paper's loses 3 of 75 points; 4 of 75 at half the noise are nearer to that than 7.5 of 75 at all of it
    papers = measured(tool, 100, 99, 97)
    other = measured(tool, 100, 96, 92.5)
    chosen = tool.choose({tool.PAPERS: {1: papers}, ("digits", "mlp"): {1: other}})
    assert {pair: choice.scale for pair, choice in chosen.items()} == {tool.PAPERS: 1.0, ("digits", "mlp"): 0.5}
    assert papers.lost(1.0) == pytest.approx(3 / 75)


def test_a_pair_in_which_the_pathology_does_not_show_is_refused(tool: Any) -> None:
    tool.choose({tool.PAPERS: {1: measured(tool, healthy=97.0, untreated=61.0)}})
    with pytest.raises(SystemExit, match=r"the untreated network has 61\.1 %"):
        tool.choose({tool.PAPERS: {1: measured(tool, healthy=97.0, untreated=61.1)}})


@pytest.mark.slow
def test_every_task_and_network_has_an_experiment_and_the_page_says_how_it_was_chosen(tool: Any) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page.startswith(tool.RULE)
    rows = [line.split(" | ") for line in page.splitlines() if line.startswith("| `")]
    assert ({*tool.TASKS, "torch_dataset"}, {*tool.MODELS, "torch_module"}) == ({*names("task")}, {*names("model")})
    assert len(rows) == len(tool.TASKS) * len(tool.MODELS)
    for (task, model), row in zip(product(tool.TASKS, tool.MODELS), rows, strict=True):
        assert row[0] == f"| `{task}_{model}`"
        config = prepare([f"experiment={task}_{model}", "tracking=none"]).job.config
        assert (config["task"]["passes"], config["model"]["noise_scale"]) == (int(row[1]), float(row[2]))
        own = tool.Choice(int(row[1]), float(row[2]), measured(tool))
        written = ROOT / f"conf/experiment/{task}_{model}.yaml"
        assert written.read_text(encoding="utf-8") == tool.experiment(task, model, own)
    assert (rows[0][1], rows[0][2]) == ("1", "1.0")


@pytest.mark.slow
def test_a_network_and_a_task_by_themselves_have_what_was_chosen_with_the_papers_other_half() -> None:
    def settings(word: str) -> tuple[object, object]:
        config = prepare([word, "tracking=none"]).job.config
        return config["task"]["passes"], config["model"]["noise_scale"]

    assert settings("model=recurrent") == settings("experiment=four_clusters_recurrent") != settings("model=mlp")
    assert settings("task=digits")[0] == settings("experiment=digits_mlp")[0] != settings("task=four_clusters")[0]
