"""The text of an issue about a slowdown, and what it remembers."""

import math
import random

import pytest

from perfgate.compare.rows import Row
from perfgate.compare.rules import Rules
from perfgate.compare.stored.slowdowns import kept_of, slowdowns_of
from perfgate.compare.stored.trend import Expectation, TrendPoint, Window, trends_of
from perfgate.report.trend import slowdown as text
from perfgate.report.trend import slowdown_memory
from perfgate.report.trend.trends import Trends
from perfgate.testing import SEEDED_TESTBED
from tests.support.hostile import HOSTILE

MEDIAN = Row("create_pet", "POST /pet", "http_req_duration", "med")


def sample(row=MEDIAN, rows=1, commits=None, levels=(*[10.0] * 30, *[12.0] * 5)):
    """A slowdown, and the trends that it is in."""
    points = []
    for number in range(rows):
        lots = random.Random(number)
        one = row if rows == 1 else Row(row.scenario, f"GET /{number}", row.metric, row.stat)
        for run, level in enumerate(levels):
            commit = commits or f"{run + 10:07x}" + "a" * 33
            value = level * math.exp(lots.gauss(0, 0.01))
            points.append(TrendPoint(one, value, f"{run:03}", 86400.0 * run, SEEDED_TESTBED.id, "1", commit, False))
    trends = trends_of(points, Window(None, None), Expectation(Rules(), rows))
    url = "https://github.com/octo/pets/commit/{sha}"
    (found, *_) = slowdowns_of(trends, Rules())
    return found, Trends("main", trends, {SEEDED_TESTBED.id: SEEDED_TESTBED}, url)


def test_the_title_says_what_since_when_and_how_much():
    title = text.title(sample()[0])
    assert title.startswith("Slower since 0000028: POST /pet, http_req_duration med +")
    assert text.title(sample(rows=3)[0]).endswith(", and 2 more rows")


def test_a_long_name_is_cut_to_make_a_title_that_github_takes():
    row = Row("create_pet", f"GET /{'x' * 230}", "http_req_duration", "med")
    title = text.title(sample(row)[0])
    assert len(title) <= 256
    assert title.startswith("Slower since 0000028: GET /xxx")
    assert ", http_req_duration med +" in title


def test_the_body_says_what_between_which_commits_and_how_to_find_the_one():
    found, trends = sample()
    body = text.body(found, trends, 65_000)
    worse = found.clearest
    assert body.startswith("### `POST /pet`: http_req_duration med +")
    assert f"[`{worse.good.commit[:7]}`](https://github.com/octo/pets/commit/{worse.good.commit})" in body
    assert f"perfgate bisect {worse.good.commit} {worse.bad.commit} create_pet --metric http_req_duration" in body
    lines = body[body.index("```text") :].splitlines()
    assert lines[2].index("▲") == 30
    assert lines[2].endswith("0000028")
    assert "```mermaid" in body
    assert "5 runs confirm it" in body


def test_where_both_sides_are_of_one_commit_there_is_nothing_to_search():
    found, trends = sample(commits="b" * 40)
    body = text.body(found, trends, 65_000)
    assert "the machine may have changed" in body
    assert "perfgate bisect" not in body


def test_a_body_is_as_long_as_it_may_be_and_the_chart_goes_first():
    found, trends = sample(rows=40)
    whole = text.body(found, trends, 65_000)
    assert " more rows got worse at the same time." in whole
    without = text.body(found, trends, len(whole) - 1)
    assert "mermaid" not in without
    assert "perfgate bisect" in without
    for limit in (4_000, 2_000, 500, 10):
        assert len(text.body(found, trends, limit)) <= limit


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_harmless(name):
    found, trends = sample(Row(name, name, "http_req_duration", "med"))
    body = text.body(found, trends, 65_000)
    assert "\n" not in text.title(found)
    assert "<script" not in body
    assert "<!--" not in body
    fences = [line for line in body.splitlines() if line.startswith("```")]
    assert len(fences) % 2 == 0


def test_what_an_issue_remembers_is_one_word_and_is_read_back():
    for name in ("POST /pet", "--> <!-- é 🐕", None):
        kept = kept_of(sample(Row("create pet", name, "http_reqs", "rate"), levels=[9.0] * 30 + [7.0] * 5)[0], None)
        word = slowdown_memory.dumps(kept)
        assert word.split() == [word]
        assert "--" not in word.replace("-", "", 1) or "-->" not in word
        assert slowdown_memory.loads(word) == kept


@pytest.mark.parametrize("word", ["", "nonsense", "eJw=", "é", "x" * 4000, "eJyLjgUAARUAuQ=="])
def test_what_is_no_memory_is_none(word):
    assert slowdown_memory.loads(word) is None
