"""URLs of services as routes."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from perfgate.load.wire.failure import FailureKind, WireError
from perfgate.load.wire.interface import DEFAULT_PORTS, UNIX, Route

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
# What a service on this machine may call itself in its links, wherever it was asked.
_THIS_MACHINE = frozenset(("localhost", "127.0.0.1", "::1", "0.0.0.0", "::"))


def split_url(url: str) -> tuple[Route, str]:
    """The route of an absolute URL, and its path without a slash at the end.

    http://..., https://..., or http+unix://%2Ftmp%2Fservice.sock/path, as requests-unixsocket writes them.
    """
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    path = parts.path.rstrip("/")
    if scheme == UNIX and parts.netloc:
        return Route(UNIX, unquote(place_of(parts)), 0), path
    if scheme not in DEFAULT_PORTS or not parts.hostname:
        raise WireError(FailureKind.PROTOCOL, f"{url!r} is not an http:// or https:// URL")
    return Route(scheme, parts.hostname, parts.port or DEFAULT_PORTS[scheme]), path


def place_of(parts: SplitResult) -> str:
    """Host and port, or the quoted path of a socket, without user info."""
    place = parts.netloc.rpartition("@")[2]
    return place if parts.scheme == UNIX else place.lower()


def host_and_port(url: str) -> tuple[str, int | None]:
    """Where an absolute URL leads to, however that is written: the host in small letters, and the port.

    None for the port that a scheme other than http and https leaves out. ValueError where it is no URL.
    """
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or DEFAULT_PORTS.get(parts.scheme)


def origin_of(url: str) -> str:
    """Scheme, host and port of an absolute URL, as they may be shown; "" where it names no host."""
    try:
        host, _ = host_and_port(url)
    except ValueError:  # as of a port that is no number
        return ""
    parts = urlsplit(url)
    return f"{parts.scheme}://{place_of(parts)}" if host else ""


class TargetUrls:
    """Tells URLs of one target from others: a service links to itself by host and port, and its port is another on head
    than on base.
    """

    def __init__(self, base: str) -> None:
        parts = urlsplit(base)
        self._origin = _origin(parts)
        self._prefix = parts.path.rstrip("/")

    def path(self, url: str) -> str:
        """The path of an absolute URL of the target, without its base and its query; any other URL as it is."""
        if url.startswith("/") or not _SCHEME.match(url) or not self.has(url):
            return url
        path = urlsplit(url).path
        below = path.removeprefix(self._prefix)
        return (below if below.startswith("/") or not below else path) or "/"

    def has(self, url: str) -> bool:
        """Whether an absolute URL has the target's scheme, host and port."""
        try:
            return _origin(urlsplit(url)) == self._origin
        except ValueError:  # who sends it will say what is wrong with it
            return False

    def elsewhere(self, url: str) -> str:
        """The origin of a URL that leads elsewhere than to the target; "" of any other."""
        return origin_of(url) if _SCHEME.match(url) and not self.has(url) else ""


def _origin(parts: SplitResult) -> tuple[str, str, int | None]:
    """Scheme, host and port, by which a URL's target is told. ValueError for an impossible port."""
    if parts.scheme == UNIX:
        return UNIX, place_of(parts), None
    host = parts.hostname or ""
    return parts.scheme, "localhost" if host in _THIS_MACHINE else host, parts.port or DEFAULT_PORTS.get(parts.scheme)


def absolute(base: str, url: str) -> str:
    """`url` itself where it names a host, else below `base`."""
    if _SCHEME.match(url):
        return url
    return base + ("" if url.startswith(("/", "?")) else "/") + url


def join(base: str, url: str) -> str:
    """`url` as seen from `base`. Python joins no URLs of schemes that it does not know."""
    scheme, _, rest = base.partition("://")
    if scheme.lower() != UNIX or urlsplit(url).scheme:
        return urljoin(base, url)
    return UNIX + urljoin(f"http://{rest}", url)[len("http") :]
