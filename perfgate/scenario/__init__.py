"""Scenarios and their load profiles as values; finding and loading scenario files, all mistakes at once.

decorator (what scenario files import) -> options (checked) -> scenario and profile (values); loading runs one file,
finding a folder of them.
"""

from perfgate.scenario.scenario import Scenario

__all__ = ["Scenario"]
