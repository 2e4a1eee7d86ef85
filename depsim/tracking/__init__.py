"""Tracking: who keeps the results. One module per tracker; ``conf/tracking/`` names them."""

from depsim.tracking.base import JobLog, Tracker, Tracking
from depsim.tracking.mlflow_tracking import MlflowTracking
from depsim.tracking.untracked import NoTracking

__all__ = ["JobLog", "MlflowTracking", "NoTracking", "Tracker", "Tracking"]
