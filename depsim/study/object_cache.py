"""Results that live as long as the object that they are of."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

Thing = TypeVar("Thing")
Result = TypeVar("Result")


def once_per_object(function: Callable[[Thing], Result]) -> Callable[[Thing], Result]:
    """The function, called once for each object: a study, or a part of it, that is compared by identity.

    Its result must not hold the object itself, or neither ever goes.
    """
    results: WeakKeyDictionary[Thing, Result] = WeakKeyDictionary()

    @wraps(function)
    def once(thing: Thing) -> Result:
        if thing not in results:
            results[thing] = function(thing)
        return results[thing]

    return once
