"""The bench: what stands while a measurement lasts.

bench holds services, engines and CPUs; engines chooses what plays the load; cpu_interference watches for neighbours;
records and provenance say what was measured.

Others may take: bench, engines, provenance.
"""
