"""What a person sees who opens the file with any SQLite tool. `pytest --update-golden` writes the files anew."""

import sqlite3
from pathlib import Path

import pytest
from tabulate import tabulate

from perfgate.history.store import open_history
from tests.support.histories import put_of_every_kind, small_duet, small_run

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "perfgate.db"
    put_of_every_kind(path)
    return path


def printed(path, query):
    connection = sqlite3.connect(path)
    try:
        cursor = connection.execute(query)
        rows = [["" if value is None else str(value) for value in row] for row in cursor]
        headers = [column[0] for column in cursor.description]
    finally:
        connection.close()
    numeric = [all(is_number(row[place]) for row in rows) for place in range(len(headers))]
    align = ["right" if number else "left" for number in numeric]
    return tabulate(rows, headers, tablefmt="simple_outline", disable_numparse=True, colalign=align) + "\n"


def is_number(text):
    try:
        float(text or 0)
    except ValueError:
        return False
    return True


@pytest.fixture
def golden(request):
    def compare(name, text):
        file = GOLDEN / name
        if request.config.getoption("--update-golden"):
            file.write_text(text, encoding="utf-8")
        assert text == file.read_text(encoding="utf-8")

    return compare


def test_the_trend_reads_like_a_table_that_a_person_made(path, golden):
    golden("trend.txt", printed(path, "SELECT * FROM trend"))


def test_the_latest_results_are_those_of_the_newest_finished_run_of_each_branch(path, golden):
    golden("latest.txt", printed(path, "SELECT * FROM latest"))


def test_neither_bases_nor_runs_that_did_not_finish_are_the_latest(tmp_path):
    path = tmp_path / "perfgate.db"
    base, head = small_duet(1)
    killed = small_run(2)
    with open_history(path, create=True) as history:
        history.save_run(base)
        history.save_run(head)
        history.save(killed.record, killed.scenarios[0])
    connection = sqlite3.connect(path)
    assert set(connection.execute("SELECT run_id FROM latest")) == {(head.record.id,)}
    connection.close()


def test_the_tables_read_well_too(path, golden):
    shown = [printed(path, f"SELECT * FROM {table} LIMIT 2") for table in ("testbeds", "runs")]
    whole = "SELECT * FROM results WHERE request = '' AND run_id = (SELECT max(id) FROM runs WHERE side = 'head')"
    shown.append(
        printed(path, whole.replace("*", "scenario, requests, failed, med_ms, p95_ms, rounds, service_cpu_ms"))
    )
    golden("tables.txt", "\n".join(shown))


def test_the_newest_run_is_last_in_the_trend(path):
    connection = sqlite3.connect(path)
    started = [row[0] for row in connection.execute("SELECT started_at FROM trend")]
    connection.close()
    assert started == sorted(started)
    assert started[0] == "2026-01-01T00:00:00Z"


def test_what_a_view_shows_leads_back_to_the_results(path):
    connection = sqlite3.connect(path)
    joined = """
        SELECT count(*) FROM trend JOIN results USING (run_id, scenario, request)
        WHERE abs(coalesce(trend.med_ms - results.med_ms, 0)) > 0.005
    """
    assert connection.execute(joined).fetchone() == (0,)
    assert connection.execute("SELECT count(*) FROM trend").fetchone() == (25,)
    connection.close()
