"""The steps of a regimen, as settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from depsim.component import Component, Count, PositiveShare
from depsim.stages import BEFORE, FOLLOW_UP, MAINTAINED, STAGES, STRESSED, WITHDRAWAL

_ACTS = ("give", "stop", "repeat", "stress", "examine")
_RESERVED = (
    *(*STAGES, BEFORE, STRESSED, MAINTAINED, WITHDRAWAL, FOLLOW_UP),
    *("dose", "treatment", "regrowth", "trait", "summary", "system"),
)


def _listed(value: object) -> object:
    """One name as a list of it."""
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value


def _rule(value: object) -> object:
    """What ``unless`` may be."""
    if value is not None and value != "remitted" and not isinstance(value, Mapping | Threshold):
        raise ValueError("must be remitted or {combined: NUMBER}")
    return value


Names = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class Threshold(Component):
    """From where on a step is not needed.

    Args:
        combined: accuracy under combined stress, in per cent.
    """

    combined: Annotated[float, Field(ge=0, allow_inf_nan=False)]


class RegimenStep(Component):
    """One step; it does one thing: ``give``, ``stop``, ``repeat``, ``stress`` or ``examine``.

    Args:
        give: drugs whose acts and training are done now, together; one of them at most may train.
        keep: beside ``give``, drugs that were given before and stay on during this step and after it; all others are
            off.
        taper: kept drugs that fade over the last so many epochs of this step's training, and are off after it.
        stop: drugs that are taken off, or ``all``; nothing is trained.
        unless: only individuals whose combined accuracy, examined before this step, is below get it; ``remitted`` asks
            for those who are not in remission.
        repeat: how often ``steps`` are done, one round after the other; ``unless`` beside it is decided once, before
            the first round, and within ``steps`` in each.
        steps: what is repeated.
        stress: share of the surviving synapses that is lost, by magnitude; what is on stays on.
        examine: the name, of letters in lower case, under which the networks are measured here; not one of the exams
            that every course has; what is on stays on. Metrics are ``NAME/combined/0`` and, where the name comes again,
            ``NAME/combined/1``; ``NAME/combined/course`` is the curve through them.
    """

    give: Names = ()
    keep: Names = ()
    taper: dict[str, Count] = Field(default_factory=dict)
    stop: Names = ()
    unless: Annotated[Threshold | Literal["remitted"] | None, BeforeValidator(_rule)] = None
    repeat: Count | None = None
    steps: Annotated[tuple[RegimenStep, ...], Field(strict=False)] = ()
    stress: PositiveShare | None = None
    examine: Annotated[str, Field(pattern=r"^[a-z]\w{0,40}$")] | None = None

    @field_validator("examine")
    @classmethod
    def _free(cls, name: str | None) -> str | None:
        if name in _RESERVED:
            raise ValueError(f"is taken; allowed is any name but {', '.join(_RESERVED)}")
        return name

    @model_validator(mode="after")
    def _does_one_thing(self) -> RegimenStep:
        done = [word for word in _ACTS if getattr(self, word)]
        if len(done) != 1:
            raise ValueError(f"does {' and '.join(done) or 'nothing'}; must do one of {', '.join(_ACTS)}")
        if not self.give and (besides := [word for word in ("keep", "taper") if getattr(self, word)]):
            raise ValueError(f"{besides[0]} goes with give only")
        if bool(self.repeat) != bool(self.steps):
            raise ValueError("repeat and steps go together")
        return self
