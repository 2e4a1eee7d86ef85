"""The conditions of a grid as overrides, with what the command line changes of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hydra.core.override_parser.types import Override

from depsim.config import Composer, ConfigError, parse_overrides
from depsim.config.overrides import first_value, override_text, refuse_too_many, single_values
from depsim.execution.job import HOLD
from depsim.search.sweep_files import SweepFile


def sweep_grids(
    name: str, file: SweepFile, overrides: Sequence[str], composer: Composer | None = None
) -> list[dict[str, list[str]]]:
    """The settings of a sweep's jobs, grid by grid: by their key, all its values as overrides.

    Args:
        name: of the sweep.
        file: what it says.
        overrides: from the command line, which have the last word.
        composer: of the first jobs, which are composed to see whether there are too many.

    Raises:
        ConfigError: naming the key, the value and what is allowed.
    """
    words = {override.get_key_element(): override for override in parse_overrides(overrides)}
    if clash := [key for key in {**file.settings, **words} if file.array and key.startswith(HOLD.rstrip("."))]:
        raise ConfigError(f"{clash[0]}: the array of the sweep {name} says which streams are held")
    known = {key for grid in file.grids for key in grid}
    grids = [axes for grid in file.grids if all((axes := _axes(name, file, grid, words, known)).values())]
    if not grids:
        given = [word.input_line for key, word in words.items() if key in known]
        raise ConfigError(f"sweep {name}: no grid of it has {' '.join(map(str, given))}")
    networks = [parse_overrides(row[0] for row in file.array.rows())] if file.array is not None else []
    for axes in grids:
        first = [first_value(axis[0]) for axis in axes.values()]
        refuse_hydra(first)
        config = (composer or Composer()).compose(parse_overrides(first)).config
        refuse_too_many([*axes.values(), *networks], config)
    return [{key: [line for word in axis for line in single_values(word)] for key, axis in a.items()} for a in grids]


def _axes(
    name: str, file: SweepFile, grid: Mapping[str, list[Any]], words: Mapping[str, Override], known: set[str]
) -> dict[str, list[Override]]:
    """The axes of one grid, among them those that the command line changes or adds.

    Args:
        name, file: of the sweep.
        grid: one of the file's.
        words: the command line's overrides, by key.
        known: the keys of all of the file's grids; a word for one of them goes to the grids that have it.

    Shape: an axis without values where no condition of the grid is wanted.
    """
    if empty := [key for key, values in grid.items() if not values]:
        raise ConfigError(f"sweep {name}: grid.{empty[0]}=[]: needs at least one value")
    fixed = {key: [value] for key, value in {"study": file.study, **file.settings}.items()}
    of_treatments = {
        key: parse_overrides(f"{key}={override_text(value)}" for value in values)
        for key, values in {**fixed, **grid}.items()
    }
    axes = of_treatments | {key: [word] for key, word in words.items() if key in grid or key not in known}
    for key in words.keys() & grid.keys() if len(file.grids) > 1 else ():
        if any(other.startswith(f"{key}.") for other in grid):  # settings of its own values, which others lack
            wanted = single_values(words[key])
            axes[key] = [each for each in of_treatments[key] if single_values(each)[0] in wanted]
    return axes


def refuse_hydra(lines: Iterable[str]) -> None:
    """Refuse keys of Hydra's own: a sweep does without its launchers, sweepers and folders."""
    for line in lines:
        if re.match(r"[+~]*hydra([./@=]|$)", line):
            raise ConfigError(f"{line}: of no effect on a sweep, which runs its jobs itself; depsim run -m takes it")
