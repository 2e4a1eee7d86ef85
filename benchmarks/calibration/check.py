"""One check of the calibration: what is tried, how it is run, and which code it runs."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from benchmarks.calibration.figures import Figure
from benchmarks.calibration.values import Study
from depsim.execution.sources import sources_digest

_BATCH = 500
"""Studies that are simulated at a time."""
_HERE = "benchmarks.calibration"


@dataclass(frozen=True)
class Check:
    """One promise and how it is tried.

    Args:
        key: a short name.
        what: what is counted, in words.
        n: individuals of each study.
        replicates: studies.
        study: simulates them.
        lowest, highest: limits of the share counted; None where none is set.
        power: whether it is counted how often something real is noticed; below 0.8 that is a weakness.
        kind: of values, if it is tried on several.
    """

    key: str
    what: str
    n: int
    replicates: int
    study: Study
    lowest: float | None = None
    highest: float | None = None
    power: bool = False
    kind: str = ""

    @property
    def code(self) -> str:
        """Hash of the sources that it runs, without comments and docstrings."""
        return code_of(self.study.__module__)


def simulate(check: Check, replicates: int | None = None) -> Figure:
    """Run one check with its own generator, however many others run.

    Args:
        check: what to try.
        replicates: studies; as many as the check asks for if left out.
    """
    generator, left, hits = np.random.default_rng(zlib.crc32(check.key.encode())), replicates or check.replicates, 0
    total = left
    while left:
        count = min(left, _BATCH)
        hits += int(check.study(generator, check.n, count).sum())
        left -= count
    reached = hits / total
    # Agresti and Coull's centre: an error that is not 0 where every study came out alike.
    centre = (hits + 2) / (total + 4)
    error = math.sqrt(centre * (1 - centre) / total)
    return Figure(
        check.key,
        check.what,
        check.n,
        total,
        reached,
        round(error, 6),
        check.lowest,
        check.highest,
        check.power,
        check.kind,
        check.code,
    )


@cache
def code_of(module: str) -> str:
    """Hash of a module of simulated studies, of those here that it imports, and of the estimators that they try."""
    sources, estimators, waiting = {}, set(), [module]
    while waiting:
        name = waiting.pop()
        if name not in sources:
            tree = _source(name)
            sources[name] = ast.unparse(tree)
            for imported in _imports(tree):
                if imported.startswith(_HERE):
                    waiting.append(imported)
                elif imported.startswith("depsim."):
                    estimators.add(imported)
    parts = [sources_digest(frozenset(estimators)), *(sources[name] for name in sorted(sources))]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def _source(module: str) -> ast.Module:
    """The syntax tree of a module without docstrings."""
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(body := getattr(node, "body", None), list):
            body[:] = [line for line in body if not _is_text(line)] or [ast.Pass()]
    return tree


def _is_text(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant) and isinstance(line.value.value, str)


def _imports(tree: ast.Module) -> Iterator[str]:
    return (node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module)
