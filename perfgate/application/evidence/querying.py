"""The queries of a service in its PostgreSQL, read before and after the rounds that are explained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import psutil

from perfgate.application.bench.bench import Bench
from perfgate.explain.profilers.postgres import StatementReader, connection_of
from perfgate.explain.profilers.processes import tree
from perfgate.explain.profilers.profiler import ProfilerError
from perfgate.explain.profilers.program import ProfilerPlace
from perfgate.explain.queries import QueriedRound, Statements, between
from perfgate.metrics.run import Round
from perfgate.service.dependency import Dependency
from perfgate.service.settings import HOST_FROM_CONTAINERS

_UNNAMED = "PostgreSQL"
_LOOPBACK = "127.0.0.1"


class Querying:
    """What reads the queries of both sides.

    readers: by side. dependency: the name of the database.
    trouble: why they cannot be read any more; None where they can.
    """

    def __init__(self, readers: Mapping[str, StatementReader], dependency: str) -> None:
        self._readers = readers
        self.dependency = dependency
        self.trouble: ProfilerError | None = None
        self._latest: dict[str, Statements] = {}

    @contextmanager
    def record(self, side: str) -> Iterator[None]:
        """Around a round on that side: what is read then is no part of the round."""
        before = self._read(side)
        yield
        self._latest[side] = between(before, self._read(side))

    def queried(self, played: Round) -> QueriedRound:
        """What the latest round on its side ran."""
        return QueriedRound(self._latest.get(played.side, {}), played.tally.attempts)

    def _read(self, side: str) -> Statements:
        if self.trouble is None:
            try:
                return self._readers[side].read()
            except ProfilerError as error:
                self.trouble = error
        return {}


def find_querying(bench: Bench, sides: Sequence[str], place: ProfilerPlace) -> Querying | None:
    """What reads the queries; None where the services have no PostgreSQL that is known. ProfilerError where it tells
    nothing.
    """
    told = {side: _connection(bench.service(side).instance.processes()) for side in sides}
    connections = {side: from_this_machine(found, bench.values(side)) for side, found in told.items() if found}
    readers = {side: StatementReader(found, place) for side, found in connections.items()}
    if len(readers) < len(sides):
        return None
    for reader in readers.values():
        reader.read()
    host, port = ((found[sides[0]] or {}).get(name, "") for found, name in ((told, "host"), (connections, "port")))
    return Querying(readers, _name_of(bench.attribution.dependencies(sides[0]), host, port))


def from_this_machine(connection: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """The connection as this machine makes it, where the service makes it in a container.

    values: what placeholders stand for: a dependency of a compose file goes by its name there.
    """
    host = connection.get("host", "")
    if host == HOST_FROM_CONTAINERS:
        return {**connection, "host": _LOOPBACK}
    if f"{host}.host" not in values:
        return dict(connection)
    return {**connection, "host": values[f"{host}.host"], "port": values[f"{host}.port"]}


def _connection(pids: Sequence[int]) -> dict[str, str] | None:
    """The database that a service is told of by its environment."""
    for process in tree(pids):
        try:
            found = connection_of(process.environ())
        except (psutil.Error, OSError):
            continue
        if found:
            return found
    return None


def _name_of(dependencies: Sequence[Dependency], host: str, port: str) -> str:
    """The name of the dependency that the service calls so or that listens there, or else of the one that may be it."""
    for dependency in dependencies:
        if dependency.name == host:
            return host
        if dependency.pid is not None and port in _ports(dependency.pid):
            return dependency.name
    return dependencies[0].name if len(dependencies) == 1 else _UNNAMED


def _ports(pid: int) -> set[str]:
    try:
        found = psutil.Process(pid).net_connections("inet")
    except psutil.Error:
        return set()
    return {str(one.laddr.port) for one in found if one.status == psutil.CONN_LISTEN}
