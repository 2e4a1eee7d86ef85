"""The steps of each pathology."""

from __future__ import annotations

from depsim.pathology import Hyperexcitable, Mixed, NoPathology, Overpruning
from depsim.steps import Modulate, Prune
from depsim.steps.pruning_criteria import magnitude, random

NOISY = Modulate(noise_gain=2.0, noise_mean=0.25)


def test_each_pathology_takes_the_steps_that_its_settings_say() -> None:
    assert NoPathology().plan() == ()
    assert Overpruning(sparsity=0.9, criterion="magnitude").plan() == (Prune(0.9, magnitude.scores),)
    assert Hyperexcitable(noise_gain=2.0, noise_mean=0.25).plan() == (NOISY,)
    both = Mixed(sparsity=0.5, criterion="random", noise_gain=2.0, noise_mean=0.25)
    assert both.plan() == (Prune(0.5, random.scores), NOISY)
