"""Calibrating: what a duet of a service with itself must have been to propose anything. `answering` is all of it."""
