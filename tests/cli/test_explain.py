"""`--explain` end to end: two commits of a Python service, of which one function takes more."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import Any

import pytest

from perfgate.extras import is_installed
from tests.support.command import call
from tests.support.explained import DUET, SOONER, explained
from tests.support.planted import Planted, new_repository, sources
from tests.support.repository import Repository

PLANTED = Planted("code", "shop.prices.discount", 0.6)


@pytest.fixture
def repository(tmp_path):
    return new_repository(tmp_path / "repository", SOONER)


@dataclass(frozen=True)
class Explained:
    """A duet that was explained: its repository, what it said, and its result file."""

    repository: Repository
    out: str
    result: dict[str, Any]

    def read(self, name: str) -> str:
        return (self.repository.folder / name).read_text()


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    repository = new_repository(tmp_path_factory.mktemp("planted") / "repository", SOONER)
    repository.commit(**sources(PLANTED))
    page = ["--html", "r.html"] if is_installed("vl_convert") else []
    done, result = explained(repository, *DUET, "--explain", "--markdown", "r.md", *page)
    return Explained(repository, done.out, result)


def test_the_function_that_takes_more_is_named_in_every_report(planted):
    cause = planted.result["causes"][0]
    assert (cause["function"], cause["file"], cause["changed"]) == (PLANTED.name, "shop/prices.py", True)
    assert cause["low_ms"] <= cause["change_ms"] <= cause["high_ms"]
    assert cause["low_ms"] > 0
    assert cause["callers"] == ["shop.prices.all_of_it"]
    assert cause["profiler"] == "py-spy"
    assert planted.read("shop/prices.py").splitlines()[cause["line"] - 1] == "def discount():"
    assert "shop.prices.discount (shop/prices.py:" in " ".join(planted.out.split())
    assert "**Why**\n\n- `shop.prices.discount` (`shop/prices.py:" in planted.read("r.md")


def test_the_page_shows_what_the_profiler_saw(planted):
    pytest.importorskip("vl_convert")
    page = planted.read("r.html")
    assert "<h3>CPU of a request, by function</h3>" in page
    assert '"discount","shop/prices.py"' in page


def test_profiled_rounds_are_in_no_history_and_in_no_row(planted):
    rounds = {row["rounds"] for row in planted.result["rows"]}
    assert max(rounds) <= planted.result["methods"][0]["pairs"]
    shown = call("history", "show", "latest", "--json", "-", folder=planted.repository.folder)
    assert "discount" not in shown.out


def test_unasked_nothing_is_profiled_and_no_other_difference_looked_for(repository):
    repository.commit(**{"requirements.txt": "fastapi==0.110.0\n"})
    repository.commit(**sources(PLANTED), **{"requirements.txt": "fastapi==0.115.2\n"})
    _, result = explained(repository, *DUET)
    assert (result["causes"], result["differences"]) == ([], [])


ONE_MORE = """
from perfgate import scenario

@scenario(vus=1, duration="10s")
def read(user):
    user.get("/")
    user.think(0.05)
"""


def test_where_nothing_rose_a_note_says_so_and_another_one_what_there_was_no_time_for(repository):
    repository.commit(**{"scenarios/read.py": ONE_MORE})
    repository.commit(name="nothing")
    for _ in range(2):  # a function is named for nothing at a rate of its own, which tests/explain holds it to
        _, result = explained(repository, *DUET, "look", "read", "--explain", "--margin", "60%")
        if not result["causes"]:
            break
    assert result["causes"] == []
    notes = {note["message"]: note["scenario"] for note in result["validity"]}
    assert notes["no function was seen to take more CPU than on base"] == "look"
    assert "no function was looked for in read: 15 s are too few" in notes


def test_where_too_few_rounds_can_be_used_that_is_said_and_not_that_nothing_rose(repository):
    silent = f"{sys.executable} -c 'import time; time.sleep({{seconds}})'"
    settings = SOONER.replace("[explain]", f'[explain]\ncommand = "{silent}"')
    repository.commit(**{"perfgate.toml": settings, "scenarios/read.py": ONE_MORE})
    repository.commit(name="nothing")
    _, result = explained(repository, *DUET, "read", "--explain", "--budget", "2s")
    (note,) = [note["message"] for note in result["validity"] if "function" in note["message"]]
    assert note == "too few rounds to name a function: 0 usable pairs, and it takes 4"


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (2, "queries were not looked for: the queries of PostgreSQL cannot be read: it went away"),
        (99, "too few rounds to name a query: 1 usable pairs, and it takes 3"),
    ],
)
def test_where_queries_can_be_read_too_seldom_that_is_said(answers, said, repository, tmp_path):
    psql = tmp_path / "psql"
    # It takes its time, so that there are few rounds, and answers so many times.
    answer = f"echo >> {tmp_path}/asked; [ $(wc -l < {tmp_path}/asked) -le {answers} ]"
    psql.write_text(f"#!/bin/sh\nsleep 2\n{answer} && echo '[]' || {{ echo it went away >&2; exit 2; }}\n")
    psql.chmod(0o755)
    settings = SOONER.replace("15s", "12s").replace("[service]", '[service]\nenv = { PGHOST = "localhost" }')
    repository.commit(**{"perfgate.toml": settings, "scenarios/read.py": ONE_MORE})
    repository.commit(name="nothing")
    path = f"{tmp_path}:{os.environ['PATH']}"
    _, result = explained(repository, *DUET, "read", "--explain", "--budget", "2s", PATH=path)
    assert said in [note["message"] for note in result["validity"]]
