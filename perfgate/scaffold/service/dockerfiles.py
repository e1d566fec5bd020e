"""What a Dockerfile says of the service that it builds: its ports, what it stands on, where it answers."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

# Ports of protocols other than HTTP: remote shells, mail, directories, databases, caches, brokers, debuggers. None of
# them is measured, wherever it stands. https://www.iana.org/assignments/service-names-port-numbers
_NOT_HTTP = frozenset(
    (
        20,
        21,
        22,
        23,
        25,
        53,
        69,
        110,
        123,
        143,
        161,
        389,
        465,
        514,
        587,
        636,
        993,
        995,
        1433,
        1521,
        1883,
        2181,
        3306,
        3389,
        4222,
        4369,
        5005,
        5432,
        5671,
        5672,
        5858,
        5900,
        6379,
        6380,
        8883,
        9042,
        9092,
        9229,
        11211,
        27017,
        33060,
        61616,
    )
)
_TLS = (443, 8443)
HIGHEST_PORT = 65535

_INSTRUCTION = re.compile(r"\s*([A-Za-z]+)\s+(.*)")
_ASSIGNMENT = re.compile(r"""(\w+)=("(?:[^"\\]|\\.)*"|'[^']*'|\S*)""")
_VARIABLE = re.compile(r"\$\{(\w+)(?::?-([^}]*))?\}|\$(\w+)")
_PORT = re.compile(r"(?<!\S)(\d{1,5})(?:-\d+)?(?:/tcp)?(?!\S)", re.IGNORECASE)
# Variables and arguments that say where a service listens, where nothing is exposed.
_PORT_VARIABLES = ("PORT", "HTTP_PORT", "SERVER_PORT", "ASPNETCORE_HTTP_PORTS", "ASPNETCORE_URLS")
_PORT_ARGUMENT = re.compile(
    r"--(?:http-|server[.-])?port[= ](\d{1,5})\b|(?:--bind[= ]|-b |--listen[= ])\S*?:(\d{1,5})\b"
)
_HEREDOC = re.compile(r"(?<!<)<<-?[\"']?([A-Za-z_]\w*)")
_OTHER_STAGE = re.compile(r"\bfrom=([\w.-]+)")
_FLAGS = re.compile(r"\A(?:--\S+\s+)+")
# What COPY and ADD take from elsewhere than the build context, or what is not read here.
_NO_FILE = re.compile(r"<<|.*(?:://|git@|\\|\$)")
_LOCAL_URL = re.compile(r"https?://(?:localhost|127\.0\.0\.1|0\.0\.0\.0)(?::\d+)?(/[^\s\"'|;&)\]]*)")


@dataclass(frozen=True)
class Stage:
    """One stage of a Dockerfile, with what it has from the stages that it starts from.

    base: the image that it stands on, in the end: "postgres:16"; "scratch".
    ports: the TCP ports that are exposed, in their order.
    values: its variables.
    sources: what is copied from the build context, for it and for the stages that it is made of.
    folder: the working directory, as far as it is said.
    copied: what it holds of the build context, and where: source, place. A place that ends with a slash is the folder
        that a file is put into.
    command: CMD and ENTRYPOINT, as they are written.
    healthcheck: what it is asked for its health; "" for nothing.
    """

    base: str
    ports: tuple[int, ...] = ()
    values: dict[str, str] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    folder: str = "/"
    copied: tuple[tuple[str, str], ...] = ()
    command: str = ""
    healthcheck: str = ""

    @property
    def port(self) -> int | None:
        """Where it answers HTTP: what it exposes, else what its variables or its command say; None for nowhere."""
        return http_port(self.ports) if self.ports else http_port(self._said())

    @property
    def only_other_protocols(self) -> bool:
        """Whether it exposes ports, and none of them is one of HTTP."""
        return bool(self.ports) and self.port is None

    @property
    def ready(self) -> str:
        """The path that its health check asks for; "" for none."""
        return local_path(self.healthcheck)

    def _said(self) -> list[int]:
        variables = (self.values.get(name, "") for name in _PORT_VARIABLES)
        found = [int(number) for text in variables for number in re.findall(r"(?:^|:)(\d{2,5})(?=$|[;/])", text)]
        words = re.sub(r"[\"',\[\]\s]+", " ", self.command)
        return [*found, *(int(one or other) for one, other in _PORT_ARGUMENT.findall(words))]


def http_port(ports: Iterable[int]) -> int | None:
    """The first port that may speak HTTP, one of TLS only where there is no other; None where there is none."""
    able = [port for port in ports if 0 < port <= HIGHEST_PORT and port not in _NOT_HTTP]
    return next(iter([port for port in able if port not in _TLS] or able), None)


def local_path(command: str) -> str:
    """The path of the first URL of this machine in a command, "" for none."""
    found = _LOCAL_URL.search(command)
    return found[1] if found else ""


def read_dockerfile(text: str, target: str | None = None, given: Mapping[str, str] | None = None) -> Stage:
    """The stage that is built: the last one, or that of the name `target`. given: build arguments."""
    named: dict[str, Stage] = {}
    stage, current, number = Stage(""), "", -1
    arguments: dict[str, str] = dict(given or {})
    for instruction, rest in _instructions(text):
        if instruction == "FROM":
            if target is not None and current == target.lower():
                break
            words = [word for word in _filled(rest, arguments).split() if not word.startswith("--")]
            origin = words[0] if words else ""
            current = words[2].lower() if len(words) > 2 and words[1].upper() == "AS" else ""
            before = named.get(origin.lower(), Stage(origin))
            stage = replace(before, values=dict(before.values))
            number += 1
        elif instruction == "ARG" and not stage.base:
            arguments = {**arguments, **_assignments(rest, arguments), **(given or {})}
        else:
            stage = _with(stage, instruction, rest, arguments)
            others = [named[one.lower()] for one in _OTHER_STAGE.findall(rest) if one.lower() in named]
            sources = [source for one in (stage, *others) for source in one.sources]
            stage = replace(stage, sources=tuple(dict.fromkeys(sources)))
        named |= {name: stage for name in (current, str(number)) if name}
    return stage


def _instructions(text: str) -> Iterator[tuple[str, str]]:
    """The instructions in capitals with what follows, their lines joined, comments and empty lines left out."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = re.sub(r"\\[ \t]*\n", " ", "\n".join(lines))
    ends: list[str] = []
    ending = {line.strip() for line in lines}
    for line in joined.splitlines():
        if ends:  # within a text that the Dockerfile holds itself
            ends = ends[1:] if line.strip() == ends[0] else ends
        elif found := _INSTRUCTION.match(line):
            yield found[1].upper(), found[2].strip()
            ends = [one for one in _HEREDOC.findall(line) if one in ending]


def _with(stage: Stage, instruction: str, rest: str, arguments: dict[str, str]) -> Stage:
    """The stage after one more instruction."""
    if instruction == "ENV" or instruction == "ARG":
        known = {**arguments, **stage.values}
        given = _assignments(rest, known)
        if instruction == "ARG":  # what was set before counts more than a default
            given = {name: known.get(name, value) for name, value in given.items()}
        return replace(stage, values={**stage.values, **given})
    if instruction == "EXPOSE":
        ports = tuple(int(port) for port in _PORT.findall(_filled(rest, {**arguments, **stage.values})))
        return replace(stage, ports=tuple(dict.fromkeys((*stage.ports, *ports))))
    if instruction in ("COPY", "ADD") and "--from=" not in rest:
        *words, place = _words(_FLAGS.sub("", rest)) or [""]
        place = _placed(stage, place, arguments, into=len(words) > 1)
        known = {**arguments, **stage.values}
        sources = tuple(one for word in words if not _NO_FILE.match(one := _filled_as_known(word, known)))
        copied = tuple((source, place) for source in sources)
        return replace(stage, sources=(*stage.sources, *sources), copied=(*stage.copied, *copied))
    if instruction == "WORKDIR":
        return replace(stage, folder=_placed(stage, rest, arguments))
    if instruction in ("CMD", "ENTRYPOINT"):
        return replace(stage, command=f"{stage.command} {rest}".strip())
    if instruction == "HEALTHCHECK":
        return replace(stage, healthcheck=rest)
    return stage


def _words(rest: str) -> list[str]:
    """The words of COPY, which may be a list in JSON."""
    try:
        listed = json.loads(rest) if rest.startswith("[") else None
    except (ValueError, RecursionError):
        listed = None
    if isinstance(listed, list):
        return [str(one).encode(errors="replace").decode() for one in listed]
    return re.sub(r"[\[\],\"]+", " ", rest).split()


def _placed(stage: Stage, path: str, arguments: dict[str, str], *, into: bool = False) -> str:
    """A path in the image, from its root; with a slash at its end where it is a folder that something is put into."""
    filled = _filled(path, {**arguments, **stage.values}).strip("\"'")
    place = posixpath.normpath(posixpath.join(stage.folder, filled))
    return f"{place.rstrip('/')}/" if into or filled.endswith(("/", ".")) else place


def _assignments(rest: str, known: dict[str, str]) -> dict[str, str]:
    """The variables of `A=1 B="2"`, or of the old way to write one, `A 1`."""
    words = rest.split(maxsplit=1)
    pairs = _ASSIGNMENT.findall(rest) if words and "=" in words[0] else [tuple(words)]
    return {pair[0]: _filled(pair[1].strip("\"'"), known) for pair in pairs if len(pair) == 2}


def _filled(text: str, values: dict[str, str]) -> str:
    return _VARIABLE.sub(lambda one: values.get(one[1] or one[3]) or one[2] or "", text)


def _filled_as_known(text: str, values: dict[str, str]) -> str:
    """Likewise, but a variable that nothing tells stays as it is written."""
    return _VARIABLE.sub(lambda one: values.get(one[1] or one[3]) or one[2] or one[0], text)
