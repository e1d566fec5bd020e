"""Many rows, one error rate."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from perfgate.compare.comparison import Comparison, RowVerdict
from perfgate.compare.rows import Row
from perfgate.compare.rules import Rules


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
