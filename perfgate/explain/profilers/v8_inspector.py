"""Node's own profiler, by the inspector of V8, which SIGUSR1 opens in any Node that runs.

https://nodejs.org/en/learn/getting-started/debugging and https://chromedevtools.github.io/devtools-protocol/v8/Profiler
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psutil

from perfgate.explain.profile import Function, Profile
from perfgate.explain.profilers.gathering import Gathering
from perfgate.explain.profilers.processes import folder_of
from perfgate.explain.profilers.profiler import ProfilerError
from perfgate.explain.profilers.runtimes import Runtime, busy_processes, node_options
from perfgate.extras import install_hint, is_installed
from perfgate.service.probe import FAILURES, fetch

_HOST = "127.0.0.1"
# Between two samples (microseconds): their rate is a prime number, so work that repeats itself does not fall into step.
_INTERVAL = 1003
_OPENS_IN, _ANSWERS_IN, _LOOK = 5.0, 10.0, 0.01  # seconds
# Where another process has its inspector on the same port, the signal is sent again after so many looks.
_AGAIN = 30
_MOST_BYTES = 2**20
_NOT_WORK = ("(idle)", "(root)")
_MARK_OF_WORKERS = "NODE_UNIQUE_ID"  # lib/internal/cluster/primary.js
# Where it opens by the signal, unless it was told otherwise. The workers of a cluster all want this port, so each gives
# it back; from then on it opens on any that is free.
_USUAL_PORT = 9229
_CLOSE = f"if (process.debugPort !== {_USUAL_PORT}) process.debugPort = 0; process._debugEnd()"
# By this and not by inspector.close(): Node 20 may crash where a client leaves at the same time.
_MOVE = "process.debugPort = 0; process._debugEnd()"
# V8 charges an inlined function to the one around it, and what is inlined differs from start to start. So for a minute
# nothing is, on both sides. The sizes are those of V8's src/flags/flag-definitions.h.
_PREPARE = """(() => {
  const key = Symbol.for('perfgate')
  if (globalThis[key]) return
  globalThis[key] = true
  const { setFlagsFromString } = require('v8')
  const setSizes = (size, cumulative, small) => {
    setFlagsFromString(`--max-inlined-bytecode-size=${size}`)
    setFlagsFromString(`--max-inlined-bytecode-size-cumulative=${cumulative}`)
    setFlagsFromString(`--max-inlined-bytecode-size-small=${small}`)
  }
  setSizes(0, 0, 0)
  setTimeout(() => { setSizes(460, 920, 27); delete globalThis[key] }, 60000).unref()
})()"""
_HINT = "start it with NODE_OPTIONS=--perf-basic-prof ([service] env), and perf is used instead"


class V8Inspector:
    """The inspector of every busy Node process of a service, open only while a round is recorded."""

    name = "V8's profiler"

    def __init__(self) -> None:
        if not is_installed("websocket"):
            raise ProfilerError("profiling Node needs websocket-client", install_hint("explain"))
        self._own_ports: dict[int, set[int]] = {}

    @contextmanager
    def record(self, pids: Sequence[int], seconds: int) -> Iterator[_Recording]:
        """As its parent."""
        with ExitStack() as stack:
            busy = _without_primaries(busy_processes(Runtime.NODE, pids))
            sessions = [stack.enter_context(self._opened(pid, is_one_of_several=len(busy) > 1)) for pid in busy]
            yield _Recording(sessions, folder_of(pids))

    @contextmanager
    def _opened(self, pid: int, is_one_of_several: bool) -> Iterator[_Session]:
        """A session with a profiler that runs."""
        # Somebody may have opened it already, and wants it to stay.
        stays = "--inspect" in node_options(pid)
        own = self._own_ports.setdefault(pid, set() if stays else _ports(pid))
        url = _inspector(pid, own)
        session = _Session(url)
        if is_one_of_several and not stays and urlsplit(url).port == _USUAL_PORT:
            session = _moved(session, pid)
        try:
            session.ask("Runtime.evaluate", expression=_PREPARE, includeCommandLineAPI=True)
            session.ask("Profiler.enable")
            session.ask("Profiler.setSamplingInterval", interval=_INTERVAL)
            session.ask("Profiler.start")
            # It does not know code that was optimized for a loop before it began. Beginning to count calls throws away
            # all that was optimized.
            session.ask("Profiler.startPreciseCoverage", callCount=True)
            session.ask("Profiler.stopPreciseCoverage")
            yield session
        finally:
            session.close("" if stays else _CLOSE)


class _Recording:
    """Profilers at work."""

    def __init__(self, sessions: Sequence[_Session], root: str) -> None:
        self._sessions = sessions
        self._root = root

    def profile(self) -> Profile:
        gathering = Gathering(self._root)
        for session in self._sessions:
            found = session.ask("Profiler.stop")
            try:
                _gather(found["profile"]["nodes"], gathering)
            except (KeyError, TypeError):
                raise ProfilerError("Node answered with a profile that cannot be read") from None
        return gathering.profile()


class _Session:
    """A connection to an inspector."""

    def __init__(self, url: str) -> None:
        import websocket

        self._failures = (OSError, ValueError, websocket.WebSocketException)
        self._numbers = count(1)
        try:
            # Node asks browsers where they come from; other clients send no origin.
            self._connection = websocket.create_connection(
                url, timeout=_ANSWERS_IN, suppress_origin=True, http_no_proxy=[_HOST]
            )
        except self._failures as error:
            raise ProfilerError(f"the inspector of Node could not be reached: {error}", _HINT) from None

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol; its result."""
        number = next(self._numbers)
        try:
            self._connection.send(json.dumps({"id": number, "method": method, "params": parameters}))
            while True:
                answer = json.loads(self._connection.recv())
                if answer.get("id") == number:
                    break
        except self._failures as error:
            raise ProfilerError(f"the inspector of Node did not answer: {error}") from None
        if "error" in answer:
            raise ProfilerError(f"the inspector of Node refused {method}: {answer['error'].get('message', '')}")
        result = answer.get("result")
        return result if isinstance(result, dict) else {}

    def close(self, last: str) -> None:
        """last: a script that closes the inspector, so that another process can open its own on the same port; "" for
        none.
        """
        if last:
            with suppress(ProfilerError):
                self._connection.settimeout(1)
                self.ask("Runtime.evaluate", expression=last)
        with suppress(*self._failures):
            self._connection.close()


def _without_primaries(pids: Sequence[int]) -> list[int]:
    """Without those that hand requests to workers of a cluster: with their inspectors those of all workers open."""
    primaries = {parent for pid in pids if (parent := _primary(pid))}
    return [pid for pid in pids if pid not in primaries]


def _primary(pid: int) -> int | None:
    """The process whose cluster a process is a worker of; None where it is none."""
    try:
        process = psutil.Process(pid)
        return process.ppid() if _MARK_OF_WORKERS in process.environ() else None
    except (psutil.Error, OSError):
        return None


def _moved(session: _Session, pid: int) -> _Session:
    """The session with another port, so that the usual one is free for the next process."""
    before = _ports(pid)
    session.close(_MOVE)
    return _Session(_inspector(pid, before))


def _inspector(pid: int, others: set[int]) -> str:
    """The address of the inspector of a process, which is opened for it. others: the process's own ports."""
    if not _hears(pid, signal.SIGUSR1):
        raise ProfilerError("this Node has no inspector that a signal opens", _HINT)
    if _is_apart(pid):
        raise ProfilerError("the inspector of Node is not reached in a container", _HINT)
    deadline = time.monotonic() + _OPENS_IN
    for look in count():
        if look % _AGAIN == 0:
            with suppress(OSError):
                os.kill(pid, signal.SIGUSR1)
        if url := next(filter(None, map(_address, _ports(pid) - others)), ""):
            return url
        if time.monotonic() > deadline:
            break
        time.sleep(_LOOK)
    raise ProfilerError("Node opened no inspector that can be reached from here", _HINT)


def _is_apart(pid: int) -> bool:
    """Whether a process has a network of its own."""
    try:
        return Path(f"/proc/{pid}/ns/net").readlink() != Path("/proc/self/ns/net").readlink()
    except OSError:
        return False


def _hears(pid: int, number: int) -> bool:
    """Whether a process handles a signal: one that does not would be ended by it."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    masks = [int(line.split()[1], 16) for line in status.splitlines() if line.startswith("SigCgt:")]
    return any(mask >> (number - 1) & 1 for mask in masks)


def _ports(pid: int) -> set[int]:
    """Where a process listens on this machine alone."""
    try:
        connections = psutil.Process(pid).net_connections("tcp")
    except psutil.Error:
        return set()
    return {one.laddr.port for one in connections if one.status == psutil.CONN_LISTEN and one.laddr.ip == _HOST}


def _address(port: int) -> str:
    """Of the inspector that listens there; "" where none does."""
    try:
        status, body = fetch(f"http://{_HOST}:{port}/json/list", _ANSWERS_IN, {}, True, _MOST_BYTES)
        targets = json.loads(body) if status == 200 else []
        return str(targets[0]["webSocketDebuggerUrl"]) if targets else ""
    except (*FAILURES, ValueError, KeyError, TypeError):
        return ""


def _gather(nodes: Sequence[Mapping[str, Any]], gathering: Gathering) -> None:
    """Gather a tree of calls, whose nodes say how often they were seen at work."""
    functions = {node["id"]: _function(node["callFrame"], gathering) for node in nodes}
    parents = {child: node["id"] for node in nodes for child in node.get("children", ())}
    for node in nodes:
        times = node.get("hitCount", 0)
        if times and node["callFrame"]["functionName"] not in _NOT_WORK:
            stack, place = [], node["id"]
            while place in parents:
                stack.append(functions[place])
                place = parents[place]
            gathering.add(reversed(stack), times)


def _function(frame: Mapping[str, Any], gathering: Gathering) -> Function:
    file = unquote(str(frame["url"]).removeprefix("file://"))
    return gathering.function(frame["functionName"] or "<anonymous>", file, int(frame["lineNumber"]) + 1)
