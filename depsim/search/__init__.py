"""Searches for the settings that serve a cohort best: Optuna's ask and tell around jobs, one trial per condition."""
