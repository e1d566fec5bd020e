"""Targets: a string becomes something with a URL, ready for load, whose CPU and memory can be read.

target -> opening -> readiness, process -> usage; beside them the machine: cpus, testbed; and the embedded petstore.
"""
