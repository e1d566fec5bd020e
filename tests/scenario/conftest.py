"""A folder of scenario files, written by the test and loaded for real."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from perfgate.errors import Problem, ProblemsError
from perfgate.scenario import Scenario
from perfgate.scenario.finding import load_scenarios
from perfgate.scenario.overrides import Overrides


class ScenarioFolder:
    """`scenarios/` in the current directory."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, name: str, text: str) -> Path:
        self.path.mkdir(exist_ok=True)
        file = self.path / name
        file.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        return file

    def load(self, *wanted: str, vus: int | None = None, duration: float | None = None) -> tuple[Scenario, ...]:
        loaded = load_scenarios(self.path, wanted, Overrides(vus, duration))
        return tuple(one for one in loaded if isinstance(one, Scenario))

    def one(self, text: str) -> Scenario:
        """The only scenario of a file with this text."""
        self.write("only.py", text)
        (scenario,) = self.load("only")
        return scenario

    def problems(self, *wanted: str) -> tuple[Problem, ...]:
        with pytest.raises(ProblemsError) as raised:
            self.load(*wanted)
        return raised.value.problems


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ScenarioFolder:
    monkeypatch.chdir(tmp_path)
    return ScenarioFolder(Path("scenarios"))
