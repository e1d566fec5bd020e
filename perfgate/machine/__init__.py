"""The machine: its CPUs and how they are shared out, their use during a round, and its fingerprint.

Others may take all of it: `cpus` (CPU sets for generator and service), `cpu_usage` (which CPU time others took),
`process_table` (all processes with their CPU time), `quota` (whether a limit of CPU time was reached) and `testbed`
(what must be equal before stored numbers may be compared).
"""
