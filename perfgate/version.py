"""The version: the one place that says it, in a module that imports nothing, so that the build can read it."""

VERSION = "1.0.0"
