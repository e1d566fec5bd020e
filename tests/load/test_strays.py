"""Where the requests of rounds went."""

import pytest

from perfgate.load.reports import WorkerReport, merge_reports
from perfgate.load.strays import Strays
from perfgate.metrics.tally import Tally

TARGET, OTHER = "http://127.0.0.1:8080/api", "http://127.0.0.1:9000"


def judged(strays, requests, retries=0, **elsewhere):
    """A round of so many requests, as two workers counted it. elsewhere: how many of them went where."""
    tally = Tally(seconds=1.0)
    for _ in range(requests):
        tally.request("GET /a").ok.record(1_000_000)
    if retries:
        tally.request("GET /a").retries = retries
    reports = [
        WorkerReport(tally.to_plain(), requests, 0, 0.0, 0.0, 0.0, 0.1, 0.0, None, {}, 0, elsewhere),
        WorkerReport(Tally(seconds=1.0).to_plain(), 0, 0, 0.0, 0.0, 0.0, 0.1, 0.0, None, {}, 0),
    ]
    return strays.judged(merge_reports("perfgate", reports), reports)


def test_a_round_at_the_target_is_left_as_it_is():
    played = judged(Strays(TARGET), 3)
    assert (played.warnings, played.problems) == ((), ())


@pytest.mark.parametrize("retries", [0, 2])
def test_a_round_of_requests_elsewhere_is_invalid_and_says_how_to_write_them(retries):
    (problem,) = judged(Strays(TARGET), 3, retries, **{OTHER: 3 + retries}).problems
    assert problem.startswith(f"all requests went to {OTHER} instead of the target: give paths")


def test_some_requests_elsewhere_are_a_warning_the_commonest_place_first():
    played = judged(Strays(TARGET), 9, **{"https://login.example": 1, OTHER: 7})
    assert played.problems == ()
    assert played.warnings == (
        f"some requests went to {OTHER}, https://login.example instead of the target, and are counted too",
    )


def test_a_round_of_one_request_elsewhere_is_valid_where_rounds_before_it_went_to_the_target():
    strays = Strays(TARGET)
    judged(strays, 3)
    played = judged(strays, 1, **{OTHER: 1})
    assert (len(played.warnings), played.problems) == (1, ())


@pytest.mark.parametrize(
    ("target", "place"),
    [
        (TARGET, "http://localhost:8080"),
        ("http://localhost:8080", "http://127.0.0.1:8080"),
        ("http://shop.invalid", "https://shop.invalid"),
        ("http://shop.invalid:80", "https://shop.invalid:443"),
    ],
)
def test_another_name_of_the_target_is_not_elsewhere(target, place):
    played = judged(Strays(target), 3, **{place: 3})
    assert (played.warnings, played.problems) == ((), ())


@pytest.mark.parametrize("place", ["http://127.0.0.1", "https://127.0.0.1:8443", "http://shop.invalid:9"])
def test_another_port_or_host_is_elsewhere(place):
    assert judged(Strays(TARGET), 3, **{place: 3}).problems
