"""The standing state of networks: how their hidden units respond, whatever is done next."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from depsim.lazy_torch import torch

PerIndividual = float | tuple[float, ...]
"""One number for all individuals, or one for each, N of them."""


class Activity(NamedTuple):
    """What drugs set of a standing state.

    Args:
        damping_factor: multiplier of the hidden activity; 0.7 means 30 % damping, above 1 it is a gain.
        bounded: tanh in place of ReLU.
        layers: the hidden layers in which they do so, 1 for the lowest; None for all.
    """

    damping_factor: float
    bounded: bool
    layers: tuple[int, ...] | None = None

    def faded(self, share: float) -> Activity:
        """The same while it fades: unbounded, the factor so much of the way to 1.

        >>> Activity(0.7, True, (3,)).faded(0.5)
        Activity(damping_factor=0.85, bounded=False, layers=(3,))
        """
        return self._replace(damping_factor=self.damping_factor + (1 - self.damping_factor) * share, bounded=False)


@dataclass(frozen=True)
class StandingState:
    """How hidden units respond until a step changes it.

    A hidden unit that sums up s sends ``damping_factor * (a(s) + noise_mean + noise_gain * sigma * xi)``, where a is
    the activation, sigma the standard deviation of internal noise that an exam or a training asks for, and xi a
    standard normal number. Damping factor and activation are those of its layer (:meth:`in_layer`).

    Args:
        activity: what the drug that is given sets, or None where none does.
        noise_gain: multiplier of all internal noise.
        noise_mean: mean of the internal noise, there also where its standard deviation is 0.
        kept: what drugs that were given before, and stay on, set: factors multiply, and one that bounds is enough.
        sensitivity: to internal noise, of a kind of network or of an individual, which no drug changes; multiplies the
            gain.
    """

    activity: Activity | None = None
    noise_gain: PerIndividual = 1.0
    noise_mean: PerIndividual = 0.0
    kept: tuple[Activity, ...] = ()
    sensitivity: PerIndividual = 1.0

    @property
    def drugs(self) -> tuple[Activity, ...]:
        """All that is on, the first given first."""
        return self.kept if self.activity is None else (*self.kept, self.activity)

    def in_layer(self, layer: int) -> Activity:
        """What all drugs together set in a hidden layer, counted from 1.

        >>> state = StandingState(Activity(0.5, True, (3,)), kept=(Activity(0.8, False),))
        >>> [state.in_layer(layer)[:2] for layer in (1, 2, 3)]
        [(0.8, False), (0.8, False), (0.4, True)]
        """
        acting = [drug for drug in self.drugs if drug.layers is None or layer in drug.layers]
        factor = math.prod((drug.damping_factor for drug in acting), start=1.0)
        return Activity(factor, any(drug.bounded for drug in acting))

    def individual(self, index: int) -> StandingState:
        """The state of one individual as that of a cohort of its own."""
        own: dict[str, Any] = {
            name: of_individual(getattr(self, name), index) for name in ("noise_gain", "noise_mean", "sensitivity")
        }
        return replace(self, **own)

    @property
    def noise_alone(self) -> tuple[float, float]:
        """Gain and mean of the internal noise of a cohort of one."""
        gain, sensitivity, mean = (of_individual(v, 0) for v in (self.noise_gain, self.sensitivity, self.noise_mean))
        return gain * sensitivity, mean

    def with_mean(self, added: float) -> StandingState:
        """The same with so much more mean of the internal noise."""
        mean = self.noise_mean
        return replace(self, noise_mean=tuple(m + added for m in mean) if isinstance(mean, tuple) else mean + added)

    def noise_sd(self, sigma: float, like: torch.Tensor) -> float | torch.Tensor:
        """Standard deviation of the internal noise where ``sigma`` is asked for: a number, or (N, 1, 1)."""
        return sigma * (_spread(self.noise_gain, like) * _spread(self.sensitivity, like))

    def mean(self, like: torch.Tensor) -> float | torch.Tensor:
        """Mean of the internal noise: a number, or (N, 1, 1)."""
        return _spread(self.noise_mean, like)


NO_DRUG = StandingState()
"""The state that networks start in."""


def of_individual(value: PerIndividual, index: int) -> float:
    """One individual's number."""
    return value[index] if isinstance(value, tuple) else value


def _spread(value: PerIndividual, like: torch.Tensor) -> float | torch.Tensor:
    if not isinstance(value, tuple):
        return value
    return torch.tensor(value, dtype=like.dtype, device=like.device).view(-1, 1, 1)
