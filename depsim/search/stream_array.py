"""The networks of a sweep that asks which stream of chance matters."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from depsim.component import Component
from depsim.execution.job import HOLD
from depsim.statistics.orthogonal_array import LEVELS, orthogonal_array


class StreamArray(Component):
    """Networks made of combinations of held streams, each at the seeds 0 to 7, in an orthogonal array.

    Args:
        streams: names of what ``cohort.hold`` can hold.
        strength: how many streams meet in every combination of their seeds: 2 for 64 networks, 3 for 512.
    """

    streams: Annotated[tuple[str, ...], Field(min_length=2, max_length=LEVELS, strict=False)]
    strength: Literal[2, 3]

    @model_validator(mode="after")
    def _enough_streams(self) -> Self:
        if len(set(self.streams)) < max(len(self.streams), self.strength):
            raise ValueError(f"array.streams={list(self.streams)}: needs {self.strength} streams or more, none twice")
        return self

    @property
    def keys(self) -> tuple[str, ...]:
        """The configuration keys of the streams."""
        return tuple(f"{HOLD}{stream}" for stream in self.streams)

    @property
    def size(self) -> int:
        """How many networks there are."""
        return int(LEVELS**self.strength)

    def rows(self) -> list[tuple[str, ...]]:
        """The overrides of each network."""
        runs = orthogonal_array(len(self.streams), self.strength).tolist()
        return [tuple(f"{key}={seed}" for key, seed in zip(self.keys, run, strict=True)) for run in runs]
