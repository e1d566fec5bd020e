"""Comparing what was measured: pure functions over values, from samples to rows with a verdict.

Of a duet, the datum is the log of head/base of one pair, and its location is judged by ranks (`statistics`), on top of
that by leaving stretches out (`persistence`); shares of failed requests by `proportions`. `rules` says which rows there
are and what margin each has, `pairs` makes them, `family` shares one error rate among them, and `duet` asks after some
of the pairs whether it is decided, at the price that `spending` sets. `noise` compares base with itself.

Of stored runs (`stored`), the datum is one value a run: `baseline` holds a new one against `prediction` and against its
`siblings`. `changepoint` and `creep` look at a whole series, and `trend` says what is to be shown of it.
"""
