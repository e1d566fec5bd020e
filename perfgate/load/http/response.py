"""What a request of a scenario gives back: a `requests.Response` to all who look, at a fraction of its price."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import timedelta
from http.client import HTTPMessage
from typing import Any

import requests
from requests.cookies import extract_cookies_to_jar
from requests.utils import get_encoding_from_headers
from urllib3 import HTTPHeaderDict, HTTPResponse

from perfgate.load.http.asked import Asked, prepared
from perfgate.load.http.notable_headers import notable_in
from perfgate.load.http.requests_failure import UnpackedTooLarge
from perfgate.load.http.server_events import EventParser, ServerEvent
from perfgate.load.http.streamed_body import StreamedBody, StreamedRaw, StreamedResponse
from perfgate.load.wire.failure import WireError
from perfgate.load.wire.interface import MAXIMUM_BODY, RawResponse


class Response:
    """An answer, or the lack of one (`status_code` 0 and `error` the kind of failure, in k6's manner).

    The attributes that scenarios use most are made from the wire's answer when they are asked for; everything else
    comes from a real `requests.Response` of the same answer, made at the first such question. The whole answer has come
    before a scenario sees any of it, unless it asked with `stream=True`: then `iter_content`, `iter_lines` and
    `iter_events` hand out what comes as it comes.
    """

    __slots__ = ("_asked", "_real", "answer", "elapsed_ns", "error", "status_code", "url")

    def __init__(
        self, url: str, answer: RawResponse | None, error: WireError | None = None, asked: Asked | None = None
    ) -> None:
        self.url = url
        self.answer = answer
        self._asked = asked
        self._real: requests.Response | None = None
        self.status_code = answer.status if answer else 0
        self.elapsed_ns = answer.received_ns - answer.sent_ns if answer else 0
        self.error = error

    @classmethod
    def of(cls, real: requests.Response, answer: RawResponse | None) -> Response:
        """What requests itself made of `answer`, the last of a chain."""
        response = cls(real.url, answer)
        response._real = real
        return response

    @property
    def ok(self) -> bool:
        return 0 < self.status_code < 400

    @property
    def elapsed(self) -> timedelta:
        return timedelta(microseconds=self.elapsed_ns / 1000)

    @property
    def reason(self) -> str:
        return self.answer.reason.decode("latin-1") if self.answer else ""

    @property
    def content(self) -> bytes:
        if self._real is None and self.answer is not None and not notable_in(self.answer.headers).is_encoded:
            return self.answer.body
        return self.real.content

    @property
    def encoding(self) -> str | None:
        return self.real.encoding

    @encoding.setter
    def encoding(self, value: str | None) -> None:
        self.real.encoding = value

    def json(self, **options: Any) -> Any:
        if not options:
            try:
                return json.loads(self.content)
            except ValueError:
                pass  # requests knows more encodings, and which error its users expect
        return self.real.json(**options)

    def iter_events(self) -> Iterator[ServerEvent]:
        """The server-sent events, as they come where the answer is streamed; none where there was no answer."""
        real = self.real
        return real.iter_events() if isinstance(real, StreamedResponse) else iter(EventParser().feed(self.content))

    def raise_for_status(self) -> None:
        if self.error is not None:
            raise requests.ConnectionError(str(self.error), request=self.real.request)
        self.real.raise_for_status()

    @property
    def real(self) -> requests.Response:
        """The same as a `requests.Response`."""
        if self._real is None:
            self._real = real = to_requests(self.url, self.answer)
            if isinstance(real, _Real):
                real.asked = self._asked
        return self._real

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.real)

    def __enter__(self) -> Response:
        return self

    def __exit__(self, *_: object) -> None:
        """Read no more of what is streamed; of any other answer nothing is open: the connection is the wire's."""
        if self._real is not None:
            self._real.close()

    def __bool__(self) -> bool:
        return self.ok

    def __repr__(self) -> str:
        return f"<Response [{self.error or self.status_code}]>"


class _Real(requests.Response):
    """A requests.Response that does not unpack without end, and makes its request when it is looked at."""

    asked: Asked | None = None
    _request: requests.PreparedRequest | None = None

    @property
    def request(self) -> Any:
        if self._request is None and self.asked is not None:
            self._request = prepared(self.url, self.asked)
        return self._request

    @request.setter
    def request(self, value: Any) -> None:
        self._request = value

    def iter_content(self, chunk_size: int | None = 1, decode_unicode: bool = False) -> Iterator[Any]:
        size = 0
        for piece in super().iter_content(chunk_size, decode_unicode):
            size += len(piece)
            if size > MAXIMUM_BODY:
                raise UnpackedTooLarge(f"the body unpacks to more than {MAXIMUM_BODY:,} bytes")
            yield piece


def to_requests(
    url: str,
    answer: RawResponse | None,
    request: requests.PreparedRequest | None = None,
    streamed: StreamedBody | None = None,
) -> requests.Response:
    """A `requests.Response` of an answer to `request`; of no answer, one with status 0 and an empty body.

    streamed: the body, where it is still to come.
    """
    real: requests.Response = _Real() if streamed is None else StreamedResponse()
    real.url = url
    if answer is None:
        real.status_code = 0
        real._content = b""
        real.__dict__["_content_consumed"] = True
        return real
    headers = HTTPHeaderDict((name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers)
    body: Any = io.BytesIO(answer.body) if streamed is None else streamed
    raw: Any = (HTTPResponse if streamed is None else StreamedRaw)(
        body=body,
        headers=headers,
        status=answer.status,
        reason=answer.reason.decode("latin-1"),
        preload_content=False,
        enforce_content_length=False,  # the wire has seen to that, and HEAD has a length without a body
        decode_content=True,
    )
    real.status_code = answer.status
    real.headers = requests.structures.CaseInsensitiveDict(headers)
    encoding: Any = get_encoding_from_headers(real.headers)
    real.encoding = encoding
    real.raw = raw
    real.reason = raw.reason
    real.elapsed = timedelta(microseconds=(answer.received_ns - answer.sent_ns) / 1000)
    if "set-cookie" in headers:
        _take_cookies(real, request, headers)
    return real


def answer_of(real: requests.Response, sent_ns: int, received_ns: int) -> RawResponse:
    """What a transport of requests' own answered, as far as it can be seen from outside."""
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in real.headers.items()]
    received_bytes = len(real.content) + _size(real.headers)
    body = real.request.body or b""
    sent_bytes = _size(real.request.headers) + (len(body) if isinstance(body, (str, bytes)) else 0)
    reason = str(real.reason or "").encode("latin-1", "replace")
    times = (sent_ns, received_ns, received_ns, False)
    return RawResponse(real.status_code, reason, headers, real.content, *times, sent_bytes, received_bytes)


def _size(headers: Any) -> int:
    return sum(len(name) + len(value) + 4 for name, value in headers.items())


def _take_cookies(real: requests.Response, request: requests.PreparedRequest | None, headers: HTTPHeaderDict) -> None:
    """Show requests the headers in the shape in which it looks for cookies."""
    message = HTTPMessage()
    for name, value in headers.iteritems():
        message.add_header(name, value)
    raw: Any = real.raw
    raw._original_response = _Original(message)
    extract: Any = extract_cookies_to_jar
    extract(real.cookies, request or requests.Request("GET", real.url).prepare(), raw)


class _Original:
    """The part of an http.client.HTTPResponse that requests and urllib3 look at."""

    def __init__(self, message: HTTPMessage) -> None:
        self.msg = message

    def isclosed(self) -> bool:
        return True

    def close(self) -> None:
        """Nothing is open."""
