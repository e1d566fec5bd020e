"""Answers of HTTP/1.1 (RFC 9112) out of the bytes of a connection. The parser is llhttp (by httptools)."""

from __future__ import annotations

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from perfgate.load.wire.failure import FailureKind, WireError
from perfgate.load.wire.head_mending import has_whole_head, is_mendable, mended
from perfgate.load.wire.interface import Headers


class AnswerParser:
    """The answer that is being read; llhttp calls the on_... methods.

    reusable: another request may follow on the connection.
    """

    def __init__(self) -> None:
        self.reusable = False
        self._parser = self._new_parser()
        self._unread = b""
        self._received = 0
        self._begin()

    def _new_parser(self) -> HttpResponseParser:
        parser = HttpResponseParser(self)
        # What every other client takes without a word: lines without CR, spaces behind the size of a chunk, and a
        # length beside chunks, which then count (RFC 9112, 2.2 and 6.3).
        parser.set_dangerous_leniencies(
            lenient_optional_cr_before_lf=True, lenient_spaces_after_chunk_size=True, lenient_chunked_length=True
        )
        return parser

    def _begin(self) -> None:
        self._headers = Headers()
        self._body: list[bytes] = []
        self._body_size = 0
        self._status = 0
        self._reason = b""
        self._complete = False
        self._refused: HttpParserError | None = None
        self._is_mended = False

    def on_message_begin(self) -> None:
        if self._complete:
            self.reusable = False  # whatever that is, nobody asked for it

    def on_status(self, reason: bytes) -> None:
        self._reason = reason

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._status:  # else it is a trailer
            self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        if not self._complete:
            self._status = self._parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        self._body.append(body)
        self._body_size += len(body)

    def on_message_complete(self) -> None:
        if self._complete:
            return
        if 100 <= self._status < 200 and self._status != 101:
            self._begin()
        else:
            self._complete = True
            self.reusable = self._parser.should_keep_alive()
            # Whatever a confused service sends after its answer must not leak into it.
            self._answer = self._reason, self._headers, self._body
            self._headers, self._body = Headers(), []

    def _feed(self, data: bytes) -> None:
        if self._refused is not None:
            self._feed_mended(self._unread + data, self._refused)
            return
        if not self._status:
            self._unread += data
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade:
            self.reusable = False  # from here on it speaks something else
            self._is_mended = True
        except HttpParserError as error:
            if self._complete:
                return  # the answer is whole, and what came after it is not HTTP
            if self._status or not is_mendable(str(error), self._unread):
                raise WireError(FailureKind.PROTOCOL, str(error)) from None
            self._feed_mended(self._unread, error)

    def _feed_mended(self, data: bytes, refused: HttpParserError) -> None:
        """Give the parser what it refused once more, as it is meant, as soon as the head is whole."""
        if not has_whole_head(data):
            self._unread, self._refused = data, refused
            return
        meant = mended(data)
        self._begin()
        self._is_mended = True
        self._parser = self._new_parser()
        try:
            self._parser.feed_data(meant)
        except HttpParserUpgrade:
            self.reusable = False
        except HttpParserError:
            if not self._complete:
                raise WireError(FailureKind.PROTOCOL, str(refused)) from None

    def _end_of_head(self) -> None:
        """HEAD has no body, whatever its headers say; llhttp would wait for one, and has taken one that came."""
        if not self._complete:
            self.reusable = self._parser.should_keep_alive()
            self._answer = self._reason, self._headers, self._body
            self._parser = self._new_parser()
        reason, headers, body = self._answer
        self.reusable = self.reusable and not body
        self._answer = reason, headers, []

    def _end_of_stream(self) -> None:
        """The peer closed: the end of a body without a length, or of a connection that broke."""
        headers = {name.lower(): value.lower() for name, value in self._headers}
        self.reusable = False
        coding = headers.get(b"transfer-encoding")
        bounded = b"content-length" in headers if coding is None else coding.endswith(b"chunked")
        if self._status >= 200 and not bounded:
            self._answer = self._reason, self._headers, self._body
        elif self._received:
            raise WireError(FailureKind.RESET, "the service closed the connection in the middle of an answer")
        else:
            raise ConnectionResetError("the service closed the connection without an answer")
