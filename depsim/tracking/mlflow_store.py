"""The MLflow store: where it is, and opening it safely.

A new SQLite database is created by one process while the others wait; two at once crash. Write-ahead logging and a
long busy timeout let several processes log at the same time.
"""

from __future__ import annotations

import logging
import os
import re
import socket
import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from depsim.execution.files import lock, require_database, require_local_disk
from depsim.execution.interruptions import keep_calls_whole
from depsim.terminal_text import complain
from depsim.tracking.older_store import refuse_older
from depsim.tracking.relocation import copy_to_read, relocate

_BUSY_SECONDS = 60
_PATIENCE_SECONDS = 5.0
"""Until a message says that a server or database has not answered yet."""
_PAGE = 1000
_CURVES = ("/loss", "/resilience")
"""How the names of metrics end whose step means something."""
_OTHER_SCHEMA = "out-of-date database schema"
"""MLflow's words where it does not bring a database up to date by itself, also for one that is ahead of it."""
PLACE = "depsim.place"
"""Tag of every run: the machine and the folder whose lock its process holds."""


class StoreAddressError(ValueError):
    """``MLFLOW_TRACKING_URI`` names nothing that MLflow could keep runs in; the message says what is allowed."""


def root() -> Path:
    """``mlruns`` of the working directory, absolute."""
    return Path("mlruns").absolute()


def locks() -> Path:
    """Where this machine's processes keep their locks."""
    return root() / "locks"


def place() -> str:
    """This machine and folder."""
    return f"{socket.gethostname()}:{root()}"


def tracking_uri() -> str:
    """The store: what ``MLFLOW_TRACKING_URI`` names, or the SQLite file below ``mlruns``, or its copy to read."""
    own = copy_to_read(root()) if is_read_only() else root() / "mlflow.db"
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{own}"


def shown_uri() -> str:
    """The store's address as it may be shown and kept: without a user's name and password."""
    return without_password(tracking_uri())


def without_password(text: str) -> str:
    """Text in which no address carries a user's name and password.

    >>> without_password("postgresql://ada:secret@db:5432/mlflow is down")
    'postgresql://db:5432/mlflow is down'
    """
    return re.sub(r"//[^/\s]*@", "//", text)


def is_local() -> bool:
    """Whether the store is the project's own."""
    return not os.environ.get("MLFLOW_TRACKING_URI")


def is_served() -> bool:
    """Whether a server keeps the store."""
    return tracking_uri().startswith(("http://", "https://"))


def is_read_only() -> bool:
    """Whether the project's own store is there and cannot be written: its database is then read from a copy."""
    there = [path for path in (root(), root() / "mlflow.db") if path.exists()]
    return is_local() and len(there) == 2 and not all(os.access(path, os.W_OK) for path in there)


def exists() -> bool:
    """Whether there is a store to look into; of a server only its answer would tell."""
    return not is_local() or (root() / "mlflow.db").exists()


def open_client() -> Any:
    """A client of the store, which is created if need be.

    Shape: a ``mlflow.MlflowClient``.

    Raises:
        depsim.execution.files.NetworkDiskError: if it is an SQLite database that would lie on a network disk.
        depsim.execution.files.NotADatabaseError: if something else is where an SQLite database has to be.
        StoreAddressError: if ``MLFLOW_TRACKING_URI`` names nothing that MLflow could keep runs in.
        depsim.tracking.older_store.OlderStoreError: if it has runs of depsim 0.1.
    """
    quiet_mlflow()
    _set_up_sqlite()
    with nullcontext() if is_local() else _remark_if_slow():
        client = _open_own() if is_local() else _open_named(tracking_uri())
        studies = {each.experiment_id: each.name for each in pages(client.search_experiments)}  # a server's first call
        refuse_older(client, studies, shown_uri())
    return client


def _open_own() -> Any:
    """A client of the project's own store."""
    database = root() / "mlflow.db"
    if is_read_only():
        return _client(tracking_uri())
    require_local_disk(database)
    require_database(database)
    with lock(locks() / "store.lock"):
        if not database.exists():
            _log_ahead(database)  # before the first connection, which asks for it
        client = _client(f"{tracking_uri()}?timeout={_BUSY_SECONDS}")
        client.search_experiments(max_results=1)  # creates the tables
        for old in relocate(database, root()):
            complain(f"note: {root()} was {old} before; the addresses of its artifacts are brought up to date")
        _log_ahead(database)  # not before MLflow has taken it for its own
    return client


def _client(address: str) -> Any:
    """A client; no interruption cuts its calls in two, but those to a server, which keeps its database in order."""
    from mlflow import MlflowClient  # a second to import, and needed only here

    client = MlflowClient(address)
    if not address.startswith("http"):
        keep_calls_whole(client)
    return client


def _set_up_sqlite() -> None:
    """Let SQLite wait for a lock as long as we say: MLflow sets a busy timeout of its own in every session.

    And let it not wait for the disk at every commit.
    """
    from sqlalchemy import Engine, event

    if not event.contains(Engine, "before_cursor_execute", _with_our_timeout):
        event.listen(Engine, "before_cursor_execute", _with_our_timeout, retval=True)
        event.listen(Engine, "connect", _leave_commits_to_the_system)


def _leave_commits_to_the_system(connection: Any, _record: Any) -> None:
    """With write-ahead logging a kill still loses nothing, and a power cut the last moments but not the database.

    For the project's own store only: a process may have other databases open.
    """
    if not isinstance(connection, sqlite3.Connection):
        return
    _, _, file = connection.execute("PRAGMA database_list").fetchone()
    if Path(file) == (root() / "mlflow.db").resolve() and _is_logged_ahead(connection):
        connection.execute("PRAGMA synchronous = NORMAL")


def _is_logged_ahead(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("PRAGMA journal_mode").fetchone() == ("wal",))


def _log_ahead(database: Path) -> None:
    with closing(sqlite3.connect(database, timeout=_BUSY_SECONDS)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")


def _with_our_timeout(
    _connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool
) -> tuple[str, Any]:
    if statement.startswith("PRAGMA busy_timeout"):
        statement = f"PRAGMA busy_timeout = {round(1000 * _BUSY_SECONDS)}"
    return statement, parameters


@contextmanager
def _remark_if_slow() -> Iterator[None]:
    """Say what is waited for: MLflow tries for minutes to reach a server that does not answer."""
    text = f"note: connecting to {shown_uri()}; no answer yet, trying on for up to some minutes"
    timer = threading.Timer(_PATIENCE_SECONDS, complain, [text])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()


def _open_named(address: str) -> Any:
    """A client of the store that ``MLFLOW_TRACKING_URI`` names."""
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import ArgumentError

    if (file := _sqlite_file(address)) is not None:
        require_local_disk(file)
        require_database(file)
    shown = f"MLFLOW_TRACKING_URI={without_password(address)}"
    allowed = "http://HOST:PORT of an MLflow server, or a database such as sqlite:////FOLDER/mlflow.db"
    try:
        return _client(address)
    except ImportError as error:
        raise StoreAddressError(f"{shown}: the driver of that database is missing here ({error})") from None
    except (MlflowException, ArgumentError, ValueError) as error:
        if isinstance(error, MlflowException) and error.error_code != "INVALID_PARAMETER_VALUE":
            raise  # the address makes sense
        raise StoreAddressError(f"{shown}: MLflow can keep no runs there; allowed is {allowed}") from None


def _sqlite_file(address: str) -> Path | None:
    """The file of an SQLite database, or None if the address is another one.

    >>> [_sqlite_file(address) for address in ("http://host:5000", "sqlite://", "sqlite:////data/mlflow.db?timeout=9")]
    [None, None, PosixPath('/data/mlflow.db')]
    """
    found = re.fullmatch(r"sqlite(?:\+\w+)?:///(?:file:)?([^?]+)(?:\?.*)?", address)
    return None if found is None or found[1] == ":memory:" else Path(found[1]).absolute()


def store_trouble(error: Exception) -> str | None:
    """Why the store could not be read or written, in one line, or None if the error is about something else.

    A full disk, a server that does not answer, a password that is wrong; not a request that makes no sense.
    """
    if "mlflow" not in sys.modules and not isinstance(error, sqlite3.Error):
        return None
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    if isinstance(error, MlflowException):
        if error.error_code == "INVALID_PARAMETER_VALUE":
            return None
        if _OTHER_SCHEMA in str(error):
            return (
                "this MLflow needs another schema than the database has. If an older one wrote it, copy it and run: "
                f"mlflow db upgrade {shown_uri()}    if a newer one did, install that"
            )
    elif not isinstance(error, SQLAlchemyError | sqlite3.Error):
        return None
    return without_password(str(error).partition("\n")[0])


def pages(search: Any, *arguments: Any) -> Iterator[Any]:
    """All results of a paged search of a client."""
    token = None
    while True:
        page = search(*arguments, max_results=_PAGE, page_token=token)
        yield from page
        token = page.token
        if not token:
            return


def run_metrics(run: Any) -> dict[str, float]:
    """What was measured, without the curves."""
    return {name: value for name, value in run.data.metrics.items() if not is_curve(name)}


def run_curves(run: Any) -> list[str]:
    """Names of a run's metrics whose step means something."""
    return sorted(filter(is_curve, run.data.metrics))


def is_curve(name: str) -> bool:
    """Whether the step of a metric means something."""
    return name.endswith(_CURVES)


def quiet_mlflow() -> None:
    """No telemetry, no remarks on the creation of tables, no bar for every file, no address for every run."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "ERROR")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")  # with its password
    for name in ("alembic", "mlflow"):
        logging.getLogger(name).setLevel(logging.ERROR)
    logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)  # logs the traceback of what it raises, too
