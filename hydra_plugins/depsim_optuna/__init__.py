"""Optuna searches as a Hydra sweeper: ``hydra/sweeper=depsim_optuna``. The engine is :mod:`depsim.search`."""
