"""Comparing stored runs: the datum is one value a run.

points (which runs may be compared) -> baseline (a new run against those of its branch): by its prediction, beside its
siblings, and with the spread that the rows of a run share. changepoint (by size, and with rank_scan by order) and creep
look at a whole series, confirmation at its end, release at the way since a pinned one; trend says what a chart shows of
a series, slowdowns what got worse and stayed worse in all of them.

Others take `points`, `baseline`, `release`, `trend` and `slowdowns`, and of `prediction` LONGEST_SERIES and
FEWEST_VALUES.
"""
