"""Prometheus' text format, as counters take it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfgate.service.counters.page import Counted, PageReader, is_pattern, is_something_else, names_on

PAGE = rb"""# HELP db_queries_total Queries.
# TYPE db_queries_total counter
db_queries_total{table="items",kind="read"} 12
db_queries_total{table="orders \"x\", }",kind="read"} 3 1700000000000
db_queries_total_other 99
# TYPE db_pool gauge
db_pool 8
# TYPE db_seconds histogram
db_seconds_bucket{le="0.1"} 7
db_seconds_bucket{le="+Inf"} 9
db_seconds_sum 1.5
db_seconds_count 9
db_seconds_created 1.7e9
# TYPE db_wait summary
db_wait{quantile="0.5"} 0.2
db_wait_sum 2
db_wait_count 4
db_broken NaN
db_strange 1_000
rows_total 5
rows_now 6
"""


def read(*names, **labels):
    return PageReader(names, labels).read(PAGE)


def test_a_name_is_the_sum_over_its_labels():
    assert read("db_queries_total") == {"db_queries_total": Counted(15.0, False)}


def test_labels_choose_samples():
    assert read("db_queries_total", table="items") == {"db_queries_total": Counted(12.0, False)}
    assert read("db_queries_total", table='orders "x", }') == {"db_queries_total": Counted(3.0, False)}
    assert read("db_queries_total", table="none") == {}
    assert read("db_pool", table="items") == {}


def test_the_page_says_what_is_a_gauge():
    assert read("db_pool") == {"db_pool": Counted(8.0, True)}
    assert read("rows_*") == {"rows_total": Counted(5.0, False), "rows_now": Counted(6.0, True)}


def test_buckets_and_quantiles_count_nothing():
    assert set(read("db_seconds*", "db_wait*")) == {
        "db_seconds_sum",
        "db_seconds_count",
        "db_wait_sum",
        "db_wait_count",
    }


def test_what_is_no_finite_number_is_left_out():
    assert read("db_broken", "db_strange", "absent") == {}


def test_a_pattern_says_itself():
    assert [is_pattern(name) for name in ("db_*", "db_?", "db_queries_total")] == [True, True, False]


def test_a_page_knows_the_names_that_can_be_counted():
    assert set(names_on(PAGE)) == set(read("*"))
    assert names_on(b"# TYPE a counter\na_total 1\nb 2\n") == ("a_total", "b")


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (b"", False),
        (b"# HELP a nothing yet\n\n", False),
        (b"a NaN\n", False),
        (b"hello world\n", True),
        (b"<html>\n", True),
        (b'{"a": 1}', True),
    ],
)
def test_a_page_for_people_is_something_else(page, expected):
    assert is_something_else(page) is expected


def test_the_same_samples_as_prometheus_own_parser():
    parser = pytest.importorskip("prometheus_client.parser")
    page = PAGE.replace(b"db_strange 1_000\n", b"")
    known = {}
    for family in parser.text_string_to_metric_families(page.decode()):
        for sample in family.samples:
            known[sample.name] = known.get(sample.name, 0.0) + sample.value
    found = PageReader(["*"], {}).read(page)
    assert {name: one.value for name, one in found.items()} == {name: known[name] for name in found}


@given(st.binary(max_size=300) | st.text(alphabet='ab{}"\\=, #\n1.e_', max_size=300).map(str.encode))
def test_any_page_has_finite_numbers_or_none(page):
    found = PageReader(["*"], {"a": "b"}).read(page)
    assert all(one.value - one.value == 0 for one in found.values())


def test_a_page_of_ten_thousand_quotes_is_no_riddle():
    began = time.process_time()
    assert PageReader(["a*"], {"a": "b"}).read(b'a{a="' * 10_000 + b"\n" + b'a{a="\\' * 10_000) == {}
    assert time.process_time() - began < 30  # it would take hours if each quote could begin anew


def test_a_page_of_blanks_is_no_riddle():
    page = b"a" + b" " * 1_000_000 + b"\n"
    began = time.process_time()
    assert PageReader(["a*"], {}).read(page) == {}
    assert is_something_else(page)
    assert time.process_time() - began < 30  # it would take hours if each blank could begin anew
