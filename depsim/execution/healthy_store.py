"""The store of healthy networks: an individual's is trained once, for all jobs and processes.

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

from depsim.execution.course import prepare_chunk, train_baseline
from depsim.execution.files import write_atomically
from depsim.execution.healthy_files import network_path, stored_networks
from depsim.execution.keys import baseline_key
from depsim.execution.sources import NO_VERSIONS, Versions, require_unchanged
from depsim.lazy_torch import torch
from depsim.model.cohort import Cohort, dense_cohort
from depsim.protocol import Baseline
from depsim.steps import ChunkContext
from depsim.training import Trained


@dataclass(frozen=True)
class StoreSettings:
    """Where healthy networks are kept and how much room they may take."""

    folder: Path
    limit_bytes: int


class DamagedError(ValueError):
    """A stored file is not what was written."""


@dataclass(frozen=True)
class HealthyStore:
    """A source of healthy networks that remembers.

    Args:
        settings: where the files are; above its limit those that were longest unused go.
        report: called with a message on each damaged file.
        versions: of the sources and packages that the networks have to come from.
    """

    settings: StoreSettings
    report: Callable[[str], None]
    versions: Versions = NO_VERSIONS

    def __call__(self, baseline: Baseline, chunk: ChunkContext) -> Trained:
        """The healthy networks of these individuals, stored ones loaded and the others trained and stored.

        Raises:
            SourcesChangedError: if the sources were edited meanwhile; nothing is stored then.
        """
        seeds, device = chunk.streams.seeds, chunk.data.train.x.device
        keys = [baseline_key(baseline, seed, device.type) for seed in seeds]
        networks = {}
        for seed, key in zip(seeds, keys, strict=True):
            if (tensors := self._load(key)) is not None:
                networks[seed] = tensors
        missing = tuple(seed for seed in seeds if seed not in networks)
        if missing:
            trained = train_baseline(baseline, chunk if missing == seeds else prepare_chunk(baseline, missing, device))
            cohort, diverged = trained.cohort.to(torch.device("cpu")), trained.cohort.diverged()
            require_unchanged(self.versions)
            for index, seed in enumerate(missing):
                networks[seed] = _tensors(cohort, trained.losses, index)
                if seed not in diverged:
                    self._save(keys[seeds.index(seed)], networks[seed])
            self._shrink()
        return _assemble(baseline, seeds, [networks[seed] for seed in seeds], device)

    def _load(self, key: str) -> Mapping[str, torch.Tensor] | None:
        path = network_path(self.settings.folder, key)
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
            write_atomically(network_path(self.settings.folder, key), data)
        except OSError as error:
            self.report(f"a healthy network is not stored, which only costs time: {error}")

    def _shrink(self) -> None:
        files = sorted((used, size, path) for path, size, used in stored_networks(self.settings.folder))
        excess = sum(size for _, size, _ in files) - self.settings.limit_bytes
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
        digest = _hash(key, tensors)
    except FileNotFoundError:
        raise
    except (safetensors.SafetensorError, OSError, ValueError, TypeError) as error:
        raise DamagedError(str(error)) from error
    if digest != expected:
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
    baseline: Baseline, seeds: tuple[int, ...], stored: list[Mapping[str, torch.Tensor]], device: torch.device
) -> Trained:
    layers = range(1, sum(name.startswith("weight_") for name in stored[0]) + 1)
    weights = tuple(torch.stack([tensors[f"weight_{k}"] for tensors in stored]) for k in layers)
    biases = tuple(torch.stack([tensors[f"bias_{k}"] for tensors in stored]) for k in layers)
    cohort = dense_cohort(baseline.model, seeds, weights, biases).to(device)
    return Trained(cohort, torch.stack([tensors["losses"] for tensors in stored]))
