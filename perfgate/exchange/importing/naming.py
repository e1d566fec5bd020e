"""Request names of tools that know URLs alone, grouped as perfgate itself groups requests: `GET /pet/{id}`."""

from __future__ import annotations

from urllib.parse import urlsplit

from perfgate.metrics.request_names import Names


class Naming:
    """Names requests of one host by their path; what the host is, `target` says. Further hosts stay in their names."""

    def __init__(self) -> None:
        self._names = Names()
        self.target = ""

    def of(self, method: str, url: str) -> str:
        """The name of a request of an absolute URL."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return self._names.of(method, url)
        # User info is no part of a target: it may be a password.
        host = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        self.target = self.target or host
        return self._names.of(method, (parts.path or "/") if host == self.target else url)
