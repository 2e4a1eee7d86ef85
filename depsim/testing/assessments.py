"""What assessments have to keep."""

from __future__ import annotations

from collections.abc import Sequence

from depsim.assessment import Assessment
from depsim.lazy_torch import torch
from depsim.model.masks import pack, unpack
from depsim.stages import DEPRESSED, HEALTHY, RELAPSED, TREATED
from depsim.steps import Examine, Path, Prune
from depsim.steps.pruning_criteria import magnitude
from depsim.testing.world import SEEDS, copied, follow, healthy_path, same


class AssessmentContract:
    """What every assessment has to keep."""

    component: Assessment

    def examined(self, seeds: Sequence[int] = SEEDS) -> Path:
        """A course with all its examinations."""
        probes, healthy = self.component.probes(), healthy_path(seeds)
        depressed = follow(
            healthy, (Examine(HEALTHY, probes), Prune(0.9, magnitude.scores), Examine(DEPRESSED, probes))
        )
        after = (self.component.relapse(), Examine(RELAPSED, self.component.relapse_probes()))
        return follow(depressed, (Examine(TREATED, probes), *after))

    def test_networks_stay_as_they_are(self) -> None:
        """Measuring changes nothing."""
        healthy = healthy_path()
        before = copied(healthy.cohort)
        after = Examine(HEALTHY, self.component.probes())(healthy)
        assert same(after.cohort, before)
        assert same(healthy.cohort, before)

    def test_an_individual_is_measured_alike_alone_and_in_company(self) -> None:
        """Metrics, curves and notes; one finite number per individual."""
        together = self.examined()
        for name, values in together.metrics.items():
            assert values.shape == (len(SEEDS),), name
            assert values.dtype == torch.float64, name
            assert bool(values.isfinite().all()), name
        for index, seed in enumerate(SEEDS):
            alone = self.examined((seed,))
            assert {n: float(v[0]) for n, v in alone.metrics.items()} == {
                n: float(v[index]) for n, v in together.metrics.items()
            }
            for name, curve in alone.curves.items():
                assert torch.equal(curve.values[0], together.curves[name].values[index])

    def test_leaving_a_probe_out_changes_no_other(self) -> None:
        """Each has noise of its own."""
        probes, start = self.component.probes(), healthy_path()
        whole = Examine(HEALTHY, probes)(start).metrics
        for probe in probes:
            alone = Examine(HEALTHY, (probe,))(start).metrics
            assert all(torch.equal(values, whole[name]) for name, values in alone.items())

    def test_the_second_wave_takes_synapses_and_brings_none_back(self) -> None:
        """And the masks of all examinations can be stored."""
        exams = self.examined().exams
        for old, new in zip(exams[TREATED].masks, exams[RELAPSED].masks, strict=True):
            assert bool((old | ~new).all())
        masks = {name: [mask[0].numpy() for mask in cohort.masks] for name, cohort in exams.items()}
        assert {name: [m.tolist() for m in kept] for name, kept in unpack(pack(masks)).items()} == {
            name: [m.tolist() for m in kept] for name, kept in masks.items()
        }
