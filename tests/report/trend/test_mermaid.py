"""The chart of a trend: what Mermaid is told."""

import re
from dataclasses import replace

import pytest

from perfgate.compare.rows import Row
from perfgate.compare.rules import Rules
from perfgate.compare.stored.trend import Expectation, TrendPoint, Window, trends_of
from perfgate.metrics.catalogue import METRICS, NAMED, STATS, with_name
from perfgate.report.trend.mermaid import chart
from tests.support.hostile import HOSTILE

MED = Row("create_pet", "POST /pet", "http_req_duration", "med")
RATE = Row("create_pet", None, "http_reqs", "rate")
FAILED = Row("create_pet", None, "http_req_failed", "rate")


def trend(values, row=MED):
    points = [
        TrendPoint(row, value, f"run {n}", 1e9 + n, "bed", "hash", "1a2b3c4", False) for n, value in enumerate(values)
    ]
    (found,) = trends_of(points, Window(None, None), Expectation(Rules(), 5))
    return found


def calm(row=MED, level=12.0):
    return trend([level * (1 + 0.01 * (n % 5)) for n in range(25)], row)


def lines(text):
    return re.findall(r"^    line \[(.*)\]$", text, re.MULTILINE)


def test_the_runs_are_a_line_and_this_change_is_its_last_point():
    runs, limit = lines(chart(calm(), "main", 16.2))
    assert runs.split(", ")[:2] == ["12", "12.12"]
    assert runs.split(", ")[-1] == "16.2"
    assert len(runs.split(", ")) == len(limit.split(", ")) == 26
    assert len(set(limit.split(", "))) == 1


def test_what_cannot_be_put_beside_the_runs_is_not():
    text = chart(calm(), "main", None)
    assert len(lines(text)[0].split(", ")) == 25
    assert "this change" not in text


def test_the_limit_is_on_the_side_on_which_it_would_be_worse():
    assert "lies below" in chart(calm(), "main", None)
    assert "lies above" in chart(calm(RATE), "main", None)


def test_without_enough_runs_there_is_no_limit():
    text = chart(trend([12.0, 12.1]), "main", None)
    assert len(lines(text)) == 1
    assert "Yellow" not in text


@pytest.mark.parametrize("values", [[0.0], [0.0, 0.0], [1e-9], [1e12, 2e12], [12.0], [5.0] * 3])
def test_every_series_has_an_axis_without_exponents(values):
    text = chart(trend(values), "main", None)
    low, high = re.search(r'y-axis "ms" (\S+) --> (\S+)', text).groups()
    assert float(low) < float(high)
    assert "e+" not in text
    assert "e-" not in text


def test_shares_are_in_per_cent():
    assert 'y-axis "%"' in chart(trend([0.01, 0.02], FAILED), "main", None)
    assert lines(chart(trend([0.01, 0.02], FAILED), "main", None)) == ["1, 2"]


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_every_metric_has_an_axis(metric):
    name = with_name(metric.name, "queries") if metric.name in NAMED else metric.name
    for stat in STATS[metric.kind]:
        text = chart(trend([1.0, 2.0], Row("create_pet", None, name, stat)), "main", 3.0)
        assert re.search(r'y-axis "[a-z% ]+" \S+ --> \S+', text)


def test_only_the_newest_runs_are_drawn():
    assert len(lines(chart(trend([12.0] * 500), "main", 12.0))[0].split(", ")) == 41


@pytest.mark.parametrize("text", HOSTILE)
def test_no_name_gets_out_of_its_quotes(text):
    tame = chart(calm(), "main", 16.2)
    wild = chart(replace(calm(), row=replace(MED, request=text)), text, 16.2)

    def skeleton(drawn):
        return re.sub(r'(title|x-axis) "[^"\n#%`;]*"', r"\1", drawn)

    assert skeleton(wild) == skeleton(tame)
