"""Attribution: what belongs to the services of a measurement, watched while they are loaded.

Some connections last as long as the service, others a few milliseconds: a thread looks often after each start of a
service, when load has just begun, and now and then later.
"""

from __future__ import annotations

import os
import struct
import sys
import threading
import time
from collections.abc import Hashable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from perfgate.machine.cpu_usage import DependencyCpu
from perfgate.machine.cpus import allowed_cpus
from perfgate.machine.process_table import ProcessEntry, ProcessTable, read_processes
from perfgate.popen import interrupts_held
from perfgate.service.attribution.forwarders import destinations, forwarders_to, is_forwarder
from perfgate.service.attribution.found_dependency import FoundDependency
from perfgate.service.attribution.holders import container_of
from perfgate.service.attribution.pinning import Pinning
from perfgate.service.attribution.search import Bounds, Search
from perfgate.service.dependency import Dependency, usage_by_name
from perfgate.service.service import Service
from perfgate.service.usage import Usage

# A table serves all that is asked at one boundary between rounds (s).
_TABLE_SECONDS = 0.02
# Looks after a start of load, and the pause between them; then the pause between later ones (s). One takes 2 to 4 ms
# of a generator's CPU beside a hundred processes and a thousand connections; a boundary between rounds 0.5 to 1.5 ms.
_FIRST_LOOKS, _FIRST_PAUSE, _PAUSE = 40, 0.04, 0.5
# Neighbours that are kept of a round, and the least CPU of one that is (s).
_NEIGHBOURS, _LEAST_CPU = 5, 0.01


@dataclass(frozen=True)
class Moment:
    """What was used so far, at one moment.

    table: all processes.
    dependencies: each dependency of any side with its CPU time, and what forwards to containers; None for one that
    cannot be read.
    """

    table: ProcessTable
    dependencies: Mapping[Hashable, DependencyCpu | None]


@dataclass(frozen=True)
class Beside:
    """What ran beside services and generator between two moments.

    dependencies: CPU time of all that services need, whichever side's; None where some of it was read at one
    moment alone.
    neighbours: the greatest of all other processes by name, with CPU time (s).
    """

    dependencies: tuple[DependencyCpu, ...] | None
    neighbours: Mapping[str, float]


class Attribution:
    """Tells what the services of a measurement depend on. A context manager: inside, a thread looks, and pins.

    services: by side. environment: environment variables, DOCKER_HOST among them. pinning: pins what is found.
    """

    def __init__(self, services: Mapping[str, Service], environment: Mapping[str, str], pinning: Pinning) -> None:
        self._services = services
        self._pinning = pinning
        self._table = read_processes()
        self._search = Search(self.table, environment)
        self._lock = threading.RLock()
        self._found: dict[str, list[FoundDependency]] = {side: [] for side in services}
        self._forwarders: dict[str, dict[str, set[int]]] = {side: {} for side in services}
        self._containers: dict[tuple[int, int], str] = {}
        self._late: list[str] | None = None
        self._looks_left = 0
        self._loaded: list[object] = []
        self._wake, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._watch, name="attribution", daemon=True)

    def __enter__(self) -> Attribution:
        self._pinning.restore_abandoned()
        if sys.platform == "linux":
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._wake.set()
        try:
            if self._thread.is_alive():
                self._thread.join()
        finally:
            with interrupts_held():
                self._pinning.restore()
                self._search.close()

    def table(self) -> ProcessTable:
        """All processes, as of a moment ago."""
        if time.monotonic() - self._table.at > _TABLE_SECONDS:
            self._table = read_processes()
        return self._table

    def pin_to(self, cpus: tuple[int, ...]) -> None:
        """Pin what was found, and what will be. cpus: empty for nothing."""
        with self._lock:
            self._pinning.cpus = cpus
            for one in {id(one): one for found in self._found.values() for one in found}.values():
                self._pinning.pin(one)
            self._look_for_forwarders(self.table())

    def load_begins(self) -> None:
        """Load is about to be sent: look often for a while, where one of the instances has had none before."""
        new = [
            service.instance
            for service in self._services.values()
            if not any(service.instance is one for one in self._loaded)
        ]
        if new:
            with self._lock:
                self._look_for_forwarders(self.table())
            self._loaded += new
            self._late = None  # its warm-up comes before its rounds
            self._looks_left = _FIRST_LOOKS
            self._wake.set()

    def found_late(self) -> list[str]:
        """The names of those that were found since the last call; none the first time, when rounds begin."""
        with self._lock:
            late, self._late = self._late or [], []
        return late

    def usage(self, side: str) -> Mapping[str, Usage] | None:
        """What the dependencies of a side have used so far, by name, with the CPU of what forwards to their containers.

        None where nobody can tell what its service depends on.
        """
        dependencies = self.dependencies(side)
        if not dependencies and not (sys.platform == "linux" and self._services[side].instance.processes()):
            return None
        used = usage_by_name(dependencies)
        for name, entry in self._forwarding(side):
            if name in used:
                used[name] = replace(used[name], cpu_seconds=used[name].cpu_seconds + entry.exact_cpu())
        return used

    def dependencies(self, side: str) -> list[Dependency]:
        """Those of a side, the named ones first."""
        with self._lock:
            found = [one for one in self._found[side] if one.alive()]
        return [*self._services[side].instance.dependencies, *found]

    def shared_servers(self) -> frozenset[str]:
        """The names of the servers that both sides depend on, as far as is known until now."""
        if len(self._services) < 2:
            return frozenset()
        base, head = (self._places(side) for side in self._services)
        return frozenset(name for place, name in base.items() if place in head)

    def _places(self, side: str) -> Mapping[Hashable, str]:
        """The names of what a side depends on, by what tells one server from another."""
        named = self._services[side].instance.dependencies
        places: dict[Hashable, str] = {_key(one): one.name for one in self.dependencies(side)}
        return places | {one.shared_place: one.name for one in named if one.shared_place}

    def look(self) -> None:
        """Find what the services are connected to now. A look that fails finds nothing, and the next one may."""
        with self._lock, suppress(OSError, ValueError, LookupError, struct.error):
            table = self.table()
            pids = {side: self._pids(side, table) for side in self._services}
            bounds = self._bounds(pids, table)
            self._search.look_anew()
            for side, members in pids.items():
                if members:
                    found = self._search.dependencies_of(members, bounds)
                    new = [one for one in found if one not in self._found[side]]
                    self._found[side] += new
                    if self._late is not None:
                        self._late += [one.name for one in new if one.name not in self._late]
                    for one in found:
                        self._pinning.pin(one)
            self._look_for_forwarders(table)

    def moment(self) -> Moment:
        """What was used so far."""
        table = self.table()
        read: dict[Hashable, DependencyCpu | None] = {}
        for side in self._services:
            for one in self.dependencies(side):
                here = one.pid is not None or one.container
                if here and _key(one) not in read:
                    usage = one.usage()
                    read[_key(one)] = None if usage is None else DependencyCpu(usage.cpu_seconds, _cpus_of(one))
            for _, entry in self._forwarding(side):
                read[entry.key] = DependencyCpu(entry.exact_cpu(), allowed_cpus(entry.pid))
        return Moment(table, read)

    def between(self, before: Moment, after: Moment) -> Beside:
        """What ran beside services and generator from one moment to a later one."""
        return Beside(_spent(before, after), self._neighbours(before.table, after.table))

    def strangers(self, table: ProcessTable) -> list[ProcessEntry]:
        """The processes that belong neither to a side nor to the generator."""
        with self._lock:
            bounds = self._bounds({side: self._pids(side, table) for side in self._services}, table)
            known = {entry.pid for found in self._found.values() for one in found for entry in one.family.members()}
        ours = (bounds.pids | known).difference(table.ancestors(os.getpid()))
        others = [entry for pid, entry in table.entries.items() if pid not in ours]
        return [one for one in others if self._container(one) not in bounds.containers] if bounds.containers else others

    def _container(self, entry: ProcessEntry) -> str:
        """The container that a process runs in; "" for none. It is looked up once, since it takes a while."""
        if entry.key not in self._containers:
            self._containers[entry.key] = container_of(entry.pid)
        return self._containers[entry.key]

    def _neighbours(self, before: ProcessTable, after: ProcessTable) -> Mapping[str, float]:
        spent: dict[str, float] = {}
        for now in self.strangers(after):
            then = before.entries.get(now.pid)
            used = now.cpu - (then.cpu if then is not None and then.started == now.started else 0.0)
            if used >= _LEAST_CPU:
                spent[now.name] = spent.get(now.name, 0.0) + used
        greatest = sorted(spent, key=lambda name: spent[name], reverse=True)[:_NEIGHBOURS]
        return {name: spent[name] for name in greatest}

    def _pids(self, side: str, table: ProcessTable) -> set[int]:
        """The processes of a service, and of its dependencies that have a name."""
        instance = self._services[side].instance
        first = [*instance.processes(), *(pid for one in instance.dependencies for pid in one.processes())]
        return {entry.pid for entry in table.tree(first)}

    def _bounds(self, pids: Mapping[str, set[int]], table: ProcessTable) -> Bounds:
        named = [one for service in self._services.values() for one in service.instance.dependencies]
        measured = [*(service.instance.container for service in self._services.values()), *(o.container for o in named)]
        here = os.getpid()
        forwarders = [entry.pid for side in self._services for _, entry in self._forwarding(side)]
        ours = {entry.pid for entry in table.tree([here])}.union(forwarders, *pids.values(), table.ancestors(here))
        return Bounds(frozenset(ours), frozenset(filter(None, measured)))

    def _look_for_forwarders(self, table: ProcessTable) -> None:
        """Find what forwards to containers now, of services and of what they depend on, and pin it."""
        places = destinations(table)
        for side, service in self._services.items():
            instance = service.instance
            found: dict[str, set[int]] = {}
            containers = [("", instance.processes())] if instance.container else []
            containers += [(one.name, one.processes()) for one in self.dependencies(side) if one.container]
            for name, members in containers:
                found.setdefault(name, set()).update(forwarders_to(members, places))
            self._forwarders[side] = found
            self._pinning.pin_forwarders(set().union(*found.values()))

    def _forwarding(self, side: str) -> list[tuple[str, ProcessEntry]]:
        """What forwards to containers of a side and still runs, with the name of the dependency; "" for the service."""
        table = self.table()
        with self._lock:
            known = [(name, pid) for name, pids in self._forwarders[side].items() for pid in pids]
        return [(name, table.entries[pid]) for name, pid in known if is_forwarder(pid, table)]

    def _watch(self) -> None:
        while not self._over.is_set():
            self._wake.wait(_FIRST_PAUSE if self._looks_left else _PAUSE)
            self._wake.clear()
            if self._loaded and not self._over.is_set():
                self._looks_left = max(0, self._looks_left - 1)
                self.look()


def _key(dependency: Dependency) -> Hashable:
    """What tells one server from another, whoever found it."""
    return dependency.container or dependency.pid or id(dependency)


def _cpus_of(dependency: Dependency) -> frozenset[int]:
    """Where it may run; none where that cannot be told."""
    if dependency.cpus:
        return frozenset(dependency.cpus)
    return allowed_cpus(dependency.pid) if dependency.pid else frozenset()


def _either(before: frozenset[int], after: frozenset[int]) -> frozenset[int]:
    """Where it may have run in between: it may have been pinned meanwhile."""
    return before | after if before and after else frozenset()


def _spent(before: Moment, after: Moment) -> tuple[DependencyCpu, ...] | None:
    spent = []
    for key, now in after.dependencies.items():
        then = before.dependencies.get(key)
        if now is None or then is None:
            return None
        spent.append(DependencyCpu(max(0.0, now.seconds - then.seconds), _either(then.cpus, now.cpus)))
    return tuple(spent)
