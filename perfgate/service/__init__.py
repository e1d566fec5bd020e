"""Targets: a string becomes something with a URL, ready for load, whose CPU and memory can be read.

target -> opening -> readiness, process -> usage; beside them the machine: cpus, environment, testbed; and the embedded
petstore.
"""
