"""Scenarios and their load profiles as values; finding and loading scenario files, all mistakes at once.

decorator (what scenario files import) -> options (checked) -> scenario and profile (values); loading runs one file,
finding a folder of them. A script of another engine (Script) comes from that engine's Reader instead.
"""

from perfgate.scenario.scenario import Scenario
from perfgate.scenario.script import AnyScenario, Script

__all__ = ["AnyScenario", "Scenario", "Script"]
