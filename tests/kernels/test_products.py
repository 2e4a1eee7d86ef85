"""Products by the faster library: the same product by either, picked by processor and shape."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from depsim import processor as processor_module
from depsim.kernels import products
from depsim.processor import processor

ZEN_5, ZEN_4 = ("AuthenticAMD", "26"), ("AuthenticAMD", "25")
Be = Callable[[str, str], None]


@pytest.fixture
def be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Be]:
    """Run on another processor."""

    def become(vendor: str, family: str) -> None:
        table = tmp_path / "cpuinfo"
        lines = ["processor\t: 0", f"vendor_id\t: {vendor}", f"cpu family\t: {family}", "model name\t: A: B", ""]
        table.write_text("\n".join(lines))
        monkeypatch.setattr(processor_module, "_TABLE", table)
        products.numpy_is_faster.cache_clear()

    yield become
    products.numpy_is_faster.cache_clear()


@pytest.mark.parametrize(
    ("vendor", "family", "expected"),
    [(*ZEN_5, True), ("AuthenticAMD", "27", True), (*ZEN_4, False), ("GenuineIntel", "6", False), ("", "", False)],
)
def test_numpy_multiplies_where_the_processor_is_as_wide_as_its_name(
    vendor: str, family: str, expected: bool, be: Be
) -> None:
    be(vendor, family)
    assert products.numpy_is_faster() is expected
    assert products.products_library()["by"] == ("numpy" if expected else "torch")
    assert processor("model name") == "A: B"


def test_without_linuxs_table_nothing_is_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(processor_module, "_TABLE", tmp_path / "no")
    assert processor("vendor_id") == ""


@pytest.mark.parametrize("cpu", [ZEN_5, ZEN_4])
@pytest.mark.parametrize("shape", [(128, 512, 96), (250, 7, 40), (40, 33, 2), (3, 200, 20), (1, 16, 16), (16, 16, 16)])
def test_either_library_multiplies_into_a_part_of_a_matrix(
    shape: tuple[int, int, int], cpu: tuple[str, str], be: Be
) -> None:
    be(*cpu)
    rows, terms, columns = shape
    random = np.random.RandomState(0)
    left, right = random.randn(rows, terms).astype(np.float32), random.randn(columns, terms).astype(np.float32).T
    whole = np.zeros((rows + 2, columns + 3), dtype=np.float32)
    products.multiply(left, right, whole[:rows, :columns])
    expected = left.astype(np.float64) @ right.astype(np.float64)
    np.testing.assert_allclose(whole[:rows, :columns], expected, rtol=1e-5, atol=1e-5 * terms**0.5)
    assert not whole[rows:].any()
    assert not whole[:, columns:].any()


@pytest.mark.parametrize(
    ("cpu", "shape", "is_numpys"),
    [
        (ZEN_5, (64, 64, 64), True),
        (ZEN_4, (64, 64, 64), False),
        (ZEN_4, (64, 64, 15), True),
        (ZEN_4, (15, 64, 64), True),
        (ZEN_4, (64, 15, 64), True),
        (ZEN_4, (16, 16, 16), False),
    ],
)
def test_narrow_products_are_always_numpys(
    cpu: tuple[str, str], shape: tuple[int, int, int], is_numpys: bool, be: Be, monkeypatch: pytest.MonkeyPatch
) -> None:
    be(*cpu)
    rows, terms, columns = shape
    left, right = np.ones((rows, terms), dtype=np.float32), np.ones((terms, columns), dtype=np.float32)
    asked = []
    monkeypatch.setattr(products.np, "matmul", lambda *_, out: asked.append(out))
    products.multiply(left, right, np.empty((rows, columns), dtype=np.float32))
    assert bool(asked) is is_numpys


OPENBLAS = {"user_api": "blas", "internal_api": "openblas", "version": "1", "filepath": str(Path(np.__file__).parent)}


@pytest.mark.parametrize(
    ("cpu", "pool", "is_slow"),
    [
        (ZEN_5, {**OPENBLAS, "architecture": "Haswell"}, True),
        (ZEN_5, {**OPENBLAS, "architecture": "Zen"}, True),
        (ZEN_5, {**OPENBLAS, "architecture": "SkylakeX"}, False),
        (ZEN_5, {**OPENBLAS, "architecture": "Cooperlake"}, False),
        (ZEN_5, {**OPENBLAS, "internal_api": "mkl"}, False),
        (ZEN_4, {**OPENBLAS, "architecture": "Haswell"}, False),
    ],
)
def test_kernels_that_are_too_narrow_are_said_to_be_slow(
    cpu: tuple[str, str], pool: dict[str, str], is_slow: bool, be: Be, monkeypatch: pytest.MonkeyPatch
) -> None:
    be(*cpu)
    scipys = {**OPENBLAS, "filepath": "/scipy.libs/libscipy_openblas.so", "architecture": "Prescott"}
    monkeypatch.setattr(products, "threadpool_info", lambda: [{"user_api": "openmp"}, scipys, pool])
    said = products.slow_products()
    assert bool(said) is is_slow
    if is_slow:
        assert pool["architecture"] in said
        assert "OPENBLAS_CORETYPE" in said


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the names of kernels are those of x86")
def test_numpys_own_kernels_are_named() -> None:
    words = "from depsim.kernels.products import products_library as p; print(p().get('architecture', 'untold'))"
    environment = {**os.environ, "OPENBLAS_CORETYPE": "Nehalem"}
    done = subprocess.run([sys.executable, "-c", words], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() in ("Nehalem", "untold")
