"""TLS over our streams, and whom to trust."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable
from functools import partial
from typing import Any

import certifi

from perfgate.load.wire.stream import CHUNK, ByteStream

_RECORD = 16_384  # RFC 8446, 5.1: no record holds more


class TlsStream:
    """TLS over a stream by memory BIO, so that the bytes still pass through `recvmsg` and keep their kernel stamps.

    The stream beneath may itself be one of TLS, to a proxy. OpenSSL is asked for bytes only when some have come: a
    question in vain costs more than all that it does for a small answer.
    """

    def __init__(self, stream: ByteStream, context: ssl.SSLContext, server_name: str) -> None:
        self.deadline = stream.deadline
        self.received_ns = 0
        self._stream = stream
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_name)
        self._failure: ssl.SSLError | None = None
        self._holds_more = False  # OpenSSL may, of a record that was longer than what it was asked for

    def handshake(self) -> None:
        self._drive(self._tls.do_handshake)

    def protocol(self) -> str | None:
        """What ALPN agreed on."""
        return self._tls.selected_alpn_protocol()

    def send(self, data: bytes) -> None:
        """Send all of `data`."""
        try:
            written = self._tls.write(data)
        except ssl.SSLWantReadError:  # the peer wants to talk about keys first
            written = 0
        self._flush()
        if written < len(data):
            rest = memoryview(data)[written:]
            while rest:
                rest = rest[self._drive(partial(self._tls.write, rest[:CHUNK])) :]

    def receive(self, limit: int = CHUNK) -> bytes:
        """The next bytes, at most `limit`; empty when the peer closed, whether or not it said so before."""
        while True:
            if self._has_bytes():
                try:
                    data = self._decrypted(limit)
                    if data and self._incoming.pending:
                        data = self._with_next_records(data, limit)
                finally:
                    if self._outgoing.pending:
                        self._flush()  # an answer about keys, or why this is the end
                if data is not None:
                    return data
            self._wait_for_more()

    def receive_now(self) -> bytes | None:
        """What is there without waiting: bytes, empty when the peer closed, None for nothing.

        A session ticket that comes late is nothing.
        """
        while True:
            if self._has_bytes():
                try:
                    data = self._decrypted(_RECORD)
                except ssl.SSLError:
                    return b""
                if data is not None:
                    return data
            received = self._stream.receive_now()
            if received is None:
                return None
            self._take(received)

    def _has_bytes(self) -> bool:
        """Whether it is worth while to ask OpenSSL."""
        return self._incoming.pending > 0 or self._holds_more or self._incoming.eof

    def _decrypted(self, limit: int) -> bytes | None:
        """What the bytes that have come hold; empty at the end, None where a record is not whole yet."""
        if self._failure is not None:
            raise self._failure
        try:
            data = self._tls.read(limit)
        except ssl.SSLWantReadError:
            self._holds_more = False
            return None
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            self._holds_more = True  # the end, for whoever asks again
            return b""
        self._holds_more = len(data) == limit
        return data

    def _with_next_records(self, data: bytes, limit: int) -> bytes:
        """Bytes, and what came behind them in records of their own: head and body of an answer often do."""
        pieces, size = [data], len(data)
        while self._incoming.pending and size < limit:
            try:
                more = self._decrypted(limit - size)
            except ssl.SSLError as error:
                self._failure, self._holds_more = error, True  # told when what is sound has been heard
                break
            if not more:
                break
            pieces.append(more)
            size += len(more)
        return b"".join(pieces)

    def readable(self) -> bool:
        """Whether bytes or an end have come on an idle connection."""
        return (self._has_bytes() or self._stream.readable()) and self.receive_now() is not None

    def close(self) -> None:
        self._stream.close()

    def _drive(self, step: Callable[[], Any]) -> Any:
        """Repeat `step` and move its bytes until it needs no more of them."""
        while True:
            try:
                result = step()
            except ssl.SSLWantReadError:
                self._flush()
                self._wait_for_more()
            except ssl.SSLError:
                self._flush()  # tell the peer why
                raise
            else:
                self._flush()
                return result

    def _wait_for_more(self) -> None:
        stream = self._stream
        stream.deadline = self.deadline
        self._take(stream.receive())

    def _take(self, received: bytes) -> None:
        self.received_ns = self._stream.received_ns
        if received:
            self._incoming.write(received)
        else:
            self._incoming.write_eof()

    def _flush(self) -> None:
        if self._outgoing.pending:
            self._stream.deadline = self.deadline
            self._stream.send(self._outgoing.read())


class Trust:
    """TLS contexts, made once for each kind of trust, since loading the authorities takes milliseconds."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], ssl.SSLContext] = {}

    def context(self, verify: bool | str, cert: str | tuple[str, str] | None, protocol: str) -> ssl.SSLContext:
        """The context for `verify` and `cert` as requests has them, and one ALPN protocol.

        By default certifi's authorities are trusted, and those that OpenSSL finds (SSL_CERT_FILE names them), as when a
        target is waited for. OSError where the files that are named cannot be used.
        """
        key = (verify, cert, protocol)
        if key not in self._known:
            self._known[key] = _new_context(verify, cert, protocol)
        return self._known[key]


def _new_context(verify: bool | str, cert: str | tuple[str, str] | None, protocol: str) -> ssl.SSLContext:
    if isinstance(verify, (str, os.PathLike)):
        context = _trusting(verify)
    else:
        context = ssl.create_default_context()
        context.load_verify_locations(certifi.where())
    if verify is False:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if cert is not None:
        try:
            # An empty password: one that is asked for at the terminal would stop the worker.
            certificate, key = (cert, None) if isinstance(cert, str) else cert
            context.load_cert_chain(certificate, key, password="")
        except OSError as error:
            raise OSError(f"cert={cert!r} is no certificate with its key: {error}") from None
    context.set_alpn_protocols([protocol])
    return context


def _trusting(authorities: str | os.PathLike[str]) -> ssl.SSLContext:
    """A context that trusts the authorities of one file or folder, and no others."""
    try:
        if os.path.isdir(authorities):
            return ssl.create_default_context(capath=authorities)
        return ssl.create_default_context(cafile=authorities)
    except OSError as error:
        raise OSError(f"verify={str(authorities)!r} is no file of certificates: {error}") from None
