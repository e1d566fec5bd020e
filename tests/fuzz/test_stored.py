"""Files that perfgate reads back, or that other tools wrote: results, histories, imported files; spoiled."""

from __future__ import annotations

import io
import json
import sqlite3
from contextlib import closing, redirect_stderr, redirect_stdout, suppress

import pytest
from hypothesis import strategies as st

from perfgate.application.context import Context
from perfgate.cli.app import invoke
from perfgate.errors import HistoryError, MistakeError, ResultFileError
from perfgate.exchange.exporting.formats import FORMATS as EXPORTED
from perfgate.exchange.importing.formats import read_file
from perfgate.history.checking import faults_of
from perfgate.history.merging import copy_history, merge_into
from perfgate.history.store import open_history
from perfgate.report import junit, markdown, result_file, terminal
from tests.support import verdict_samples
from tests.support.histories import put_of_every_kind
from tests.support.importing import DATED, FIXTURES, FORMATS, UNDATED, unpacked
from tests.support.mutations import HOSTILE, as_json, spoiled_bytes, spoiled_values

pytestmark = pytest.mark.fuzz

RESULTS = [
    result_file.dumps(make())
    for make in (
        verdict_samples.regression,
        verdict_samples.accepted,
        verdict_samples.inconclusive,
        verdict_samples.invalid,
        verdict_samples.first_run,
        verdict_samples.threshold_failed,
    )
]


def _look_at_result(text: str) -> None:
    try:
        verdict = result_file.loads(text)
    except ResultFileError:
        return
    for limit in (65_000, 2_000):
        assert len(markdown.render(verdict, limit=limit)) <= limit
    terminal.render(verdict, color=True, verbose=True)
    junit.render(verdict)
    result_file.loads(result_file.dumps(verdict))


def test_result_files_by_their_values(fuzz):
    fuzz(spoiled_values([json.loads(text) for text in RESULTS]).map(as_json), _look_at_result)


def test_result_files_by_their_bytes(fuzz):
    def play(given: bytes) -> None:
        _look_at_result(given.decode("utf-8", "surrogateescape"))

    fuzz(spoiled_bytes([text.encode() for text in RESULTS]), play)


def _command(folder, *arguments: str) -> None:
    """A command in this process. Whatever is no error of perfgate's own is raised."""
    context = Context(folder, {"PERFGATE_DEBUG": "1"}, lambda _line: None)
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        assert invoke(arguments, context) in (0, 1, 2, 3)


def _look_at_history(folder, path, sound) -> None:
    with suppress(HistoryError), open_history(path, create=False) as history:
        history.testbeds()
        for run in history.runs():
            history.results(run.record.id)
    with suppress(HistoryError):
        faults_of(path)
    for arguments in (
        ("history", "list"),
        ("history", "show", "latest"),
        ("history", "check"),
        ("compare", "latest", "latest"),
        ("trend",),
        ("history", "export", "--format", "csv"),
        ("history", "prune", "--keep", "1", "--dry-run"),
    ):
        _command(folder, *arguments, "--history", str(path))
    copy = folder / "copy.db"
    copy.unlink(missing_ok=True)
    copy_history(sound, copy)
    with suppress(HistoryError):
        merge_into(copy, path)
    with suppress(HistoryError), open_history(path, create=True) as history:
        history.runs()


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    path = tmp_path_factory.mktemp("history") / "sound.db"
    put_of_every_kind(path)
    return path


def _without_leftovers(path) -> None:
    for ending in ("", "-journal", "-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def test_histories_by_their_bytes(fuzz, tmp_path, sound):
    path = tmp_path / "history.db"

    def play(given: bytes) -> None:
        _without_leftovers(path)
        path.write_bytes(given)
        _look_at_history(tmp_path, path, sound)

    fuzz(spoiled_bytes([sound.read_bytes()]), play)


_VALUES = tuple(
    value
    for value in HOSTILE
    if isinstance(value, (bool, float, str, type(None))) or (isinstance(value, int) and abs(value) < 2**63)
)


@st.composite
def _statements(draw: st.DrawFn, columns: list[tuple[str, str]]) -> tuple[tuple[str, object], ...]:
    """Statements of SQL that a person, a merge tool or another program may have run on a history."""
    made = []
    for _ in range(draw(st.integers(1, 4))):
        table, column = draw(st.sampled_from(columns))
        value = draw(st.one_of(st.sampled_from(_VALUES), st.binary(max_size=20), st.floats(), st.text(max_size=9)))
        kind = draw(st.sampled_from((*["set"] * 6, "delete", "column", "table", "rename", "version", "add")))
        which = draw(st.integers(1, 3))
        made.append(
            {
                "set": (f"UPDATE {table} SET {column} = ? WHERE rowid % {which} = 0", value),
                "delete": (f"DELETE FROM {table} WHERE rowid % {which} = 0", None),
                "column": (f"ALTER TABLE {table} DROP COLUMN {column}", None),
                "table": (f"DROP TABLE {table}", None),
                "rename": (f"ALTER TABLE {table} RENAME COLUMN {column} TO other", None),
                "version": (f"PRAGMA user_version = {which - 1}", None),
                "add": (f"ALTER TABLE {table} ADD COLUMN more DEFAULT 1", None),
            }[kind]
        )
    return tuple(made)


def test_histories_by_statements(fuzz, tmp_path, sound):
    path = tmp_path / "history.db"
    with closing(sqlite3.connect(sound)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        columns = [(table, row[1]) for table in tables for row in connection.execute(f"PRAGMA table_info({table})")]

    def play(given: tuple[tuple[str, object], ...]) -> None:
        _without_leftovers(path)
        path.write_bytes(sound.read_bytes())
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA ignore_check_constraints = ON")
            for statement, value in given:
                with suppress(sqlite3.Error, OverflowError, UnicodeError):
                    connection.execute(statement, (value,) if "?" in statement else ())
        _look_at_history(tmp_path, path, sound)

    fuzz(_statements(columns), play)


def _look_at_import(folder, content: bytes) -> None:
    path = folder / "imported"
    path.write_bytes(content)
    for overrides in (DATED, UNDATED):
        with suppress(MistakeError):
            runs = read_file(path, None, overrides).runs
            stored = folder / "imported.db"
            _without_leftovers(stored)
            with suppress(HistoryError), open_history(stored, create=True) as history:
                history.add((one.run, one.results) for one in runs)
                assert history.runs()
            for exported in EXPORTED.values():
                for _ in exported.write((one.run, one.results) for one in runs[:1]):
                    pass


def test_imported_files_by_their_bytes(fuzz, tmp_path):
    seeds = [(FIXTURES / name).read_bytes()[:200_000] for name in FORMATS]
    wide = unpacked("locust_stats.csv").decode().encode("utf-16")
    fuzz(spoiled_bytes([*seeds, wide]), lambda given: _look_at_import(tmp_path, given))


def test_imported_files_by_their_values(fuzz, tmp_path):
    documents, lines = [], []
    for name in FORMATS:
        text = unpacked(name).decode()
        if name.endswith((".json", ".js")):
            text = text.removeprefix("window.BENCHMARK_DATA = ")
            try:
                documents.append((name, json.loads(text)))
            except ValueError:
                lines.append([json.loads(line) for line in text.splitlines()[:60]])

    def document(given: tuple[str, object]) -> bytes:
        name, value = given
        return (b"window.BENCHMARK_DATA = " if name == "data.js" else b"") + as_json(value).encode()

    spoiled_documents = st.one_of(
        *(st.tuples(st.just(name), spoiled_values([plain])).map(document) for name, plain in documents)
    )
    spoiled_lines = spoiled_values(lines).map(
        lambda values: "\n".join(map(as_json, values if isinstance(values, list) else [values])).encode()
    )
    fuzz(st.one_of(spoiled_documents, spoiled_lines), lambda given: _look_at_import(tmp_path, given))
