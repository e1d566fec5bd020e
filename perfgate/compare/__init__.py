"""Comparing what was measured: pure functions over values, from samples to comparisons with a verdict.

Of a duet, the datum is the log of head/base of one pair, and its location is judged by ranks (`statistics`), on top of
that by leaving stretches out (`burst_check`); shares of failed requests by `proportions`. `rows` says which rows there
are and `rules` what margin each has, `pairs` compares them, `multiplicity` and `max_t` share one error rate among them,
and `duet` asks after some of the pairs whether it is decided, at the price that `alpha_spending` sets. `foresight` says
what can be decided at all. `interference` looks at the CPU time of other processes and `neighbours` at which of them
grew, `new_dependency` at what one side alone depends on, and `noise` compares base with itself. `pair_changes` has what
each pair says, for who judges it otherwise.

Of stored runs, the datum is one value a run: that is the room `stored`.

Others take the values of `comparison`, `rows` and `rules`, and call `duet`, `calibration`, `forecast`, `interference`,
`neighbours`, `noise`, `pair_changes` and `unsteady`, and the rooms `foresight` and `stored`; the rest serves these.
"""
