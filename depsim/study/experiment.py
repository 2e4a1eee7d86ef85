"""The experiment of a study, or why there is nothing to report on."""

from __future__ import annotations

from typing import Any

from depsim.terminal_text import meant


class NothingToReportError(LookupError):
    """There is no such study, or nothing in it is finished."""


def find_experiment(client: Any, name: str) -> Any:
    """The MLflow experiment of a study.

    Args:
        client: of the store.
        name: of the study.

    Raises:
        NothingToReportError: if there is none, or it was deleted; names what there is, or how to bring it back.
    """
    experiment = client.get_experiment_by_name(name)
    if experiment is None:
        there = sorted(e.name for e in client.search_experiments() if e.name != "Default")
        instead = (
            f"there are {', '.join(there)}{meant(name, there)}"
            if there
            else "there is none yet; depsim sweep paper makes one"
        )
        raise NothingToReportError(f"{name}: no such study; {instead}")
    if experiment.lifecycle_stage == "deleted":
        restore = f"mlflow experiments restore --experiment-id {experiment.experiment_id}"
        raise NothingToReportError(
            f"{name}: this study was deleted in MLflow; running it again restores it, or {restore}"
        )
    return experiment
