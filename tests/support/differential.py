"""The same exchanges through requests and through the wire, and what must be equal about them."""

import re

import requests

from perfgate.load.http.offline_session import USER_AGENT
from perfgate.load.wire.failure import WireError

# What depends on the moment, or on how many requests a connection has served already.
MOMENTARY = {"date", "connection"}
BOUNDARY = re.compile(r"\d{20}")  # nginx numbers the boundaries of its ranges


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
    """Each exchange's essence by requests, in one session; "failure" where there was no answer."""
    with requests.Session() as session:
        session.trust_env = False
        session.verify = verify
        session.headers["User-Agent"] = USER_AGENT
        return [_by_requests(session, service, *exchange) for exchange in exchanges]


def _by_requests(session, service, method, path, options):
    options = options() if callable(options) else options
    url = path if path.startswith("http") else service + path
    try:
        return essence(session.request(method, url, **{"allow_redirects": method != "HEAD", "timeout": 20, **options}))
    except requests.RequestException:
        return "failure"


def ask_us(session, *exchanges):
    """The same by a session of ours."""
    return [_by_us(session, *exchange) for exchange in exchanges]


def _by_us(session, method, path, options):
    try:
        return essence(session.send(method, path, dict(options() if callable(options) else options))[0])
    except WireError:
        return "failure"


def named(exchange):
    """A test's name for an exchange."""
    method, path, options = exchange
    return f"{method} {path} {'made anew' if callable(options) else options or ''}".strip()
