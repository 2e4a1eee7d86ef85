"""Pathologies: what makes a healthy network depressed. One module per pathology; ``conf/pathology/`` names them."""

from depsim.pathology.base import Pathology
from depsim.pathology.healthy import NoPathology
from depsim.pathology.overpruning import Overpruning, prune

__all__ = ["NoPathology", "Overpruning", "Pathology", "prune"]
