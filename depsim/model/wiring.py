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
            network's flattened weights and biases, matrix after matrix; in a network that is computed step by step
            the same places come again in every step.
        noise_index: which of a sample's numbers is the computed unit's noise.
    """

    inputs: int
    outputs: int
    start: Array
    constant: Array
    source: Array
    layer: Array
    weight_index: Array
    bias_index: Array
    noise_index: Array

    @property
    def units(self) -> int:
        """Number of inputs and computed units."""
        return self.inputs + self.bias_index.size


def reaching_units(cohort: Cohort) -> list[Array]:
    """Per stage of a cohort of one which units lead to an output, (O,) boolean; every output does."""
    masks, stages = [mask[0].numpy() for mask in cohort.masks], cohort.architecture.stages
    reaching = [np.zeros(masks[stage.sources[0][1]].shape[0], dtype=bool) for stage in stages]
    reaching[-1][:] = True
    for stage, reaches in zip(reversed(stages), reversed(reaching), strict=True):
        for before, matrix in stage.sources:
            if before:
                reaching[before - 1] |= masks[matrix][reaches].any(axis=0)
    return reaching


def wiring_of(cohort: Cohort) -> Wiring:
    """The wiring of a cohort of one."""
    masks, stages = [mask[0].numpy() for mask in cohort.masks], cohort.architecture.stages
    inputs, reaching = masks[0].shape[1], reaching_units(cohort)
    driven = [np.ones(inputs, dtype=bool)]
    driven += [np.logical_or.reduce([masks[matrix].any(axis=1) for _, matrix in stage.sources]) for stage in stages]
    kept = [np.ones(inputs, dtype=bool), *reaching]
    number = np.split(np.cumsum(np.concatenate(kept)) - 1, np.cumsum([units.size for units in kept])[:-1])
    first_noise = np.cumsum([0, *(units.size for units in reaching)])
    first_bias = np.cumsum([0, *(bias.shape[1] for bias in cohort.biases)])
    first_weight = np.cumsum([0, *(mask.size for mask in masks)])
    biases, noises, source, index, counts, driven_counts = [], [], [], [], [], []
    for place, (stage, reaches) in enumerate(zip(stages, reaching, strict=True)):
        # All that the stage receives, side by side: a column for each unit that a matrix reads.
        matrices = [matrix for _, matrix in stage.sources]
        mask = np.concatenate([masks[matrix] for matrix in matrices], axis=1)
        varies, origin = (np.concatenate([each[before] for before, _ in stage.sources]) for each in (driven, number))
        widths = [masks[matrix].shape[1] for matrix in matrices]
        first = np.concatenate([first_weight[m] + np.arange(width) for m, width in zip(matrices, widths, strict=True)])
        order = np.concatenate([np.flatnonzero(varies), np.flatnonzero(~varies)])
        rows, places = np.nonzero((mask & reaches[:, None])[:, order])
        columns = order[places]
        biases.append(first_bias[stage.biases] + np.flatnonzero(reaches))
        noises.append(first_noise[place] + np.flatnonzero(reaches))
        counts.append(mask.sum(axis=1)[reaches])
        driven_counts.append(mask[:, varies].sum(axis=1)[reaches])
        source.append(origin[columns])
        index.append(first[columns] + rows * np.repeat(widths, widths)[columns])
    start = np.concatenate([[0], np.cumsum(np.concatenate(counts))])
    return Wiring(
        inputs=inputs,
        outputs=masks[-1].shape[0],
        start=start,
        constant=start[:-1] + np.concatenate(driven_counts),
        source=np.concatenate(source).astype(np.uint32),
        layer=np.repeat([stage.layer for stage in stages], [len(places) for places in biases]),
        weight_index=np.concatenate(index),
        bias_index=np.concatenate(biases),
        noise_index=np.concatenate(noises),
    )


def flatten(tensors: tuple[Any, ...]) -> Array:
    """The values of a cohort of one, matrix after matrix, as a new flat array."""
    return np.concatenate([tensor[0].numpy().ravel() for tensor in tensors])
