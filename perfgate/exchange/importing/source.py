"""The file that is imported: its text, by lines or whole, unpacked where it is gzip, never more than memory bears."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import IO, Any, cast

from perfgate.errors import MistakeError
from perfgate.exchange.importing.encoding import AsUtf8, decoded, refuse_damaged, utf_16_of
from perfgate.exchange.importing.reading_json import parse_json

_GZIP_MAGIC = b"\x1f\x8b"
# A line holds one request, with vegeta also its answer; a document the summary of a run.
_LONGEST_LINE = 16 * 2**20
_LARGEST_DOCUMENT = 64 * 2**20
_CUT_SHORT = "was it cut short? Write it again"


class SourceFile:
    """One file. Every method raises MistakeError where it is damaged or cannot be text."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._digest = hashlib.sha256()

    @property
    def digest(self) -> str:
        """The hash of all text that was read so far: the file's identity, wherever it lies."""
        return self._digest.hexdigest()

    @cached_property
    def first_line(self) -> str:
        """The first line with something in it, "" where there is none."""
        return next((line for _, line in self.lines() if line.strip()), "")

    @cached_property
    def record(self) -> Any:
        """The JSON value that the first line holds by itself; None where it holds none."""
        try:
            return parse_json(self.first_line)
        except MistakeError:
            return None

    @cached_property
    def document(self) -> Any:
        """The JSON value that the whole file holds; None of a file that does not begin like JSON, or of many values."""
        if self.first_line.lstrip()[:1] not in ("{", "["):
            return None
        if self.record is not None and self._has_more_lines():
            return None
        return parse_json(self.text())

    def lines(self) -> Iterator[tuple[int, str]]:
        """The lines with their numbers, from 1 on, without their ends. A cut last line is for the caller to notice."""
        self._digest = hashlib.sha256()
        with self._open() as stream:
            number = 0
            while line := self._read(stream.readline, _LONGEST_LINE):
                number += 1
                if len(line) >= _LONGEST_LINE:
                    raise MistakeError(f"line {number} is longer than 16 MiB", "this is no file that can be imported")
                self._digest.update(line)
                yield number, decoded(line, number).rstrip("\r\n")

    def text(self) -> str:
        """The whole file."""
        with self._open() as stream:
            content = self._read(stream.read, _LARGEST_DOCUMENT + 1)
        if len(content) > _LARGEST_DOCUMENT:
            raise MistakeError("it is larger than 64 MiB", "only files by lines may be: `k6 run --out json=FILE`")
        self._digest = hashlib.sha256(content)
        return decoded(content, 0)

    def start(self, length: int) -> bytes:
        """The first bytes, unpacked."""
        with self._open() as stream:
            return self._read(stream.read, length)

    @contextmanager
    def _open(self) -> Iterator[IO[bytes]]:
        try:
            file = self.path.open("rb")
        except IsADirectoryError:
            raise MistakeError("it is a folder", "name the files in it that are meant") from None
        except OSError as error:
            raise MistakeError(f"it cannot be read: {error.strerror}", "name a file that is there") from None
        with file:
            if file.peek(2)[:2] == _GZIP_MAGIC:
                with gzip.GzipFile(fileobj=file) as packed:
                    yield self._in_utf_8(cast("IO[bytes]", packed), self._read(packed.peek, 2))
            else:
                yield self._in_utf_8(file, file.peek(2))

    def _in_utf_8(self, stream: IO[bytes], start: bytes) -> IO[bytes]:
        encoding = utf_16_of(start)
        return stream if encoding is None else cast("IO[bytes]", AsUtf8(stream, encoding))

    def _read(self, read: Any, length: int) -> bytes:
        try:
            return cast(bytes, read(length))
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise MistakeError("the gzip file ends in the middle or is damaged", _CUT_SHORT) from None
        except UnicodeDecodeError as error:
            refuse_damaged(error)
        except OSError as error:
            raise MistakeError(f"it cannot be read: {error.strerror}", "name a file that is there") from None

    def _has_more_lines(self) -> bool:
        filled = (line for _, line in self.lines() if line.strip())
        return next(filled, None) is not None and next(filled, None) is not None
