"""The training of the protocol's four arms in JAX: a whole cohort at once, ``vmap`` and ``jit``, no exams.

    pip install -e '.[jax]'
    python benchmarks/jax_training.py --size 8       seconds per individual, compilation included

A cohort's batches are gathered on the device inside ``lax.scan`` over the steps of a phase; Adam is written out. Masked
weights are held by masking their gradients. No treatment's exam, store or start-up is part of it, so it is less work
than what depsim is timed for.
"""

from __future__ import annotations

import argparse
import json
import time
from functools import partial
from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np

SIZES = (2, 512, 512, 256, 4)
BATCH = 128
CENTRES = np.array([[-3, -3], [3, 3], [-3, 3], [3, -3]], dtype=np.float64)


def points(seed: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.RandomState(1000 * seed + 100)
    labels = random.randint(0, 4, size)
    return (CENTRES[labels] + random.randn(size, 2) * 0.8).astype(np.float32), labels.astype(np.int32)


def start(key: jax.Array) -> list[tuple[jax.Array, jax.Array]]:
    layers = []
    for (fan_in, fan_out), own in zip(pairwise(SIZES), jax.random.split(key, len(SIZES) - 1), strict=True):
        one, two = jax.random.split(own)
        bound = fan_in**-0.5
        weights = jax.random.uniform(one, (fan_out, fan_in), minval=-bound, maxval=bound)
        layers.append((weights, jax.random.uniform(two, (fan_out,), minval=-bound, maxval=bound)))
    return layers


def logits(layers, x, key, sigma, on_drug, noisy):  # type: ignore[no-untyped-def]
    """Outputs (B, 4); ``noisy`` and ``on_drug`` are known when it is compiled."""
    for weights, biases in layers[:-1]:
        x = x @ weights.T + biases
        x = jnp.tanh(x) if on_drug else jax.nn.relu(x)
        if noisy:
            key, own = jax.random.split(key)
            x = x + jax.random.normal(own, x.shape) * sigma
        x = x * 0.7 if on_drug else x
    weights, biases = layers[-1]
    return x @ weights.T + biases


def loss(layers, x, y, weight, key, sigma, on_drug, noisy):  # type: ignore[no-untyped-def]
    """Mean cross-entropy over the samples that count."""
    share = jax.nn.log_softmax(logits(layers, x, key, sigma, on_drug, noisy))
    return -(jnp.take_along_axis(share, y[:, None], 1)[:, 0] * weight).sum() / weight.sum()


@partial(jax.jit, static_argnames=("epochs", "rate", "on_drug", "noisy"))
def train(layers, masks, x, y, key, *, epochs, rate, on_drug=False, noisy=False):  # type: ignore[no-untyped-def]
    """One phase of a cohort, everything with a leading axis of individuals."""

    def alone(layers, masks, x, y, key):  # type: ignore[no-untyped-def]
        steps = -(-len(x) // BATCH)
        padding = steps * BATCH - len(x)

        def epoch(state, number):  # type: ignore[no-untyped-def]
            order = jax.random.permutation(jax.random.fold_in(key, number), len(x))
            order = jnp.concatenate([order, order[:padding]]).reshape(steps, BATCH)
            counts = jnp.ones(steps * BATCH).at[len(x) :].set(0).reshape(steps, BATCH)
            sigma = 0.5 * (1 - number / max(epochs - 1, 1))

            def step(state, batch):  # type: ignore[no-untyped-def]
                layers, first, second, t = state
                chosen, weight, place = batch
                own = jax.random.fold_in(jax.random.fold_in(key, number), place + 1)
                gradients = jax.grad(loss)(layers, x[chosen], y[chosen], weight, own, sigma, on_drug, noisy)
                if masks is not None:
                    gradients = [(w * m, b) for (w, b), m in zip(gradients, masks, strict=True)]
                t = t + 1
                first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradients)
                second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradients)
                size, spread = rate / (1 - 0.9**t), jnp.sqrt(1 - 0.999**t)
                layers = jax.tree.map(
                    lambda p, m, v: p - size * m / (jnp.sqrt(v) / spread + 1e-8), layers, first, second
                )
                return (layers, first, second, t), None

            return jax.lax.scan(step, state, (order, counts, jnp.arange(steps)))[0], None

        nothing = jax.tree.map(jnp.zeros_like, layers)
        state = (layers, nothing, nothing, jnp.float32(0))
        return jax.lax.scan(epoch, state, jnp.arange(epochs))[0][0]

    return jax.vmap(alone)(layers, masks, x, y, key)


def pruned(layers, share):  # type: ignore[no-untyped-def]
    """Networks and masks of a cohort without the smallest weights of each matrix."""
    masks = []
    for weights, _ in layers:
        size = jnp.abs(weights)
        masks.append((size >= jnp.quantile(size.reshape(len(size), -1), share, axis=1)[:, None, None]) * 1.0)
    return [(w * m, b) for (w, b), m in zip(layers, masks, strict=True)], masks


def regrown(layers, masks, key):  # type: ignore[no-untyped-def]
    """Half of the masked synapses back, at random: what is timed is the training of as dense a network."""
    grown, wider = [], []
    for number, ((weights, biases), mask) in enumerate(zip(layers, masks, strict=True)):
        own = jax.random.fold_in(key, number)
        new = (jax.random.uniform(own, weights.shape) < 0.5) * (1 - mask)
        grown.append((weights + new * jax.random.normal(own, weights.shape) * 0.03, biases))
        wider.append(mask + new)
    return grown, wider


def run(seeds: range, train_size: int) -> dict[str, float]:
    """Seconds of each phase of a cohort."""
    both = [points(seed, train_size) for seed in seeds]
    x, y = jnp.stack([own for own, _ in both]), jnp.stack([own for _, own in both])
    keys = jnp.stack([jax.random.key(seed) for seed in seeds])
    clock: dict[str, float] = {}

    def timed(name, work):  # type: ignore[no-untyped-def]
        began = time.perf_counter()
        done = jax.block_until_ready(work())
        clock[name] = time.perf_counter() - began
        return done

    healthy = timed("healthy training", lambda: train(jax.vmap(start)(keys), None, x, y, keys, epochs=20, rate=1e-3))
    few, masks = pruned(healthy, 0.95)
    more, wider = regrown(few, masks, keys[0])
    timed("ketamine", lambda: train(more, wider, x, y, keys, epochs=15, rate=5e-4))
    timed("ssri", lambda: train(few, masks, x, y, keys, epochs=100, rate=1e-5, noisy=True))
    timed("neurosteroid", lambda: train(few, masks, x, y, keys, epochs=10, rate=5e-4, on_drug=True))
    return clock


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=8, help="individuals (8)")
    parser.add_argument("--train-size", type=int, default=12_000)
    arguments = parser.parse_args()
    clock = run(range(1, 1 + arguments.size), arguments.train_size)
    each = sum(clock.values()) / arguments.size
    print(json.dumps({"size": arguments.size, "seconds": clock, "per_individual": each}))


if __name__ == "__main__":
    main()
