"""A requests.Session that takes nothing from the environment and whose settings are tracked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import requests

from perfgate.load.http.default_headers import TrackedCookies, TrackedHeaders
from perfgate.load.http.urls import join
from perfgate.load.wire.interface import UNIX
from perfgate.version import VERSION

USER_AGENT = f"perfgate/{VERSION}"


class MisdirectedError(requests.RequestException):
    """A redirect to an impossible URL: the service's mistake, not one of the scenario."""


class OfflineSession(requests.Session):
    """A requests.Session that takes nothing from the environment.

    Neither its proxies (HTTP_PROXY and the like: a load test must not go through a proxy by accident), nor
    REQUESTS_CA_BUNDLE, nor ~/.netrc; what a scenario sets itself counts.
    """

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        self.headers = TrackedHeaders({**self.headers, "User-Agent": USER_AGENT})
        self.cookies = TrackedCookies()

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """The URL of a redirect. Python itself joins no URLs of unix sockets."""
        target = super().get_redirect_target(resp)
        return join(resp.url, target) if target and resp.url.startswith(UNIX) else target

    def resolve_redirects(self, *arguments: Any, **options: Any) -> Iterator[Any]:
        """See requests.Session.resolve_redirects. MisdirectedError where the redirect is nonsense."""
        try:
            yield from super().resolve_redirects(*arguments, **options)
        except ValueError as error:
            if not options.get("yield_requests"):  # else nobody wants to go there
                raise MisdirectedError(f"a redirect leads nowhere: {error}") from None
