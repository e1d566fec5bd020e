"""Many rows, two error rates.

*Red* says that some row regressed, so the more rows there are, the easier it errs: all gated rows share one rate, and
where they move together less is given away (`max_t`). *Green* says that every row rules a regression out, and each of
them must: such a conjunction is an intersection-union test, which errs no more often than its rows do one by one
(Berger 1982, "Multiparameter hypothesis testing and acceptance sampling"). So each row has the whole rate of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from perfgate.compare.comparison import Comparison, RowVerdict
from perfgate.compare.max_t import joint_alpha
from perfgate.compare.rows import Row
from perfgate.compare.rules import Rules


@dataclass(frozen=True)
class ErrorRates:
    """How often the rows of one scenario may err.

    red: the probability that any gated row is said to have regressed that did not.
    miss: the probability that a row rules out a regression that is there; each row's own.
    """

    red: float
    miss: float


def share_error_rate(
    compared: Mapping[Row, Callable[[float], Comparison]], rules: Rules, alpha: float
) -> dict[Row, Comparison]:
    """Every row's comparison, made by its function from the alpha that falls to it.

    alpha: the probability that any gated row that did not regress is said to have. Each starts with its part of it
    (Bonferroni); the part of a row that is found to have regressed passes to the others (Holm 1979, "A simple
    sequentially rejective multiple test procedure"). Rows that only inform have the alpha of one gated row.
    """
    gated = [row for row in compared if rules.gates(row)]
    left = max(1, len(gated))
    results = {row: compare(alpha / left) for row, compare in compared.items()}
    while True:
        open_rows = [row for row in gated if results[row].verdict is not RowVerdict.REGRESSED]
        if len(open_rows) in (0, left):
            return results
        left = len(open_rows)
        results.update({row: compared[row](alpha / left) for row in open_rows})


def share_jointly(
    compared: Mapping[Row, Callable[[float], Comparison]],
    samples: Mapping[Row, Sequence[float]],
    rules: Rules,
    alpha: float,
) -> dict[Row, Comparison]:
    """As `share_error_rate`, but the rows of `samples` share their part of alpha by how much they hang together.

    samples: of the rows that have a value for every pair, worse changes positive. Stepping down keeps the rate
    (Westfall & Young 1993, algorithm 2.8). Where no row would have regressed even with the whole part for itself,
    there is nothing to gain, and every row keeps Bonferroni's.
    """
    results = share_error_rate(compared, rules, alpha)
    while True:
        open_rows = [row for row in results if rules.gates(row) and results[row].verdict is not RowVerdict.REGRESSED]
        family = [row for row in open_rows if row in samples]
        if len(family) < 2:
            return results
        part = alpha * len(family) / len(open_rows)
        if not any(compared[row](part).verdict is RowVerdict.REGRESSED for row in family):
            return results
        shared = joint_alpha([samples[row] for row in family], part)
        results.update({row: compared[row](shared) for row in family})
        found = [row for row in family if results[row].verdict is RowVerdict.REGRESSED]
        if not found:
            return results
        left = len(open_rows) - len(found)
        results.update({row: compared[row](alpha / left) for row in open_rows if row not in family})
