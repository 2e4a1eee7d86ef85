"""The store of healthy networks: an individual's is trained once, whoever asks, however often.

Content-addressed safetensors files below ``mlruns/cache/healthy``, one per individual, each carrying a hash of its
tensors. A file that does not match is reported and computed again. The store is only a speed-up: deleting it loses
nothing.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import safetensors
import torch

from depsim.execution.files import lock_all, write_atomically
from depsim.execution.healthy_files import lock_path, network_path, stored_networks
from depsim.execution.keys import origin_key
from depsim.model import Cohort
from depsim.protocol import Origin, Person, meet, raise_healthy
from depsim.training import Trained


class DamagedError(ValueError):
    """A stored file is not what was written."""


@dataclass(frozen=True)
class HealthyStore:
    """A source of healthy networks that remembers.

    Args:
        folder: where the files are.
        limit_bytes: above this the files that were longest unused go.
        report: told, in words, of a damaged file.
    """

    folder: Path
    limit_bytes: int
    report: Callable[[str], None]

    def __call__(self, origin: Origin, person: Person) -> Trained:
        """The healthy networks of these individuals, stored ones loaded and the others trained and stored."""
        seeds, device = person.streams.seeds, person.data.train.x.device
        keys = [origin_key(origin, seed, device.type) for seed in seeds]
        with lock_all([lock_path(self.folder, key) for key in keys]):
            found = {}
            for seed, key in zip(seeds, keys, strict=True):
                if (tensors := self._load(key)) is not None:
                    found[seed] = tensors
            missing = tuple(seed for seed in seeds if seed not in found)
            if missing:
                trained = raise_healthy(origin, person if missing == seeds else meet(origin, missing, device))
                cohort, diverged = trained.cohort.to(torch.device("cpu")), trained.cohort.diverged()
                for index, seed in enumerate(missing):
                    found[seed] = _tensors(cohort, trained.losses, index)
                    if seed not in diverged:
                        self._save(keys[seeds.index(seed)], found[seed])
                self._shrink()
        return _assemble(origin, seeds, [found[seed] for seed in seeds], device)

    def _load(self, key: str) -> Mapping[str, torch.Tensor] | None:
        path = network_path(self.folder, key)
        try:
            tensors = _read(path, key)
            os.utime(path)
        except FileNotFoundError:  # never stored, or dropped by another process a moment ago
            return None
        except DamagedError as error:
            self.report(f"damaged file in the store of healthy networks, computing it again: {path} ({error})")
            path.unlink(missing_ok=True)
            return None
        return tensors

    def _save(self, key: str, tensors: Mapping[str, torch.Tensor]) -> None:
        from safetensors.torch import save  # loads PyTorch, which a command that computes nothing never does

        data = save(dict(tensors), metadata={"sha256": _hash(key, tensors)})
        try:
            write_atomically(network_path(self.folder, key), data)
        except OSError as error:
            self.report(f"a healthy network is not stored, which only costs time: {error}")

    def _shrink(self) -> None:
        files = sorted((used, size, path) for path, size, used in stored_networks(self.folder))
        excess = sum(size for _, size, _ in files) - self.limit_bytes
        for _, size, path in files:
            if excess <= 0:
                break
            path.unlink(missing_ok=True)
            excess -= size


def _read(path: Path, key: str) -> dict[str, torch.Tensor]:
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            expected = (file.metadata() or {}).get("sha256")
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a mapping)
        found = _hash(key, tensors)
    except FileNotFoundError:
        raise
    except (safetensors.SafetensorError, OSError, ValueError, TypeError) as error:
        raise DamagedError(str(error)) from error
    if found != expected:
        raise DamagedError("its hash does not match")
    return tensors


def _hash(key: str, tensors: Mapping[str, torch.Tensor]) -> str:
    """Hash of the tensors and of whose they are."""
    hasher = hashlib.sha256(key.encode())
    for name in sorted(tensors):
        hasher.update(f"{name} {tuple(tensors[name].shape)} {tensors[name].dtype}".encode())
        hasher.update(tensors[name].contiguous().numpy().tobytes())
    return hasher.hexdigest()


def _tensors(cohort: Cohort, losses: torch.Tensor, index: int) -> dict[str, torch.Tensor]:
    """One individual's healthy network and its loss curve; everything is on the CPU."""
    tensors = {"losses": losses[index].clone()}
    for layer, (weight, bias) in enumerate(zip(cohort.weights, cohort.biases, strict=True), 1):
        tensors[f"weight_{layer}"] = weight[index].clone()
        tensors[f"bias_{layer}"] = bias[index].clone()
    return tensors


def _assemble(
    origin: Origin, seeds: tuple[int, ...], people: list[Mapping[str, torch.Tensor]], device: torch.device
) -> Trained:
    layers = range(1, sum(name.startswith("weight_") for name in people[0]) + 1)
    weights = tuple(torch.stack([person[f"weight_{k}"] for person in people]) for k in layers)
    biases = tuple(torch.stack([person[f"bias_{k}"] for person in people]) for k in layers)
    masks = tuple(torch.ones_like(weight, dtype=torch.bool) for weight in weights)
    cohort = Cohort(origin.model, seeds, weights, biases, masks).to(device)
    return Trained(cohort, torch.stack([person["losses"] for person in people]))
