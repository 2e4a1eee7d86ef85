"""Tracking: who keeps the results. One module per tracker; ``conf/tracking/`` names them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from depsim.tracking.base import SearchNotes, SearchRecord, Tracker, Tracking
    from depsim.tracking.mlflow_tracking import MlflowTracking
    from depsim.tracking.untracked import NoTracking

__all__ = ["MlflowTracking", "NoTracking", "SearchNotes", "SearchRecord", "Tracker", "Tracking"]


def __getattr__(name: str) -> Any:
    """Import on first use: reading what was tracked needs no PyTorch, tracking does."""
    if name == "MlflowTracking":
        from depsim.tracking.mlflow_tracking import MlflowTracking

        return MlflowTracking
    if name == "NoTracking":
        from depsim.tracking.untracked import NoTracking

        return NoTracking
    if name in __all__:
        from depsim.tracking import base

        return getattr(base, name)
    raise AttributeError(f"module 'depsim.tracking' has no attribute {name!r}")
