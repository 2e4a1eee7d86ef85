"""The shapes in which a task's inputs can be given to a network that takes more than rows of numbers."""

from __future__ import annotations

from math import prod

from depsim.task.base import Task
from depsim.task.digits import Digits

_DIGITS = (1, 8, 8)


def input_shapes(task: Task) -> tuple[tuple[int, ...], ...]:
    """Shapes of one input, the first that fits to be taken: as the task says with ``shape``, or a row of numbers.

    >>> input_shapes(Digits(train_size=1200, test_size=597, clean_size=1000, passes=3))
    ((64,), (1, 8, 8))
    """
    row, shape = (task.inputs,), getattr(task, "shape", None)
    if isinstance(task, Digits):
        return row, _DIGITS
    return (row,) if shape is None or shape == row or prod(shape) != task.inputs else (shape, row)
