"""The page of a measurement, as text."""

import json
import re
from dataclasses import replace

import pytest

from perfgate.metrics.histogram import Histogram
from perfgate.report.page.details import NO_DETAILS, StoredTimes
from perfgate.report.page.measurement import render
from tests.support import verdict_samples
from tests.support.measured_pages import duet_page, duet_runs, one_run, run_page
from tests.support.seeded_duets import SHAPE

HOSTILE = "</script><script>document.title = 'taken'</script><img src=x onerror=alert(1)>"
SAMPLES = ("passing", "regression", "accepted", "improvement", "inconclusive", "invalid", "alone", "first_run")


def charts(page):
    return json.loads(re.search(r'id="charts">(.*?)</script>', page, re.DOTALL)[1])["panels"]


@pytest.mark.parametrize("name", SAMPLES)
def test_every_verdict_has_a_page_also_without_rounds(name):
    verdict = getattr(verdict_samples, name)()
    page = render(verdict)
    assert charts(page) == {}
    assert f">{verdict.outcome.value}</span>" in page
    assert "[[" not in page.replace("[[accept]]", "").partition("<script>")[0]


def test_a_duet_shows_pairs_times_their_shift_throughput_and_failures():
    page = duet_page()
    for title in ("Each pair", "Response times", "Shift of each quantile", "Throughput", "Failed requests"):
        assert f"<h3>{title}" in page
    assert all(f'id="{place}"' in page for place in charts(page) if place.count("-") == 1)


def test_each_row_of_a_scenario_can_be_chosen():
    page = duet_page()
    rows = [row for row in verdict_samples.regression().rows if row.row.scenario == "create_pet"]
    chooser = re.search(r'<select aria-label="Each pair in order of time of" autocomplete="off">(.*?)</select>', page)[
        1
    ]
    measured = [row for row in rows if row.row.request in (None, "POST /pet") and row.row.metric != "service_memory"]
    assert chooser.count("<option") == len(measured)


def test_a_run_alone_shows_its_rounds():
    page = run_page()
    assert "<h3>Each round in order of time" in page
    assert "Shift of each quantile" not in page


def test_stored_runs_show_their_response_times_and_the_shift_between_them():
    page = render(
        verdict_samples.regression(), replace(NO_DETAILS, stored=(stored("base", 12, 10.0), stored("head", 1, 13.0)))
    )
    assert "base: 12 stored runs together" in page
    assert "over all valid rounds" not in page
    assert "<h3>Each pair" not in page
    shifts = [value["shift"] for value in drawn(page, "Shift of each quantile")]
    assert shifts == pytest.approx([0.3] * len(shifts), abs=0.01)


def test_a_run_beside_stored_runs_is_head():
    page = render(
        verdict_samples.regression(), replace(NO_DETAILS, runs=(one_run(),), stored=(stored("base", 1, 10.0),))
    )
    assert "base: 1 stored run together" in page
    assert "<h3>Each round in order of time" in page
    assert {value["side"] for value in drawn(page, "Response times")} == {"base", "head"}
    assert "<h3>Shift of each quantile" in page


def stored(side, runs, middle_ms):
    histogram = Histogram.of(round(middle_ms * share * 1e6) for share in SHAPE for _ in range(10))
    return StoredTimes("create_pet", side, runs, {"POST /pet": histogram})


def drawn(page, title):
    """The records of the chart under a title."""
    place = re.search(rf'<figure id="([^"]+)"><figcaption><h3>{title}', page)[1]
    packed = charts(page)[place]["data"]["values"]
    return [dict(zip(packed["fields"], row, strict=True)) for row in packed["rows"]]


def test_names_from_outside_are_escaped_wherever_they_stand():
    page = render(verdict_samples.regression(), replace(NO_DETAILS, runs=duet_runs(HOSTILE, HOSTILE)))
    text = page.partition("<script>")[0]
    assert "<img" not in text
    assert text.count("<script") == 1
    assert "&lt;img src=x" in text


def test_nothing_is_fetched_by_policy():
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', duet_page())[1]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")


def test_causes_come_first():
    page = render(verdict_samples.explained())
    why = page.index('<h2 id="why">Why</h2>')
    assert "<code>shop.prices.discount</code>" in page[why:]
    assert why < page.index("What changed")
    assert 'id="why"' not in render(verdict_samples.regression())
