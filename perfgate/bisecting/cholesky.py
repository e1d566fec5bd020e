"""Covariances of a dozen readings: solved by Cholesky's decomposition."""

from __future__ import annotations

import math
from collections.abc import Sequence

Vector = Sequence[float]


class Cholesky:
    """The decomposition of a positive definite matrix."""

    def __init__(self, matrix: Sequence[Vector]) -> None:
        self._rows: list[list[float]] = []
        for number, row in enumerate(matrix):
            found: list[float] = []
            for column in range(number):
                above = self._rows[column]
                rest = row[column] - sum(found[place] * above[place] for place in range(column))
                found.append(rest / above[column])
            found.append(math.sqrt(row[number] - sum(value * value for value in found)))
            self._rows.append(found)

    @property
    def log_determinant(self) -> float:
        return 2 * sum(math.log(row[-1]) for row in self._rows)

    def halved(self, vector: Vector) -> list[float]:
        """The lower factor's inverse times a vector: products of two such are products by the matrix's inverse."""
        found: list[float] = []
        for row, value in zip(self._rows, vector, strict=True):
            found.append((value - sum(one * other for one, other in zip(row, found, strict=False))) / row[-1])
        return found


def product(one: Vector, other: Vector) -> float:
    """The sum of the products."""
    return sum(left * right for left, right in zip(one, other, strict=True))
