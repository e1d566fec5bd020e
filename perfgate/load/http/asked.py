"""What was asked, as requests' own: made when somebody looks at `response.request`, and not before."""

from __future__ import annotations

from typing import Any

import requests

from perfgate.load.wire.interface import Request

Asked = Request | requests.Request
# The parts of a request that can be shown without sending anything: what `auth` would add, for one, may be asked for.
_SHOWN = ("headers", "params", "data", "json")


def never_answered(method: str, url: str, options: dict[str, Any]) -> requests.Request:
    """A request to an absolute URL, of the keyword arguments of `requests.Session.request`."""
    return requests.Request(method, url, **{name: options[name] for name in _SHOWN if name in options})


def prepared(url: str, asked: Asked) -> requests.PreparedRequest:
    """A request that was sent to `url`; without its body where that is not to be had any more."""
    if isinstance(asked, requests.Request):
        try:
            return asked.prepare()
        except Exception:  # its body is read once more: by now its file may be closed
            return requests.Request(asked.method, asked.url, asked.headers, params=asked.params).prepare()
    headers = dict(line.split(": ", 1) for line in asked.fields.split("\r\n")[:-1])
    headers.pop("Host", None)
    return requests.Request(asked.method, url, headers=headers, data=asked.body or None).prepare()
