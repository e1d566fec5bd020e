"""The bench: what stands while a measurement lasts.

bench holds services, engines and CPUs; loaded_side is one side of it, as the runner loads it; engines chooses what
plays the load; cpu_interference watches for neighbours, with strangers_watch in short turns; records and provenance
say what was measured.

Others may take: bench, loaded_side, engines, provenance.
"""
