"""Stores of versions that this one does not read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_OLDER = "depsim.condition_key"
"""Tag that only depsim 0.1 wrote: its runs have no ``depsim.arm_key``."""


class OlderStoreError(ValueError):
    """A store has runs of a version that this one does not read; the message says which study, and what helps."""


def refuse_older(client: Any, studies: Mapping[str, str], address: str) -> None:
    """Refuse a store that has runs of depsim 0.1.

    Args:
        client: of the store.
        studies: id to name of every experiment that is not deleted.
        address: of the store, as it may be shown.

    Raises:
        OlderStoreError: if a study has such runs.
    """
    for run in client.search_runs(list(studies), f"tags.`{_OLDER}` LIKE '%'", max_results=1) if studies else ():
        raise OlderStoreError(
            f"{studies[run.info.experiment_id]}: depsim 0.1 wrote this study, and this version reads those of 0.2 and "
            f"later only. Delete the study in MLflow, or use another store than {address}"
        )
