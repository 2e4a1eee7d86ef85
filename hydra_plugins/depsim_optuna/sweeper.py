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
        self.config, self._jobs = config, task_function

    def sweep(self, arguments: list[str]) -> None:
        """Search, by what ``depsim run`` has given Hydra to call."""
        settings = OmegaConf.to_container(OmegaConf.create(self._settings))
        self._jobs.search(arguments, settings, self.config)  # type: ignore[attr-defined]
