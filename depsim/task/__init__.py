"""Tasks: what an individual learns. One module per task; ``conf/task/`` names them."""

from depsim.task.base import Task
from depsim.task.dataset import Dataset, Points
from depsim.task.digits import Digits
from depsim.task.gaussian_clusters import GaussianClusters

__all__ = ["Dataset", "Digits", "GaussianClusters", "Points", "Task"]
