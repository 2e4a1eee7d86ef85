"""Noise by address: Philox against its published answers, normals against the formula, and their statistics."""

from __future__ import annotations

import itertools

import numba
import numpy as np
import pytest
from numba.core.caching import FunctionCache
from scipy import special, stats

from depsim.kernels import normals

KEY = np.array([0x243F6A88, 0x85A308D3], dtype=np.uint32)
OTHER_KEY = np.array([0x243F6A88, 0x85A308D4], dtype=np.uint32)
ALL = 0xFFFF_FFFF


@numba.njit(error_model="numpy", fastmath={"contract", "nsz"})
def philox(counter, key):  # type: ignore[no-untyped-def]
    """Four words; compiled here, so never taken from a cache."""
    c0, c1, c2, c3 = np.uint64(counter[0]), np.uint64(counter[1]), np.uint64(counter[2]), np.uint64(counter[3])
    a, b, c, d = normals.philox(c0, c1, c2, c3, np.uint64(key[0]), np.uint64(key[1]))
    return np.uint32(a), np.uint32(b), np.uint32(c), np.uint32(d)


@numba.njit(error_model="numpy", fastmath={"contract", "nsz"})
def pairs(sizes, angles):  # type: ignore[no-untyped-def]
    """Both normals of each pair of words."""
    out = np.empty((2, sizes.size), dtype=np.float32)
    for index in range(sizes.size):
        out[0, index], out[1, index] = normals._pair(sizes[index], angles[index])
    return out


def words(*numbers: int) -> np.ndarray:
    return np.array(numbers, dtype=np.uint32)


def philox_by_the_book(counter: list[int], key: list[int]) -> list[int]:
    """Philox4x32-10 in Python's integers, after Salmon et al. (2011)."""
    c, k = list(counter), list(key)
    for _ in range(10):
        left, right = c[0] * 0xD2511F53, c[2] * 0xCD9E8D57
        c = [right >> 32 ^ c[1] ^ k[0], right & ALL, left >> 32 ^ c[3] ^ k[1], left & ALL]
        k = [(k[0] + 0x9E3779B9) & ALL, (k[1] + 0xBB67AE85) & ALL]
    return c


def box_muller(sizes: np.ndarray, angles: np.ndarray) -> np.ndarray:
    """Both normals of pairs of words, in float64.

    The size is first rounded to float32, as documented to be enough: near 1 its logarithm depends on that.
    """
    share = sizes.astype(np.float32).astype(np.float64) / 2.0**32
    share = (share + 2.0**-33).astype(np.float32).astype(np.float64)
    radius = np.sqrt(-2 * np.log(share))
    turn = 2 * np.pi * angles.astype(np.float64) / 2.0**32
    return np.stack([radius * np.cos(turn), radius * np.sin(turn)])


def drawn(key: np.ndarray, step: int, unit: int, samples: int) -> np.ndarray:
    row = np.full(samples, np.nan, dtype=np.float32)
    normals.fill_unit(key, step, unit, row)
    return row


def block(key: np.ndarray, step: int, units: int, samples: int) -> np.ndarray:
    out = np.full((units, samples), np.nan, dtype=np.float32)
    normals.fill(key, step, out)
    return out


@pytest.mark.parametrize(
    ("counter", "key", "answer"),
    [
        (words(0, 0, 0, 0), words(0, 0), words(0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        (words(ALL, ALL, ALL, ALL), words(ALL, ALL), words(0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            words(0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            words(0xA4093822, 0x299F31D0),
            words(0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_philox_gives_the_known_make_predictor_random123(
    counter: np.ndarray, key: np.ndarray, answer: np.ndarray
) -> None:
    assert list(philox(counter, key)) == answer.tolist()
    assert philox_by_the_book(counter.tolist(), key.tolist()) == answer.tolist()


def test_every_word_of_counter_and_key_matters() -> None:
    numbers = np.random.RandomState(0).randint(0, 2**32, (20, 6), dtype=np.uint32)
    for row in numbers:
        found = list(philox(row[:4], row[4:]))
        assert found == philox_by_the_book(row[:4].tolist(), row[4:].tolist())
        for place, bit in itertools.product(range(6), (0, 31)):
            flipped = row.copy()
            flipped[place] ^= np.uint32(1 << bit)
            other = list(philox(flipped[:4], flipped[4:]))
            assert all(one != another for one, another in zip(found, other, strict=True))


@pytest.mark.parametrize(("step", "unit"), [(0, 0), (3, 5), (93 * 100, 1279), (2**32 - 1, 2**32 - 1)])
def test_a_units_numbers_are_box_mullers_of_the_words_at_its_address(step: int, unit: int) -> None:
    row = drawn(KEY, step, unit, 128)
    bits = np.array([philox_by_the_book([quad, unit, step, 0], KEY.tolist()) for quad in range(32)], dtype=np.uint32)
    first, second = box_muller(bits[:, 0], bits[:, 1]), box_muller(bits[:, 2], bits[:, 3])
    expected = np.concatenate([*first, *second])
    np.testing.assert_allclose(row, expected, rtol=1e-6, atol=1e-6)


def test_extreme_words_make_finite_normals() -> None:
    sizes = words(0, 1, 2, 127, 2**16, 2**31 - 1, 2**31, ALL - 256, ALL - 128, ALL - 1, ALL)
    angles = words(0, 1, 2**30 - 1, 2**30, 2**30 + 1, 2**31 - 1, 2**31, 2**31 + 1, 3 * 2**30, ALL - 1, ALL)
    every = np.array(list(itertools.product(sizes, angles)), dtype=np.uint32)
    found = pairs(every[:, 0], every[:, 1])
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found, box_muller(every[:, 0], every[:, 1]), rtol=1e-6, atol=2e-6)
    largest = float(np.sqrt(-2 * np.log(2.0**-33)))
    assert np.abs(found).max() == pytest.approx(largest, rel=1e-6)
    assert largest == pytest.approx(6.76, abs=0.005)


@pytest.mark.slow
def test_normals_are_those_of_the_words_to_float32_precision_wherever_the_logarithm_allows() -> None:
    random = np.random.RandomState(1)
    sizes, angles = random.randint(0, 2**32, (2, 200_000), dtype=np.uint32)
    found = pairs(sizes, angles)
    np.testing.assert_allclose(found, box_muller(sizes, angles), rtol=1e-6, atol=1e-6)
    exact = np.sqrt(-2 * np.log((sizes + 0.5) / 2.0**32))  # without rounding the share: an error of 2**-25 / radius
    assert (np.abs(np.hypot(*found.astype(np.float64)) - exact) <= 1e-6 * exact + 2.0**-24 / exact).all()
    turned = np.arctan2(found[1].astype(np.float64), found[0]) - 2 * np.pi * angles / 2.0**32
    assert np.abs((turned + np.pi) % (2 * np.pi) - np.pi).max() <= 1e-6


def test_a_unit_alone_has_the_numbers_it_has_in_a_block() -> None:
    whole = block(KEY, 3, 9, 24)
    assert np.isfinite(whole).all()
    for unit in (8, 0, 5):
        assert (drawn(KEY, 3, unit, 24) == whole[unit]).all()
    assert (block(KEY, 3, 4, 24) == whole[:4]).all()


def test_every_address_has_numbers_of_its_own() -> None:
    addresses = itertools.product((KEY, OTHER_KEY), (0, 1, 2, 100), (0, 1, 2, 100))
    rows = np.concatenate([drawn(key, step, unit, 128) for key, step, unit in addresses])
    # Of 4096 numbers one or two pairs may tie by chance; equal streams would tie in rows of 128.
    assert len(np.unique(rows)) > rows.size - 10


def assert_standard_normal(numbers: np.ndarray) -> None:
    """Moments, shape and tails, each within 4.5 standard errors (a false alarm in 10,000 or so)."""
    z, count = numbers.astype(np.float64).ravel(), numbers.size
    for power in range(1, 7):
        expected = 0 if power % 2 else float(special.factorial2(power - 1))
        spread = special.factorial2(2 * power - 1) - expected**2
        assert abs((z**power).mean() - expected) < 4.5 * (spread / count) ** 0.5
    assert stats.kstest(z, "norm").pvalue > 1e-5
    for limit in (0.1, 0.5, 1, 1.96, 2.5, 3, 3.5, 4):
        for share in ((z > limit).mean(), (z < -limit).mean()):
            chance = stats.norm.sf(limit)
            assert abs(share - chance) < 4.5 * (chance * (1 - chance) / count) ** 0.5
    assert np.abs(z).max() < 6.77


def test_the_check_of_normality_is_not_blind() -> None:
    honest = np.random.default_rng(0).standard_normal(400_000)
    assert_standard_normal(honest)
    for wrong in (honest * 1.01, honest + 0.01, np.clip(honest, -3.2, 3.2), np.abs(honest), np.sign(honest)):
        with pytest.raises(AssertionError):
            assert_standard_normal(wrong)


def test_the_numbers_of_a_step_are_standard_normal() -> None:
    assert_standard_normal(block(KEY, 5, 1600, 252))


def test_the_numbers_of_many_steps_keys_and_places_are_standard_normal() -> None:
    assert_standard_normal(np.stack([drawn(KEY, step, 7, 128) for step in range(2000)]))
    keys = [np.array([2 * word, word], dtype=np.uint32) for word in range(2000)]
    assert_standard_normal(np.stack([drawn(key, 0, 0, 128) for key in keys]))
    # One place in the row, where only the unit changes: each of the four numbers of a quad.
    whole = block(OTHER_KEY, 0, 30_000, 8)
    for place in range(8):
        assert_standard_normal(whole[:, place])


def assert_uncorrelated(one: np.ndarray, other: np.ndarray) -> None:
    """Products of the numbers, and of their sizes, average to nothing: within 4.5 standard errors."""
    a, b = one.astype(np.float64).ravel(), other.astype(np.float64).ravel()
    assert abs((a * b).mean()) < 4.5 / a.size**0.5
    assert abs(((a**2 - 1) * (b**2 - 1)).mean()) < 4.5 * 2 / a.size**0.5


def test_the_check_of_independence_is_not_blind() -> None:
    one, other = np.random.default_rng(0).standard_normal((2, 100_000))
    assert_uncorrelated(one, other)
    for wrong in (other + 0.05 * one, one * np.sign(other)):  # the second has the same size, and no correlation
        with pytest.raises(AssertionError):
            assert_uncorrelated(one, wrong)


def test_neighbours_in_every_direction_are_independent() -> None:
    whole = np.stack([block(KEY, step, 60, 128) for step in range(40)])  # (steps, units, samples)
    for lag in (1, 2, 3, 32, 64, 96):  # the last three lead from one number of a quad to another
        assert_uncorrelated(whole[..., lag:], whole[..., :-lag])
    for lag in (1, 2, 8, 32):
        assert_uncorrelated(whole[:, lag:], whole[:, :-lag])
        assert_uncorrelated(whole[lag:], whole[:-lag])
    assert_uncorrelated(whole, np.stack([block(OTHER_KEY, step, 60, 128) for step in range(40)]))
    for one, other in itertools.combinations(range(40), 2):
        assert not (whole[one, other] == whole[other, one]).any()  # step and unit do not change places


def test_sums_over_units_spread_as_independent_numbers_do() -> None:
    whole = block(KEY, 0, 512, 2000).astype(np.float64)
    scaled = whole.sum(0) / 512**0.5
    assert stats.kstest(scaled, "norm").pvalue > 1e-5
    assert abs(scaled.var() - 1) < 4.5 * (2 / 2000) ** 0.5


@pytest.mark.slow
def test_no_loop_counts_who_refers_to_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """As its machine code shows, compiled anew for a key of another type."""
    monkeypatch.setattr(FunctionCache, "load_overload", lambda *_: None)
    monkeypatch.setattr(FunctionCache, "save_overload", lambda *_: None)
    normals.fill(np.zeros(2, dtype=np.uint64), 0, np.empty((3, 8), dtype=np.float32))
    (signature,) = [own for own in normals.fill.signatures if "uint64" in str(own[0])]
    code = normals.fill.inspect_asm(signature)
    assert "mul" in code
    assert "NRT_" not in code
