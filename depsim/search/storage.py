"""Where Optuna keeps its trials, ``mlruns/optuna.db``, and the lock of the one process that drives a search."""

from __future__ import annotations

import os
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import optuna
from optuna.exceptions import StorageInternalError
from optuna.storages import BaseStorage, InMemoryStorage, RDBStorage
from sqlalchemy.exc import SQLAlchemyError

from depsim.config import ConfigError
from depsim.execution.files import LockedError, create_database, lock, require_database
from depsim.execution.interruptions import keep_calls_whole
from depsim.execution.keys import digest
from depsim.tracking import mlflow_store

FORMER_VARIABLE = "DEPSIM_OPTUNA_STORAGE"
"""Named a PostgreSQL database for trials up to version 0.3."""
_BUSY_SECONDS = 60


@contextmanager
def driving(search: str, keeps: bool) -> Iterator[None]:
    """Be the one process that drives a search; the lock goes with the process, however that ends.

    Args:
        search: its title.
        keeps: whether its trials outlive the process; others cannot reach those that do not.

    Raises:
        depsim.execution.files.LockedError: if another process drives it; the message says which, and where.
    """
    with ExitStack() as held:
        if keeps:
            path = mlflow_store.locks() / f"search-{digest([search])}.lock"
            try:
                held.enter_context(lock(path, wait=False, holder=f"{os.getpid()} on {socket.gethostname()}"))
            except LockedError as error:
                raise LockedError(f"the search {search}, {error}") from None
        yield


def open_storage(keeps: bool) -> BaseStorage:
    """The storage, created if need be.

    Args:
        keeps: whether anything is kept; else trials live as long as the process.

    Raises:
        ConfigError: if the environment names another database.
        depsim.execution.files.NotADatabaseError: if something else is where the file has to be.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    if not keeps:
        return InMemoryStorage()
    database = _database()
    if FORMER_VARIABLE in os.environ:
        raise ConfigError(
            f"{FORMER_VARIABLE}: trials lie in {database} only; unset it, and bring those of another "
            "database there with optuna.copy_study"
        )
    require_database(database)
    with lock(mlflow_store.locks() / "optuna.lock"):
        create_database(database, lambda new: RDBStorage(f"sqlite:///{new}").engine.dispose())
        storage = RDBStorage(f"sqlite:///{database}", engine_kwargs={"connect_args": {"timeout": _BUSY_SECONDS}})
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
    keep_calls_whole(storage)
    return storage


@contextmanager
def in_words(search: str, verb: str) -> Iterator[None]:
    """Trouble with the storage as one sentence: that the trials of a search cannot be kept, or read.

    Raises:
        OSError: with the first line of what the database itself says.
    """
    try:
        yield
    except (StorageInternalError, SQLAlchemyError) as error:
        cause = error.__cause__ or error
        reason = str(getattr(cause, "orig", None) or cause).strip().splitlines()[0]
        raise OSError(f"the trials of search {search} cannot be {verb} ({reason})") from error


def exists() -> bool:
    """Whether there is a storage to look into."""
    return _database().exists()


def _database() -> Path:
    return mlflow_store.root() / "optuna.db"
