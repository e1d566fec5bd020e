"""The reference names every table and column; the Datasette test holds the metadata to the same."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.histories import put, small_run

PAGE = (Path(__file__).parents[2] / "docs/reference/history.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("table", ["runs", "testbeds", "results", "dependencies", "trend"])
def test_every_column_is_named_in_the_reference_and_no_other(tmp_path, table):
    path = tmp_path / "perfgate.db"
    put(path, small_run())
    with closing(sqlite3.connect(path)) as connection:
        columns = {column[0] for column in connection.execute(f"SELECT * FROM {table}").description}
    rows = re.findall(rf"^\| `{table}` \|.*\n(?:\| \|.*\n)*", PAGE, re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", rows[-1])) - {table} == columns
