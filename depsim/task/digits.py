"""Tell handwritten digits apart: real data, which come with scikit-learn."""

from __future__ import annotations

from functools import cache
from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import model_validator

from depsim.task.base import Task
from depsim.task.dataset import Dataset, stacked

_PIXELS, _CLASSES, _IMAGES = 64, 10, 1797
_SPLIT = 100
"""What a split's seed is above the data seed."""


class Digits(Task):
    """The 1,797 images of 8 x 8 pixels of scikit-learn's digits, split anew for each individual.

    Pixels are scaled by one mean and one standard deviation over all pixels of the training images. The clean points
    are the mean training image of each class, in equal numbers.

    References: Alpaydin, Kaynak (1998), "Optical recognition of handwritten digits", UCI.
    """

    is_one_split: ClassVar[bool] = True

    @property
    def inputs(self) -> int:
        """Pixels."""
        return _PIXELS

    @property
    def classes(self) -> int:
        """The ten digits."""
        return _CLASSES

    @model_validator(mode="after")
    def _enough_images(self) -> Self:
        if self.train_size + self.test_size > _IMAGES:
            raise ValueError(
                f"train_size={self.train_size} and test_size={self.test_size}: there are {_IMAGES:,} images"
            )
        if min(self.train_size, self.test_size) < _CLASSES:
            raise ValueError(f"train_size and test_size must be {_CLASSES} or more, one image of each class")
        if self.clean_size % _CLASSES:
            raise ValueError(f"clean_size={self.clean_size}: must be a multiple of {_CLASSES}, the number of classes")
        return self

    def draw(
        self,
        seeds: tuple[int, ...],
        data: Literal["shared", "individual"],
        held: tuple[int | None, int | None] = (None, None),
    ) -> Dataset:
        """The images of a cohort; individuals that share them share the tensors.

        Raises:
            ValueError: if the training or the test points alone are held, or each another seed's: of two splits some
                images would be both.
        """
        if held[0] != held[1]:
            raise ValueError("training and test images are one split; hold both (cohort.hold.data) or neither")
        bases = [0] if data == "shared" else [1000 * k for k in (seeds if held[0] is None else (held[0],))]
        splits = [self._split(base + _SPLIT) for base in bases]
        train, standard, clean = (stacked([split[part] for split in splits], len(seeds)) for part in range(3))
        return Dataset(train=train, standard=standard, clean=clean)

    def _split(self, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """Images (size, 64) float32 and labels (size,) int64 to learn, to be examined on, and the clean ones."""
        from sklearn.model_selection import train_test_split  # slow to import, and needed only here

        images, labels = _images()
        train, test, train_labels, test_labels = train_test_split(
            images, labels, train_size=self.train_size, test_size=self.test_size, stratify=labels, random_state=seed
        )
        mean, spread = train.mean(), train.std()
        typical = np.stack([train[train_labels == digit].mean(axis=0) for digit in range(_CLASSES)])
        copies = self.clean_size // _CLASSES
        clean = np.repeat(typical, copies, axis=0), np.repeat(np.arange(_CLASSES), copies)
        sets = ((train, train_labels), (test, test_labels), clean)
        return [(((x - mean) / spread).astype(np.float32), y.astype(np.int64)) for x, y in sets]


@cache
def _images() -> tuple[np.ndarray, np.ndarray]:
    """All images (1797, 64) float64, 0 to 16, and what they show."""
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    return images, labels
