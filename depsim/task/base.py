"""What a task is."""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, ClassVar, Literal

from depsim.component import Component, Count, Label, Neutral
from depsim.task.dataset import Dataset


class Task(Component):
    """Draws the points that individuals learn and are examined on.

    Args:
        train_size: points to learn.
        test_size: points to be examined on, noisy as those to learn.
        clean_size: points without noise to be examined on.
        passes: how often each epoch goes through the training points, of which a task may have few; in one sequence,
            so that a batch may hold the end of one pass and the beginning of the next.
    """

    is_one_split: ClassVar[bool] = False
    """Whether training and test points are parts of one set, so that they can only be held together."""

    train_size: Annotated[Count, Label("training points")]
    test_size: Annotated[Count, Label("test points")]
    clean_size: Annotated[Count, Label("clean points")]

    passes: Annotated[Count, Neutral(1), Label("passes over the training points in an epoch")] = 1

    @property
    @abstractmethod
    def inputs(self) -> int:
        """Number of input units."""

    @property
    @abstractmethod
    def classes(self) -> int:
        """Number of output units."""

    @abstractmethod
    def draw(
        self,
        seeds: tuple[int, ...],
        data: Literal["shared", "individual"],
        held: tuple[int | None, int | None] = (None, None),
    ) -> Dataset:
        """The data of a cohort.

        Args:
            seeds: the individuals' seeds.
            data: ``shared`` gives all the paper's data (seeds 100, 200, 300); ``individual`` gives individual k
                its own (1000k + 100, + 200, + 300).
            held: with ``individual``, the seeds whose training points and whose test points (standard and clean) all
                get instead of their own; None where they keep them.
        """

    def ceiling(self, input_noise: float) -> float:
        """The accuracy, in per cent, that no network can be expected to exceed on points under this input noise (SD).

        100 unless a task knows better.
        """
        return 100.0
