from __future__ import annotations

import numpy as np
import pytest

from depsim.statistics import resampling
from depsim.statistics.resampling import RESAMPLES, bootstrap_counts, sign_flips, weighted_sums


def test_every_resample_holds_as_many_as_there_are() -> None:
    counts = bootstrap_counts(7)
    assert counts.shape == (RESAMPLES, 7)
    assert set(counts.sum(axis=1)) == {7}


def test_everyone_is_drawn_about_equally_often() -> None:
    share = bootstrap_counts(5).mean(axis=0)
    # The count of one individual has variance 0.8 in a resample.
    assert np.abs(share - 1).max() < 4 * np.sqrt(0.8 / RESAMPLES)


def test_half_of_all_signs_are_flipped() -> None:
    flips = sign_flips(20)
    assert set(np.unique(flips)) == {0, 1}
    assert np.abs(flips.mean(axis=0) - 0.5).max() < 4 * 0.5 / np.sqrt(RESAMPLES)


def test_sums_are_the_matrix_product() -> None:
    counts, samples = bootstrap_counts(6), np.random.RandomState(0).rand(6, 3)
    assert weighted_sums(counts, samples) == pytest.approx(counts @ samples, rel=1e-13)


def test_neither_draws_nor_sums_depend_on_the_block(monkeypatch: pytest.MonkeyPatch) -> None:
    samples = np.random.RandomState(0).rand(11, 2)
    counts = bootstrap_counts(11)
    sums = weighted_sums(counts, samples)
    monkeypatch.setattr(resampling, "_BLOCK", 11 * 97)
    bootstrap_counts.cache_clear()
    assert (bootstrap_counts(11) == counts).all()
    assert (weighted_sums(counts, samples) == sums).all()


def test_shared_draws_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        bootstrap_counts(3)[0, 0] = 1
