"""Finding the scenarios that are wanted, and every mistake in their files at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from perfgate.errors import Problem, ProblemsError, UsageError, nearest
from perfgate.scenario.loading import load_file
from perfgate.scenario.overrides import Overrides, with_overrides
from perfgate.scenario.scenario import Scenario
from perfgate.scenario.source import place

_K6_SUFFIXES = (".js", ".mjs", ".cjs", ".ts")


def load_scenarios(folder: Path, wanted: Sequence[str], overrides: Overrides) -> tuple[Scenario, ...]:
    """The `wanted` scenarios of `folder`, all where none is named; in the order of their files' paths and lines.

    A wanted word is the path of a file, the stem of a file in `folder`, or the name of a scenario. A word that is both
    a stem and a name means the one scenario of that name in that file. Where all words are files, only these are
    loaded. Files that begin with _ are there for others to import and are not searched.

    ProblemsError: all mistakes of all files that were loaded. UsageError: no scenario is called like that.
    """
    named = {word: _file_named(word, folder) for word in wanted}
    files, problems = _files_to_load(folder, named)
    loaded = {file: load_file(file) for file in files}
    scenarios = [scenario for file in loaded.values() for scenario in file.scenarios]
    problems += [problem for file in loaded.values() for problem in file.problems]
    problems += _namesakes(scenarios)
    if problems:
        raise ProblemsError("the scenario files", dict.fromkeys(problems))
    chosen = scenarios if not wanted else []
    for word, file in named.items():
        among = loaded[file].scenarios if file else scenarios
        called = [scenario for scenario in among if scenario.name == word]
        if not called and not file:
            raise _unknown(word, scenarios, folder)
        chosen.extend(called or among)
    return tuple(
        replace(scenario, profile=with_overrides(scenario.profile, overrides.vus, overrides.duration))
        for scenario in scenarios
        if scenario in chosen
    )


def _file_named(word: str, folder: Path) -> Path | None:
    """The scenario file that `word` names; None where it must be the name of a scenario."""
    paths = (Path(word), folder / word) if word.endswith(".py") else (folder / f"{word}.py",)
    return next((path.absolute() for path in paths if path.is_file()), None)


def _files_to_load(folder: Path, named: Mapping[str, Path | None]) -> tuple[list[Path], list[Problem]]:
    """The files that were named, and all of `folder` where nothing was named or a word may be that of a scenario."""
    problems = [_k6_problem(word) for word in named if word.endswith(_K6_SUFFIXES)]
    files = {file for file in named.values() if file}
    if not named or any(file is None and "." not in word for word, file in named.items()):
        everything = _files_in(folder)
        problems += [] if everything else [_nothing_in(folder)]
        files |= set(everything)
    return sorted(files), problems


def _files_in(folder: Path) -> list[Path]:
    return [path.absolute() for path in folder.glob("*.py") if not path.name.startswith("_") and not path.is_dir()]


def _nothing_in(folder: Path) -> Problem:
    remedy = "write one with perfgate init, or name another folder with --scenarios"
    missing = "there is no scenario file in it" if folder.is_dir() else "there is no such folder"
    return Problem(place(folder), missing, remedy)


def _k6_problem(word: str) -> Problem:
    return Problem(word, "k6 scripts cannot be run yet", "write the scenario in Python, with @scenario")


def _namesakes(scenarios: Sequence[Scenario]) -> list[Problem]:
    """Scenarios that are called like one before them."""
    first: dict[str, Scenario] = {}
    problems = []
    for scenario in scenarios:
        other = first.setdefault(scenario.name, scenario)
        if other is not scenario:
            message = f"there is another scenario {scenario.name!r}, at {place(other.file, other.line)}"
            problems.append(Problem(place(scenario.file, scenario.line), message, 'call one @scenario(name="...")'))
    return problems


def _unknown(word: str, scenarios: Sequence[Scenario], folder: Path) -> UsageError:
    names = [scenario.name for scenario in scenarios] or sorted(path.stem for path in _files_in(folder))
    meant = nearest(Path(word).stem, names)
    listed = f"there are {', '.join(names)}" if names else f"there is none in {place(folder)}"
    return UsageError(f"there is no scenario {word!r}", f"did you mean {meant}? {listed}" if meant else listed)
