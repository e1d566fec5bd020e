"""The manners of a `requests.Session` over our wire.

Most requests of a load test are plain: a path, a JSON body, perhaps headers and parameters, and an answer that is no
redirect. Those take a short way. Whatever is more (cookies, auth, files, redirects, odd URLs) goes through requests
itself, with our wire as its transport adapter, so its behaviour is requests' own.
"""

from __future__ import annotations

import json as json_module
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.utils import DEFAULT_ACCEPT_ENCODING

from perfgate.load.failure import FailureKind, WireError
from perfgate.load.response import Response, to_requests
from perfgate.load.wire import MAXIMUM_BODY, Answer, Limits, Route, Wire
from perfgate.version import VERSION

_DEFAULT_PORTS = {"http": 80, "https": 443}
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
# Paths that requests would send as they are: nothing to quote, no dot segments to fold.
_PLAIN_PATH = re.compile(r"/(?:[A-Za-z0-9_~!$&'()*+,;=:@-]+(?:\.[A-Za-z0-9_~-]+)*/?)*(?:\?[A-Za-z0-9_~.=&-]*)?")
_PLAIN_OPTIONS = frozenset(("json", "data", "headers", "params"))
_WITHOUT_BODY = frozenset(("GET", "HEAD", "DELETE", "OPTIONS", "TRACE", "CONNECT"))
_LINE_BREAK = re.compile(r"[\r\n]")
USER_AGENT = f"perfgate/{VERSION}"


@dataclass
class Exchanged:
    """One request of a scenario as the wire saw it: its first and last answer, and the bytes of all that it took.

    The account is open while requests follows redirects: `first` and `last` are None until an answer has come.
    """

    __slots__ = ("first", "last", "received_bytes", "sent_bytes")

    first: Answer | None
    last: Answer | None
    sent_bytes: int
    received_bytes: int


class Session:
    """Requests to one base URL as one user sends them: cookies are kept, connections too."""

    def __init__(self, base_url: str, wire: Wire, timeout: float) -> None:
        self._route, self._prefix = split_url(base_url)
        parts = urlsplit(base_url)
        self._base_url = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{self._prefix}"
        self._wire = wire
        self._timeout = timeout
        self._manners: requests.Session | None = None
        self._head = (
            f" HTTP/1.1\r\nHost: {parts.netloc.rpartition('@')[2]}\r\nUser-Agent: {USER_AGENT}\r\n"
            f"Accept-Encoding: {DEFAULT_ACCEPT_ENCODING}\r\nAccept: */*\r\nConnection: keep-alive\r\n"
        )
        if parts.username is not None:
            self.manners.auth = requests.utils.get_auth_from_url(base_url)

    @property
    def manners(self) -> requests.Session:
        """The requests.Session whose headers, cookies and auth apply; where it begins, the short way ends."""
        if self._manners is None:
            self._manners = requests.Session()
            self._manners.trust_env = False
            self._manners.headers["User-Agent"] = USER_AGENT
            self._adapter = WireAdapter(self._wire, self._timeout)
            for scheme in ("http://", "https://"):
                self._manners.mount(scheme, self._adapter)
        return self._manners

    def send(self, method: str, url: str, options: dict[str, Any]) -> tuple[Response, Exchanged]:
        """Send one request; `options` are the keyword arguments of `requests.Session.request`. Raises WireError."""
        timeout = options.pop("timeout", None)
        allow_redirects = options.pop("allow_redirects", method != "HEAD")
        if self._manners is None and options.keys() <= _PLAIN_OPTIONS and _PLAIN_PATH.fullmatch(url):
            plain = self._plain(method, url, options)
            if plain is not None:
                return self._send_plain(method, *plain, timeout, allow_redirects)
        return self._send_with_manners(method, url, {"allow_redirects": allow_redirects, "timeout": timeout, **options})

    def _plain(self, method: str, url: str, options: dict[str, Any]) -> tuple[str, bytes] | None:
        """The whole URL and the whole request as bytes, or None where requests has to look at it."""
        lines = ""
        body = b""
        for name, value in options.items():
            if value is None:
                continue
            if name == "json" and not options.get("data"):
                body = json_module.dumps(value, allow_nan=False).encode()
                lines += "Content-Type: application/json\r\n"
            elif name == "data" and isinstance(value, (str, bytes)):
                body = value.encode() if isinstance(value, str) else value
            elif name == "params" and isinstance(value, Mapping) and value and "?" not in url:
                if not all(isinstance(item, (str, int, float)) for item in value.values()):
                    return None
                url += "?" + urlencode(value)
            elif name == "headers" and isinstance(value, Mapping) and _plain_headers(value):
                lines += "".join(f"{header}: {content}\r\n" for header, content in value.items())
            else:
                return None
        if body or method not in ("GET", "HEAD"):
            lines += f"Content-Length: {len(body)}\r\n"
        head = f"{method} {self._prefix}{url}{self._head}{lines}\r\n".encode("latin-1")
        return self._base_url + url, head + body

    def _send_plain(
        self, method: str, url: str, payload: bytes, timeout: Any, allow_redirects: bool
    ) -> tuple[Response, Exchanged]:
        answer = self._wire.exchange(self._route, method, payload, _limits(timeout, self._timeout))
        exchanged = Exchanged(answer, answer, len(payload), answer.received_bytes)
        response = Response(url, answer)
        if any(len(name) == 10 and name.lower() == b"set-cookie" for name, _ in answer.headers):
            self.manners.cookies.update(response.cookies)
        if answer.status in _REDIRECTS and allow_redirects:
            return self._follow(method, response, payload, exchanged)
        return response, exchanged

    def _follow(
        self, method: str, response: Response, payload: bytes, exchanged: Exchanged
    ) -> tuple[Response, Exchanged]:
        """Hand a redirect over to requests."""
        head, _, body = payload.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode("latin-1").split("\r\n")[1:])
        headers.pop("Host", None)
        first = response.real
        first.request = requests.Request(method, response.url, headers=headers, data=body or None).prepare()
        manners = self.manners
        self._adapter.account = exchanged
        try:
            chain = [first, *manners.resolve_redirects(first, first.request, timeout=None)]
        except requests.RequestException as error:
            raise WireError(FailureKind.PROTOCOL, str(error)) from None
        final = chain.pop()
        final.history = chain
        return Response.of(final, exchanged.last or response.answer), exchanged

    def _send_with_manners(self, method: str, url: str, options: dict[str, Any]) -> tuple[Response, Exchanged]:
        whole = url if "://" in url else self._base_url + ("" if url.startswith(("/", "?")) else "/") + url
        manners = self.manners
        exchanged = self._adapter.account = Exchanged(None, None, 0, 0)
        try:
            real = manners.request(method, whole, **options)
        except requests.RequestException as error:
            raise WireError(FailureKind.PROTOCOL, str(error)) from None
        return Response.of(real, exchanged.last), exchanged

    def close(self) -> None:
        """Close the connections; cookies stay."""
        self._wire.close()


class WireAdapter(BaseAdapter):
    """Our wire as the transport of a requests.Session. WireError passes through requests as it is."""

    def __init__(self, wire: Wire, timeout: float) -> None:
        super().__init__()
        self._wire = wire
        self._timeout = timeout
        self.account = Exchanged(None, None, 0, 0)

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        """See requests.adapters.BaseAdapter.send."""
        url, method = str(request.url), str(request.method)
        route, _ = split_url(url)
        route = route._replace(verify=verify, cert=tuple(cert) if isinstance(cert, list) else cert)
        payload = serialise(request)
        answer = self._wire.exchange(route, method, payload, _limits(timeout, self._timeout))
        account = self.account
        account.first = account.first or answer
        account.last = answer
        account.sent_bytes += len(payload)
        account.received_bytes += answer.received_bytes
        real = to_requests(url, answer)
        real.request = request
        return real

    def close(self) -> None:
        self._wire.close()


def serialise(request: requests.PreparedRequest) -> bytes:
    """A prepared request as bytes. A body that is read piece by piece is sent in chunks."""
    url = urlsplit(request.url or "")
    headers = request.headers.copy()
    lines = [f"{request.method} {request.path_url} HTTP/1.1"]
    if "Host" not in headers:
        lines.append(f"Host: {str(url.netloc).rpartition('@')[2]}")
    if request.body is None and request.method not in _WITHOUT_BODY and "Content-Length" not in headers:
        headers["Content-Length"] = "0"  # as urllib3 does for a request that a redirect took the body of
    lines += [f"{_text(name)}: {_text(value)}" for name, value in headers.items()]
    head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
    return head + _body(request.body)


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _body(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, (bytes, bytearray)):
        return bytes(body)
    if hasattr(body, "read"):
        content = body.read()
        return content.encode() if isinstance(content, str) else bytes(content)
    pieces = [piece.encode() if isinstance(piece, str) else piece for piece in body]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces if piece) + b"0\r\n\r\n"


def _plain_headers(headers: Mapping[str, Any]) -> bool:
    """Headers that can stand beside our own: text, none that we set ourselves, nothing that breaks a line."""
    return all(
        isinstance(value, str)
        and name.lower() not in _OWN_HEADERS
        and value.isascii()
        and not _LINE_BREAK.search(value)
        and not _LINE_BREAK.search(name)
        for name, value in headers.items()
    )


_OWN_HEADERS = frozenset(
    ("host", "user-agent", "accept-encoding", "accept", "connection", "content-length", "content-type", "cookie")
)


def split_url(url: str) -> tuple[Route, str]:
    """The route of an absolute URL, and its path without a slash at the end."""
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise WireError(FailureKind.PROTOCOL, f"{url!r} is not an http:// or https:// URL")
    return Route(scheme, parts.hostname, parts.port or _DEFAULT_PORTS[scheme]), parts.path.rstrip("/")


def _limits(timeout: Any, default: float) -> Limits:
    """requests' timeout (seconds, or a pair of connect and read) as limits; None is the scenario's own."""
    if timeout is None:
        return Limits(default, default, MAXIMUM_BODY)
    if isinstance(timeout, (int, float)):
        return Limits(timeout, timeout, MAXIMUM_BODY)
    connect, answer = timeout
    return Limits(default if connect is None else connect, default if answer is None else answer, MAXIMUM_BODY)
