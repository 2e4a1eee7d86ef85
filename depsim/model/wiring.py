"""Which synapses of one sparse network matter: the index that its arithmetic runs along."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from depsim.kernels.arguments import Array
from depsim.model.cohort import Cohort


class Wiring(NamedTuple):
    """The whole network as one matrix in compressed rows over its units, numbered from the inputs to the outputs.

    Units from which no path leads to an output are left out: nothing they do can be seen, and their gradients are
    exactly 0. Within a row, synapses from units that are driven (inputs, and units with synapses of their own) come
    before those from constant ones, whose response is the same for every sample: a function of their bias alone.

    Args:
        inputs, outputs: numbers of input and output units.
        start: where the incoming synapses of each computed unit begin, one more entry than there are units to
            compute: every hidden unit that reaches an output and every output, in order.
        constant: where, in each row, the synapses from constant units begin.
        source: the unit each synapse comes from; the inputs come first, the computed units after them.
        layer: of each computed unit, from 0.
        weight_index, bias_index: where the synapses' weights and the computed units' biases lie in the
            network's flattened weights and biases, layer after layer.
    """

    inputs: int
    outputs: int
    start: Array
    constant: Array
    source: Array
    layer: Array
    weight_index: Array
    bias_index: Array

    @property
    def units(self) -> int:
        """Number of inputs and computed units."""
        return self.inputs + self.bias_index.size


def reaching_units(cohort: Cohort) -> list[Array]:
    """Per layer of a cohort of one which units lead to an output, (O,) boolean; every output does."""
    masks = [mask[0].numpy() for mask in cohort.masks]
    reaching = [np.ones(masks[-1].shape[0], dtype=bool)]
    for mask in reversed(masks[1:]):
        reaching.insert(0, mask[reaching[0]].any(axis=0))
    return reaching


def wiring_of(cohort: Cohort) -> Wiring:
    """The wiring of a cohort of one."""
    masks = [mask[0].numpy() for mask in cohort.masks]
    reaching = reaching_units(cohort)
    driven = [np.ones(masks[0].shape[1], dtype=bool), *(mask.any(axis=1) for mask in masks[:-1])]
    sizes = [masks[0].shape[1], *(mask.shape[0] for mask in masks)]
    kept = [np.ones(sizes[0], dtype=bool), *reaching]
    number = np.split(np.cumsum(np.concatenate(kept)) - 1, np.cumsum(sizes)[:-1])
    first_bias = np.concatenate([[0], np.cumsum(sizes[1:])])
    first_weight = np.concatenate([[0], np.cumsum([mask.size for mask in masks])])
    biases, source, index, counts, driven_counts = [], [], [], [], []
    for layer, (mask, reaches, varies) in enumerate(zip(masks, reaching, driven, strict=True)):
        order = np.concatenate([np.flatnonzero(varies), np.flatnonzero(~varies)])
        rows, places = np.nonzero((mask & reaches[:, None])[:, order])
        columns = order[places]
        biases.append(first_bias[layer] + np.flatnonzero(reaches))
        counts.append(mask.sum(axis=1)[reaches])
        driven_counts.append(mask[:, varies].sum(axis=1)[reaches])
        source.append(number[layer][columns])
        index.append(first_weight[layer] + rows * mask.shape[1] + columns)
    start = np.concatenate([[0], np.cumsum(np.concatenate(counts))])
    return Wiring(
        inputs=sizes[0],
        outputs=sizes[-1],
        start=start,
        constant=start[:-1] + np.concatenate(driven_counts),
        source=np.concatenate(source).astype(np.uint32),
        layer=np.repeat(np.arange(len(masks)), [len(places) for places in biases]),
        weight_index=np.concatenate(index),
        bias_index=np.concatenate(biases),
    )


def flatten(tensors: tuple[Any, ...]) -> Array:
    """The values of a cohort of one, layer after layer, as a new flat array."""
    return np.concatenate([tensor[0].numpy().ravel() for tensor in tensors])
