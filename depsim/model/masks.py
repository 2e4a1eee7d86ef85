"""Masks: which synapses exist. Boolean, true = present, never inferred from a weight being 0.

A mask here is one layer of a cohort, shape (N, O, I); a network's masks are a tuple of them, input side first.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import numpy as np

from depsim.lazy_torch import torch

_GREW, _SHRANK, _BOTH = 0, 1, 2
"""How a layer's mask changed from one stage to the next: where it could, and so where its bits lie in a file."""


def require_binary(masks: Sequence[torch.Tensor]) -> None:
    """Refuse a mask that is not boolean.

    Raises:
        TypeError: for any other dtype, naming the layer.
    """
    for layer, mask in enumerate(masks, start=1):
        if mask.dtype != torch.bool:
            raise TypeError(f"the mask of layer {layer} must be boolean, got {mask.dtype}")


def kept(masks: Sequence[torch.Tensor]) -> torch.Tensor:
    """Number of synapses present, per individual and layer: (N, L) int64."""
    return torch.stack([mask.flatten(1).sum(1) for mask in masks], dim=1)


def layer_sparsity(masks: Sequence[torch.Tensor]) -> torch.Tensor:
    """Share of the weights masked out, per individual and layer: (N, L) float64."""
    sizes = torch.tensor([mask[0].numel() for mask in masks], dtype=torch.float64)
    return 1 - kept(masks).cpu().double() / sizes


def sparsity(masks: Sequence[torch.Tensor]) -> torch.Tensor:
    """Share of all weights masked out, per individual: (N,) float64. Biases never count.

    >>> float(sparsity([torch.tensor([[[True, False], [False, False]]])])[0])
    0.75
    """
    total = sum(mask[0].numel() for mask in masks)
    return 1 - kept(masks).cpu().sum(1).double() / total


def pack(stages: Mapping[str, Sequence[np.ndarray]]) -> bytes:
    """One individual's masks of several stages as a compressed npz file, eight synapses a byte.

    A stage is stored as the choice it made among the synapses where the stage before leaves one, so a pruning costs
    bits only for what was alive and a regrowth only for what was masked.

    Args:
        stages: stage name to one boolean array (O, I) per layer, in order of time.
    """
    kinds, bits = [], []
    shapes = [mask.shape for mask in next(iter(stages.values()))]
    before: Sequence[np.ndarray] = [np.zeros(shape, dtype=bool) for shape in shapes]
    for masks in stages.values():
        for past, mask in zip(before, masks, strict=True):
            kind = _GREW if (mask | ~past).all() else _SHRANK if (past | ~mask).all() else _BOTH
            kinds.append(kind)
            bits.append(np.packbits(mask[_candidates(past, kind)]))
        before = masks
    file = io.BytesIO()
    np.savez_compressed(
        file,
        allow_pickle=False,
        stages=np.array(list(stages), dtype=np.str_),
        shapes=np.array(shapes, dtype=np.int64),
        kinds=np.array(kinds, dtype=np.int8),
        bits=np.concatenate(bits),
    )
    return file.getvalue()


def _candidates(past: np.ndarray, kind: int) -> np.ndarray:
    """Where a mask can differ from the one before, given how it changed."""
    return ~past if kind == _GREW else past if kind == _SHRANK else np.ones_like(past)


def unpack(data: bytes) -> dict[str, tuple[np.ndarray, ...]]:
    """The masks that :func:`pack` wrote: stage name to boolean arrays (O, I), input side first.

    Raises:
        ValueError: if the file is damaged or is not one of ours.

    >>> mask = np.array([[True, False, True]])
    >>> bool((unpack(pack({"depressed": [mask]}))["depressed"][0] == mask).all())
    True
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            return _decode(file)
    except Exception as error:
        raise ValueError(f"not a readable mask file: {error}") from error


def _decode(file: Mapping[str, np.ndarray]) -> dict[str, tuple[np.ndarray, ...]]:
    shapes, kinds, bits = file["shapes"].tolist(), file["kinds"].tolist(), file["bits"]
    if len(kinds) != len(file["stages"]) * len(shapes):
        raise ValueError(f"{len(kinds)} layers do not make {len(file['stages'])} stages of {len(shapes)}")
    result: dict[str, tuple[np.ndarray, ...]] = {}
    before = tuple(np.zeros(shape, dtype=bool) for shape in shapes)
    first = 0
    for index, stage in enumerate(file["stages"].tolist()):
        masks = []
        for past, kind in zip(before, kinds[index * len(shapes) :], strict=False):
            candidates = _candidates(past, kind)
            count = int(candidates.sum())
            last = first + -(-count // 8)
            if kind not in (_GREW, _SHRANK, _BOTH) or last > bits.size:
                raise ValueError(f"the bits of stage {stage} are not all there")
            mask = past & (kind == _GREW)
            mask[candidates] = np.unpackbits(bits[first:last], count=count).astype(bool)
            masks.append(mask)
            first = last
        result[stage] = before = tuple(masks)
    if first != bits.size:
        raise ValueError(f"{bits.size - first} bytes too many")
    return result
