"""Student's t distribution, for what is estimated from few values."""

from __future__ import annotations

import math
from functools import lru_cache


def student_tail(value: float, degrees: int) -> float:
    """P(T > value) for value >= 0 and whole degrees of freedom >= 1.

    The finite series of Abramowitz & Stegun, "Handbook of Mathematical Functions", 26.7.3 and 26.7.4.
    """
    angle = math.atan(value / math.sqrt(degrees))
    cosine, sine = math.cos(angle), math.sin(angle)
    term = cosine if degrees % 2 else 1.0
    total = term if degrees > 1 or not degrees % 2 else 0.0
    for step in range(2 if degrees % 2 else 1, degrees - 1, 2):
        term *= cosine * cosine * step / (step + 1)
        total += term
    inside = (angle + sine * total) * 2 / math.pi if degrees % 2 else sine * total
    return max(0.0, (1 - inside) / 2)


@lru_cache(maxsize=4096)
def student_quantile(alpha: float, degrees: int) -> float:
    """The value that T exceeds with probability `alpha` (0 < alpha <= 0.5), to nine digits, by bisection."""
    low, high = 0.0, 1.0
    while student_tail(high, degrees) > alpha and high < 1e12:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        if student_tail(middle, degrees) > alpha:
            low = middle
        else:
            high = middle
    return (low + high) / 2
