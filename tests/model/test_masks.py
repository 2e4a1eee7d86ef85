from __future__ import annotations

import io

import numpy as np
import pytest
import torch

from depsim.model.masks import kept, layer_sparsity, pack, require_binary, sparsity, unpack


def two_people() -> list[torch.Tensor]:
    first = torch.tensor([[[1, 0, 0], [0, 0, 0]], [[1, 1, 1], [1, 1, 1]]], dtype=torch.bool)
    second = torch.tensor([[[1, 0]], [[0, 0]]], dtype=torch.bool)
    return [first, second]


def test_synapses_are_counted_per_individual_and_layer() -> None:
    assert kept(two_people()).tolist() == [[1, 1], [6, 0]]


def test_sparsity_is_the_share_masked_out_by_layer_and_overall() -> None:
    assert layer_sparsity(two_people()).tolist() == [[1 - 1 / 6, 0.5], [0.0, 1.0]]
    assert sparsity(two_people()).tolist() == [0.75, 0.25]
    assert sparsity(two_people()).dtype == torch.float64


@pytest.mark.parametrize("dtype", [torch.float32, torch.uint8, torch.int64])
def test_a_mask_that_is_not_boolean_is_refused_with_its_layer(dtype: torch.dtype) -> None:
    masks = two_people()
    with pytest.raises(TypeError, match="layer 2"):
        require_binary([masks[0], masks[1].to(dtype)])


def course(seed: int, shapes: tuple[tuple[int, int], ...] = ((5, 2), (7, 5), (3, 7))) -> dict[str, list[np.ndarray]]:
    """Masks that shrink, grow, and do both."""
    random = np.random.RandomState(seed)
    full = [np.ones(shape, dtype=bool) for shape in shapes]
    pruned = [mask & (random.rand(*mask.shape) < 0.3) for mask in full]
    grown = [mask | (random.rand(*mask.shape) < 0.4) for mask in pruned]
    other = [random.rand(*mask.shape) < 0.5 for mask in grown]
    empty = [np.zeros(shape, dtype=bool) for shape in shapes]
    return {"healthy": full, "depressed": pruned, "treated": grown, "relapsed": other, "gone": empty, "again": full}


def assert_equal(found: dict[str, tuple[np.ndarray, ...]], expected: dict[str, list[np.ndarray]]) -> None:
    assert list(found) == list(expected)
    for stage, masks in expected.items():
        assert len(found[stage]) == len(masks)
        for one, other in zip(found[stage], masks, strict=True):
            assert one.dtype == np.bool_
            np.testing.assert_array_equal(one, other, strict=True)


@pytest.mark.parametrize("seed", range(8))
def test_packed_masks_come_back_whatever_happened_between_stages(seed: int) -> None:
    assert_equal(unpack(pack(course(seed))), course(seed))


def test_a_stage_that_changes_nothing_comes_back() -> None:
    masks = course(0)["depressed"]
    assert_equal(unpack(pack({"a": masks, "b": masks, "c": masks})), {"a": masks, "b": masks, "c": masks})


def test_the_same_masks_are_the_same_bytes() -> None:
    assert pack(course(1)) == pack(course(1))


def test_a_paper_sized_course_costs_well_under_100_kb() -> None:
    random = np.random.RandomState(0)
    shapes = ((512, 2), (512, 512), (256, 512), (4, 256))
    healthy = [np.ones(shape, dtype=bool) for shape in shapes]
    depressed = [random.rand(*shape) < 0.05 for shape in shapes]
    treated = [mask | (random.rand(*mask.shape) < 0.5) for mask in depressed]
    relapsed = [mask & (random.rand(*mask.shape) < 0.6) for mask in treated]
    stages = {"healthy": healthy, "depressed": depressed, "treated": treated, "relapsed": relapsed}
    data = pack(stages)
    assert len(data) < 100_000
    assert_equal(unpack(data), stages)


def test_a_packed_file_holds_no_python_objects() -> None:
    with np.load(io.BytesIO(pack(course(0))), allow_pickle=False) as file:
        assert all(file[name].dtype.kind in "iuUb" for name in file.files)


@pytest.mark.parametrize("data", [b"", b"PK", b"not a file of masks at all", bytes(200)])
def test_what_is_not_a_mask_file_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not a readable mask file"):
        unpack(data)


def test_another_npz_file_is_refused() -> None:
    file = io.BytesIO()
    np.savez(file, something=np.arange(3))
    with pytest.raises(ValueError, match="not a readable mask file"):
        unpack(file.getvalue())


def test_a_truncated_file_is_refused_at_every_length() -> None:
    data = pack(course(0))
    for length in range(0, len(data), 13):
        with pytest.raises(ValueError, match="not a readable mask file"):
            unpack(data[:length])


def test_a_flipped_byte_is_refused_or_harmless() -> None:
    # Dates and attributes of the archive's entries are not covered by a checksum and do not matter.
    expected = course(0)
    data = pack(expected)
    refused = 0
    for position in range(len(data)):
        damaged = bytearray(data)
        damaged[position] ^= 0xFF
        try:
            found = unpack(bytes(damaged))
        except ValueError:
            refused += 1
        else:
            assert_equal(found, expected)
    assert refused > len(data) / 2


def rewritten(**changes: np.ndarray) -> bytes:
    """A well-formed archive whose contents do not fit together."""
    with np.load(io.BytesIO(pack(course(0))), allow_pickle=False) as file:
        parts = {name: file[name] for name in file.files} | changes
    result = io.BytesIO()
    np.savez(result, **parts)  # type: ignore[arg-type]
    return result.getvalue()


@pytest.mark.parametrize(
    "changes",
    [
        {"bits": np.zeros(2, dtype=np.uint8)},
        {"kinds": np.zeros(4, dtype=np.int8)},
        {"shapes": np.array([[5, 2], [7, 5]])},
        {"bits": np.zeros(10_000, dtype=np.uint8)},
    ],
    ids=["too few bits", "too few kinds", "a layer missing", "too many bits"],
)
def test_contents_that_do_not_fit_together_are_refused(changes: dict[str, np.ndarray]) -> None:
    with pytest.raises(ValueError, match="not a readable mask file"):
        unpack(rewritten(**changes))
