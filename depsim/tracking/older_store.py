"""Stores of versions that this one does not read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_SINCE_0_3 = "assessment.collapse"
"""A parameter of every condition since depsim 0.3 whose assessment is the paper's."""


class OlderStoreError(ValueError):
    """A store has runs of a version that this one does not read; the message says which study, and what helps."""


def refuse_older(client: Any, studies: Mapping[str, str], address: str) -> None:
    """Refuse a store whose oldest finished condition with the paper's assessment is of a version before 0.3.

    Args:
        client: of the store.
        studies: id to name of every experiment that is not deleted.
        address: of the store, as it may be shown.

    Raises:
        OlderStoreError: if it is.
    """
    finished = "tags.`depsim.kind` = 'condition' and attributes.status = 'FINISHED'"
    query, order = f"{finished} and params.assessment = 'paper'", ["attributes.start_time ASC"]
    for run in client.search_runs(list(studies), query, max_results=1, order_by=order) if studies else ():
        if _SINCE_0_3 not in run.data.params:
            raise OlderStoreError(
                f"{studies[run.info.experiment_id]}: a version of depsim before 0.3 wrote this study, and this one "
                f"does not read it; delete the study in MLflow, or use another store than {address}"
            )
