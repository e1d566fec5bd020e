"""The encoding of a file: UTF-8, or UTF-16 as Windows writes it (PowerShell's `>`). Others are named, never guessed."""

from __future__ import annotations

import codecs
import io
from typing import IO, Any, NoReturn, cast

from perfgate.errors import MistakeError

_CONVERT = (
    "convert it: `iconv -f GBK -t UTF-8 FILE > NEW`, with the encoding of the machine that wrote it in place of GBK "
    "(CP1252, SHIFT-JIS, ...); PYTHONUTF8=1 lets Locust and other Python tools write UTF-8"
)
_NO_TEXT = "name a file that one of the known tools has written"


def utf_16_of(start: bytes) -> str | None:
    """The kind of UTF-16 that the first two bytes show, by their mark or by a zero beside an ASCII character."""
    if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    if len(start) < 2 or not any(mark in b"\t\r\n" or 32 <= mark < 127 for mark in start[:2]):
        return None
    return "utf-16-le" if start[1] == 0 else "utf-16-be" if start[0] == 0 else None


class AsUtf8:
    """A stream in another encoding, read as UTF-8. UnicodeDecodeError where it is not in that encoding."""

    def __init__(self, stream: IO[bytes], encoding: str) -> None:
        self._text = io.TextIOWrapper(cast(Any, _Unclosed(stream)), encoding=encoding, newline="\n")

    def read(self, size: int = -1) -> bytes:
        return self._text.read(size).encode()

    def readline(self, size: int = -1) -> bytes:
        return self._text.readline(size).encode()


class _Unclosed(io.BufferedIOBase):
    """A stream that a wrapper around it does not close."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        return self._stream.read(-1 if size is None else size)

    def read1(self, size: int = -1, /) -> bytes:
        return self.read(size)


def decoded(content: bytes, line: int) -> str:
    """Text in UTF-8. line: the number of the line that it is, 0 for a whole file. MistakeError where it is no text."""
    where = f"line {line} is" if line else "it is"
    if b"\0" in content:
        raise MistakeError(f"{where} not text in UTF-8, but binary", _NO_TEXT)
    try:
        return content.decode("utf-8-sig" if line < 2 else "utf-8")
    except UnicodeDecodeError as error:
        place = f"line {line}" if line else f"line {content.count(10, 0, error.start) + 1}"
        wrong = f"{place} is not text in UTF-8: byte 0x{content[error.start]:02x}"
        raise MistakeError(wrong, _CONVERT) from None


def refuse_damaged(error: UnicodeDecodeError) -> NoReturn:
    """MistakeError for a file that begins as UTF-16 and does not go on so."""
    raise MistakeError(f"it begins as UTF-16 and does not go on so: {error.reason}", "was it cut short? Write it again")
