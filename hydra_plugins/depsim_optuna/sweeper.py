"""The sweeper. Hydra imports this module at every start, so whatever takes time is imported when it is used."""

from typing import Any

from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, OmegaConf


class DepsimOptunaSweeper(Sweeper):
    """Hands a search over to depsim.

    Args:
        settings: the keys of ``hydra.sweeper``.
    """

    def __init__(self, **settings: Any) -> None:
        self._settings = settings

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Keep what runs a search; depsim composes its trials itself."""
        self._search = task_function

    def sweep(self, arguments: list[str]) -> Any:
        """Search, by what ``depsim run`` has given Hydra to call: it knows the space, and is told the settings."""
        return self._search(OmegaConf.create(self._settings))
