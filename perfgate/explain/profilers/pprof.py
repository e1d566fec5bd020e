"""A page with profiles of the CPU in pprof's format, such as that of Go's net/http/pprof.

https://pkg.go.dev/net/http/pprof
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from urllib.parse import urlsplit

from perfgate.explain.profile import Function, Profile
from perfgate.explain.profilers.gathering import Gathering
from perfgate.explain.profilers.go_names import go_file, unnumbered
from perfgate.explain.profilers.images import Memory
from perfgate.explain.profilers.pprof_profile import Call, parse_pprof
from perfgate.explain.profilers.processes import folder_of
from perfgate.explain.profilers.profiler import ProfilerError
from perfgate.explain.profilers.runtimes import Runtime, processes_that_run
from perfgate.service.probe import FAILURES, describe_failure, fetch

# Beyond the seconds that it was asked for: the page has to write down what it saw.
_GRACE = 10.0
_MOST_BYTES = 32 * 2**20
_HINT = "pprof under [explain] in perfgate.toml is the path of such a page, like /debug/pprof/profile"


class PprofPage:
    """The page of a service that profiles itself.

    page: its path, or a URL. urls: of the services, by their first process.
    """

    name = "pprof"

    def __init__(self, page: str, urls: Mapping[int, str]) -> None:
        self._pages = {pid: _whole(page, url) for pid, url in urls.items()}

    @contextmanager
    def record(self, pids: Sequence[int], seconds: int) -> Iterator[_Recording]:
        """As its parent; the page ends by itself."""
        page = self._pages[pids[0]]
        recording = _Recording(f"{page}{'&' if '?' in page else '?'}seconds={seconds}", seconds, pids)
        recording.start()
        yield recording


class _Recording:
    """A page that is being answered."""

    def __init__(self, url: str, seconds: int, pids: Sequence[int]) -> None:
        self._url = url
        self._seconds = seconds
        self._pids = pids
        self._answer: tuple[int, bytes] | Exception = TimeoutError()
        self._asking = threading.Thread(target=self._ask, daemon=True)

    def start(self) -> None:
        self._asking.start()

    def profile(self) -> Profile:
        self._asking.join(self._seconds + 2 * _GRACE)
        answer = self._answer
        if isinstance(answer, Exception):
            why = describe_failure(answer) if isinstance(answer, FAILURES) else str(answer)
            raise ProfilerError(f"the page with profiles could not be read: {why}", _HINT)
        status, body = answer
        if status != 200:
            raise ProfilerError(f"the page with profiles answered {status}", _HINT)
        try:
            stacks = parse_pprof(body)
        except ValueError as error:
            raise ProfilerError(f"the page with profiles was read, and {error}", _HINT) from None
        return _profile(stacks, self._pids)

    def _ask(self) -> None:
        try:
            self._answer = fetch(self._url, self._seconds + _GRACE, {"Accept": "*/*"}, True, _MOST_BYTES)
        except (*FAILURES, ValueError) as error:
            self._answer = error


def _profile(stacks: Mapping[tuple[Call, ...], int], pids: Sequence[int]) -> Profile:
    module = _go_module(pids)
    gathering = Gathering(folder_of(pids))

    def function(call: Call) -> Function:
        if module is None:
            return gathering.function(call.name, call.file, call.line, call.begins)
        file = go_file(call.name, call.file, module)
        return gathering.function(unnumbered(call.name), file, call.line, call.begins)

    for stack, count in stacks.items():
        gathering.add(map(function, stack), count)
    return gathering.profile()


def _go_module(pids: Sequence[int]) -> str | None:
    """The path of the module that the service was built from, "" where it is not known; None where it is no Go."""
    for pid in processes_that_run(Runtime.GO, pids):
        program = Memory(pid).program
        return program.go.module if program and program.go else ""
    return None


def _whole(page: str, service: str) -> str:
    """A path is one of the service."""
    if not page.startswith("/"):
        return page
    parts = urlsplit(service)
    return f"{parts.scheme}://{parts.netloc}{page}"
