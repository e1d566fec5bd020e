"""Comparing stored runs: the datum is one value a run.

points (which runs may be compared) -> baseline (a new run against those of its branch): by its prediction, beside its
siblings, and with the spread that the rows of a run share. changepoint and creep look at a whole series, release at the
way since a pinned one, and trend says what a chart shows of it.

Others take `points`, `baseline`, `release` and `trend`, and `prediction.LONGEST_SERIES`.
"""
