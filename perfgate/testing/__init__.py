"""The fakes that ship beside the real things: seeded measurements, a service for faults, and GitHub.

All of them can be used in the tests of other packages; `__all__` lists them.
"""

from perfgate.testing.engine import SeededEngine
from perfgate.testing.github import FakeGitHub, Fault
from perfgate.testing.scripted import ScriptedServer
from perfgate.testing.seeded import (
    FIRST_STARTED_AT,
    PET_STORE,
    SEEDED_TESTBED,
    seeded_record,
    seeded_rounds,
    seeded_run,
)

__all__ = [
    "FIRST_STARTED_AT",
    "PET_STORE",
    "SEEDED_TESTBED",
    "FakeGitHub",
    "Fault",
    "ScriptedServer",
    "SeededEngine",
    "seeded_record",
    "seeded_rounds",
    "seeded_run",
]
