"""Readiness: the wait until a service answers, with a time limit."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from perfgate.errors import TargetError
from perfgate.service.probe import FAILURES, TCP_UNIX, ask, describe_failure, port_of
from perfgate.service.settings import TCP
from perfgate.service.target import UNIX
from perfgate.units import format_seconds

# A first look at once, then ever less often; one look takes no longer than _LONGEST_LOOK.
_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 1.0
_LONGEST_LOOK = 5.0
_SHORTEST_LOOK = 0.05

_TRUST = (
    'name the file of the authorities to trust under [service] in perfgate.toml, verify = "ca.pem" (or in the '
    "environment variable SSL_CERT_FILE); verify = false trusts any certificate"
)
_HINT = "is the service running there, and is the URL right?"


def ready_url(url: str, ready: str | None) -> str:
    """The URL that must answer before the service at `url` is ready. ready: as in the settings."""
    if ready is None:
        return url
    parts = urlsplit(url)
    if ready != TCP:
        return f"{parts.scheme}://{parts.netloc}{ready}"
    if parts.scheme == UNIX:
        return f"{TCP_UNIX}://{parts.netloc}"
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{TCP}://{host}:{port_of(parts)}"


def _runs() -> str:
    """The service is not ours to watch: it counts as running."""
    return ""


def wait_until_ready(
    url: str,
    shown: str,
    timeout: float,
    ended: Callable[[], str] = _runs,
    hint: str = _HINT,
    verify: bool | Path = True,
) -> None:
    """Return as soon as `url` answers with a status below 500; a tcp:// URL, as soon as a connection to it is held.

    shown: the service in messages. timeout: for all attempts together (s). ended: how the service came to an end
    ("exit code 1"), "" as long as it runs. hint: of the error where time runs out. verify: its certificate, see
    `probe.ask`. TargetError with the last answer or failure then, and at once where no attempt can succeed (the service
    has ended, a certificate is not trusted).
    """
    deadline = time.monotonic() + timeout
    pause = _FIRST_PAUSE
    last = ""
    while True:
        if how := ended():
            raise TargetError(f"{shown} ended before it was ready: {how}", "see why in what it wrote")
        look = min(_LONGEST_LOOK, max(deadline - time.monotonic(), _SHORTEST_LOOK))
        try:
            status = ask(url, look, verify=verify)
        except ssl.SSLCertVerificationError as error:
            raise TargetError(
                f"{shown} has a certificate that is not trusted: {error.verify_message}",
                _TRUST,
            ) from None
        except FAILURES as error:
            # An attempt without enough time says less than the one before it.
            if not (last and look < _LONGEST_LOOK and isinstance(error, TimeoutError)):
                last = f"the last attempt failed: {describe_failure(error)}"
        else:
            if status < 500:
                return
            last = f"the last answer was {status}"
        left = deadline - time.monotonic()
        if left <= 0:
            raise TargetError(f"{shown} was not ready within {format_seconds(timeout)}: {last}", hint)
        time.sleep(min(pause, left))
        pause = min(2 * pause, _LONGEST_PAUSE)
