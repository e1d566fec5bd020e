"""Writing what calibrate found into perfgate.toml, where nothing else is touched.

Margins stand between two comments of our own, and keys of [measure] each on a line of that table.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from perfgate.compare.rules import Margin
from perfgate.config.reading import load_config
from perfgate.errors import ProblemsError, UsageError

_BEGIN = "# Margins by perfgate calibrate; it replaces them. "
_MEASURE = re.compile(r"^\[measure\][ \t]*(?:#[^\r\n]*)?(?=\r?$)", re.MULTILINE)
_TABLE = re.compile(r"^\[", re.MULTILINE)
_END = "# End of the margins by perfgate calibrate."


def with_margins_written(text: str, margins: Sequence[Margin], origin: str) -> str:
    """The text of a perfgate.toml with `margins` at the place of those of the last time, else at its end.

    origin: where and when they were found, on one line. UsageError where somebody took one of the two comments away.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    block = newline.join([_BEGIN + origin, *(line for margin in margins for line in _lines(margin)), _END]) + newline
    begin, end = text.find(_BEGIN), text.find(_END)
    if begin < 0 and end < 0:
        gap = "" if not text or text.endswith(newline * 2) else newline if text.endswith(newline) else newline * 2
        return text + gap + block
    if begin < 0 or end < begin:
        raise UsageError("the margins of the last time have lost their first or last comment", "take them out by hand")
    return text[:begin] + block + text[end + len(_END) :].removeprefix(newline)


def _lines(margin: Margin) -> list[str]:
    keys = {"metric": margin.metric, "stat": margin.stat, "allowed": f"{margin.allowed * 100:g}%"}
    return ["[[margins]]", *(f'{key} = "{value}"' for key, value in keys.items() if value is not None)]


def write_proposed(path: Path, margins: Sequence[Margin], origin: str, measure: Mapping[str, str]) -> None:
    """Put `margins`, and keys of [measure] as TOML has them, into the file at `path`, made where there is none.

    UsageError where it could not be read then: all of it is written, or nothing.
    """

    def change(text: str) -> str:
        return with_margins_written(with_measure_written(text, measure) if measure else text, margins, origin)

    _rewrite(path, change)


def with_measure_written(text: str, values: Mapping[str, str]) -> str:
    """The text of a perfgate.toml with these keys in its table [measure], which is made where there is none."""
    newline = "\r\n" if "\r\n" in text else "\n"
    header = _MEASURE.search(text)
    if header is None:
        gap = "" if not text else newline if text.endswith(newline) else newline * 2
        return text + gap + newline.join(["[measure]", *(f"{key} = {value}" for key, value in values.items()), ""])
    start = header.end()
    after = _TABLE.search(text, start)
    end = after.start() if after else len(text)
    table = text[start:end]
    for key, value in values.items():
        own = re.compile(rf"^{key}\s*=[^#\r\n]*?(?=\s*(?:#|\r?$))", re.MULTILINE).search(table)
        before, rest = (table[: own.start()], table[own.end() :]) if own else (newline, table)
        table = f"{before}{key} = {value}{rest}"
    return text[:start] + table + text[end:]


def _rewrite(path: Path, change: Callable[[str], str]) -> None:
    written = change(path.read_bytes().decode("utf-8-sig") if path.exists() else "")
    try:
        descriptor, name = tempfile.mkstemp(prefix=".perfgate-", suffix=".toml", dir=path.resolve().parent)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", "leave --write out, or allow it") from None
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(written.encode("utf-8"))
        load_config(draft)
        if path.exists():
            draft.chmod(path.stat().st_mode)
        draft.replace(path.resolve())
    except ProblemsError as error:
        raise UsageError(
            f"this cannot be added to {path}: {error.problems[0].message}",
            "write its margins as [[margins]] tables, and what is measured as a table [measure]",
        ) from None
    finally:
        draft.unlink(missing_ok=True)
