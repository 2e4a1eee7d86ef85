"""What pathologies and treatments have to keep."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache

from depsim.execution.keys import describe
from depsim.lazy_torch import torch
from depsim.pathology import Pathology
from depsim.protocol import plan_treatment
from depsim.stages import BEFORE, HEALTHY, TREATED
from depsim.steps import Examine, Path, Prune, Step, Train, number_steps, state_after
from depsim.steps.pruning_criteria import magnitude
from depsim.steps.train import EPOCHS
from depsim.streams import Section
from depsim.testing.world import SEEDS, assert_sound, battery, copied, follow, healthy_path, individual, same
from depsim.treatment import Placebo, Treatment


@cache
def _starts(seeds: tuple[int, ...]) -> Mapping[str, Path]:
    """Networks to begin with, measured while they are healthy; all contracts begin with the same ones."""
    healthy = Examine(BEFORE, battery().before(HEALTHY), keeps=False)(healthy_path(seeds))
    return {
        "healthy": healthy,
        "half gone": Prune(0.5, magnitude.scores)(healthy),
        "pruned": Prune(0.95, magnitude.scores)(healthy),
    }


class _PlanContract:
    """What holds for whatever plans steps."""

    component: Pathology | Treatment
    _section: Section
    _followed: Mapping[str, Path]

    def steps(self) -> tuple[Step, ...]:
        """The numbered plan."""
        return number_steps(self._section, self.component.plan())

    @property
    def seeds(self) -> tuple[int, ...]:
        """The individuals; one where each goes its way alone."""
        return SEEDS[:1] if self.decides else SEEDS

    @property
    def decides(self) -> bool:
        """Whether what comes differs between individuals."""
        return any(step.decides for step in self.steps())

    def starts(self) -> Mapping[str, Path]:
        """Networks to begin with."""
        return _starts(self.seeds)

    def followed(self) -> Mapping[str, Path]:
        """Where the plan leads from each start; computed once for all tests of a class."""
        kind = type(self)
        if "_followed" not in vars(kind):
            kind._followed = {name: follow(start, self.steps()) for name, start in self.starts().items()}
        return kind._followed

    def test_a_plan_is_plain_values_and_always_the_same(self) -> None:
        """It can be hashed, compared, and described for a key."""
        assert self.steps() == self.steps()
        assert len({hash(self.steps()), hash(self.steps())}) == 1
        assert json.loads(json.dumps(describe(self.steps()))) == describe(self.steps())

    def test_the_input_is_unchanged_and_networks_stay_sound(self) -> None:
        """Nothing of the path before is written to."""
        for path in self.starts().values():
            for step in self.steps():
                before = copied(path.cohort)
                after = step(path)
                assert same(path.cohort, before)
                assert_sound(before, after.cohort)
                path = after

    def test_the_same_streams_give_the_same_bits(self) -> None:
        """Whatever was drawn before, and no global generator is touched."""
        for name, start in self.starts().items():
            first = self.followed()[name].cohort
            state = torch.get_rng_state()
            assert same(follow(start, self.steps()).cohort, first)
            assert torch.equal(torch.get_rng_state(), state)

    def test_alone_is_as_in_company(self) -> None:
        """Bit by bit."""
        for name, start in self.starts().items():
            together = self.followed()[name].cohort
            for index in range(len(self.seeds)):
                assert same(follow(individual(start, index), self.steps()).cohort, together.individual(index))


class PathologyContract(_PlanContract):
    """What every pathology has to keep."""

    component: Pathology
    _section = Section.PATHOLOGY

    def test_masks_only_shrink(self) -> None:
        """A pathology brings no synapse back."""
        for name, start in self.starts().items():
            after = self.followed()[name].cohort
            assert all(bool((old | ~new).all()) for old, new in zip(start.cohort.masks, after.masks, strict=True))


class TreatmentContract(_PlanContract):
    """What every treatment has to keep."""

    component: Treatment
    _section = Section.TREATMENT

    def steps(self) -> tuple[Step, ...]:
        """The plan as the course has it."""
        return plan_treatment(self.component, battery())

    def test_masks_only_grow_unless_synapses_are_pruned(self) -> None:
        """Training holds the mask, regrowth adds to it."""
        if any(isinstance(step, Prune) for step in self.steps()):
            return
        for name, start in self.starts().items():
            after = self.followed()[name].cohort
            assert all(bool((new | ~old).all()) for old, new in zip(start.cohort.masks, after.masks, strict=True))

    def test_there_is_a_finite_loss_for_every_epoch(self) -> None:
        """The phases of a treatment make one curve."""
        least = sum(step.phase.epochs for step in self.steps() if isinstance(step, Train))
        for after in self.followed().values():
            epochs = int(after.metrics.get(EPOCHS, torch.zeros(1))[0])
            assert epochs == least or self.decides
            assert (f"{TREATED}/loss" in after.curves) == (epochs > 0)
            if epochs:
                losses = after.curves[f"{TREATED}/loss"].values
                assert losses.shape == (len(self.seeds), epochs)
                assert bool(losses.isfinite().all())

    def test_the_first_phase_of_training_learns(self) -> None:
        """Its last loss is below its first, on average over individuals; later ones may lose a drug on the way."""
        steps = self.steps()
        first = next((place for place, step in enumerate(steps) if isinstance(step, Train)), None)
        if first is None:
            return
        for start in self.starts().values():
            losses = follow(start, steps[: first + 1]).curves[f"{TREATED}/loss"].values
            before, after = float(losses[:, 0].mean()), float(losses[:, -1].mean())
            said = f"loss {before:.4f} at first, {after:.4f} at last; try a larger learning rate or more epochs"
            assert losses.shape[1] == 1 or after < before, said

    def test_a_plan_tells_the_state_that_it_leaves(self) -> None:
        """So that the protocol knows what can be withdrawn."""
        for name, start in self.starts().items():
            reached, promised = self.followed()[name].cohort.state, state_after(self.steps(), start.cohort.state)
            assert reached == promised or (self.decides and set(reached.drugs) <= set(promised.drugs))

    def test_its_placebo_trains_and_does_nothing_else(self) -> None:
        """No synapse comes back, no noise, no state that stays; whatever has no ingredient is its own placebo."""
        placebo = self.component if isinstance(self.component, Placebo) else Placebo(of=self.component)
        steps = plan_treatment(placebo, battery())
        assert all(isinstance(step, Train | Examine | Prune) for step in steps)
        assert not any(any(step.phase.internal_noise) for step in steps if isinstance(step, Train))
        for start in self.starts().values():
            after = follow(start, steps).cohort
            assert after.state == start.cohort.state
            if not any(isinstance(step, Prune) for step in steps):
                assert all(torch.equal(old, new) for old, new in zip(start.cohort.masks, after.masks, strict=True))
