"""Orthogonal arrays over GF(8): few runs in which the levels of any two factors meet equally often."""

from __future__ import annotations

import numpy as np

LEVELS = 8
"""Of every factor: the elements of GF(8)."""


def orthogonal_array(factors: int, strength: int) -> np.ndarray:
    """Levels of factors in ``8 ** strength`` runs, in which any ``strength`` factors have every combination once.

    Each run is a polynomial with as many coefficients as the strength says, and each factor an element of the field at
    which it is evaluated: as many points as coefficients determine a polynomial.

    Args:
        factors: how many, at most eight.
        strength: how many of them meet in every combination.

    Shape: (8 ** strength, factors), counted from 0.

    Raises:
        ValueError: for more factors than the field has elements, or fewer than the strength.

    References: Bush (1952), "Orthogonal arrays of index unity"; Hedayat, Sloane, Stufken (1999), "Orthogonal Arrays",
    chapter 3.

    >>> orthogonal_array(4, 2).shape, orthogonal_array(4, 3).shape
    ((64, 4), (512, 4))
    """
    if not 1 <= strength <= factors <= LEVELS:
        raise ValueError(f"{factors} factors at strength {strength}: allowed are 1 <= strength <= factors <= {LEVELS}")
    table = np.array([[_product(a, b) for b in range(LEVELS)] for a in range(LEVELS)])
    coefficients = np.indices((LEVELS,) * strength).reshape(strength, -1)
    points = np.arange(factors)
    values = np.zeros((LEVELS**strength, factors), dtype=np.int64)
    for coefficient in coefficients[::-1]:
        values = table[values, points] ^ coefficient[:, None]  # Horner's rule; addition in GF(8) is exclusive or
    return values


def _product(a: int, b: int) -> int:
    """Product in GF(8), whose elements are polynomials over GF(2) modulo x^3 + x + 1, written as three bits.

    >>> [_product(2, b) for b in range(8)]
    [0, 2, 4, 6, 3, 1, 7, 5]
    """
    product = 0
    for bit in range(3):
        if b >> bit & 1:
            product ^= a << bit
    for bit in (4, 3):
        if product >> bit & 1:
            product ^= 0b1011 << (bit - 3)
    return product
