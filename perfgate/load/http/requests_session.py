"""A real `requests.Session`, for scenarios with `transport="requests"`: its plug-ins and adapters, at its speed.

Its latencies are taken by this process's clock from call to return, since nothing else can be seen from outside.
"""

from __future__ import annotations

import time
from typing import Any

import requests

from perfgate.load.http.asked import never_answered
from perfgate.load.http.offline_session import OfflineSession
from perfgate.load.http.requests_failure import failure_of, is_mistake
from perfgate.load.http.response import Response, answer_of
from perfgate.load.http.urls import TargetUrls, absolute
from perfgate.load.http.wire_adapter import ExchangeStats
from perfgate.load.wire.failure import WireError


class RequestsSession:
    """The same as `Session`, over requests' own transport.

    offline_session: the requests.Session that sends the requests.
    urls: those of the target.
    """

    def __init__(self, base_url: str, timeout: float, keep_alive: bool) -> None:
        self.urls = TargetUrls(base_url)
        self._base_url = base_url.rstrip("/")
        self._timeout = timeout
        self._keep_alive = keep_alive
        self.offline_session = OfflineSession()

    @property
    def verify(self) -> Any:
        return self.offline_session.verify

    @verify.setter
    def verify(self, value: Any) -> None:
        self.offline_session.verify = value

    @property
    def cert(self) -> Any:
        return self.offline_session.cert

    @cert.setter
    def cert(self, value: Any) -> None:
        self.offline_session.cert = value

    def mount(self, prefix: str, adapter: Any) -> None:
        """See requests.Session.mount."""
        self.offline_session.mount(prefix, adapter)

    def send(self, method: str, url: str, options: dict[str, Any]) -> tuple[Response, ExchangeStats]:
        """Send one request. Raises WireError."""
        whole = absolute(self._base_url, url)
        options.setdefault("allow_redirects", method != "HEAD")
        options["timeout"] = options.get("timeout") or self._timeout
        sent_ns = time.time_ns()
        try:
            real = self.offline_session.request(method, whole, **options)
        except requests.RequestException as error:
            if is_mistake(error):
                raise
            raise failure_of(error) from None
        finally:
            received_ns = time.time_ns()
            if not self._keep_alive:
                self.close()
        answer = answer_of(real, sent_ns, received_ns)
        led = str(real.url) if real.history else ""
        stats = ExchangeStats(answer, answer, answer.sent_bytes, answer.received_bytes, redirected_to=led)
        return Response.of(real, answer), stats

    def unanswered(self, method: str, url: str, options: dict[str, Any], why: WireError) -> Response:
        """See Session.unanswered."""
        return Response(url, None, why, never_answered(method, absolute(self._base_url, url), options))

    def close(self) -> None:
        """Close the connections; cookies and adapters stay."""
        for adapter in self.offline_session.adapters.values():
            adapter.close()
