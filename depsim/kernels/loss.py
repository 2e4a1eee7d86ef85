"""The loss of a batch."""

from __future__ import annotations

import numpy as np

from depsim.kernels.compiling import compiled
from depsim.kernels.vector_math import exp, log


@compiled
def cross_entropy(logits, labels, error, room):  # type: ignore[no-untyped-def]
    """Mean cross-entropy of a batch and, written, its gradient.

    Args:
        logits, error: (O, B).
        labels: (B,).
        room: (2, at least B), overwritten.
    """
    outputs, samples = logits.shape
    highest, total = room[0, :samples], room[1, :samples]
    for b in range(samples):
        highest[b], total[b] = logits[0, b], np.float32(0)
    for o in range(1, outputs):
        for b in range(samples):
            highest[b] = max(highest[b], logits[o, b])
    for o in range(outputs):
        for b in range(samples):
            error[o, b] = exp(logits[o, b] - highest[b])
            total[b] += error[o, b]
    loss = 0.0
    for b in range(samples):
        loss += log(total[b]) + (highest[b] - logits[labels[b], b])
    share = np.float32(1) / np.float32(samples)
    for o in range(outputs):
        for b in range(samples):
            error[o, b] *= share / total[b]
    for b in range(samples):
        error[labels[b], b] -= share
    return loss / samples
