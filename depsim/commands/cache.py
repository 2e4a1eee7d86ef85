"""``depsim cache``: how much room the results and the store of healthy networks take, and clearing that store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from depsim.commands.outcome import guarded
from depsim.execution.healthy_files import FOLDER, remove_networks, stored_networks
from depsim.report.terminal import say
from depsim.terminal_text import Parser
from depsim.tracking import mlflow_store


def main(words: Sequence[str]) -> int:
    """Show what there is, or remove what is only a speed-up."""
    parser = Parser(
        prog="depsim cache",
        description="What mlruns/ of the working directory holds. Healthy networks are kept so that no condition has "
        "to train them again; removing them loses nothing but time.",
    )
    parser.add_argument("--clear", action="store_true", help="remove the stored healthy networks; no result is touched")
    arguments = parser.parse_args(list(words))
    return guarded(_clear if arguments.clear else _show, "depsim cache")


def _show() -> int:
    root = mlflow_store.root()
    if not root.is_dir():
        say(f"{root}: nothing there yet")
        return 0
    databases = _sizes(path for pattern in ("*.db", "*.db-wal", "*.db-shm") for path in root.glob(pattern))
    artifacts = _sizes((root / "artifacts").rglob("*"))
    networks = [size for _, size, _ in stored_networks(FOLDER)]
    everything = _sizes(root.rglob("*"))
    say(f"{root}: {format_bytes(sum(everything))}")
    say(f"  databases         {format_bytes(sum(databases)):>10}")
    say(f"  artifacts         {format_bytes(sum(artifacts)):>10}   {len(artifacts):,} files")
    say(f"  healthy networks  {format_bytes(sum(networks)):>10}   {len(networks):,}; depsim cache --clear removes them")
    if not mlflow_store.is_local():
        say(f"runs and their artifacts go to {mlflow_store.shown_uri()}; the healthy networks stay here")
    return 0


def _clear() -> int:
    count, freed = remove_networks(FOLDER)
    say(f"removed {count:,} healthy networks, {format_bytes(freed)}; no result was touched")
    return 0


def _sizes(paths: Iterable[Path]) -> list[int]:
    """Bytes of those that are files."""
    return [path.stat().st_size for path in paths if path.is_file()]


def format_bytes(count: int) -> str:
    """A number of bytes as text, in units of 1024.

    >>> [format_bytes(count) for count in (0, 1023, 1536, 5 * 2**20, 3 * 2**40)]
    ['0 B', '1023 B', '1.5 KiB', '5.0 MiB', '3072.0 GiB']
    """
    power = min(3, max(0, count.bit_length() - 1) // 10)
    return f"{count / 1024**power:.1f} {('B', 'KiB', 'MiB', 'GiB')[power]}" if power else f"{count} B"
