"""The tables and views of a history: their columns from a new file, what they are from history/metadata.yml."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from perfgate.history.store import open_history
from tools.docs.markdown import code, sentence, table

_METADATA = Path(__file__).parents[2] / "history" / "metadata.yml"


def all_columns() -> str:
    """A section for each table and view. KeyError where the metadata lack one of its columns."""
    described = yaml.safe_load(_METADATA.read_text(encoding="utf-8"))["databases"]["perfgate"]["tables"]
    with TemporaryDirectory() as folder:
        path = Path(folder, "perfgate.db")
        open_history(path, create=True).close()
        with closing(sqlite3.connect(path)) as connection:
            listed = connection.execute("SELECT type, name FROM sqlite_master WHERE type IN ('table', 'view')")
            kinds = {name: kind for kind, name in listed if not name.startswith("sqlite_")}
            order = [name for name in described if name in kinds]
            missing = sorted(set(kinds) - set(described))
            if missing:
                raise KeyError(f"history/metadata.yml does not describe {', '.join(missing)}")
            return "\n".join(_section(connection, kinds[name], name, described[name]) for name in order)


def _section(connection: sqlite3.Connection, kind: str, name: str, described: dict[str, Any]) -> str:
    columns = connection.execute(f"SELECT name, type, pk FROM pragma_table_info('{name}')").fetchall()
    rows = [
        (code(column) + (" (key)" if key else ""), kind_of.lower(), sentence(described["columns"][column]))
        for column, kind_of, key in columns
    ]
    if kind == "view":  # columns that are computed have no type
        shown = table(("column", "is"), [(column, text) for column, _, text in rows])
    else:
        shown = table(("column", "type", "is"), rows)
    return f"### {name}, a {kind}\n\n{sentence(described['description'])}\n\n{shown}"
