"""What tasks have to keep."""

from __future__ import annotations

import contextlib

from depsim.lazy_torch import torch
from depsim.task import Task
from depsim.testing.world import SEEDS


class TaskContract:
    """What every task has to keep."""

    component: Task

    def test_sets_have_their_sizes_and_classes(self) -> None:
        """Inputs, labels and numbers of points."""
        task, data = self.component, self.component.draw(SEEDS, "individual")
        sets = ((data.train, task.train_size), (data.standard, task.test_size), (data.clean, task.clean_size))
        for points, size in sets:
            assert points.x.shape == (len(SEEDS), size, task.inputs)
            assert points.y.shape == (len(SEEDS), size)
            assert (points.x.dtype, points.y.dtype) == (torch.float32, torch.int64)
            assert set(points.y.unique().tolist()) <= set(range(task.classes))

    def test_an_individual_has_its_own_data_in_any_company(self) -> None:
        """Shared data are the same for all; held data are those of the held seed."""
        together = self.component.draw(SEEDS, "individual").train.x
        assert not torch.equal(together[0], together[1])
        for index, seed in enumerate(SEEDS):
            assert torch.equal(self.component.draw((seed,), "individual").train.x[0], together[index])
        shared = self.component.draw(SEEDS, "shared").train.x
        assert torch.equal(shared[0], shared[1])
        if self.component.is_one_split:
            self._assert_held_together_only()
            return
        held = self.component.draw(SEEDS, "individual", held=(SEEDS[1], None))
        assert all(torch.equal(held.train.x[index], together[1]) for index in range(len(SEEDS)))
        plain = self.component.draw(SEEDS, "individual")
        assert torch.equal(held.standard.x, plain.standard.x)
        examined = self.component.draw(SEEDS, "individual", held=(None, SEEDS[1]))
        assert torch.equal(examined.train.x, together)
        for points, others in ((examined.standard.x, plain.standard.x), (examined.clean.x, plain.clean.x)):
            assert all(torch.equal(points[index], others[1]) for index in range(len(SEEDS)))

    def _assert_held_together_only(self) -> None:
        plain, held = (self.component.draw(SEEDS, "individual", (seed, seed)) for seed in (None, SEEDS[1]))
        for points, others in ((held.train.x, plain.train.x), (held.standard.x, plain.standard.x)):
            assert all(torch.equal(points[index], others[1]) for index in range(len(SEEDS)))
        for alone in ((SEEDS[1], None), (None, SEEDS[1]), (SEEDS[0], SEEDS[1])):
            with contextlib.suppress(ValueError):
                self.component.draw(SEEDS, "individual", held=alone)
                raise AssertionError("test points would be training points")
