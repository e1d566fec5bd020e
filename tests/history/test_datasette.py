"""A history in Datasette, with the descriptions that come with it: a real server, asked over HTTP."""

import re
import subprocess
import sys
from dataclasses import replace
from html import unescape
from urllib.parse import quote

import pytest
import requests

from perfgate.history.store import open_history
from tests.support.histories import invalid, put, small_duet, small_run, with_dependencies, with_record
from tests.support.paths import ROOT

METADATA = ROOT / "history" / "metadata.yml"
TABLES = ("runs", "testbeds", "results", "dependencies", "trend", "latest")
QUERIES = ("over_time?branch=main&request=POST+/pet", "load_tests", "slowest", "errors", "machines", "unbelieved")


def make_history(path):
    """Runs of two branches, with errors; a duet; a run that was killed, one with rounds that were invalid."""
    put(path, *(with_dependencies(small_run(number, failed=0.1 * number), db=1.0) for number in range(3)))
    put(path, *small_duet(4), with_record(small_run(5), branch="feature <b>"))
    killed = small_run(6)
    with open_history(path, create=True) as history:
        history.save(killed.record, killed.scenarios[0])
    spoiled = small_run(7)
    first, *others = spoiled.scenarios
    first = replace(first, rounds=(invalid(first.rounds[0]), *first.rounds[1:]))
    put(path, replace(spoiled, scenarios=(first, *others)))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The address of a Datasette that serves a history."""
    pytest.importorskip("datasette", reason="Datasette comes with make test")
    path = tmp_path_factory.mktemp("datasette") / "perfgate.db"
    make_history(path)
    served = [sys.executable, "-m", "datasette", str(path), "--metadata", str(METADATA), "--port", "0"]
    with subprocess.Popen(served, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        try:
            yield f"{address_of(server)}/perfgate"
        finally:
            server.terminate()


def address_of(server):
    """What it says of itself once it listens, on a port that nobody else was given."""
    said = []
    for line in server.stdout:
        said.append(line)
        if found := re.search(r"running on (http://[\w.]+:\d+)", line):
            return found[1]
    raise AssertionError("".join(said))


def get(site, place):
    answer = requests.get(f"{site}/{place}", timeout=30)
    assert answer.status_code == 200, answer.text
    assert 'class="message-error"' not in answer.text
    return unescape(answer.text)


@pytest.mark.parametrize("table", TABLES)
def test_every_table_and_view_opens_and_has_rows(site, table):
    page = get(site, table)
    assert len(re.findall(r"<tr>", page)) > (1 if table == "testbeds" else 5)
    assert requests.get(f"{site}/{table}.json", timeout=30).json()["rows"]


@pytest.mark.parametrize("table", TABLES)
def test_every_column_is_described(site, table):
    page = get(site, table)
    columns = requests.get(f"{site}/{table}.json?_size=1", timeout=30).json()["columns"]
    described = dict(re.findall(r"<dt>(\w+)</dt><dd>(.*?)</dd>", page))
    assert [column for column in columns if not described.get(column)] == []
    assert [name for name in described if name not in columns] == []


@pytest.mark.parametrize("query", QUERIES)
def test_every_question_that_is_offered_has_an_answer(site, query):
    assert query.split("?")[0] in get(site, "")
    name, _, parameters = query.partition("?")
    assert requests.get(f"{site}/{name}.json?{parameters}", timeout=30).json()["rows"]
    get(site, query)


def test_the_rows_of_results_and_runs_lead_to_what_they_belong_to(site):
    run = requests.get(f"{site}/results.json?_shape=array&_size=1", timeout=30).json()[0]["run_id"]
    assert f'href="/perfgate/runs/{run}"' in get(site, "results")
    testbed = requests.get(f"{site}/testbeds.json?_shape=array", timeout=30).json()[0]["id"]
    assert f'href="/perfgate/testbeds/{testbed}"' in get(site, "runs")
    assert "AMD EPYC 7763" in get(site, "runs")
    assert "Links from other tables" in get(site, f"runs/{run}")


def test_a_row_opens(site):
    first = requests.get(f"{site}/results.json?_shape=array&_size=1&request__not=", timeout=30).json()[0]
    key = ",".join(quote(first[name], safe="").replace("%", "~") for name in ("run_id", "scenario", "request"))
    assert first["run_id"] in get(site, f"results/{key}")
