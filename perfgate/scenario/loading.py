"""Running one scenario file and taking out the scenarios that it declares."""

from __future__ import annotations

import importlib
import importlib.util
import random
import sys
import traceback
from collections.abc import Iterable, Iterator, Set
from contextlib import contextmanager
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType

from perfgate.errors import MistakeError, Problem, ProblemsError
from perfgate.scenario.declaration import DECLARED
from perfgate.scenario.scenario import Scenario
from perfgate.scenario.script import LoadedFile
from perfgate.scenario.source import place


class PythonReader:
    """Reads our own scenario files: every Python file that no other engine knows.

    A file that is read again is run again, as it stood the first time: it may be edited while it is measured. seed: of
    what files draw from `random` as they are run, so that each time they draw the same; None leaves that to chance.
    """

    def __init__(self, seed: int | None = None) -> None:
        self._seed = seed
        self._codes: dict[str, CodeType] = {}

    def knows(self, file: Path) -> bool:
        return file.suffix == ".py"

    def read(self, file: Path) -> LoadedFile:
        if self._seed is None:
            return load_file(file, self._codes)
        with _drawing_from(f"{self._seed}/{file.name}"):
            return load_file(file, self._codes)


@contextmanager
def _drawing_from(seed: str) -> Iterator[None]:
    """Seeded chance, and all as before afterwards."""
    before = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(before)


def load_file(path: Path, codes: dict[str, CodeType] | None = None) -> LoadedFile:
    """Run the file at `path`. codes: those of files that were run before, by path; one that is missing is added.

    Meanwhile its folder comes first on sys.path, so that it can import its neighbours; afterwards these are forgotten,
    so that the next file, of this folder or another, finds its own.
    """
    path = path.absolute()
    name = f"perfgate_scenario_{path.stem}"
    loader = _FreshLoader(name, str(path), {} if codes is None else codes)
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    if spec is None or spec.loader is None:
        return LoadedFile((), (Problem(place(path), "this is not a Python file", 'give it a name that ends in ".py"'),))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # as for any import: dataclasses and pickle look it up there
    try:
        with _neighbours_of(path):
            spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # a scenario file is other people's code: it may raise anything
        del sys.modules[name]
        return LoadedFile((), (_problem_of(error, path),))
    scenarios = tuple(vars(module).get(DECLARED, ()))
    if not scenarios:
        hint = "decorate a function with @scenario, or begin the file's name with _ if others import it"
        return LoadedFile((), (Problem(place(path), "there is no scenario in it", hint),))
    return LoadedFile(scenarios, tuple(problem for scenario in scenarios for problem in _problems_of(scenario)))


class _FreshLoader(SourceFileLoader):
    """Compiles the file as it is now: cached bytecode would hide an edit made within the same second."""

    def __init__(self, fullname: str, path: str, codes: dict[str, CodeType]) -> None:
        super().__init__(fullname, path)
        self._codes = codes

    def get_code(self, fullname: str) -> CodeType:
        if self.path not in self._codes:
            self._codes[self.path] = self.source_to_code(self.get_data(self.path), self.path)
        return self._codes[self.path]


@contextmanager
def _neighbours_of(path: Path) -> Iterator[None]:
    """The folder of `path` first on sys.path, and all as before afterwards: sys.path, its modules, no bytecode left."""
    folder = str(path.parent)
    known, writes_no_bytecode = set(sys.modules), sys.dont_write_bytecode
    importlib.invalidate_caches()
    sys.path.insert(0, folder)
    sys.dont_write_bytecode = True
    try:
        yield
    finally:
        sys.dont_write_bytecode = writes_no_bytecode
        if folder in sys.path:
            sys.path.remove(folder)
        forget_neighbours(path.parent, known)


def forget_neighbours(folder: Path, known: Set[str]) -> None:
    """Forget the modules directly in `folder`, and what is in its packages, except those of these names."""
    tops = {name for name in set(sys.modules) - known if _lies_in(folder, name)}
    for name in set(sys.modules) - known:
        if name.partition(".")[0] in tops:
            del sys.modules[name]


def allow_late_imports(folders: Iterable[Path]) -> None:
    """From now on files of these folders find their neighbours while they are played, too, as in a function that
    imports. Nothing is hidden by them, and no bytecode is left beside them.
    """
    sys.path += [folder for folder in dict.fromkeys(map(str, folders)) if folder not in sys.path]
    sys.dont_write_bytecode = True


def _lies_in(folder: Path, name: str) -> bool:
    """Whether the module is a file or a package directly in `folder`."""
    module = sys.modules[name]
    file = getattr(module, "__file__", None)
    if file is None:  # a package without __init__.py has places alone
        return str(folder / name) in getattr(module, "__path__", ())
    return Path(file) in (folder / f"{name}.py", folder / name / "__init__.py")


def _problems_of(scenario: Scenario) -> list[Problem]:
    try:
        _ = scenario.rows
    except ProblemsError as error:
        return [*scenario.problems, *error.problems]
    return scenario.problems


def _problem_of(error: BaseException, path: Path) -> Problem:
    """The part of a traceback that a person needs: the line of their own file, and the message."""
    if isinstance(error, SyntaxError) and Path(error.filename or "").parent == path.parent:
        where = place(Path(error.filename or ""), error.lineno or None)
        return Problem(where, f"Python cannot read it: {error.msg}", _mend(error.text))
    theirs = [
        frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).parent == path.parent
    ]
    where = place(Path(theirs[-1].filename), theirs[-1].lineno) if theirs else place(path)
    if isinstance(error, MistakeError):
        return Problem(where, error.message, error.hint)
    if isinstance(error, SystemExit):
        return Problem(where, "it ends the program", "leave sys.exit() out of scenario files")
    if isinstance(error, ImportError):
        return Problem(where, str(error).partition(" (")[0], _import_hint(error))
    message = str(error).partition("\n")[0]
    return Problem(where, f"{type(error).__name__}: {message}", _mend(theirs[-1].line if theirs else None))


def _mend(line: str | None) -> str:
    return f"mend this line: {line.strip()}" if line and line.strip() else "mend the file"


def _import_hint(error: ImportError) -> str:
    if (error.name or "").partition(".")[0] == "perfgate":
        return "write: from perfgate import scenario"
    if isinstance(error, ModuleNotFoundError):
        return "install it (`packages` of the action does), or put it beside this file"
    return f"look up what {error.name} has"
