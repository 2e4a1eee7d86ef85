from __future__ import annotations

import pytest
import torch

from depsim.training.adam_rows import RowAdam
from depsim.training.dense import DenseLearner
from tests.tiny import NO_DRUG, chunk, initial

RATES = (1e-2, 3e-4, 0.1)


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-12), (torch.float32, 2e-6)])
def test_every_row_moves_as_alone_under_pytorchs_adam(dtype: torch.dtype, tolerance: float) -> None:
    generator = torch.Generator().manual_seed(0)
    start = torch.randn(3, 7, dtype=dtype, generator=generator)
    gradients = torch.randn(40, 3, 7, dtype=dtype, generator=generator)
    together = start.clone()
    together.grad = torch.zeros_like(together)
    adam = RowAdam(together, RATES)
    rows = [start[n].clone().requires_grad_() for n in range(3)]
    alone = [torch.optim.Adam([row], lr=rate) for row, rate in zip(rows, RATES, strict=True)]
    for gradient in gradients:
        together.grad.copy_(gradient)
        adam.step()
        for row, own, other in zip(rows, gradient, alone, strict=True):
            row.grad = own.clone()
            other.step()
    expected = torch.stack([row.detach() for row in rows])
    torch.testing.assert_close(together, expected, rtol=tolerance, atol=tolerance)
    assert not torch.equal(together, start)


def test_individuals_with_rates_of_their_own_learn_together_as_each_does_alone() -> None:
    """As a GPU holds them; what an individual gets must be its own rate and no other's."""
    cohort = initial((0, 1, 2))
    points = chunk((0, 1, 2)).data.train
    batches = list(zip(points.x.split(64, 1), points.y.split(64, 1), strict=True))
    learner = DenseLearner(cohort, RATES)
    losses = [learner.epoch(batches, NO_DRUG, 0.0, None) for _ in range(3)][-1]
    for n, rate in enumerate(RATES):
        own = DenseLearner(cohort.individual(n), rate)
        alone = [own.epoch([(x[n : n + 1], y[n : n + 1]) for x, y in batches], NO_DRUG, 0.0, None) for _ in range(3)][
            -1
        ]
        torch.testing.assert_close(losses[n : n + 1], alone, rtol=1e-4, atol=1e-5)
        for together, single in zip(learner.cohort().weights, own.cohort().weights, strict=True):
            torch.testing.assert_close(together[n], single[0], rtol=1e-3, atol=1e-4)
