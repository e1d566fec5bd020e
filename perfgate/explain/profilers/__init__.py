"""Profilers: programs that look at a running service's stacks. `choice` finds the one that serves.

It asks `runtimes` what the service is, and takes `py_spy` for Python, `v8_inspector` for Node, `flight_recorder` for a
JVM, `perf` for Go and native programs, and `pprof` and `command` where perfgate.toml says so. `processes` and `program`
are what several need. `perf_script` reads what perf prints, and `perf_names` names the functions, by `images`,
`go_functions` and `source_lines`. `postgres` reads which queries ran.
"""
