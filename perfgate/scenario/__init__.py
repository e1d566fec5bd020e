"""Scenarios and their load profiles as values; finding and loading scenario files, all mistakes at once.

decorator and user (what scenario files import) -> declaration -> options (checked) -> scenario and profile (values);
loading runs one file, finding a folder of them. A script of another engine (Script) comes from that engine's Reader
instead.

Other rooms take Scenario and Script from here; from their modules the profiles (profile, concurrent_profiles),
Overrides (overrides), load_scenarios (finding), PythonReader (loading), Reader and LoadedFile (script), OWN_ENGINE
(scenario), reached_from (neighbours), row_for and copy_of (rows), and place (source).
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from perfgate.scenario.scenario import Scenario
    from perfgate.scenario.script import AnyScenario, Script
else:

    def __getattr__(name: str) -> Any:
        """The values, when they are asked for: the decorator alone comes with `import perfgate`."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from perfgate.scenario import scenario, script

        return getattr(scenario if name == "Scenario" else script, name)


__all__ = ["AnyScenario", "Scenario", "Script"]
