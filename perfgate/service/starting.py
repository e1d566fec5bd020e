"""The end of every start: an instance is ready, or it is stopped and the end of its log shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from perfgate.errors import TargetError
from perfgate.service.readiness import ready_url, wait_until_ready
from perfgate.service.service import Instance
from perfgate.service.settings import ServiceSettings
from perfgate.service.target import Target

_HINT = "see what it wrote; ready and ready_timeout under [service] in perfgate.toml say what to wait for, and how long"

_Started = TypeVar("_Started", bound=Instance)


def wait_for_start(instance: _Started, target: Target, settings: ServiceSettings, ended: Callable[[], str]) -> _Started:
    """`instance`, once it is ready.

    ended: how it came to an end ("exit code 1"), "" as long as it runs. Whatever keeps it from being ready, Ctrl-C too,
    stops it. TargetError with the last answer and the last 50 lines of its log.
    """
    try:
        url = ready_url(instance.url, settings.ready)
        wait_until_ready(url, target.text, settings.ready_timeout, ended, _HINT, settings.verify)
    except TargetError as error:
        instance.stop()
        raise TargetError(f"{error.message}\n{with_heading(instance.logs())}", error.hint) from None
    except BaseException:
        instance.stop()
        raise
    return instance


def with_heading(logs: str) -> str:
    """The last lines of a log, with a heading."""
    logs = logs.strip()
    return f"The last lines of its log:\n{logs}" if logs else "It wrote nothing."
