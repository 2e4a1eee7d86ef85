"""Where Optuna keeps its trials, and who may drive a search.

A search in ``mlruns/optuna.db`` has one driver at a time. In the PostgreSQL database that ``DEPSIM_OPTUNA_STORAGE``
names it can have several, on one machine or on many. There, each holds a lock of the database's own as long as its
connection lasts: that tells the others, wherever they are, which trials belong to a process that is gone. Its tables
lie in a schema of their own, so the database may be the one of the MLflow server.
"""

from __future__ import annotations

import hashlib
import os
import socket
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from importlib.util import find_spec

import optuna
from optuna.exceptions import StorageInternalError
from optuna.storages import BaseStorage, InMemoryStorage, RDBStorage
from sqlalchemy import Connection, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from depsim.config import ConfigError
from depsim.execution.files import LockedError, lock, require_database, require_local_disk
from depsim.execution.interruptions import keep_calls_whole
from depsim.execution.keys import digest
from depsim.tracking import mlflow_store

VARIABLE = "DEPSIM_OPTUNA_STORAGE"
SCHEMA = "optuna"
"""Of a PostgreSQL database: MLflow's tables lie in another, and both call one ``alembic_version``."""
_BUSY_SECONDS = 60


class Storage:
    """An open place for trials.

    Args:
        optuna: as Optuna knows it.
        connection: to a database that several drivers share, or None where there is one driver only.
        keeps: whether anything outlives the process.
    """

    def __init__(self, optuna: BaseStorage, connection: Connection | None, keeps: bool) -> None:
        self.optuna, self._connection, self._keeps = optuna, connection, keeps
        self.driver = f"{socket.gethostname()} process {os.getpid()} {uuid.uuid4().hex[:8]}"

    @contextmanager
    def driving(self, search: str) -> Iterator[None]:
        """Drive a search.

        Raises:
            LockedError: if another process drives it and the storage is not shared; the message names it.
        """
        if self._connection is not None:
            self._connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _number(self.driver)})
            try:
                yield
            finally:
                self._connection.close()
            return
        with ExitStack() as held:
            if self._keeps:
                try:
                    held.enter_context(lock(mlflow_store.locks() / f"search-{digest([search])}.lock", wait=False))
                except LockedError as error:
                    raise LockedError(f"the search {search}, {error}") from None
            yield

    @contextmanager
    def exclusive(self, search: str) -> Iterator[None]:
        """What only one driver of a search may do at a time; the others wait."""
        if self._connection is None:
            yield
            return
        key = {"key": _number(f"search {search}")}
        if self._connection.invalidated:  # by Ctrl-C in the middle of a question: leaving needs it once more
            self._connection.rollback()
        self._connection.execute(text("SELECT pg_advisory_lock(:key)"), key)
        try:
            yield
        finally:
            with suppress(SQLAlchemyError):  # a lost connection has lost its locks
                self._connection.execute(text("SELECT pg_advisory_unlock(:key)"), key)

    def is_gone(self, driver: str | None) -> bool:
        """Whether the process of that name has ended, given that it is not this one."""
        if driver == self.driver:
            return False
        if self._connection is None or driver is None:
            return True  # this process holds the only place
        key = {"key": _number(driver)}
        free = bool(self._connection.execute(text("SELECT pg_try_advisory_lock(:key)"), key).scalar())
        if free:
            self._connection.execute(text("SELECT pg_advisory_unlock(:key)"), key)
        return free


def open_storage(keeps: bool) -> Storage:
    """The storage: what ``DEPSIM_OPTUNA_STORAGE`` names, or ``mlruns/optuna.db``; created if need be.

    Args:
        keeps: whether anything is kept; else trials live as long as the process.

    Raises:
        ConfigError: if it cannot be opened; no password is shown.
        depsim.execution.files.NetworkDiskError: if the file would lie on a network disk.
        depsim.execution.files.NotADatabaseError: if something else is where the file has to be.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    if not keeps:
        return Storage(InMemoryStorage(), None, keeps=False)
    address = os.environ.get(VARIABLE)
    if address:
        return _open_server(_read_address(address))
    database = mlflow_store.root() / "optuna.db"
    require_local_disk(database)
    require_database(database)
    with lock(mlflow_store.locks() / "optuna.lock"):
        storage = RDBStorage(f"sqlite:///{database}", engine_kwargs={"connect_args": {"timeout": _BUSY_SECONDS}})
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
    keep_calls_whole(storage)
    return Storage(storage, None, keeps=True)


@contextmanager
def in_words(search: str, verb: str) -> Iterator[None]:
    """Trouble with the storage as one sentence: that the trials of a search cannot be kept, or read.

    Raises:
        OSError: with the reason, without a password.
    """
    try:
        yield
    except (StorageInternalError, SQLAlchemyError) as error:
        reason = str(getattr(error.__cause__ or error, "orig", None) or error).strip().splitlines()[0]
        text = mlflow_store.without_password(reason)
        raise OSError(f"the trials of search {search} cannot be {verb} ({text})") from error


def exists() -> bool:
    """Whether there is a storage to look into."""
    return bool(os.environ.get(VARIABLE)) or (mlflow_store.root() / "optuna.db").exists()


def _read_address(address: str) -> URL:
    try:
        url = make_url(address)
    except (SQLAlchemyError, ValueError):  # the second: a port that is no number
        raise ConfigError(f"{VARIABLE}: not an address; allowed is postgresql://USER:PASSWORD@HOST/DATABASE") from None
    if "@" in (url.host or ""):
        raise ConfigError(f"{VARIABLE}: more than one @; in a password it is written %40")
    if url.get_backend_name() != "postgresql":
        raise ConfigError(f"{VARIABLE}={url.render_as_string()}: allowed is postgresql://USER:PASSWORD@HOST/DATABASE, "
                          "or unset it for mlruns/optuna.db")  # fmt: skip
    there = [name for name in ("psycopg2", "psycopg") if find_spec(name) is not None]
    return url.set(drivername=f"postgresql+{there[0]}") if there and url.drivername == "postgresql" else url


def _open_server(url: URL) -> Storage:
    shown = url.render_as_string()  # without the password
    try:
        storage = _created(url)
        keep_calls_whole(storage)
        connection = storage.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(
            text("SET tcp_keepalives_idle = 60")
        )  # a machine that is gone shall not hold its locks for hours
    except ImportError:
        raise ConfigError(f"{VARIABLE}={shown}: its driver is missing; pip install 'depsim[postgres]'") from None
    except (SQLAlchemyError, RuntimeError) as error:  # the second: its tables are those of another Optuna
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        hidden = reason.replace(str(url.password), "***") if url.password else reason
        raise ConfigError(f"{VARIABLE}={shown}: cannot be opened ({hidden})") from None
    return Storage(storage, connection, keeps=True)


def _created(url: URL) -> RDBStorage:
    """The server's tables, created by one process while others wait."""
    from sqlalchemy import create_engine

    address = url.render_as_string(hide_password=False)
    there = {"connect_args": {"options": f"-csearch_path={SCHEMA}"}}
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _number("tables")})
            if connection.scalar(text("SELECT to_regnamespace(:name)"), {"name": SCHEMA}) is None:
                connection.execute(text(f"CREATE SCHEMA {SCHEMA}"))
            return RDBStorage(address, engine_kwargs={"pool_pre_ping": True} | there)
    finally:
        engine.dispose()


def _number(name: str) -> int:
    """A name as a database's lock: 63 bits."""
    return int.from_bytes(hashlib.sha256(f"depsim {name}".encode()).digest()[:8], "big") >> 1
