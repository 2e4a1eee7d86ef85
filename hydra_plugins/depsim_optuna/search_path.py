"""The configuration of plugins, for everything that Hydra composes: jobs, help and completion."""

from hydra.core.config_search_path import ConfigSearchPath
from hydra.plugins.search_path_plugin import SearchPathPlugin


class DepsimSearchPath(SearchPathPlugin):
    """Adds the ``conf`` folders of the packages that the user has allowed."""

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Behind depsim's own folder."""
        from depsim.registry import conf_folders

        for folder in conf_folders()[1:]:
            search_path.append("depsim-plugins", f"file://{folder}")
