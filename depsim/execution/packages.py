"""The packages whose versions decide numbers, and what is installed of them."""

from __future__ import annotations

import importlib.metadata
from functools import cache

_DECIDING = ("numba", "numpy", "torch")


def package_version(name: str) -> str | None:
    """The installed version of a package, or None."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


@cache
def package_versions() -> tuple[tuple[str, str], ...]:
    """Name and version, major.minor, of each package that decides numbers, as this process found them."""
    return tuple((name, ".".join((package_version(name) or "none").split(".")[:2])) for name in _DECIDING)


def format_packages() -> str:
    """The versions in a line, as they are kept with every individual: ``numba 0.61, numpy 2.2, torch 2.7``."""
    return ", ".join(f"{name} {version}" for name, version in package_versions())
