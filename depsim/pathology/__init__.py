"""Pathologies: what makes a healthy network depressed. One module per pathology; ``conf/pathology/`` names them."""

from depsim.pathology.base import Pathology
from depsim.pathology.hyperexcitable import Hyperexcitable, Mixed
from depsim.pathology.no_pathology import NoPathology
from depsim.pathology.overpruning import Overpruning

__all__ = ["Hyperexcitable", "Mixed", "NoPathology", "Overpruning", "Pathology"]
