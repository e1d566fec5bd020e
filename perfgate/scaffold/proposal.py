"""What `perfgate init` would write into a repository: files that are not there yet, and lines that files lack."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from perfgate.errors import UsageError
from perfgate.load.k6.neighbours import SUFFIXES
from perfgate.scaffold.configuration import configuration
from perfgate.scaffold.dependencies.finding import Needs, find_needs
from perfgate.scaffold.openapi.description import Description, find_description
from perfgate.scaffold.repository import Repository
from perfgate.scaffold.scenario_file import NAME, scenario_file
from perfgate.scaffold.service.finding import FoundService, find_service
from perfgate.scaffold.workflows import (
    accept_workflow,
    comment_workflow,
    datasette_metadata,
    gate_workflow,
    site_workflow,
)

CONFIGURATION = "perfgate.toml"
METADATA = "history/metadata.yml"
SCENARIOS = "scenarios"
_WORKFLOWS = ".github/workflows"
_OF_SCENARIOS = (".py", *SUFFIXES)
SITE_WORKFLOW = f"{_WORKFLOWS}/perfgate-site.yml"
_MODULES = PurePosixPath(".gitmodules")


@dataclass(frozen=True)
class ProposedFile:
    """One file of a proposal.

    path: from the top of the repository.
    text: all of it, where the file does not exist yet; else "".
    added: the line that an existing file lacks; else "".
    why: why the file is left alone, where both texts are empty.
    """

    path: str
    text: str = ""
    added: str = ""
    why: str = ""


@dataclass(frozen=True)
class Proposal:
    """The findings about a repository, and the files that follow from them.

    repository: its files and its default branch.
    service: the service as a container, and what else it could be.
    description: of the service's interface; None without one.
    needs: what the service needs beside it.
    files: all files of the proposal, those that are left alone included.
    """

    repository: Repository
    service: FoundService
    description: Description | None
    needs: Needs
    files: tuple[ProposedFile, ...]

    @property
    def left_alone(self) -> set[str]:
        """The paths of files that stay as they are."""
        return {file.path for file in self.files if file.why}


def propose(repository: Repository, attributes: str, ignored: str, *, site: bool = False) -> Proposal:
    """Look at a repository.

    attributes: the line for .gitattributes; ignored: the one for .gitignore. site: whether the history is published.
    """
    service = find_service(repository)
    description = find_description(repository, service.container.dockerfile if service.container else None)
    needs = find_needs(repository, service)
    texts: dict[str, Callable[[], str]] = {
        CONFIGURATION: lambda: configuration(repository, service, description, needs),
        f"{_WORKFLOWS}/perfgate.yml": lambda: gate_workflow(
            repository.branch, service.container, _MODULES in repository.files
        ),
        f"{_WORKFLOWS}/perfgate-comment.yml": comment_workflow,
        f"{_WORKFLOWS}/perfgate-accept.yml": accept_workflow,
        METADATA: datasette_metadata,
    }
    if site:
        texts[SITE_WORKFLOW] = lambda: site_workflow(repository.branch)
    files = [_new(repository.folder, path, text) for path, text in texts.items()]
    files.insert(1, _scenario(repository.folder, description))
    lines = ((".gitattributes", attributes), (".gitignore", ignored))
    return Proposal(
        repository, service, description, needs, (*files, *(_with_line(repository.folder, *one) for one in lines))
    )


def write(folder: Path, files: Iterable[ProposedFile]) -> None:
    """Write the files of a proposal. An existing file is never overwritten, not even one that came in between.

    UsageError where the system refuses; what was written before stays.
    """
    for file in files:
        path = folder / file.path
        with _explained(file.path, "written"):
            if file.text:
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("x", encoding="utf-8") as stream:
                    stream.write(file.text)
            elif file.added:
                with path.open("a", encoding="utf-8") as stream:
                    stream.write(file.added)


@contextmanager
def _explained(name: str, done: str) -> Iterator[None]:
    """An OSError becomes a UsageError. done: what could not be done with the file."""
    try:
        yield
    except OSError as error:
        hint = "move away what stands in its place, or allow it, and call perfgate init again"
        raise UsageError(f"{name} cannot be {done}: {error.strerror}", hint) from None


def _new(folder: Path, path: str, text: Callable[[], str]) -> ProposedFile:
    there = (folder / path).exists() or (folder / path).is_symlink()
    return ProposedFile(path, why="is there already") if there else ProposedFile(path, text=text())


def _scenario(folder: Path, description: Description | None) -> ProposedFile:
    """The first scenario, where there is none of any name and engine."""
    if any(path.suffix in _OF_SCENARIOS for path in (folder / SCENARIOS).glob("[!_.]*")):
        return ProposedFile(SCENARIOS, why="holds scenarios already")
    return _new(folder, f"scenarios/{NAME}.py", lambda: scenario_file(description))


def _with_line(folder: Path, name: str, line: str) -> ProposedFile:
    """A file of lines that has to have this one."""
    path = folder / name
    if not path.exists():
        return ProposedFile(name, text=f"{line}\n")
    with _explained(name, "read"):
        text = path.read_text(encoding="utf-8", errors="replace")
    if line in text.splitlines():
        return ProposedFile(name, why="has the line already")
    return ProposedFile(name, added=f"{line}\n" if not text or text.endswith("\n") else f"\n{line}\n")
