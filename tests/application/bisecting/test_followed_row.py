"""The row that is followed: the one that differs most clearly between the ends, where one surely does."""

from __future__ import annotations

import json
import random

from perfgate.application.bisecting.followed_row import (
    clearest,
    is_sure,
    is_surely_better,
    most_improved,
    rows_to_follow,
    say_enough,
)
from perfgate.bisecting.reading import Trial, readings
from perfgate.compare.rules import Margin, Rules
from tests.support.paths import ROOT
from tests.support.recorded_duets import sides

RECORDED = json.loads((ROOT / "tests/compare/data/recorded_pairs.json").read_text())


def rows_of(name, metric=None, rules=None, swapped=False):
    def named(figures):
        return dict(zip(RECORDED["figures"], figures, strict=True))

    pairs = [(named(base), named(head)) for base, head in RECORDED[name]["pairs"]]
    if swapped:
        pairs = [(head, base) for base, head in pairs]
    return rows_to_follow(*sides(pairs), 9, rules or Rules(), metric, None)


def test_the_clearest_of_the_rows_that_gate_is_followed():
    rows = rows_of("b10_think")
    assert {(one.row.metric, one.row.stat) for one in rows} == {
        ("http_req_failed", "rate"),
        ("http_reqs", "rate"),
        ("service_cpu", "value"),
        ("http_req_duration", "med"),
        ("http_req_duration", "p(95)"),
    }
    best = clearest(rows)
    assert (best.row.metric, best.trial.base, best.trial.head) == ("http_req_duration", 0, 9)
    assert all(best.clearness >= one.clearness for one in rows)
    assert is_sure(best, len(rows))


def test_what_got_faster_is_sure_to_have_and_is_no_row_to_follow():
    rows = rows_of("b10_think", swapped=True)
    assert not is_sure(clearest(rows), len(rows))
    improved = most_improved(rows)
    assert (improved.row.metric, is_surely_better(improved, len(rows))) == ("http_req_duration", True)
    assert improved.reading.change < 0
    assert not is_surely_better(most_improved(rows_of("b10_think")), len(rows))


def test_a_metric_that_is_asked_for_is_followed_in_all_its_statistics():
    assert {one.row.stat for one in rows_of("b10_think", "http_req_duration")} == {"med", "p(95)", "p(99)", "avg"}
    assert [one.row.metric for one in rows_of("b10_think", "service_cpu")] == ["service_cpu"]


def test_a_row_that_a_margin_names_is_one_that_gates():
    rules = Rules(margins=(Margin(0.1, metric="http_req_duration", stat="p(99)"),))
    assert ("http_req_duration", "p(99)") in {
        (one.row.metric, one.row.stat) for one in rows_of("aa_closed", None, rules)
    }


def test_the_same_code_twice_differs_in_no_row():
    for name in ("aa_closed", "aa_think"):
        rows = rows_of(name)
        assert not is_sure(clearest(rows), len(rows))


def test_pairs_that_agree_do_not_rule_out_that_two_instances_differ():
    """3 % more in pairs of one instance each, which alone may differ by as much: another instance of each decides."""
    (row,) = rows_of("aa_closed", "service_cpu")
    lots = random.Random(1)
    changes = tuple(lots.gauss(0.03, 0.01) for _ in range(24))

    def enough(instances, noise, scenarios=1):
        trial = Trial(0, 1, changes, instances)
        (reading,) = readings([trial], 0.007 if noise is None else noise)
        return say_enough([type(row)(row.row, trial, reading)], scenarios, noise)

    assert not enough(1, None)
    assert enough(2, None)
    assert not enough(2, None, scenarios=1000), "of so many rows one looks like that by chance"
    assert enough(1, 0.001), "where they are known to differ less"


def test_a_few_pairs_that_happen_to_agree_prove_nothing():
    """Of a thousand duets of four pairs of the same code."""
    lots = random.Random(1)
    (row,) = rows_of("aa_closed", "service_cpu")
    sure = 0
    for _ in range(1000):
        trial = Trial(0, 1, tuple(lots.gauss(0, 0.05) for _ in range(4)), 1)
        (reading,) = readings([trial], 0.007)
        sure += is_sure(type(row)(row.row, trial, reading), 1)
    assert sure <= 5
