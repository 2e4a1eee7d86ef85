"""What MLflow's client alone takes to write what an individual of four arms leaves: what no driver of it can go below.

    python benchmarks/mlflow_alone.py STUDY    in a working directory with runs; prints milliseconds of a core

A run of each arm is read, and written again and again into an experiment of their own: created with their
tags, their numbers in one batch, ended. Settings, files, locks and everything else of depsim's are left out.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from mlflow.entities import Metric

from depsim.tracking.mlflow_store import open_client

_TIMES = 25


def main(study: str) -> None:
    """Measure and print."""
    client = open_client()
    experiment = client.get_experiment_by_name(study).experiment_id
    wanted = "tags.`depsim.kind` = 'individual' and status = 'FINISHED'"
    of_arms = {run.data.tags["depsim.arm_key"]: run for run in client.search_runs([experiment], wanted)}
    left = [(tags(run), numbers(client, run)) for run in of_arms.values()]
    target = client.create_experiment(f"mlflow alone {time.time_ns()}")
    write(client, target, left)  # once beforehand: connections, compiled statements
    began = time.process_time()
    for _ in range(_TIMES):
        write(client, target, left)
    print(1000 * (time.process_time() - began) / _TIMES)


def tags(run: Any) -> dict[str, str]:
    """Those that a run was given, under names by which nobody finds it."""
    given = {name: value for name, value in run.data.tags.items() if not name.startswith("mlflow.")}
    return {name.replace("depsim", "copied"): value for name, value in given.items()}


def numbers(client: Any, run: Any) -> list[Metric]:
    """All that was logged, step by step."""
    histories = (client.get_metric_history(run.info.run_id, name) for name in run.data.metrics)
    return [Metric(each.key, each.value, each.timestamp, each.step) for history in histories for each in history]


def write(client: Any, experiment: str, left: list[tuple[dict[str, str], list[Metric]]]) -> None:
    """Once more, as new runs."""
    for given, metrics in left:
        run = client.create_run(experiment, tags=given)
        client.log_batch(run.info.run_id, metrics)
        client.set_terminated(run.info.run_id)


if __name__ == "__main__":
    main(sys.argv[1])
