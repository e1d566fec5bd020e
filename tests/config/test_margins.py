"""config/reading: margins and acceptances that would be about no row are mistakes."""

import pytest

from perfgate.compare.rules import Margin
from perfgate.config.reading import load_config
from perfgate.errors import ProblemsError


def read(tmp_path, table, **keys):
    path = tmp_path / "perfgate.toml"
    path.write_text("\n".join([f"[[{table}]]", *(f"{key} = {value!r}" for key, value in keys.items())]) + "\n")
    return load_config(path)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"metric": "checks"}, "checks is not compared between base and head; a threshold in the scenario can limit"),
        ({"metric": "http_req_retries", "stat": "rate"}, "http_req_retries is not compared"),
        ({"metric": "http_reqs", "stat": "med"}, "http_reqs is compared by rate, not by 'med'"),
        (
            {"metric": "http_req_duration", "stat": "p95"},
            "is compared by med, p(95), p(99), avg, not by 'p95'; did you mean 'p(95)'?",
        ),
        ({"stat": "max"}, "rows are compared by med, p(95), p(99), avg, rate, value, not by 'max'"),
        ({"metric": "http_req_failed", "request": "GET /"}, "http_req_failed is compared for whole scenarios, not for"),
        ({"stat": "rate", "request": "GET /"}, "rate is compared for whole scenarios"),
        ({"metric": "counter{name:queries}", "request": "GET /"}, "leave request out"),
    ],
)
def test_a_margin_of_what_has_no_row_is_a_mistake(tmp_path, keys, said):
    with pytest.raises(ProblemsError) as caught:
        read(tmp_path, "margins", **keys, allowed="1%")
    (problem,) = caught.value.problems
    assert problem.place.endswith("[[margins]] 1")
    assert said in problem.message


@pytest.mark.parametrize(
    "keys",
    [
        {"metric": "http_req_duration", "stat": "p(99)", "request": "GET /"},
        {"metric": "http_req_failed"},
        {"metric": "dependency_cpu{name:postgres}", "stat": "value", "scenario": "shop"},
        {"metric": "server_timing_count", "request": "GET /"},
        {"metric": "http_req_tls_handshaking", "stat": "avg"},
        {"stat": "p(95)"},
        {"request": "GET /"},
    ],
)
def test_a_margin_of_rows_that_there_may_be_is_taken(tmp_path, keys):
    assert read(tmp_path, "margins", **keys, allowed="1%").rules.margins == (Margin(0.01, **keys),)


def test_so_is_an_acceptance_of_what_has_no_row(tmp_path):
    rest = {"scenario": "shop", "ceiling": "20%", "expires": "2027-01-31", "reason": "it is meant to be so"}
    assert len(read(tmp_path, "accept", metric="http_req_duration", request="GET /", **rest).acceptances) == 1
    for wrong, said in (({"metric": "checks"}, "not compared"), ({"metric": "http_reqs", "request": "GET /"}, "whole")):
        with pytest.raises(ProblemsError, match=said):
            read(tmp_path, "accept", **wrong, **rest)
