"""The change of each row in every pair, on a scale on which changes add up."""

import json
import math
from pathlib import Path

import pytest

from perfgate.compare.pair_changes import change_of, changes_by_row
from perfgate.compare.rows import Row
from tests.support.recorded_duets import sides

RECORDED = json.loads((Path(__file__).parent / "data" / "recorded_pairs.json").read_text())


def recorded(name):
    named = lambda side: dict(zip(RECORDED["figures"], side, strict=True))  # noqa: E731 (one line says it)
    return [(named(base), named(head)) for base, head in RECORDED[name]["pairs"]]


def test_cpu_changes_by_the_log_of_its_ratio_in_every_pair():
    pairs = recorded("b5_closed")
    changes = changes_by_row(*sides(pairs))
    cpu = changes[Row("recorded", None, "service_cpu", "value")]
    assert cpu == pytest.approx([math.log(head["cpu"] / base["cpu"]) for base, head in pairs], abs=1e-9)


def test_fewer_requests_are_worse():
    pairs = recorded("aa_closed")
    rate = Row("recorded", None, "http_reqs", "rate")
    changes = changes_by_row(*sides(pairs))[rate]
    assert changes == pytest.approx([math.log(base["n"] / head["n"]) for base, head in pairs], abs=1e-9)
    assert change_of(rate, math.log(2)) == pytest.approx(-0.5)


def test_failures_change_in_points():
    failed = Row("recorded", None, "http_req_failed", "rate")
    assert set(changes_by_row(*sides(recorded("aa_closed")))[failed]) == {0.0}
    assert change_of(failed, 0.01) == 0.01


def test_no_pair_has_no_rows():
    assert changes_by_row(*sides([])) == {}
