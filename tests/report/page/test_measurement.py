"""The page of a measurement, as text."""

import json
import re

import pytest

from perfgate.report.page.measurement import render
from tests.support import verdict_samples
from tests.support.measured_pages import duet_page, duet_runs, run_page

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
    chooser = re.search(r'<select aria-label="Each pair in order of time of" autocomplete="off">(.*?)</select>', page)[1]
    measured = [row for row in rows if row.row.request in (None, "POST /pet") and row.row.metric != "service_memory"]
    assert chooser.count("<option") == len(measured)


def test_a_run_alone_shows_its_rounds():
    page = run_page()
    assert "<h3>Each round in order of time" in page
    assert "Shift of each quantile" not in page


def test_names_from_outside_are_escaped_wherever_they_stand():
    page = render(verdict_samples.regression(), duet_runs(HOSTILE, HOSTILE))
    text = page.partition("<script>")[0]
    assert "<img" not in text
    assert text.count("<script") == 1
    assert "&lt;img src=x" in text


def test_nothing_is_fetched_by_policy():
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', duet_page())[1]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
