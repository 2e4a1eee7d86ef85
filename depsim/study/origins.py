"""Where a study's numbers come from: the condition runs, their commands, and the program and machine behind them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from depsim.study.reading import Study
from depsim.tracking.mlflow_runs import artifacts_of

_FILE = "provenance.json"
_AT_ONCE = 8
"""Requests under way to a server."""


@dataclass(frozen=True)
class Origin:
    """One condition run.

    Args:
        run_id: of the run.
        arm_key: of its arm.
        status: as MLflow has it.
        command: that made it.
        began: milliseconds since 1970.
        provenance: commit, versions and machine; empty where the run was not completed.
    """

    run_id: str
    arm_key: str
    status: str
    command: str
    began: int
    provenance: Mapping[str, Any]


def read_origins(client: Any, study: Study) -> tuple[Origin, ...]:
    """The condition runs of all arms, the oldest first.

    Args:
        client: of the store.
        study: whose.
    """
    parents = [
        (arm.arm_key, run_id)
        for arm in study.arms
        for run_id in (*arm.parents, *(run_id for again in arm.replicates for run_id in again.parents))
    ]
    with tempfile.TemporaryDirectory(prefix="depsim-") as folder, ThreadPoolExecutor(_AT_ONCE) as pool:
        origins = pool.map(lambda parent: _origin(client, parent, Path(folder)), parents)
        return tuple(sorted(origins, key=lambda origin: (origin.began, origin.run_id)))


def _origin(client: Any, parent: tuple[str, str], folder: Path) -> Origin:
    arm_key, run_id = parent
    run = client.get_run(run_id)
    files, provenance = artifacts_of(run), {}
    if any(file.path == _FILE for file in files.list_artifacts()):
        place = folder / run_id
        place.mkdir()
        provenance = json.loads(Path(files.download_artifacts(_FILE, str(place))).read_bytes())
    command = run.data.tags.get("mlflow.source.name", "")
    return Origin(run_id, arm_key, run.info.status, command, run.info.start_time, provenance)
