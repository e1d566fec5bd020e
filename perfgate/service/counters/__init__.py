"""Counters: numbers of a service, or of a dependency, that are read before and after a round.

page reads Prometheus' text format, source fetches a page or runs a command, reading puts those of one side together.

Others may take: reading.
"""
