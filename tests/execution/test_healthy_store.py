from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

from depsim.execution import files, healthy_store
from depsim.execution.course import train_baseline
from depsim.execution.healthy_store import HealthyStore, StoreSettings
from depsim.execution.keys import baseline_key
from depsim.execution.sources import SourcesChangedError, versions_of
from depsim.protocol import Baseline
from depsim.steps import ChunkContext
from depsim.testing import same
from depsim.training import Trained
from tests import tiny
from tests.tiny import all_outcomes, arm, baseline, chunk, treatments

ROOM = 10**9


@pytest.fixture
def trainings(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, ...]]:
    """The seeds of every training that the store asks for."""
    calls: list[tuple[int, ...]] = []

    def counted(where: Baseline, own: ChunkContext) -> Trained:
        calls.append(own.streams.seeds)
        return train_baseline(where, own)

    monkeypatch.setattr(healthy_store, "train_baseline", counted)
    return calls


class Shelf:
    """A store in a folder, and what it reported."""

    def __init__(self, folder: Path, limit: int = ROOM) -> None:
        self.folder = folder
        self.reports: list[str] = []
        self._store = HealthyStore(StoreSettings(folder, limit), self.reports.append)

    def get(self, *seeds: int, where: Baseline | None = None) -> Trained:
        where = where or baseline((8, 6))
        return self._store(where, chunk(seeds, where))

    def path(self, seed: int) -> Path:
        key = baseline_key(baseline((8, 6)), seed, "cpu")
        return self.folder / key[:2] / f"{key}.safetensors"

    def files(self) -> set[Path]:
        return {path for path in self.folder.rglob("*") if path.is_file()}


@pytest.fixture
def shelf(tmp_path: Path, trainings: list[tuple[int, ...]]) -> Shelf:
    return Shelf(tmp_path / "healthy")


def trained_anew(*seeds: int) -> Trained:
    where = baseline((8, 6))
    return train_baseline(where, chunk(seeds, where))


def assert_same(one: Trained, other: Trained) -> None:
    assert same(one.cohort, other.cohort)
    assert one.cohort.model == other.cohort.model
    assert one.losses.dtype == other.losses.dtype
    assert torch.equal(one.losses, other.losses)


def test_a_network_is_trained_once_and_comes_back_bit_by_bit(shelf: Shelf, trainings: list) -> None:
    for _ in range(3):
        assert_same(shelf.get(3), trained_anew(3))
    assert trainings == [(3,)]
    assert shelf.files() == {shelf.path(3)}
    assert shelf.reports == []


def test_only_who_is_missing_is_trained(shelf: Shelf, trainings: list) -> None:
    shelf.get(4)
    assert_same(shelf.get(3, 4, 5), trained_anew(3, 4, 5))
    assert trainings == [(4,), (3, 5)]
    assert_same(shelf.get(5, 3), trained_anew(5, 3))
    assert len(trainings) == 2


def test_another_baseline_is_another_network(shelf: Shelf, trainings: list) -> None:
    shelf.get(3)
    shelf.get(3, where=baseline((8, 6), epochs=1))
    shelf.get(3, where=baseline((8, 6), data="shared"))
    assert len(trainings) == len(shelf.files()) == 3


def test_a_course_from_the_store_is_the_same_as_one_without(tmp_path: Path, trainings: list) -> None:
    reports: list[str] = []
    store = HealthyStore(StoreSettings(tmp_path, ROOM), reports.append)
    arms = [arm(treatment) for treatment in treatments().values()]
    expected = all_outcomes(arms, (3, 4))
    for _ in ("fresh", "from the store"):
        assert all_outcomes(arms, (3, 4), store) == expected
    assert trainings == [(3, 4)]


def test_damage_anywhere_is_reported_and_repaired_by_computing_again(shelf: Shelf, trainings: list) -> None:
    shelf.get(3)
    path, expected = shelf.path(3), trained_anew(3)
    data = path.read_bytes()
    header = 8 + int.from_bytes(data[:8], "little")
    places = {0, 3, 7, 8, 9, header - 1, header, header + 1, len(data) // 2, len(data) - 1}
    places |= set(range(8, header, 37)) | set(range(header, len(data), 211))
    for count, place in enumerate(sorted(places), start=1):
        damaged = bytearray(data)
        damaged[place] ^= 0x01
        path.write_bytes(damaged)
        assert_same(shelf.get(3), expected)
        assert len(shelf.reports) == count, f"byte {place} was changed unnoticed"
        assert str(path) in shelf.reports[-1]
        assert "damaged" in shelf.reports[-1]
        assert path.read_bytes() == data
    assert len(trainings) == 1 + len(places)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.999])
def test_a_truncated_file_is_reported_and_computed_again(shelf: Shelf, trainings: list, share: float) -> None:
    shelf.get(3)
    path = shelf.path(3)
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    assert_same(shelf.get(3), trained_anew(3))
    assert len(shelf.reports) == 1
    assert len(trainings) == 2
    assert path.read_bytes() == data


def test_a_file_of_another_kind_is_damage_too(shelf: Shelf, trainings: list) -> None:
    shelf.get(3)
    stored = healthy_store._read(shelf.path(3), shelf.path(3).stem)
    for wrong in (
        {name: tensor.bfloat16() for name, tensor in stored.items()},
        {name: tensor for name, tensor in stored.items() if name != "losses"},
    ):
        shelf.path(3).write_bytes(healthy_store.safetensors.torch.save(wrong, metadata={"sha256": "0" * 64}))
        assert_same(shelf.get(3), trained_anew(3))
    assert len(shelf.reports) == 2


def test_one_individuals_file_under_anothers_name_is_not_taken(shelf: Shelf, trainings: list) -> None:
    shelf.get(3, 4)
    shelf.path(4).write_bytes(shelf.path(3).read_bytes())
    assert_same(shelf.get(4), trained_anew(4))


def test_above_its_limit_the_longest_unused_go(tmp_path: Path, trainings: list) -> None:
    unlimited = Shelf(tmp_path / "a")
    unlimited.get(1)
    size = unlimited.path(1).stat().st_size
    shelf = Shelf(tmp_path / "b", limit=3 * size + size // 2)
    for age, seed in enumerate((1, 2, 3)):
        shelf.get(seed)
        os.utime(shelf.path(seed), (1000 + age, 1000 + age))
    shelf.get(1)  # used again: now the second is the oldest
    shelf.get(4)
    assert shelf.files() == {shelf.path(1), shelf.path(3), shelf.path(4)}
    assert trainings[1:] == [(1,), (2,), (3,), (4,)]


def test_a_store_without_room_still_gives_networks(tmp_path: Path, trainings: list) -> None:
    shelf = Shelf(tmp_path, limit=0)
    assert_same(shelf.get(3, 4), trained_anew(3, 4))
    assert shelf.files() == set()


def test_a_diverged_network_is_not_stored_and_its_neighbours_are(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    def diverges_for_4(where: Baseline, own: ChunkContext) -> Trained:
        trained = train_baseline(where, own)
        if 4 in own.streams.seeds:
            trained.cohort.weights[0][own.streams.seeds.index(4), 0, 0] = torch.nan
        return trained

    monkeypatch.setattr(healthy_store, "train_baseline", diverges_for_4)
    assert shelf.get(3, 4, 5).cohort.diverged() == (4,)
    assert shelf.files() == {shelf.path(3), shelf.path(5)}


def test_a_network_that_is_not_wholly_on_disk_is_not_stored(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(descriptor: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(files.os, "fsync", interrupted)
        with pytest.raises(KeyboardInterrupt):
            shelf.get(3)
    assert shelf.files() == set()
    assert_same(shelf.get(3), trained_anew(3))
    assert shelf.reports == []


def test_a_file_that_another_process_drops_while_it_is_read_harms_nobody(
    shelf: Shelf, trainings: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.get(3)
    original = healthy_store._read

    def read_and_dropped(path: Path, key: str) -> dict[str, torch.Tensor]:
        tensors = original(path, key)
        path.unlink()
        return tensors

    monkeypatch.setattr(healthy_store, "_read", read_and_dropped)
    assert_same(shelf.get(3), trained_anew(3))


def test_a_file_dropped_just_before_it_is_read_is_not_called_damaged(
    shelf: Shelf, trainings: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.get(3)
    original = healthy_store._read

    def dropped_and_read(path: Path, key: str) -> dict[str, torch.Tensor]:
        path.unlink()
        return original(path, key)

    monkeypatch.setattr(healthy_store, "_read", dropped_and_read)
    assert_same(shelf.get(3), trained_anew(3))
    assert shelf.reports == []


def test_nothing_is_stored_when_sources_were_edited_meanwhile(
    tmp_path: Path, trainings: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "edited_healthy.py").write_text("X = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    versions = versions_of(frozenset({"edited_healthy"}))
    store = HealthyStore(StoreSettings(tmp_path / "healthy", ROOM), print, versions)
    store(baseline((8, 6)), chunk((3,), baseline((8, 6))))
    (tmp_path / "edited_healthy.py").write_text("X = 22\n")
    with pytest.raises(SourcesChangedError, match="edited_healthy"):
        store(baseline((8, 6)), chunk((4,), baseline((8, 6))))
    assert trainings == [(3,), (4,)]
    assert len(list((tmp_path / "healthy").rglob("*.*"))) == 1


def test_of_two_that_train_the_same_network_the_later_one_replaces_the_file(shelf: Shelf, trainings: list) -> None:
    other = Shelf(shelf.folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HealthyStore, "_load", lambda *_: None)  # as if both had looked before either had stored
        shelf.get(3)
        data = shelf.path(3).read_bytes()
        other.get(3)
    assert trainings == [(3,), (3,)]
    assert shelf.path(3).read_bytes() == data
    assert shelf.files() == {shelf.path(3)}


def test_stored_files_hold_no_python_objects(shelf: Shelf) -> None:
    shelf.get(3)
    data = shelf.path(3).read_bytes()
    assert b'"sha256"' in data
    names = {f"{part}_{k}" for part in ("weight", "bias") for k in (1, 2, 3)} | {"losses"}
    assert set(healthy_store._read(shelf.path(3), shelf.path(3).stem)) == names
    assert healthy_store._read(shelf.path(3), shelf.path(3).stem)["losses"].device == tiny.CPU
