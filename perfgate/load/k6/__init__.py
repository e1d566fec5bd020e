"""k6 as an engine: its scripts are scenarios, and a round is one k6 process that plays a slice of them.

reader (a script's options, by `k6 inspect`) -> script (the scenario) -> slicing (the load of a slice) -> wrapper (the
module that makes k6 play it) -> process (one run of k6) -> samples and log (what it wrote) -> outcome (the round) ->
engine. launcher finds the binary and its environment; destination tells where requests went, neighbours which files a
script brings along; options and inspect_errors understand the output of `k6 inspect`.

Others may take: engine, reader, launcher and script.
"""
