"""Traits: how individuals differ beside chance, in what a pathology, stress and a treatment do to them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Annotated

import numpy as np
from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from depsim.component import Component, Seed, StandardDeviation
from depsim.streams import Purpose, Streams

STRUCTURAL_LOSS, STRESS_SENSITIVITY, PLASTICITY = "structural_loss", "stress_sensitivity", "plasticity"
TRAITS = (STRUCTURAL_LOSS, STRESS_SENSITIVITY, PLASTICITY)
"""Their places say which of an individual's numbers each is drawn from: never reorder."""


def _seeds_as_numbers(values: object) -> object:
    """Values whose keys were texts, as in YAML with quotes and in what is stored."""
    if not isinstance(values, Mapping):
        return values
    return {int(key) if isinstance(key, str) and key.isdecimal() else key: own for key, own in values.items()}


class Trait(Component):
    """How one trait is spread over individuals.

    Args:
        omega: standard deviation of its logarithm, or of the logit of a share; 0 gives everybody the typical value.
        values: the trait of some individuals, by seed; the others are drawn.
    """

    omega: StandardDeviation = 0.0
    values: Annotated[dict[Seed, float] | None, BeforeValidator(_seeds_as_numbers)] = None

    @property
    def is_nothing(self) -> bool:
        """Whether everybody has the typical value."""
        return self.omega == 0 and not self.values

    def __hash__(self) -> int:
        """Equal traits have one hash; a mapping has none of its own."""
        return hash((self.omega, tuple(sorted((self.values or {}).items()))))


class TraitError(ValueError):
    """A trait that has no effect where it stands; the message says which."""


class Traits(Component):
    """What sets individuals apart, the same in every arm and replicate.

    Args:
        structural_loss: the share that the pathology prunes; logit-normal around the pathology's own.
        stress_sensitivity: multiplier of all internal noise, in training and in examinations, those of the healthy
            network included; log-normal around 1.
        plasticity: multiplier of the learning rate of every phase after the pathology; log-normal around 1.
        rho: correlation of structural loss and stress sensitivity, on the scale that they are drawn on.
    """

    structural_loss: Trait = Trait()
    stress_sensitivity: Trait = Trait()
    plasticity: Trait = Trait()
    rho: Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)] = 0.0

    @field_validator(*TRAITS)
    @classmethod
    def _possible(cls, trait: Trait, info: ValidationInfo) -> Trait:
        most = 1.0 if info.field_name == STRUCTURAL_LOSS else math.inf
        for seed, value in (trait.values or {}).items():
            if not (0 < value < most):
                allowed = "a share between 0 and 1" if most == 1 else "a number above 0"
                raise ValueError(f"values={{{seed}: {value}}}: must be {allowed}")
        return trait

    @property
    def active(self) -> tuple[str, ...]:
        """The traits in which individuals differ."""
        return tuple(name for name in TRAITS if not getattr(self, name).is_nothing)

    def of(self, seeds: Sequence[int], sparsity: float) -> Mapping[str, np.ndarray]:
        """The traits of individuals.

        Args:
            seeds: N of them.
            sparsity: the typical structural loss.

        Shape: name of each active trait to (N,) float64.
        """
        draws = np.array([g.standard_normal(len(TRAITS)) for g in Streams(tuple(seeds)).numpy(Purpose.TRAIT)])
        draws = draws.reshape(len(seeds), len(TRAITS))
        draws[:, 1] = self.rho * draws[:, 0] + math.sqrt(1 - self.rho**2) * draws[:, 1]
        return {name: self._column(name, seeds, draws[:, TRAITS.index(name)], sparsity) for name in self.active}

    def _column(self, name: str, seeds: Sequence[int], draws: np.ndarray, sparsity: float) -> np.ndarray:
        trait: Trait = getattr(self, name)
        typical = sparsity if name == STRUCTURAL_LOSS else 1.0
        odds = typical / (1 - typical) if name == STRUCTURAL_LOSS else typical
        spread = odds * np.exp(trait.omega * draws)
        drawn = spread / (1 + spread) if name == STRUCTURAL_LOSS else spread
        own = trait.values or {}
        return np.array([own.get(s, d if trait.omega else typical) for s, d in zip(seeds, drawn.tolist(), strict=True)])


NO_TRAITS = Traits()
"""Everybody is typical."""
