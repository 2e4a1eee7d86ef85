"""What a study was made to answer, kept with its experiment: the question of the sweep file and what its report asks."""

from __future__ import annotations

import json
from typing import Any

TAG = "depsim.asked"
"""Tag of the experiment."""


def write_asked(client: Any, experiment_id: str, question: str, asks: list[Any] | None) -> None:
    """Keep what a study answers; a later sweep of the same study has the last word.

    Args:
        client: of the store.
        experiment_id: of the study.
        question: of the sweep file.
        asks: its ``report:`` list as plain values; None where it has none.
    """
    text = json.dumps({"question": question, "report": asks})
    if client.get_experiment(experiment_id).tags.get(TAG) != text:
        client.set_experiment_tag(experiment_id, TAG, text)


def read_asked(client: Any, experiment_id: str) -> tuple[str, list[Any] | None]:
    """The question, empty where nothing was kept, and the ``report:`` list or None."""
    kept = json.loads(client.get_experiment(experiment_id).tags.get(TAG, "{}"))
    return kept.get("question", ""), kept.get("report")
