"""Where a service's PostgreSQL is, and what its pg_stat_statements says. https://www.postgresql.org/docs/current/pgstatstatements.html"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from perfgate.explain.profilers.profiler import ProfilerError
from perfgate.explain.profilers.program import ProfilerPlace, last_words, started
from perfgate.explain.queries import Statement
from perfgate.extras import is_installed

# What SQLAlchemy, Django, JDBC and libpq itself begin with.
_URL = re.compile(r"(?:jdbc:)?postgres(?:ql)?(?:\+\w+)?(://\S+)")
# The parameters of a connection, and the variables by which libpq takes them.
_VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
}
_TIMEOUT = "PGCONNECT_TIMEOUT"
_SECONDS = 3
# The name of the time changed with PostgreSQL 13.
_STATEMENTS = """
select coalesce(json_agg(json_build_array(query, calls, coalesce(one->>'total_exec_time', one->>'total_time'))), '[]')
from (select query, calls, to_jsonb(s) - 'query' as one from pg_stat_statements s
      join pg_database d on d.oid = s.dbid where d.datname = current_database()) as seen
where query not like '%pg_stat_statements%'
"""
# PostgreSQL counts a statement once, whatever stands in its comments, and keeps the text of the run that it saw first:
# one that a service tags with a trace or a version has another text on each side. A hint, /*+ ... */, is no comment.
_QUOTED_OR_COMMENT = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|(?P<comment>/\*(?!\+).*?\*/|--[^\n]*)""", re.DOTALL)
_EXTENSION = (
    "start PostgreSQL with -c shared_preload_libraries=pg_stat_statements, and run"
    " create extension pg_stat_statements in the service's database"
)
_CLIENT = "install psql (apt-get install postgresql-client) or psycopg (pip install 'psycopg[binary]')"


def connection_of(variables: Mapping[str, str]) -> dict[str, str] | None:
    """The parameters of the connection that a service makes, from its environment; None where none is there."""
    for text in variables.values():
        if match := _URL.fullmatch(text.strip()):
            return _parameters(f"postgresql{match[1]}")
    found = {name: variables[variable] for name, variable in _VARIABLES.items() if variable in variables}
    return found if "host" in found else None


def _parameters(url: str) -> dict[str, str]:
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = None
    found = {
        "host": parts.hostname or "",
        "port": str(port or ""),
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "dbname": unquote(parts.path.lstrip("/")),
        **{name: value for name, value in parse_qsl(parts.query) if name in _VARIABLES},
    }
    return {name: value for name, value in found.items() if value}


class StatementReader:
    """Reads the statements of one database, by psql or psycopg, whichever is there.

    connection: the parameters that libpq takes.
    """

    def __init__(self, connection: Mapping[str, str], place: ProfilerPlace) -> None:
        self._connection = connection
        self._place = place
        self._psql = shutil.which("psql", path=place.environment.get("PATH"))
        if self._psql is None and not is_installed("psycopg"):
            raise ProfilerError("the queries of PostgreSQL cannot be read", _CLIENT)

    def read(self) -> dict[str, Statement]:
        """What it counted so far, by the text of the statement. ProfilerError where it does not say."""
        text = self._by_psql() if self._psql else self._by_psycopg()
        try:
            return read_statements(text)
        except ValueError:
            raise ProfilerError("pg_stat_statements was read, and makes no sense") from None

    def _by_psql(self) -> str:
        assert self._psql is not None
        named = {_VARIABLES[name]: value for name, value in self._connection.items()}
        place = ProfilerPlace(self._place.folder, {**self._place.environment, **named, _TIMEOUT: str(_SECONDS)})
        options = ["--no-psqlrc", "--no-password", "--tuples-only", "--no-align", "--command", _STATEMENTS]
        with started([self._psql, *options], place) as program:
            code, output, errors = program.end()
        if code:
            raise _unreadable(last_words(errors))
        return output

    def _by_psycopg(self) -> str:
        import psycopg

        try:
            with psycopg.connect(**self._connection, connect_timeout=_SECONDS) as connection:
                (found,) = connection.execute(_STATEMENTS).fetchone() or ("[]",)
        except psycopg.Error as error:
            raise _unreadable(last_words(str(error))) from None
        return found if isinstance(found, str) else json.dumps(found)


def read_statements(text: str) -> dict[str, Statement]:
    """The statements in rows of text, calls and milliseconds, as JSON; those of several users, and those that differ
    in their comments alone, together.

    ValueError where it is something else.
    """
    try:
        return _statements(json.loads(text))
    except (TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError(str(error)) from None


def _statements(rows: Iterable[tuple[str | None, int, Any]]) -> dict[str, Statement]:
    found: dict[str, Statement] = {}
    for query, calls, milliseconds in rows:
        if query and (text := _plain(query)):
            before = found.get(text, Statement(0, 0.0))
            found[text] = Statement(before.calls + int(calls), before.milliseconds + float(milliseconds))
    return found


def _plain(query: str) -> str:
    """A statement on one line, without its comments."""
    return " ".join(_QUOTED_OR_COMMENT.sub(lambda one: " " if one["comment"] else one[0], query).split())


def _unreadable(said: str) -> ProfilerError:
    hint = _EXTENSION if "pg_stat_statements" in said else ""
    return ProfilerError(f"the queries of PostgreSQL cannot be read: {said}", hint)
