"""The end of every start: a service of ours is ready, or it is stopped and its own last words are shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from perfgate.errors import TargetError
from perfgate.service.readiness import ready_url, wait_until_ready
from perfgate.service.service import Instance
from perfgate.service.settings import ServiceSettings

_HINT = "see what it wrote; ready and ready_timeout under [service] in perfgate.toml say what to wait for, and how long"

_Started = TypeVar("_Started", bound=Instance)


def wait_for_start(service: _Started, shown: str, settings: ServiceSettings, ended: Callable[[], str]) -> _Started:
    """`service`, once it is ready.

    shown: the target as it may be shown. ended: how it came to an end ("exit code 1"), "" as long as it runs. Whatever
    keeps it from being ready, Ctrl-C too, stops it. TargetError with the last answer and its last 50 lines.
    """
    try:
        wait_until_ready(ready_url(service.url, settings.ready), shown, settings.ready_timeout, ended, _HINT)
    except TargetError as error:
        service.stop()
        raise TargetError(f"{error.message}\n{last_words(service)}", error.hint) from None
    except BaseException:
        service.stop()
        raise
    return service


def last_words(service: Instance) -> str:
    """The last lines that a service wrote, with a heading."""
    return with_heading(service.logs())


def with_heading(logs: str) -> str:
    """The end of a log, with a heading."""
    logs = logs.strip()
    return f"The last lines of its log:\n{logs}" if logs else "It wrote nothing."
