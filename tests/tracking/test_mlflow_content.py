"""What a finished study leaves in MLflow: metrics, curves, parameters, tags and artifacts of every run."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import shlex
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from depsim.config import JobSpec, prepare
from depsim.execution.packages import format_packages
from depsim.execution.recorder import JobRecord
from depsim.model.masks import unpack
from depsim.outcomes import primary_metrics
from depsim.tracking.aggregate import summaries
from depsim.tracking.mlflow_store import open_client
from tests.jobs import TREATMENTS, artifacts, run, runs, spec
from tests.tiny import regrowth_metrics, structure_metrics

pytestmark = pytest.mark.slow  # whole jobs on a store

STUDY = "content"
MOST_METRICS = 160
"""Of a condition's run: more than that nobody reads through."""
LEVELS = ("0.3", "0.5", "1.0", "1.5", "2.0", "2.5")
SHAPES = ((16, 2), (12, 16), (4, 12))


@dataclass(frozen=True)
class Content:
    """A study with the four arms on three individuals, and another with each arm on one."""

    client: Any
    specs: Mapping[str, JobSpec]
    logs: Mapping[str, JobRecord]

    def parent(self, treatment: str) -> Any:
        (found,) = runs(STUDY, client=self.client, kind="condition", treatment=treatment)
        return found

    def children(self, treatment: str) -> list[Any]:
        found = runs(STUDY, client=self.client, kind="individual", treatment=treatment)
        return sorted(found, key=lambda run: int(run.data.tags["depsim.seed"]))

    def alone(self, treatment: str) -> Any:
        (found,) = runs("alone", client=self.client, treatment=treatment)
        return found

    def curve(self, run: Any, name: str) -> list[tuple[int, float]]:
        return [(m.step, m.value) for m in self.client.get_metric_history(run.info.run_id, name)]


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory, new_store: Path) -> Iterator[Content]:
    folder = tmp_path_factory.mktemp("content")
    with pytest.MonkeyPatch.context() as patch, contextlib.chdir(folder):
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        Path("mlruns").mkdir()
        shutil.copy(new_store, "mlruns/mlflow.db")
        specs = {name: spec(name, "cohort=smoke", f"study={STUDY}") for name in TREATMENTS}
        logs = run(*specs.values())
        run(*(spec(name, "seed=7", "study=alone") for name in TREATMENTS))
        yield Content(open_client(), specs, dict(zip(TREATMENTS, logs, strict=True)))


def examined(stage: str) -> set[str]:
    what = ("clean", "standard", "combined", "resilience_auc")
    names = {f"{stage}/{name}" for name in what} | {f"{stage}/internal_noise_{level}" for level in LEVELS}
    return names | structure_metrics(stage)


def stages(treatment: str) -> list[str]:
    return ["healthy", "depressed", "treated", *(["withdrawn"] if treatment == "neurosteroid" else [])]


def measured(treatment: str) -> set[str]:
    doses = {f"dose/{name}" for name in ("l1", "l2", "path", "logit", "turnover")}
    others = {"relapsed/combined", "relapse_drop", *doses} | structure_metrics("relapsed")
    regrown = regrowth_metrics() if treatment == "ketamine" else set()
    others |= {"before/healthy_combined", "before/slope", "before/depressed_combined", "before/depressed_deficit"}
    others |= {"before/sparsity", "treatment/epochs", "treatment/rate_steps"}
    others |= {"treated/deficit"}
    return set().union(*map(examined, stages(treatment))) | others | regrown


def curves(treatment: str) -> set[str]:
    losses = {"healthy/loss"} | ({"treated/loss"} if treatment != "none" else set())
    return losses | {f"{stage}/resilience" for stage in stages(treatment)}


each_treatment = pytest.mark.parametrize("treatment", TREATMENTS)


@each_treatment
def test_an_individual_has_exactly_the_metrics_that_were_measured(content: Content, treatment: str) -> None:
    for child in (*content.children(treatment), content.alone(treatment)):
        treatable = child.data.metrics["before/depressed_deficit"] > 2
        rates = {"treated/response", "treated/remission"} if treatable else set()
        assert set(child.data.metrics) == measured(treatment) | curves(treatment) | rates


@each_treatment
def test_a_condition_has_all_means_more_of_its_primary_outcomes_and_a_table_of_all(
    content: Content, treatment: str
) -> None:
    children = content.children(treatment)
    metrics = content.parent(treatment).data.metrics
    table = summaries([content.logs[treatment].metrics()[seed] for seed in range(3)])
    rows = csv.DictReader((artifacts(content.parent(treatment)) / "summary.csv").read_text().splitlines())
    means = {row["metric"]: float(row["mean"]) for row in rows}
    expected = set(curves(treatment))
    for name in measured(treatment):
        values = np.array([child.data.metrics[name] for child in children])
        expected.add(name)
        assert metrics[name] == pytest.approx(values.mean(), rel=1e-12, abs=1e-12)
        assert means[name] == table[name].mean == metrics[name]
        assert (table[name].n, table[name].low, table[name].high) == (3, values.min(), values.max())
        if name in primary_metrics():
            expected |= {f"summary/{name}.n", f"summary/{name}.sd"}
            assert (metrics[f"summary/{name}.n"], metrics[f"summary/{name}.sd"]) == (3, table[name].sd)
        if name in primary_metrics() and np.ptp(values):
            ends = low, high = f"summary/{name}.ci_low", f"summary/{name}.ci_high"
            expected |= {*ends}
            assert (metrics[low], metrics[high]) == table[name].interval
            assert metrics[low] <= metrics[name] <= metrics[high]
    rates = {name for name in metrics if "treated/response" in name or "treated/remission" in name}
    assert set(metrics) - rates == expected
    assert len(metrics) <= MOST_METRICS
    assert table["depressed/sparsity"].interval is None
    assert any(name.endswith(".ci_low") for name in metrics)


@each_treatment
def test_units_are_the_papers(content: Content, treatment: str) -> None:
    for found in (*content.children(treatment), content.parent(treatment)):
        metrics = found.data.metrics
        assert 90 < metrics["depressed/sparsity"] < 96
        assert metrics["healthy/sparsity"] == 0
        assert metrics["depressed/sparsity/layer_2"] == pytest.approx(100 * (1 - 10 / 192))
        for stage in stages(treatment):
            assert 1 < metrics[f"{stage}/standard"] <= 100
        drop = metrics["treated/combined"] - metrics["relapsed/combined"]
        assert metrics["relapse_drop"] == pytest.approx(drop, abs=1e-9)
        assert 0 <= metrics["dose/l1"] < 1


def test_ketamine_regrows_and_only_a_treatment_that_is_withdrawn_has_that_stage(content: Content) -> None:
    assert content.parent("ketamine").data.metrics["treated/sparsity"] < 50
    assert content.parent("ketamine").data.metrics["dose/turnover"] > 40
    for treatment in TREATMENTS:
        metrics = content.parent(treatment).data.metrics
        assert any(name.startswith("withdrawn/") for name in metrics) == (treatment == "neurosteroid")


def test_the_untreated_arm_logs_the_treated_stage_and_no_dose(content: Content) -> None:
    for found in (*content.children("none"), content.parent("none"), content.alone("none")):
        metrics = found.data.metrics
        assert {value for name, value in metrics.items() if name.startswith("dose/")} == {0}
        assert metrics["treated/clean"] == metrics["depressed/clean"]
        assert metrics["treated/standard"] == metrics["depressed/standard"]
        assert {"relapsed/combined", "relapse_drop", "relapsed/sparsity"} <= set(metrics)


def test_arms_share_everything_up_to_their_treatment(content: Content) -> None:
    for index in range(3):
        own = [content.children(treatment)[index].data.metrics for treatment in TREATMENTS]
        for name in (*examined("healthy"), *examined("depressed")):
            assert len({metrics[name] for metrics in own}) == 1


@each_treatment
def test_curves_have_an_epoch_or_a_hundredth_of_sigma_as_their_step(content: Content, treatment: str) -> None:
    sigmas = [round(100 * float(level)) for level in LEVELS]
    everyone = [content.parent(treatment), content.alone(treatment), *content.children(treatment)]
    for found in everyone:
        assert [step for step, _ in content.curve(found, "healthy/loss")] == [0, 1]
        if treatment != "none":
            assert [step for step, _ in content.curve(found, "treated/loss")] == [0, 1]
        for stage in stages(treatment):
            points = dict(content.curve(found, f"{stage}/resilience"))
            assert sorted(points) == [0, *sigmas]
            assert len(content.curve(found, f"{stage}/resilience")) == len(points)
            assert points[0] == pytest.approx(found.data.metrics[f"{stage}/standard"])
            assert points[250] == pytest.approx(found.data.metrics[f"{stage}/internal_noise_2.5"])


@each_treatment
def test_a_conditions_curves_are_the_means_of_its_individuals(content: Content, treatment: str) -> None:
    for name in curves(treatment):
        own = [dict(content.curve(child, name)) for child in content.children(treatment)]
        for step, value in content.curve(content.parent(treatment), name):
            assert value == pytest.approx(np.mean([points[step] for points in own]))


def leaves(node: Mapping[str, Any], key: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in node.items():
        if isinstance(value, Mapping) and not any("." in own for own in value):  # whose own names would look like keys
            yield from leaves(value, f"{key}{name}.")
        elif name != "_target_":
            yield f"{key}{name}", value


@each_treatment
def test_every_configuration_value_is_a_parameter(content: Content, treatment: str) -> None:
    config = dict(leaves(content.specs[treatment].job.config))
    expected = {key: str(value) for key, value in config.items() if value is not None and key != "cohort.seeds"}
    expected |= {"cohort.seeds": "0-2", "treatment": treatment, "pathology": "overpruning", "model": "mlp"}
    expected |= {"pathology.sparsity": "0.95", "cohort.size": "3", "cohort.first_seed": "0", "study": STUDY}
    for found in (content.parent(treatment), *content.children(treatment)):
        params = found.data.params
        assert {key: params.get(key) for key in expected} == expected
        assert not any("_target_" in key for key in params)
    assert [child.data.params["seed"] for child in content.children(treatment)] == ["0", "1", "2"]


@each_treatment
def test_tags_say_what_a_run_is(content: Content, treatment: str) -> None:
    job, parent = content.specs[treatment].job, content.parent(treatment)
    common = {"depsim.treatment": treatment, "depsim.pathology": "overpruning", "depsim.model": "mlp"}
    assert common.items() <= parent.data.tags.items()
    assert not {"depsim.seed", "depsim.run_key", "mlflow.parentRunId"} & set(parent.data.tags)
    assert content.logs[treatment].run_id == parent.info.run_id
    for seed, child in enumerate(content.children(treatment)):
        expected = common | {"depsim.kind": "individual", "depsim.seed": str(seed), "depsim.run_key": job.run_key(seed)}
        assert expected.items() <= child.data.tags.items()
        assert child.data.tags["mlflow.parentRunId"] == parent.info.run_id
        assert child.data.tags["depsim.packages"] == format_packages()
    assert content.alone(treatment).data.tags["depsim.packages"] == format_packages()


@each_treatment
def test_everything_finished(content: Content, treatment: str) -> None:
    for found in (content.parent(treatment), *content.children(treatment), content.alone(treatment)):
        assert found.info.status == "FINISHED"
        assert found.info.end_time >= found.info.start_time
    assert len(content.children(treatment)) == 3


@each_treatment
def test_a_cohort_of_one_is_one_run_of_a_condition_with_its_seed(content: Content, treatment: str) -> None:
    alone = content.alone(treatment)
    tags = alone.data.tags
    assert (tags["depsim.kind"], tags["depsim.seed"]) == ("condition", "7")
    assert tags["depsim.run_key"] == prepare_alone(treatment).job.run_key(7)
    assert not any(name.startswith("summary/") for name in alone.data.metrics)
    assert not (artifacts(alone) / "summary.csv").exists()
    assert alone.data.params["cohort.seeds"] == "7"
    names = {"masks.png", "provenance.json", "command.txt", "config.yaml", "masks.npz", "layer_sparsity.csv"}
    assert names <= {path.name for path in artifacts(alone).iterdir()}


def prepare_alone(treatment: str) -> JobSpec:
    return spec(treatment, "seed=7", "study=alone")


@each_treatment
def test_masks_can_be_read_without_pickles_and_count_what_the_metrics_say(content: Content, treatment: str) -> None:
    for child in (*content.children(treatment), content.alone(treatment)):
        data = (artifacts(child) / "masks.npz").read_bytes()
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            assert not any(file[name].dtype.hasobject for name in file.files)
        masks = unpack(data)
        assert list(masks) == [*stages(treatment), "relapsed"]
        for stage, layers in masks.items():
            assert tuple(mask.shape for mask in layers) == SHAPES
            kept, size = sum(int(mask.sum()) for mask in layers), sum(mask.size for mask in layers)
            assert child.data.metrics[f"{stage}/sparsity"] == pytest.approx(100 * (1 - kept / size))
            for layer, mask in enumerate(layers, start=1):
                expected = child.data.metrics[f"{stage}/sparsity/layer_{layer}"]
                assert 100 * (1 - mask.mean()) == pytest.approx(expected)


@each_treatment
def test_the_layer_table_says_the_same(content: Content, treatment: str) -> None:
    for found in (*content.children(treatment), content.alone(treatment)):
        rows = list(csv.DictReader((artifacts(found) / "layer_sparsity.csv").read_text().splitlines()))
        assert len(rows) == (len(stages(treatment)) + 1) * 3
        for row in rows:
            name = f"{row['stage']}/sparsity/layer_{row['layer']}"
            assert float(row["sparsity"]) == pytest.approx(found.data.metrics[name])


@each_treatment
def test_a_child_takes_little_room(content: Content, treatment: str) -> None:
    for child in content.children(treatment):
        assert sum(path.stat().st_size for path in artifacts(child).iterdir()) < 20_000


def test_only_conditions_carry_figure_provenance_and_command(content: Content) -> None:
    parents_own = {"masks.png", "provenance.json", "command.txt", "individuals.csv"}
    everyones = {"config.yaml", "masks.npz", "layer_sparsity.csv"}
    for treatment in TREATMENTS:
        names = {path.name for path in artifacts(content.parent(treatment)).iterdir()}
        assert parents_own | everyones <= names
        for child in content.children(treatment):
            assert {path.name for path in artifacts(child).iterdir()} == everyones
    figure = (artifacts(content.parent("ketamine")) / "masks.png").read_bytes()
    assert figure.startswith(b"\x89PNG")


@each_treatment
def test_the_stored_command_runs_the_same_job_again(content: Content, treatment: str) -> None:
    text = (artifacts(content.parent(treatment)) / "command.txt").read_text()
    program, command, *overrides = shlex.split(text)
    assert (program, command) == ("depsim", "run")
    again = prepare(overrides).job
    own = content.specs[treatment].job
    assert (again.job_key, again.study) == (own.job_key, own.study)


@each_treatment
def test_the_stored_configuration_is_the_resolved_one(content: Content, treatment: str) -> None:
    stored = yaml.safe_load((artifacts(content.parent(treatment)) / "config.yaml").read_text())
    assert stored == content.specs[treatment].job.config
    for seed, child in enumerate(content.children(treatment)):
        assert yaml.safe_load((artifacts(child) / "config.yaml").read_text()) == stored | {"seed": seed}


def test_provenance_names_program_machine_and_device(content: Content) -> None:
    found = json.loads((artifacts(content.parent("none")) / "provenance.json").read_text())
    assert {"git_commit", "git_dirty", "python", "packages", "cpu", "gpu", "threads_per_worker"} <= set(found)
    assert {"torch", "numpy", "mlflow", "depsim"} <= set(found["packages"])
    if found["git_commit"]:
        assert len(found["git_commit"]) == 40
        assert isinstance(found["git_dirty"], bool)


def test_the_table_of_individuals_has_their_metrics(content: Content) -> None:
    for treatment in TREATMENTS:
        text = (artifacts(content.parent(treatment)) / "individuals.csv").read_text()
        rows = list(csv.DictReader(text.splitlines()))
        for row, child in zip(rows, content.children(treatment), strict=True):
            assert (row["seed"], row["run_id"]) == (child.data.tags["depsim.seed"], child.info.run_id)
            assert row["run_key"] == child.data.tags["depsim.run_key"]
            assert {name: float(row[name]) for name in measured(treatment)}.items() <= child.data.metrics.items()


def test_no_two_finished_runs_share_a_key_and_keys_differ_between_arms(content: Content) -> None:
    found = [run.data.tags["depsim.run_key"] for name in TREATMENTS for run in content.children(name)]
    assert len(found) == len(set(found)) == 12


def test_one_healthy_network_was_stored_per_individual(content: Content) -> None:
    mlruns = artifacts(content.parent("none")).parents[3]
    assert len(list(mlruns.glob("cache/healthy/??/*.safetensors"))) == 4
