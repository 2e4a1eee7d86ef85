"""What models have to keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from depsim.lazy_torch import torch
from depsim.model import Cohort, Model, initial_cohort
from depsim.model.checking import wrong_part
from depsim.model.state import NO_DRUG
from depsim.steps import Prune
from depsim.steps.pruning_criteria import magnitude
from depsim.streams import Streams
from depsim.task import Task
from depsim.testing.world import SEEDS, assert_sound, baseline, healthy_path, individual, same


class ModelContract:
    """What every model has to keep.

    Attributes:
        component: the model.
        task: that its networks are for; a model that takes other inputs than points of the plane brings one.
    """

    component: Model
    task: Task = baseline().task

    def initial(self, seeds: Sequence[int] = SEEDS) -> Cohort:
        """New networks for the task."""
        return initial_cohort(self.component, Streams(tuple(seeds)), self.task.inputs, self.task.classes)

    def batch(self) -> tuple[Cohort, torch.Tensor, torch.Tensor, np.random.RandomState]:
        """New networks, points (N, B, I), labels (N, B), and where they were drawn from."""
        random, shape = np.random.RandomState(0), (len(SEEDS), 11)
        x = torch.from_numpy(random.randn(*shape, self.task.inputs).astype(np.float32))
        return self.initial(), x, torch.from_numpy(random.randint(0, self.task.classes, shape)), random

    def test_networks_are_what_the_architecture_says(self) -> None:
        """Names, shapes and counts; a network computes with them."""
        assert wrong_part(self.component, self.task.inputs, self.task.classes) == ""
        cohort, parts = self.initial(), self.component.architecture(self.task.inputs, self.task.classes)
        assert [tuple(weight.shape) for weight in cohort.weights] == [(len(SEEDS), *shape) for shape in parts.shapes]
        assert sum(weight[0].numel() for weight in cohort.weights) == parts.weights
        assert sum(bias[0].numel() for bias in cohort.biases) <= parts.biases
        assert cohort.architecture == parts
        assert cohort.is_dense
        assert cohort.state == replace(NO_DRUG, sensitivity=self.component.noise_scale)

    def test_an_individual_starts_alike_alone_and_in_company(self) -> None:
        """And unlike the others."""
        company = self.initial()
        for index, seed in enumerate(SEEDS):
            assert same(self.initial((seed,)), company.individual(index))
        assert not torch.equal(company.weights[0][0], company.weights[0][1])

    def test_gradients_are_those_of_automatic_differentiation(self) -> None:
        """With noise and without, masked weights included."""
        cohort, x, y, random = self.batch()
        noise = torch.from_numpy(random.randn(len(SEEDS), 11, cohort.architecture.noise_units).astype(np.float32))
        for sd in (0.0, 0.5):
            by_way = []
            for kind in (type(self.component), Model):
                places = [torch.full_like(tensor, torch.nan) for tensor in (*cohort.weights, *cohort.biases)]
                cut = len(cohort.weights)
                loss = kind.loss_and_gradients(
                    self.component,
                    cohort.weights,
                    cohort.biases,
                    x,
                    y,
                    NO_DRUG,
                    sd,
                    noise if sd else None,
                    weight_gradients=places[:cut],
                    bias_gradients=places[cut:],
                )
                by_way.append([loss, *places])
            for value, expected in zip(*by_way, strict=True):
                torch.testing.assert_close(value, expected, rtol=1e-4, atol=1e-6)

    def test_gradients_of_one_matrix_are_those_of_all(self) -> None:
        """Where the others do not learn, nobody asks for theirs."""
        cohort, x, y, _ = self.batch()
        kinds, count = (cohort.weights, cohort.biases), len(cohort.weights)

        def gradients(wanted: Sequence[int]) -> list[list[torch.Tensor | None]]:
            places: list[list[torch.Tensor | None]] = [
                [torch.empty_like(each) if k in wanted else None for k, each in enumerate(kind)] for kind in kinds
            ]
            self.component.loss_and_gradients(
                *kinds, x, y, NO_DRUG, weight_gradients=places[0], bias_gradients=places[1]
            )
            return places

        whole = gradients(range(count))
        for k in range(count):
            alone = gradients([k])
            torch.testing.assert_close([kind[k] for kind in alone], [kind[k] for kind in whole], rtol=1e-4, atol=1e-6)

    def test_networks_learn_and_stay_sound(self) -> None:
        """Also pruned ones; alone as in company."""
        where = baseline(model=self.component, task=self.task)
        healthy = healthy_path(where=where)
        for start in (healthy, Prune(0.9, magnitude.scores)(healthy)):
            trained = where.train(start).cohort
            assert_sound(start.cohort, trained)
            assert not same(trained, start.cohort)
            for index in range(len(SEEDS)):
                assert same(where.train(individual(start, index, where)).cohort, trained.individual(index))
