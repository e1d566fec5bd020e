"""The search for what a service is connected to: from its sockets to the processes at their other ends."""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from perfgate.machine.process_table import ProcessTable
from perfgate.service.attribution.forwarders import behind_forwarder
from perfgate.service.attribution.found_dependency import Family, FoundDependency, ReadTable
from perfgate.service.attribution.holders import container_of, holders_of, sockets_of, user_of, words_of
from perfgate.service.attribution.networks import addresses_at, is_same_host, network_of
from perfgate.service.attribution.program_names import image_name, program_name
from perfgate.service.attribution.socket_tables import Address, SocketTables, TcpSocket, UnixSocket
from perfgate.service.containers.cgroup import find_cgroup
from perfgate.service.containers.sdk import has_docker_sdk

# What the system itself runs for everybody.
_SYSTEM = ("systemd", "dbus-", "dockerd", "containerd", "sshd", "nscd", "podman")
# What was not found may be there later; asking costs more than looking.
_AGAIN_SECONDS = 2.0
# A pool before a database before a replica: no chain is longer.
_LONGEST_CHAIN = 3

Place = tuple[Any, ...]
Sockets = tuple[list[TcpSocket], list[UnixSocket]]


@dataclass(frozen=True)
class Bounds:
    """What is no dependency.

    pids: processes: perfgate, what started it, the services of both sides, and dependencies that have a name.
    containers: ids of containers, likewise.
    """

    pids: frozenset[int]
    containers: frozenset[str]


class Search:
    """Finds dependencies, each once however many connections lead to it.

    environment: environment variables, DOCKER_HOST among them.
    """

    def __init__(self, read_table: ReadTable, environment: Mapping[str, str]) -> None:
        self._read_table = read_table
        self._environment = environment
        self._own_network = network_of(os.getpid())
        self._own_container = container_of(os.getpid())
        self._tables: dict[str, SocketTables] = {}
        self._seen: dict[str, Sockets] = {}
        self._answers: dict[Place, tuple[FoundDependency | None, float]] = {}
        self._found: list[FoundDependency] = []

    def look_anew(self) -> None:
        """The sockets have changed since the last search."""
        self._seen.clear()

    def dependencies_of(self, pids: Collection[int], bounds: Bounds) -> list[FoundDependency]:
        """What these processes are connected to, and what that is connected to in its turn."""
        found: list[FoundDependency] = []
        asking = set(pids)
        for _ in range(_LONGEST_CHAIN):
            new = [one for one in self._connected(asking, bounds) if one not in found]
            found.extend(new)
            asking = {entry.pid for one in new for entry in one.family.members()}
            if not asking:
                break
        return found

    def close(self) -> None:
        for tables in self._tables.values():
            tables.close()
        for one in self._found:
            one.close()

    def _connected(self, pids: Collection[int], bounds: Bounds) -> list[FoundDependency]:
        by_network: dict[str, list[int]] = {}
        for pid in pids:
            by_network.setdefault(network_of(pid) or f"of {container_of(pid)}", []).append(pid)
        found: list[FoundDependency] = []
        for network, members in by_network.items():
            for place, ends in self._ends(network, members):
                one = self._answer(place, ends, members, bounds)
                if one is not None and one not in found:
                    found.append(one)
        return found

    def _ends(self, network: str, members: list[int]) -> Iterator[tuple[Place, set[int]]]:
        """Where the processes have connected to, each place once, with the sockets at the other ends as far as seen."""
        tcp, unix_sockets = self._sockets_in(network, members[0])
        held = set().union(*map(sockets_of, members))
        if not held and network.startswith("of "):
            # Another user's container: nothing but it is in there, unless it shares our network.
            if addresses_at(members[0]) == addresses_at(os.getpid()):
                return
            held = {one.inode for one in tcp}
        own_ports = {one.port for one in tcp if one.listening and one.inode in held}
        for one in tcp:
            if one.inode in held and not one.listening and one.port not in own_ports:
                yield ("tcp", network, one.remote, one.remote_port), _other_ends(one, tcp)
        unix = {one.inode: one for one in unix_sockets}
        own_paths = {unix[inode].path for inode in held if inode in unix and unix[inode].listening}
        for inode in held:
            one_end = unix.get(inode)
            other = unix.get(one_end.peer) if one_end is not None else None
            if other is not None and other.path and other.path not in own_paths:
                yield ("unix", network, other.path), {other.inode}

    def _answer(self, place: Place, ends: set[int], members: list[int], bounds: Bounds) -> FoundDependency | None:
        known = self._answers.get(place)
        if known is not None and (known[0].alive() if known[0] is not None else time.monotonic() < known[1]):
            return known[0]
        kind, network, *where = place
        if kind == "unix":
            pids = self._holders({*ends, *self._listeners_at(network, members[0], where[0])})
            found = self._dependency(pids, bounds)
        else:
            found = self._behind(network, members[0], where[0], where[1], ends, bounds)
        self._answers[place] = found, time.monotonic() + _AGAIN_SECONDS
        return found

    def _listeners_at(self, network: str, pid: int, path: str) -> set[int]:
        """Sockets that listen at a path, in the namespace of the client or in ours."""
        both = (self._sockets_in(network, pid), self._sockets_in(self._own_network, os.getpid()))
        return {one.inode for _, unix in both for one in unix if one.listening and one.path == path}

    def _behind(
        self, network: str, pid: int, remote: Address, port: int, ends: set[int], bounds: Bounds
    ) -> FoundDependency | None:
        """What listens at an address, as it is seen from a process."""
        home = pid if is_same_host(remote) else self._home_of(remote, pid)
        if home is not None:
            name = network if home == pid else network_of(home)
            place = behind_forwarder(remote, port, self._read_table()) if name == self._own_network else None
            if place is not None:
                return self._behind(name, os.getpid(), *place, set(), bounds)
            listening = [
                one
                for one in self._sockets_in(name, home)[0]
                if one.listening and one.port == port and (one.local == remote or one.local.is_unspecified)
            ]
            holders = self._holders({*ends, *(one.inode for one in listening)})
            holders = holders or self._processes_of_user({one.uid for one in listening})
            found = self._dependency(holders, bounds)
            if found is not None or holders:
                return found
        return self._by_engine(remote, port, bounds)

    def _by_engine(self, remote: Address, port: int, bounds: Bounds) -> FoundDependency | None:
        """The same by Docker's own account, for those who may not see what belongs to root."""
        if not (remote.is_private or remote.is_loopback) or not has_docker_sdk():
            return None
        from perfgate.service.containers.running_containers import listening_container

        found = listening_container(str(remote), port, self._environment)
        return self._of_container(found[0], {found[1]}, bounds) if found is not None else None

    def _home_of(self, address: Address, pid: int) -> int | None:
        """A process in the namespace that an address belongs to; None where it is none of this machine."""
        for one in (pid, os.getpid()):
            if address in addresses_at(one):
                return one
        seen = {network_of(pid), self._own_network, ""}
        for other in self._read_table().entries:
            network = network_of(other)
            if network not in seen:
                seen.add(network)
                if address in addresses_at(other):
                    return other
        return None

    def _dependency(self, holders: set[int], bounds: Bounds) -> FoundDependency | None:
        """The dependency that these processes are part of."""
        table = self._read_table()
        for pid in holders:
            container = container_of(pid)
            if container and container != self._own_container:
                return self._of_container(container, holders, bounds)
        ours = {pid for pid in holders if pid not in bounds.pids}
        if holders - ours - set(table.ancestors(os.getpid())):
            return None  # it belongs to a service, or has a name
        roots = self._roots(ours, table, bounds)
        if not roots or self._name(roots[0]).startswith(_SYSTEM):
            return None
        for one in self._found:
            if one.alive() and not one.container and not one.family.roots.isdisjoint(roots):
                return one
        name = program_name(self._name(roots[0]), words_of(roots[0]))
        return self._remember(FoundDependency(name, roots[0], Family(set(roots), self._read_table)))

    def _roots(self, pids: Iterable[int], table: ProcessTable, bounds: Bounds) -> list[int]:
        """The first processes of servers: above those that hold a socket there may be one that started them all."""
        roots = set()
        for pid in pids:
            name = self._name(pid)
            for parent in table.ancestors(pid):
                if parent in bounds.pids or self._name(parent) != name:
                    break
                if program_name(name, words_of(pid)) != program_name(name, words_of(parent)):
                    break
                pid = parent
            roots.add(pid)
        return table.topmost(roots)

    def _of_container(self, container: str, holders: set[int], bounds: Bounds) -> FoundDependency | None:
        if container in bounds.containers:
            return None
        for one in self._found:
            if one.container == container and one.alive():
                return one
        table = self._read_table()
        members = table.topmost([pid for pid in table.entries if container_of(pid) == container] or list(holders))
        if not members:
            return None
        first = members[0]
        name = self._name_of_container(container) or program_name(self._name(first), words_of(first))
        family, cgroup = Family(set(members), self._read_table), find_cgroup(first, container)
        return self._remember(FoundDependency(name, first, family, container, cgroup))

    def _name_of_container(self, container: str) -> str:
        if not has_docker_sdk():
            return ""
        from perfgate.service.containers.running_containers import container_names

        service, image = container_names(container, self._environment)
        return service or image_name(image)

    def _remember(self, found: FoundDependency) -> FoundDependency:
        self._found.append(found)
        return found

    def _holders(self, inodes: set[int]) -> set[int]:
        return holders_of(inodes, self._read_table().entries)

    def _processes_of_user(self, users: set[int]) -> set[int]:
        """The processes of a user who runs one server and nothing else; whose files cannot be seen by us."""
        users -= {0, os.getuid()}
        table = self._read_table()
        found = {pid for pid in table.entries if users and user_of(pid) in users}
        return found if len(table.topmost(found)) == 1 else set()

    def _name(self, pid: int) -> str:
        entry = self._read_table().entries.get(pid)
        return entry.name if entry is not None else ""

    def _sockets_in(self, network: str, pid: int) -> Sockets:
        """All sockets of a namespace that a process lives in, listed once in a search."""
        if network not in self._seen:
            if network not in self._tables:
                self._tables[network] = SocketTables(None if network == self._own_network else pid)
            tables = self._tables[network]
            self._seen[network] = tables.tcp(), tables.unix()
        return self._seen[network]


def _other_ends(one: TcpSocket, tcp: Iterable[TcpSocket]) -> set[int]:
    """The socket at the other end of a connection, where it is in the same namespace."""
    with suppress(StopIteration):
        return {
            next(
                other.inode
                for other in tcp
                if other.port == one.remote_port and other.remote_port == one.port and other.local == one.remote
            )
        }
    return set()
