"""Profilers: programs that look at a running service's stacks. `choice` finds the one that serves."""
