"""k6 as an engine: its scripts are scenarios, and a round is one k6 process that plays a slice of them.

reader (a script's options, by `k6 inspect`) -> script (the scenario) -> cut (what k6 plays in a slice) -> wrapper (the
module that makes k6 do so) -> process (one run of k6) -> samples and log (what it wrote) -> outcome (what that comes
to) -> engine. launcher finds the binary and knows the environment that all of them run in; destination tells where
requests went; reading and complaints understand what `k6 inspect` says.
"""
