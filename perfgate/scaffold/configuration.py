"""perfgate.toml, as text: only settings that differ from the defaults."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from perfgate.scaffold.dependencies.finding import Needs
from perfgate.scaffold.dependencies.proposed import ProposedDependency
from perfgate.scaffold.openapi.description import PLAIN_PATH, Description
from perfgate.scaffold.repository import Repository
from perfgate.scaffold.service.commands import example_command
from perfgate.scaffold.service.compose import pointed
from perfgate.scaffold.service.container import Container
from perfgate.scaffold.service.finding import FoundService
from perfgate.service.placeholders import escape, names_in
from perfgate.service.settings import HOST_FROM_CONTAINERS
from perfgate.texts import toml_string

_USUAL_BRANCH = "main"
HOST = HOST_FROM_CONTAINERS
CHOOSE = "CHOOSE"
_MOST_CHOICES = 5
_WIDTH = 120
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def configuration(repository: Repository, service: FoundService, description: Description | None, needs: Needs) -> str:
    """The tables [service] and [gate], and [[dependencies]], with a comment at each line that a person may change."""
    base = description.base if description else ""
    lines = ["# How much slower a pull request may make the service.", 'margin = "5%"', ""]
    gate = [] if repository.branch == _USUAL_BRANCH else [f"branch = {toml_string(repository.branch)}"]
    container = service.container
    ready = _ready(container, description)
    settings: list[str] = []
    if container is None:
        settings = [
            "# Until this says how your service is started, the embedded petstore is measured.",
            *(_open_way(service.equal) or _unknown(repository)),
            ready if ready.startswith("#") else f"# {ready}",
            *_needed(needs, {}),
            *_seed(needs),
        ]
        if service.equal and service.equal[0].image and not service.equal[0].composed:
            settings = [*_needed(needs, {}), *_seed(needs)]
            gate = [_choice(service.equal), *gate]
    elif container.composed:
        settings = [*_composed(container, base), ready, *_seed(needs)]
    elif container.dockerfile is None:
        gate = [
            "# The service container of the workflow, compared with the history.",
            f"head = {toml_string(f'http://localhost:{container.port}{base}')}",
            *gate,
        ]
    elif container.absent:
        ready = ready if ready.startswith("#") else f"# {ready}"
        plain, _ = environment_of(container, needs)
        settings = [*_incomplete(repository, container, base), ready, *_needed(needs, plain), *_seed(needs)]
    else:
        settings = [*_built(container, base, needs), ready, *_seed(needs)]
    if container is None or (container.dockerfile is not None and not container.composed):
        tables = [("[service]", settings), *(("[[dependencies]]", _dependency(one)) for one in needs.dependencies)]
    else:
        tables = [("[service]", settings)]
    for name, entries in (*tables, ("[gate]", gate)):
        lines += [name, *entries, ""] if entries else []
    # Strings are written without them; a comment may hold a name that has some.
    return "\n".join(_CONTROL.sub(" ", line) for line in lines).rstrip() + "\n"


def _unknown(repository: Repository) -> list[str]:
    command = toml_string(example_command(repository))
    told = "with the port in the variable PORT, or {port} in the command; build_command is run before it"
    return [f"# command = {command}    # {told}"]


def _open_way(equal: Sequence[Container]) -> list[str]:
    """The lines that leave open which of several services is started."""
    if not equal or (equal[0].image and not equal[0].composed):
        return []
    if all(one.composed for one in equal):
        return [f"# compose = {toml_string(str(equal[0].source))}", _choice(equal)]
    return [_choice([one for one in equal if one.dockerfile is not None])]


def _choice(equal: Sequence[Container]) -> str:
    """One line that leaves the choice open."""
    first = equal[0]
    if all(one.composed for one in equal):
        line = f"compose_service = {toml_string(first.compose_service)}"
        named = [(one.compose_service, one.place) for one in equal]
    else:
        line = (
            f"head = {toml_string(f'http://localhost:{first.port}')}"
            if first.image
            else f"build = {toml_string(first.build)}"
        )
        named = [(one.image or one.build, one.place) for one in equal]
    return f"# {line}    # {CHOOSE}, nothing tells which is meant: {_several(named)}"


def _several(named: Sequence[tuple[str, str]]) -> str:
    shown = [f"{toml_string(name)} ({place})" for name, place in named[:_MOST_CHOICES]]
    more = f", and {len(named) - _MOST_CHOICES} more" if len(named) > _MOST_CHOICES else ""
    return f"{', '.join(shown)}{more}"


def _incomplete(repository: Repository, container: Container, base: str) -> list[str]:
    """The ways to start a commit whose Dockerfile copies what no commit has, left open."""
    command = toml_string(example_command(repository))
    image = toml_string("my-service:{sha}")
    return [
        f"# {absent_in(container)}, so a build of a commit fails.",
        "# Until one of these says how your service is started, the embedded petstore is measured.",
        f"# image = {image}    # {CHOOSE}: an image of each commit that you have built, or that a registry has",
        f"# build = {toml_string(container.build)}    # or the Dockerfile, once a stage of it makes what it copies",
        f"# command = {command}    # or a process, with the port in PORT or {{port}}; build_command is run before it",
        *(f"# {line}" for line in _place(container, base)),
    ]


def absent_in(container: Container) -> str:
    """What the Dockerfile of a container copies and no commit has, as a sentence without its end."""
    more = len(container.absent) - _MOST_CHOICES
    named = f"{', '.join(container.absent[:_MOST_CHOICES])}{f' and {more} more' if more > 0 else ''}"
    return f"{container.dockerfile} copies {named}, which no commit has"


def _composed(container: Container, base: str) -> list[str]:
    beside = f", with {_listed(container.declared)} beside it" if container.declared else ""
    lines = [
        f"# A pull request is measured against its base. Each side is a Compose project of its own{beside}.",
        *([f"# {absent_in(container)}: its build fails until a stage of it makes that."] if container.absent else []),
        f"compose = {toml_string(str(container.source))}",
        f"compose_service = {toml_string(container.compose_service)}",
    ]
    return [*lines, *_place(container, base)]


def _built(container: Container, base: str, needs: Needs) -> list[str]:
    beside = f", with {_listed([one.name for one in needs.dependencies])} for each" if needs.dependencies else ""
    lines = [
        f"# A pull request is measured against its base; both are built and started like this{beside}.",
        f"build = {toml_string(container.build)}",
        *_place(container, base),
    ]
    plain, pointing = environment_of(container, needs)
    lines += _needed(needs, plain)
    if pointing:
        what = f"env needs {_table(pointing)} as well" if plain or needs.env else f"env = {_table(pointing)}"
        lines.append(f"# {what}    # once {_listed(container.needs)} can be reached there")
    return lines


def _place(container: Container, base: str) -> list[str]:
    lines = [] if container.port is None else [f"port = {container.port}"]
    return [*lines, f"path = {toml_string(base)}"] if base else lines


def _needed(needs: Needs, plain: Mapping[str, str]) -> list[str]:
    """The variables of the service: its own, and those that say where its dependencies are."""
    values = {**plain, **needs.env}
    told = {name.partition(".")[0] for value in values.values() for name in names_in(value)}
    untold = [one.name for one in needs.dependencies if one.name not in told]
    if untold and not needs.env:
        example = _table({"DATABASE_URL": f"{{{untold[0]}.url}}"})
        lines = [f"env = {_table(plain)}"] if plain else []
        why = f"{CHOOSE}: nothing names the variable by which the service finds {_listed(untold)}"
        return [*lines, f"# {'env needs ' if plain else 'env = '}{example}    # {why}"]
    if not values:
        return []
    sources = f"    # {_listed(list(map(str, needs.env_sources)))}" if needs.env_sources else ""
    if len(line := f"env = {_table(values)}{sources}") <= _WIDTH or len(values) == 1:
        return [line]
    table = [f"{name} = {toml_string(value)}" for name, value in values.items()]
    # A table over several lines, which an inline table may not be (TOML 1.0): one key a line instead.
    return [f"env.{one}{sources if number == 0 else ''}" for number, one in enumerate(table)]


def _seed(needs: Needs) -> list[str]:
    """The command that fills the dependencies of an instance, or a line that leaves it open."""
    if not needs.seeds:
        return []
    first = needs.seeds[0]
    line = f"seed = {toml_string(first.command)}"
    if len(needs.seeds) > 1:
        named = [(one.command, str(one.source)) for one in needs.seeds]
        return [f"# {line}    # {CHOOSE}, nothing tells which is meant: {_several(named)}"]
    if first.takes or not needs.dependencies:
        takes = f"; it takes {first.takes} where perfgate runs" if first.takes else ""
        return [f"# {line}    # {CHOOSE}: nothing says that the service does this itself ({first.source}){takes}"]
    return [f"{line}    # {first.source}; run in each side's tree"]


def _dependency(one: ProposedDependency) -> list[str]:
    lines = [f"name = {toml_string(one.name)}"]
    if not one.named:
        why = f"{CHOOSE} the version that you run: {one.source} needs it, and nothing names one"
    elif one.others:
        why = f"{one.source}; {CHOOSE}, also named: {', '.join(one.others[:_MOST_CHOICES])}"
    else:
        why = str(one.source)
    lines.append(f"image = {toml_string(escape(one.image))}    # {why}")
    if one.port is not None:
        lines.append(f"port = {one.port}")
    env = {name: escape(value) for name, value in one.env.items()}
    return [*lines, f"env = {_table(env)}"] if env else lines


def environment_of(container: Container, needs: Needs | None = None) -> tuple[dict[str, str], dict[str, str]]:
    """The variables that a compose file gives a service, and those that point elsewhere, which now is this machine;
    without those that the dependencies fill. As perfgate.toml has them: no braces in them are placeholders.
    """
    filled = needs.env if needs is not None else {}
    given = container.environment.items()
    known = {name: escape(value) for name, value in given if value is not None and name not in filled}
    moved = {name: pointed(value, name, container.needs, HOST) for name, value in known.items()}
    plain = {name: value for name, value in known.items() if moved[name] == value}
    return plain, {name: value for name, value in moved.items() if name not in plain}


def _listed(names: Sequence[str]) -> str:
    return " and ".join(names)


def _ready(container: Container | None, description: Description | None) -> str:
    """Where the service says that it is ready: its health check, else a path of the description, else an example."""
    # What else a health check of a container has is for a shell.
    if container is not None and container.ready and PLAIN_PATH.fullmatch(container.ready):
        return f"ready = {toml_string(escape(container.ready))}    # its health check"
    if description is not None and description.ready and PLAIN_PATH.fullmatch(description.ready):
        return f"ready = {toml_string(escape(description.ready))}    # {description.source}"
    return '# ready = "/health"        # answers when the service is ready'


def _table(values: Mapping[str, str]) -> str:
    return f"{{ {', '.join(f'{name} = {toml_string(value)}' for name, value in values.items())} }}"
