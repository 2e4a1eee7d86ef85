"""Treatments: what is done for a depressed network. One module per mechanism; ``conf/treatment/`` names the drugs."""

from depsim.treatment.base import Treatment
from depsim.treatment.noise_tapered import NoiseTaperedTraining
from depsim.treatment.regrowth import Regrowth
from depsim.treatment.tonic_inhibition import TonicInhibition
from depsim.treatment.untreated import NoTreatment

__all__ = ["NoTreatment", "NoiseTaperedTraining", "Regrowth", "TonicInhibition", "Treatment"]
