"""Where counters come from: a page that is fetched, or a command that prints a number."""

from __future__ import annotations

import math
import re
import signal
import subprocess
import tempfile
import threading
from collections.abc import Collection, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import urlsplit

from perfgate.errors import did_you_mean, nearest
from perfgate.popen import Popen
from perfgate.service.command_variables import all_variables
from perfgate.service.counters.page import Counted, PageReader, is_pattern, is_something_else, names_on
from perfgate.service.log import readable
from perfgate.service.placeholders import URL, fill, fill_words
from perfgate.service.probe import FAILURES, describe_failure, fetch
from perfgate.service.settings import CounterSettings, LaunchContext
from perfgate.service.target import shown_text
from perfgate.units import format_bytes, format_seconds

_SECONDS = 10.0
MOST_BYTES = 16 * 2**20
_MOST_NAMES = 100
_MOST_LISTED = 20
_MOST_OUTPUT = 4096
_LAST_LINES = 3
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class UnreadableError(Exception):
    """A counter that cannot be read; the message says why."""


class MissingNameError(UnreadableError):
    """A page without one of the names. name: that of perfgate.toml."""

    def __init__(self, message: str, name: str) -> None:
        super().__init__(message)
        self.name = name


class PageSource:
    """The counters of a page.

    environment: the variables that headers may name, as ${NAME}.
    """

    def __init__(self, settings: CounterSettings, environment: Mapping[str, str], verify: bool | Path) -> None:
        self.shown = shown_text(settings.url)
        self._settings = settings
        self._environment = environment
        self._verify = verify
        self._labels: dict[str, str] = {}
        self._reader: PageReader | None = None

    def read(self, values: Mapping[str, str], complete: bool) -> dict[str, Counted]:
        """values: of placeholders. complete: every name that is no pattern must be there. Else UnreadableError."""
        page = self._fetch(_whole(fill(self._settings.url, values), values[URL]), values)
        labels = {name: fill(text, values) for name, text in self._settings.labels.items()}
        if self._reader is None or labels != self._labels:  # every instance may have others
            self._labels, self._reader = labels, PageReader(self._settings.names, labels)
        found = self._reader.read(page)
        if not found and is_something_else(page):
            begins = readable(page.strip().partition(b"\n")[0][:40].decode(errors="replace"))
            raise UnreadableError(f"it is no page in Prometheus' text format: it begins with {begins!r}")
        if len(found) > _MOST_NAMES:
            raise UnreadableError(f"{len(found):,} names fit, and {_MOST_NAMES} are the most")
        if complete:
            self._refuse_missing(found, page)
        gauge = self._settings.gauge
        named = {self._settings.name or name: one for name, one in found.items()}
        return named if gauge is None else {name: Counted(one.value, gauge) for name, one in named.items()}

    def without_fit(self, found: Collection[str]) -> tuple[str, ...]:
        """The patterns that none of the names fits."""
        return tuple(
            pattern
            for pattern in self._settings.names
            if is_pattern(pattern) and not any(fnmatchcase(name, pattern) for name in found)
        )

    def _refuse_missing(self, found: Mapping[str, object], page: bytes) -> None:
        missing = [name for name in self._settings.names if not is_pattern(name) and name not in found]
        if not missing:
            return
        name, known = missing[0], names_on(page)
        if name in known:
            labels = " and ".join(f"{label}={text}" for label, text in self._labels.items())
            raise MissingNameError(f"it has {name}, and none with {labels}", name)
        near = nearest(name, known)
        near_or_all = did_you_mean(name, [near] if near else known[:_MOST_LISTED])
        raise MissingNameError(f"it has no {name}" + (f"; {near_or_all}" if known else ""), name)

    def _fetch(self, url: str, values: Mapping[str, str]) -> bytes:
        headers = {name: self._with_variables(fill(text, values)) for name, text in self._settings.headers.items()}
        try:
            status, page = fetch(url, _SECONDS, headers, self._verify, MOST_BYTES)
        except FAILURES as error:
            raise UnreadableError(describe_failure(error)) from None
        except ValueError:
            raise UnreadableError("it is no URL that can be asked, or a header cannot be sent") from None
        if status != 200:
            raise UnreadableError(f"it answered {status}")
        if len(page) > MOST_BYTES:
            raise UnreadableError(f"it has more than {format_bytes(MOST_BYTES)}")
        return page

    def _with_variables(self, text: str) -> str:
        def value(match: re.Match[str]) -> str:
            if match[1] not in self._environment:
                raise UnreadableError(f"the variable {match[1]} of its headers is not set")
            return self._environment[match[1]]

        return _VARIABLE.sub(value, text)


class CommandSource:
    """The one counter that a command prints."""

    def __init__(self, settings: CounterSettings, context: LaunchContext) -> None:
        self.shown = settings.name
        self._settings = settings
        self._context = context

    def read(self, values: Mapping[str, str], complete: bool) -> dict[str, Counted]:
        """values: of placeholders. UnreadableError where it fails, or prints something else than one number."""
        text = self._run(values)
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            printed = f"{readable(' '.join(text[:80].split()))!r} and not one number" if text else "nothing"
            raise UnreadableError(f"its command printed {printed}")
        return {self._settings.name: Counted(value, bool(self._settings.gauge))}

    def without_fit(self, found: Collection[str]) -> tuple[str, ...]:
        """It has no patterns."""
        return ()

    def _run(self, values: Mapping[str, str]) -> str:
        context = self._context
        words = fill_words(self._settings.command, values)
        with tempfile.TemporaryFile() as errors:
            try:
                process = Popen(
                    words,
                    cwd=context.folder,
                    env=all_variables(context, values),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    start_new_session=True,
                )
            except OSError as error:
                raise UnreadableError(f"{words[0]} could not be started: {error.strerror}") from None
            output, in_time = _output_of(process)
            errors.seek(0)
            said = errors.read(_MOST_OUTPUT).decode(errors="replace").splitlines()[-_LAST_LINES:]
        if not in_time:
            raise UnreadableError(f"its command took longer than {format_seconds(_SECONDS)}")
        if process.returncode:
            lines = "; ".join(map(readable, said))
            raise UnreadableError(
                f"its command ended with exit code {process.returncode}{f': {lines}' if said else ''}"
            )
        return output.decode(errors="replace").strip()


def _output_of(process: Popen) -> tuple[bytes, bool]:
    """The beginning of what it printed, and whether it ended in time. It is over then, with all that it started."""
    late = threading.Event()

    def end() -> None:
        late.set()
        process.signal_group(signal.SIGKILL)

    timer = threading.Timer(_SECONDS, end)
    timer.start()
    try:
        with process:
            try:
                output = process.stdout.read(_MOST_OUTPUT) if process.stdout else b""
            except BaseException:
                process.signal_group(signal.SIGKILL)
                raise
            if len(output) == _MOST_OUTPUT:
                process.signal_group(signal.SIGKILL)
    finally:
        timer.cancel()
    return output, not late.is_set()


def _whole(url: str, service: str) -> str:
    """A path is one of the service."""
    if not url.startswith("/"):
        return url
    parts = urlsplit(service)
    return f"{parts.scheme}://{parts.netloc}{url}"
