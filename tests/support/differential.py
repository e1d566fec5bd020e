"""The same exchanges through requests and through the wire, and what must be equal about them."""

import re
from dataclasses import dataclass, field

import requests

from perfgate.load.http.offline_session import USER_AGENT
from perfgate.load.wire.failure import WireError

# What depends on the moment, or on how many requests a connection has served already.
MOMENTARY = {"date", "connection"}
BOUNDARY = re.compile(r"\d{20}")  # nginx numbers the boundaries of its ranges


@dataclass(frozen=True)
class NoAnswer:
    """An exchange without an answer; why is said where a comparison fails, and is no part of it."""

    why: str = field(compare=False)


def essence(response):
    """What must be equal of two responses."""
    body, kind = response.content, response.headers.get("Content-Type", "")
    if kind.startswith("multipart/byteranges"):
        body = BOUNDARY.sub("", body.decode("latin-1"))
    return {
        "status": response.status_code,
        "reason": response.reason,
        "url": response.url,
        "headers": sorted(
            (name.lower(), BOUNDARY.sub("", value))
            for name, value in response.headers.items()
            if name.lower() not in MOMENTARY
        ),
        "body": body,
        "text": response.text if isinstance(body, bytes) else "",
        "json": _json(response),
        "encoding": response.encoding,
        "cookies": sorted((cookie.name, cookie.value, cookie.path, cookie.domain) for cookie in response.cookies),
        "history": [(hop.status_code, hop.reason, hop.url, hop.content, dict(hop.cookies)) for hop in response.history],
        "links": response.links,
        "redirect": (response.is_redirect, response.is_permanent_redirect),
        "ok": response.ok,
    }


def _json(response):
    try:
        return response.json()
    except ValueError as error:
        return type(error).__name__


def ask_requests(service, *exchanges, verify=True):
    """Each exchange's essence by requests, in one session; NoAnswer where there was none."""
    with requests.Session() as session:
        session.trust_env = False
        session.verify = verify
        session.headers["User-Agent"] = USER_AGENT
        return [_by_requests(session, service, *exchange) for exchange in exchanges]


def _by_requests(session, service, method, path, options):
    """Asked twice where need be: a service may close a kept connection at any time, and requests does not ask again."""
    answer = _once_by_requests(session, service, method, path, options)
    if not isinstance(answer, NoAnswer):
        return answer
    for adapter in session.adapters.values():
        adapter.close()  # the connections; it makes new ones
    return _once_by_requests(session, service, method, path, options)


def _once_by_requests(session, service, method, path, options):
    options = options() if callable(options) else options
    url = path if path.startswith("http") else service + path
    try:
        return essence(session.request(method, url, **{"allow_redirects": method != "HEAD", "timeout": 20, **options}))
    except requests.RequestException as error:
        return NoAnswer(repr(error))


def ask_us(session, *exchanges):
    """The same by a session of ours."""
    return [_by_us(session, *exchange) for exchange in exchanges]


def _by_us(session, method, path, options):
    try:
        return essence(session.send(method, path, dict(options() if callable(options) else options))[0])
    except WireError as error:
        return NoAnswer(repr(error))


def named(exchange):
    """A test's name for an exchange."""
    method, path, options = exchange
    return f"{method} {path} {'made anew' if callable(options) else options or ''}".strip()
