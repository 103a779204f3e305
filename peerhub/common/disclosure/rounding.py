"""Rounding as statistical bodies publish it: exact fractions, halves up."""

from fractions import Fraction
from math import floor

Exact = int | Fraction


def half_up(value: Exact, step: Exact) -> Fraction:
    """The multiple of `step` nearest to `value`; a half goes up: 22.5 to fives is 25. Refuses floats: TypeError."""
    if not isinstance(value, int | Fraction) or not isinstance(step, int | Fraction):
        raise TypeError("Rounding is exact: give an int or a Fraction.")
    return floor(Fraction(value) / step + Fraction(1, 2)) * Fraction(step)
