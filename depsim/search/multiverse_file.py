"""Multiverse files: the same conditions at many reasonable settings."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from depsim.component import Component
from depsim.study.setting_range import SettingRange

MOST_POINTS = 10_000
"""Of one multiverse; the seeds of two individuals of one point lie so far apart."""
_MOST_SETTINGS = 30


class MultiverseFile(Component):
    """A question, and the settings over which its answer may change.

    Args:
        question: what it asks.
        study: the MLflow experiment.
        settings: what is fixed: configuration key to value.
        arms: the conditions at every point, as a grid has them.
        space: what is varied: configuration key, or treatment and its key, to what it may be.
        points: how many sets of settings, the paper's own among them.
        placebo: whether each treatment's placebo is a condition, too.
        report: what the report on it asks; by what was varied where the file says nothing of it.
    """

    question: str
    study: str
    settings: dict[str, Any] = Field(default_factory=dict)
    arms: dict[str, list[Any]] | list[dict[str, list[Any]]]
    space: Annotated[dict[str, SettingRange], Field(min_length=1, max_length=_MOST_SETTINGS)]
    points: Annotated[int, Field(ge=1, le=MOST_POINTS)]
    placebo: bool = False
    report: list[Any] | None = None
