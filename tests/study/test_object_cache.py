from __future__ import annotations

import gc
import weakref

from depsim.study.object_cache import once_per_object


class Thing:
    """Something that is compared by identity."""


def test_a_result_is_made_once_for_each_object_and_goes_with_it() -> None:
    made: list[int] = []

    @once_per_object
    def count(_thing: Thing) -> int:
        made.append(len(made))
        return made[-1]

    things = [Thing() for _ in range(100)]
    assert [count(thing) for thing in things] == [count(thing) for thing in things] == list(range(100))
    gone = weakref.ref(things.pop())
    gc.collect()
    assert gone() is None
