"""What work on a network costs, roughly: to say how far it is and how long it will take. No result depends on it.

The rates are those of one core of the machine in ``docs/engine.md``; on another one the shares stay about right.
"""

from __future__ import annotations

from dataclasses import dataclass

from depsim.model.sparse import SPARSE_FROM

_SECONDS_PER_DENSE_WEIGHT = 6.5e-11
"""Of training, per sample; all three products and Adam, or those of autograd."""
_SECONDS_PER_SYNAPSE = 1.0e-10
"""Of sparse training, per sample."""
_SECONDS_PER_NOISY_UNIT = 2.0e-9
"""Of internal noise, per sample."""
_SECONDS_PER_CALL = 4.5e-6
"""Of autograd, per sample: what each call of a layer or an activation costs in batches of 128, however small it is."""
_SECONDS_PER_RESPONSE = 1.0e-8
"""Of autograd, per sample and number that an activation sends."""
_TRAINING_TO_EXAM = 0.35


@dataclass(frozen=True)
class NetworkEstimate:
    """What is expected of one individual's network when a step starts.

    Args:
        matrices: weights of each matrix.
        noise_units: as its architecture has them.
        train_size, test_size: points that it is trained on in an epoch, and examined on.
        density: share of the weights that are there.
        times: how often a sample goes through them.
        is_layered, is_unrolled: as the model is.
        products, calls: of a network that autograd computes, the multiplications of one sample, whatever is pruned, and
            the calls of layers and activations; 0 for all others.
    """

    matrices: tuple[int, ...]
    noise_units: int
    train_size: int
    test_size: int
    density: float = 1.0
    times: int = 1
    is_layered: bool = True
    is_unrolled: bool = False
    products: int = 0
    calls: int = 0

    @property
    def weights(self) -> int:
        """Those of all matrices."""
        return sum(self.matrices)

    def training_seconds(self, epochs: int, noisy: bool) -> float:
        """Seconds of one core for so many epochs."""
        noise = self.noise_units * _SECONDS_PER_NOISY_UNIT if noisy else 0.0
        return epochs * self.train_size * (self._seconds_per_sample() + noise)

    def exam_seconds(self, passes: int) -> float:
        """Seconds of one core for so many passes over the test points, most of them under noise."""
        noise = self.noise_units * _SECONDS_PER_NOISY_UNIT
        return passes * self.test_size * (_TRAINING_TO_EXAM * self._seconds_per_sample() + noise)

    def _seconds_per_sample(self) -> float:
        if self.products:
            sent = self.noise_units * _SECONDS_PER_RESPONSE
            return self.products * _SECONDS_PER_DENSE_WEIGHT + sent + self.calls * _SECONDS_PER_CALL
        if (self.is_layered or self.is_unrolled) and 1 - self.density >= SPARSE_FROM:
            return self.times * self.density * self.weights * _SECONDS_PER_SYNAPSE
        share = 0.3 + 0.7 * self.density if self.is_layered else 1.0
        return self.times * share * self.weights * _SECONDS_PER_DENSE_WEIGHT
