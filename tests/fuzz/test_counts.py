"""What services count: pages of metrics and the header Server-Timing, spoiled."""

from __future__ import annotations

import math

import pytest

from perfgate.load.server_timing import count_entries
from perfgate.metrics.counts import TimingTally
from perfgate.service.counters.page import PageReader, names_on
from tests.support.mutations import spoiled_bytes

pytestmark = pytest.mark.fuzz

PAGES = [
    b"# HELP a_total A.\n# TYPE a_total counter\n"
    b'a_total{b="c",d="e \\"f\\" \\\\ \\n"} 1.5e3 1700000000000\na_total 2\n',
    b'# TYPE g gauge\ng -1\ng{} +Inf\n\n# TYPE h histogram\nh_bucket{le="+Inf"} 3\nh_sum 1\nh_count 3\n# EOF\n',
    b'# TYPE a counter\na_total 17.0 # {trace_id="x"} 0.5\na_created 1.5e9\n',
]
HEADERS = [b'db;dur=53.2;desc="5 queries", cache;desc=hit', b'a;count=3;desc="x \\" , ;", a;dur=1', b"total;dur=1e3"]


def test_pages_of_metrics(fuzz):
    def play(page: bytes) -> None:
        for labels in ({}, {"b": "c"}):
            for one in PageReader(["a_total", "g*", "?"], labels).read(page).values():
                assert math.isfinite(one.value)
        names_on(page)

    fuzz(spoiled_bytes(PAGES), play)


def test_server_timing(fuzz):
    def play(header: bytes) -> None:
        timings: dict[str, TimingTally] = {}
        count_entries(timings, [header.decode("latin-1")])
        for name, timing in timings.items():
            assert name.isprintable()
            assert 0 <= timing.count < math.inf
            assert 0 <= timing.milliseconds < math.inf

    fuzz(spoiled_bytes(HEADERS), play)
