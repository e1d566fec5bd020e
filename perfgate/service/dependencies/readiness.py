"""The wait until a dependency is ready: it takes connections, a path of it answers, or a command succeeds."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from perfgate.errors import TargetError
from perfgate.service.dependencies.commands import CommandEnd
from perfgate.service.endpoint import Endpoint
from perfgate.service.log import said_last
from perfgate.service.readiness import wait_until_ready
from perfgate.service.settings import TCP, DependencySettings
from perfgate.service.starting import with_heading
from perfgate.units import format_seconds

_PAUSE = 0.1  # seconds
_LONGEST_PAUSE = 1.0
# A command that asks in vain may never end; one that is just starting needs some time.
_SHORTEST_ATTEMPT, _LONGEST_ATTEMPT = 1.0, 10.0

Attempt = Callable[[Sequence[str], float], CommandEnd]
"""Runs a command's words for so long at most (s)."""


def wait_for_dependency(
    settings: DependencySettings,
    ready: str | Sequence[str] | None,
    endpoint: Endpoint,
    ended: Callable[[], str],
    logs: Callable[[], str] | None,
    attempt: Attempt,
) -> None:
    """Return as soon as the dependency is ready.

    ready: as in the settings, with its placeholders filled in. ended: how it came to an end, "" as long as it runs.
    logs: its last lines; None of one that perfgate did not start. attempt: runs a command where it belongs. TargetError
    with the end of its log.
    """
    shown = f"the dependency {settings.name}"
    try:
        if ready is None and not endpoint.port:
            if how := ended():
                raise TargetError(f"{shown} ended at once: {how}", "see why in what it wrote")
        elif ready is None or isinstance(ready, str):
            wait_until_ready(_url(endpoint, ready), shown, settings.ready_timeout, ended)
        else:
            _wait_for_command(shown, ready, settings.ready_timeout, ended, attempt)
    except TargetError as error:
        if logs is None:
            where = f"is it running there, and is url under [[dependencies]] {settings.name} in perfgate.toml right?"
            raise TargetError(error.message, where) from None
        hint = (
            f"see what it wrote; ready and ready_timeout under [[dependencies]] {settings.name} in perfgate.toml say "
            "what to wait for, and how long"
        )
        raise TargetError(f"{error.message}\n{with_heading(logs())}", hint) from None


def not_from_snapshot(settings: DependencySettings, error: TargetError) -> TargetError:
    """The error of a dependency that became ready when it was new, and does not with the files that were kept of it."""
    if settings.command:
        return TargetError(
            f"{settings.name} does not start from its snapshot: {error.message}",
            "its command found {data} filled with what was kept: let it make files only where there are none yet",
        )
    return TargetError(
        f"{settings.name} does not start from its snapshot: {error.message}",
        "its image found the files that were kept of it; leave snapshot out where it cannot begin with them",
    )


def _url(endpoint: Endpoint, ready: str | None) -> str:
    if ready in (None, TCP):
        return f"{TCP}://{endpoint.place}"
    scheme = "https" if endpoint.url.startswith("https:") else "http"
    return f"{scheme}://{endpoint.place}{ready}"


def _wait_for_command(
    shown: str, words: Sequence[str], timeout: float, ended: Callable[[], str], attempt: Attempt
) -> None:
    deadline = time.monotonic() + timeout
    pause = _PAUSE
    while True:
        if how := ended():
            raise TargetError(f"{shown} ended before it was ready: {how}")
        end = attempt(words, min(_LONGEST_ATTEMPT, max(_SHORTEST_ATTEMPT, deadline - time.monotonic())))
        if not end.failure:
            return
        left = deadline - time.monotonic()
        if left <= 0:
            last = f"{words[0]}: {end.failure}{said_last(end.logs)}"
            raise TargetError(f"{shown} was not ready within {format_seconds(timeout)}: {last}")
        time.sleep(min(pause, left))
        pause = min(2 * pause, _LONGEST_PAUSE)
