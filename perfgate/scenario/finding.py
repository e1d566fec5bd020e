"""Finding the wanted scenarios, and every mistake in their files at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from perfgate.errors import Problem, ProblemsError, UsageError, nearest
from perfgate.git import folders_above
from perfgate.scenario.loading import PythonReader
from perfgate.scenario.overrides import Overrides, with_overrides
from perfgate.scenario.profile import ConstantVUs
from perfgate.scenario.scenario import Scenario
from perfgate.scenario.script import AnyScenario, LoadedFile, Reader
from perfgate.scenario.source import place

_HINT_FOR_NAMESAKES = 'call one @scenario(name="..."), or a script\'s file something else'


def load_scenarios(
    folder: Path,
    wanted: Sequence[str],
    overrides: Overrides,
    readers: Sequence[Reader] = (),
    here: Path = Path(),
) -> tuple[AnyScenario, ...]:
    """The `wanted` scenarios of `folder`, all where none is named; in the order of their files' paths and lines.

    A wanted word is the path of a file, the stem of a file in `folder`, or the name of a scenario. A word that is both
    a stem and a name means the one scenario of that name in that file. Where all words are files, only these are
    loaded. Files that begin with _ are there for others to import and are not searched. readers: of other engines'
    scripts; the first that knows a file reads it, and the remaining Python files are our own scenario files. here: the
    folder that paths of files are seen from.

    ProblemsError: all mistakes of all files that were loaded. UsageError: no scenario is called like that.
    """
    search = _Search(folder, here, (*readers, PythonReader()))
    named = {word: search.file_named(word) for word in wanted}
    files, problems = search.files_to_load(named)
    loaded = {file: search.load(file) for file in files}
    scenarios = [scenario for file in loaded.values() for scenario in file.scenarios]
    problems += [problem for file in loaded.values() for problem in file.problems]
    problems += _namesakes(scenarios)
    if problems:
        raise ProblemsError("the scenario files", dict.fromkeys(problems))
    chosen = scenarios if not wanted else []
    for word, file in named.items():
        among = loaded[file].scenarios if file else tuple(scenarios)
        called = [scenario for scenario in among if scenario.name == word]
        if not called and not file:
            raise search.unknown(word, scenarios)
        chosen.extend(called or among)
    return tuple(_overridden(scenario, overrides) for scenario in scenarios if scenario in chosen)


def _overridden(scenario: AnyScenario, overrides: Overrides) -> AnyScenario:
    scale = overrides.scale_of(scenario.name)
    if isinstance(scenario, Scenario):
        return replace(scenario, profile=with_overrides(scenario.profile, overrides.vus, overrides.duration, scale))
    profile = scenario.profile
    if not scenario.has_own_load and overrides.duration is not None:
        profile = ConstantVUs(overrides.vus or 1, overrides.duration)  # as k6 has it
    return replace(scenario, profile=with_overrides(profile, overrides.vus, overrides.duration, scale))


@dataclass(frozen=True)
class _Search:
    """The search for scenario files.

    folder: where they are.
    here: what paths of files are seen from.
    readers: of each engine's files, our own last.
    """

    folder: Path
    here: Path
    readers: Sequence[Reader]

    def load(self, file: Path) -> LoadedFile:
        reader = self._reader_of(file)
        if reader is not None:
            return reader.read(file)
        hint = "scenario files end in .py, k6 scripts in .js or .ts"
        return LoadedFile((), (Problem(place(file), "no engine plays such a file", hint),))

    def file_named(self, word: str) -> Path | None:
        """The scenario file that `word` names; None where it must be the name of a scenario.

        Names may have dots: load.test is the scenario of load.test.js.
        """
        given = [self.here / word, self.folder / word] if Path(word).suffix or "/" in word else []
        paths = [*given, *self._of_stem(word)] if self._is_file_name(word) else [*self._of_stem(word), *given]
        return next((path.absolute() for path in paths if path.is_file()), None)

    def files_to_load(self, named: Mapping[str, Path | None]) -> tuple[list[Path], list[Problem]]:
        """The files that were named, and all of the folder where nothing was named or a word may be a scenario's."""
        problems: list[Problem] = []
        files = {file for file in named.values() if file}
        if not named or any(file is None and not self._is_file_name(word) for word, file in named.items()):
            everything = self._files()
            problems += [] if everything else [self._nothing()]
            files |= set(everything)
        return sorted(files), problems

    def unknown(self, word: str, scenarios: Sequence[AnyScenario]) -> UsageError:
        names = [scenario.name for scenario in scenarios] or sorted(path.stem for path in self._files())
        meant = nearest(word, names) or nearest(Path(word).stem, names)
        listed = f"there are {', '.join(names)}" if names else f"there is none in {place(self.folder)}"
        return UsageError(f"there is no scenario {word!r}", f"did you mean {meant}? {listed}" if meant else listed)

    def _is_file_name(self, word: str) -> bool:
        """Whether a word has a slash, or ends as files of scenarios do."""
        suffix = Path(word).suffix
        return "/" in word or suffix == ".py" or (suffix != "" and any(one.suffix == suffix for one in self._files()))

    def _reader_of(self, file: Path) -> Reader | None:
        return next((reader for reader in self.readers if reader.knows(file)), None)

    def _of_stem(self, stem: str) -> list[Path]:
        """The files of that stem, our own kind first."""
        found = [path for path in self._files() if path.stem == stem]
        return sorted(found, key=lambda path: (path.suffix != ".py", path))

    def _files(self) -> list[Path]:
        """The scenario files of the folder, without the files that begin with _ or a dot."""
        found = [path for path in self.folder.glob("*") if not path.name.startswith(("_", ".")) and not path.is_dir()]
        return [path.absolute() for path in found if self._reader_of(path)]

    def _nothing(self) -> Problem:
        hint = "write one with perfgate init, or name another folder with --scenarios"
        if below := self._below():
            hint = f"subfolders are not searched: move up what is in {place(below)}, or name it with --scenarios"
        elif above := self._above():
            hint = f"there are some in {above / self.folder}: call perfgate in {above}"
        missing = "there is no scenario file in it" if self.folder.is_dir() else "there is no such folder"
        return Problem(place(self.folder), missing, hint)

    def _below(self) -> Path | None:
        """A subfolder with scenario files; None where there is none."""
        folders = sorted(path for path in self.folder.glob("*/") if not path.name.startswith(("_", ".")))
        return next((one.absolute() for one in folders if any(map(self._reader_of, one.glob("[!_.]*.*")))), None)

    def _above(self) -> Path | None:
        """A folder above this one, in the same repository, from which there are scenarios; None where there is none."""
        above = folders_above(Path())
        return next((one for one in above if any(map(self._reader_of, (one / self.folder).glob("[!_.]*.*")))), None)


def _namesakes(scenarios: Sequence[AnyScenario]) -> list[Problem]:
    """Scenarios with the name of one before them."""
    first: dict[str, AnyScenario] = {}
    problems = []
    for scenario in scenarios:
        other = first.setdefault(scenario.name, scenario)
        if other is not scenario:
            message = f"there is another scenario {scenario.name!r}, at {place(other.file, other.line)}"
            problems.append(Problem(place(scenario.file, scenario.line), message, _HINT_FOR_NAMESAKES))
    return problems
