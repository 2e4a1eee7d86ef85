from __future__ import annotations

from contextlib import suppress

import pytest
import torch

from depsim.execution import device
from depsim.execution.arithmetic import reproducible_arithmetic
from depsim.execution.device import bytes_per_individual, chunk_size, cores, device_kind, free_bytes, largest_chunk
from tests.tiny import PAPER_HIDDEN, baseline


def test_the_cpu_is_a_device() -> None:
    assert device_kind("cpu") == "cpu"


@pytest.mark.parametrize("name", ["", "gpu", "cpu:0", "cuda:", "cuda:x", "cuda:-1", "CUDA", "mps", "cuda:0:1"])
def test_an_unknown_device_is_refused_with_what_is_allowed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(ValueError, match="must be cpu, cuda or cuda:K"):
        device_kind(name)


def test_a_gpu_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match="no CUDA device here"):
        device_kind("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert device_kind("cuda:1") == "cuda"
    with pytest.raises(ValueError, match="there are 2 CUDA devices"):
        device_kind("cuda:2")


def test_there_is_at_least_one_core() -> None:
    assert cores() >= 1


def test_a_cpu_holds_one_individual_at_a_time_unless_told_otherwise() -> None:
    assert chunk_size("cpu", baseline(), None) == 1
    assert chunk_size("cpu", baseline(), 17) == 17


@pytest.mark.parametrize(("free", "chunk"), [(0, 1), (10**9, None), (10**15, 256)])
def test_a_gpu_holds_what_fits(monkeypatch: pytest.MonkeyPatch, free: int, chunk: int | None) -> None:
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (free, 10**15))
    where = baseline(PAPER_HIDDEN)
    need = bytes_per_individual(where, "cuda")
    assert need > 8 * 4 * 396_548
    found = chunk_size("cuda", where, None)
    assert found == (chunk if chunk is not None else int(0.8 * free) // need)
    assert found >= 1


def test_what_fits_is_shared_among_the_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    where = baseline(PAPER_HIDDEN)
    each = bytes_per_individual(where, "cpu")
    assert each < bytes_per_individual(where, "cuda")
    monkeypatch.setattr(device, "free_bytes", lambda _: 10 * each)
    assert [largest_chunk("cpu", where, processes) for processes in (1, 2, 9)] == [8, 4, 1]


def test_some_memory_is_free() -> None:
    assert 2**20 < free_bytes("cpu") < 2**50


def test_reproducible_arithmetic_is_single_threaded_flushes_denormals_and_puts_things_back() -> None:
    threads = torch.get_num_threads()
    tiny = torch.tensor([1e-30])
    assert float((tiny * 1e-10)[0]) != 0
    torch.set_num_threads(2)
    try:
        with suppress(ArithmeticError), reproducible_arithmetic():
            assert torch.get_num_threads() == 1
            assert float((tiny * 1e-10)[0]) == 0
            assert not torch.backends.cuda.matmul.allow_tf32
            raise ArithmeticError  # put back after an error too
        assert torch.get_num_threads() == 2
        assert float((tiny * 1e-10)[0]) != 0
    finally:
        torch.set_num_threads(threads)
