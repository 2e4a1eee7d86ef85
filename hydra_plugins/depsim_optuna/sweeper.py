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
        self.config: DictConfig | None = None

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Nothing is set up: depsim composes and runs each trial itself."""
        self.config = config

    def sweep(self, arguments: list[str]) -> None:
        """Search."""
        from depsim.commands.run import search_from_hydra

        assert self.config is not None
        search_from_hydra(arguments, OmegaConf.to_container(OmegaConf.create(self._settings)), self.config)
