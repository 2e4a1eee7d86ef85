"""Tracking: who keeps the results. One module per tracker; ``conf/tracking/`` names them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from depsim.tracking.base import SearchNotes, SearchRecord, Tracker, Tracking
    from depsim.tracking.mlflow_tracking import MlflowTracking
    from depsim.tracking.untracked import NoTracking

__all__ = ["MlflowTracking", "NoTracking", "SearchNotes", "SearchRecord", "Tracker", "Tracking"]
_TRACKERS = {"MlflowTracking": "mlflow_tracking", "NoTracking": "untracked"}
"""The module of each tracker."""


def __getattr__(name: str) -> Any:
    """Import on first use: reading what was tracked needs no PyTorch, tracking does."""
    if name in __all__:
        return getattr(import_module(f"depsim.tracking.{_TRACKERS.get(name, 'base')}"), name)
    raise AttributeError(f"module 'depsim.tracking' has no attribute {name!r}")
