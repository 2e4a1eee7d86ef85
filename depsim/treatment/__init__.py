"""Treatments: what is done for a depressed network. One module per mechanism; ``conf/treatment/`` names the drugs."""

from depsim.treatment.base import Treatment
from depsim.treatment.no_treatment import NoTreatment
from depsim.treatment.noise_tapered import NoiseTaperedTraining
from depsim.treatment.placebo import Placebo
from depsim.treatment.plain_training import PlainTraining
from depsim.treatment.regimen import Regimen
from depsim.treatment.regrowth import Regrowth
from depsim.treatment.tonic_inhibition import TonicInhibition

__all__ = [
    "NoTreatment",
    "NoiseTaperedTraining",
    "Placebo",
    "PlainTraining",
    "Regimen",
    "Regrowth",
    "TonicInhibition",
    "Treatment",
]
