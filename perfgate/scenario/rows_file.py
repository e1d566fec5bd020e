"""Reading rows files: CSV with a header, or JSON, with every line that cannot be used."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from perfgate.errors import MistakeError, Problem, ProblemsError
from perfgate.scenario.rows import DataRow
from perfgate.scenario.source import place

# A line's number, and the row on it or its mistake.
Numbered = tuple[int, DataRow | MistakeError]

_SHOWN = 10  # lines of one file that a message names
_JSON_EXAMPLE = 'write a list of objects: [{"username": "ann"}, ...]'
_GAP = re.compile(r"[\s,]*")
_KEPT = 16  # files whose rows are kept: scenario files are loaded again and again, their rows may be many


def read_rows(path: Path) -> tuple[DataRow, ...]:
    """The rows of a CSV file (a header, then rows; all values text) or of a JSON file (a list of objects).

    ProblemsError names the lines that cannot be used.
    """
    try:
        state = path.stat()
        return _read(path.absolute(), (state.st_ino, state.st_size, state.st_mtime_ns))
    except (OSError, UnicodeDecodeError) as error:
        raise _unusable([Problem(place(path), f"it cannot be read: {error}", "save it as UTF-8 text")]) from None


@lru_cache(maxsize=_KEPT)
def _read(path: Path, state: tuple[int, int, int]) -> tuple[DataRow, ...]:
    """The rows of a file in that state (inode, bytes, ns of its last change)."""
    text = path.read_text(encoding="utf-8-sig")
    numbered = list(_json_rows(text) if path.suffix == ".json" else _csv_rows(text))
    problems = [
        Problem(place(path, line), found.message, found.hint)
        for line, found in numbered
        if isinstance(found, MistakeError)
    ]
    if not numbered:
        problems = [Problem(place(path), "there is no row in it", "add one, or leave rows= out")]
    if len(problems) > _SHOWN:
        more = Problem(place(path), f"{len(problems) - _SHOWN} more lines cannot be used")
        problems = [*problems[:_SHOWN], more]
    if problems:
        raise _unusable(problems)
    return tuple(found for _, found in numbered if not isinstance(found, MistakeError))


def _unusable(problems: list[Problem]) -> ProblemsError:
    return ProblemsError("the rows", problems)


def _csv_rows(text: str) -> Iterator[Numbered]:
    reader = csv.reader(io.StringIO(text), strict=True)
    header: list[str] = []
    line = 1
    try:
        for cells in reader:
            if cells and not header:
                header = [cell.strip() for cell in cells]
                if "" in header or len(set(header)) < len(header):
                    yield (
                        line,
                        MistakeError(f"{','.join(cells)!r} is not a header", "give each column a name of its own"),
                    )
                    return
            elif cells and len(cells) != len(header):
                expected = f"write one for each of {', '.join(header)}"
                yield line, MistakeError(f"{len(cells)} values for {len(header)} columns", expected)
            elif cells:
                yield line, dict(zip(header, cells, strict=True))
            line = reader.line_num + 1
    except csv.Error as error:
        yield line, MistakeError(f"this is not CSV: {error}", 'write a quotation mark within a quoted value twice: ""')


def _json_rows(text: str) -> Iterator[Numbered]:
    try:
        items = json.loads(text)
    except json.JSONDecodeError as error:
        yield error.lineno, MistakeError(f"this is not JSON: {error.msg}", _JSON_EXAMPLE)
        return
    except ValueError:  # Python reads none of more than 4,300
        yield 1, MistakeError("a number in it has too many digits", "write it as text, between quotation marks")
        return
    except RecursionError:
        yield 1, MistakeError("it is nested too deeply", _JSON_EXAMPLE)
        return
    if not isinstance(items, list):
        yield 1, MistakeError("this is not a list of objects", _JSON_EXAMPLE)
        return
    for line, item in zip(_lines_of_items(text), items, strict=True):
        if isinstance(item, dict):
            yield line, item
        else:
            yield line, MistakeError(f"{json.dumps(item)} is not an object", _JSON_EXAMPLE)


def _lines_of_items(text: str) -> Iterator[int]:
    """The line on which each item of a JSON list begins."""
    decoder = json.JSONDecoder()
    line, seen, end = 1, 0, text.index("[") + 1
    while True:
        gap = _GAP.match(text, end)
        start = gap.end() if gap else end
        if text[start] == "]":
            return
        line, seen = line + text.count("\n", seen, start), start
        yield line
        _, end = decoder.raw_decode(text, start)
