"""What a run of k6 comes to."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from perfgate.errors import NoVerdictError
from perfgate.load.k6.log import K6Log
from perfgate.load.k6.outcome import K6Outcome, judged, refuse_the_impossible
from perfgate.load.k6.process import Watched
from perfgate.load.k6.samples import Samples
from perfgate.load.k6.script import K6Script
from perfgate.load.k6.slicing import K6Load
from perfgate.metrics.catalogue import Kind
from perfgate.metrics.histogram import Histogram
from perfgate.metrics.tally import Tally
from perfgate.metrics.threshold import Threshold, evaluate
from perfgate.scenario.profile import ConstantArrivalRate, ConstantVUs

URL = "http://127.0.0.1:8080"
TIMED = K6Load({"default": {"startVUs": 4, "stages": [{"duration": "1s", "target": 4}]}}, 4, True, {"default": 4})
CLOSED = ConstantVUs(4, 1.0)
COUNTED = K6Load({"default": {"vus": 2, "iterations": 5, "maxDuration": "600s"}}, 2, False, {})


def script(profile=CLOSED):
    return K6Script("a", "k6", profile, (), Path("a.js"), 1, {"default": {}}, frozenset({"default"}), {}, True)


def outcome(code=0, busy=0.3, requests=10, iterations=10, origins=(URL,), raised=(), complaints=(), dropped=0):
    """A run that began at 100 s, whose load was from 101 to 101.5 s, and that ended at 102 s."""
    tally = Tally(iterations=Histogram.of([1000] * iterations), dropped_iterations=dropped)
    for _ in range(requests):
        tally.request("GET /a").ok.record(1000)
    samples = Samples(tally, 101.0, 101.5, Counter(origins if requests else ()))
    watched = Watched([(100.0, 0.0), (101.0, 0.1), (102.0, 0.1 + busy)], set(), code)
    return K6Outcome(watched, samples, K6Log(Counter(raised), list(complaints)), 2.0)


def played(load=TIMED, profile=CLOSED, **what):
    return judged(script(profile), URL, load, 1.0, outcome(**what), 1)


def test_a_round_that_a_moment_ends_is_as_long_as_it_was_asked_to_be():
    assert played().tally.seconds == 1.0
    assert played(COUNTED).tally.seconds == 0.5


def test_a_k6_that_was_busy_during_the_load_makes_a_round_invalid_whatever_its_start_took():
    (problem,) = played(busy=0.95).problems
    assert "95%" in problem
    assert played(busy=0.8).problems == ()


def test_the_record_holds_all_cpu_and_leaves_open_what_k6_cannot_tell():
    record = played(busy=0.3).generator
    assert (record.engine, record.clock, record.cpu) == ("k6", "process", pytest.approx(0.2))
    assert record.hub_lag is record.schedule_lag is record.reader_lag is record.stamps_missing is None


def test_vus_are_those_asked_for_until_k6_tells_of_more():
    assert (played().tally.vus_max, played(COUNTED).tally.vus_max) == (4, 2)


def test_an_open_model_offers_what_it_played_and_what_it_dropped():
    rate = ConstantArrivalRate(20, 1.0, 4)
    assert played(profile=rate, dropped=3).generator.offered == 13
    assert played().generator.offered is None


@pytest.mark.parametrize(
    ("code", "complaints", "said"),
    [
        (-9, (), "signal 9"),
        (107, ("Error: no foo\n\tat a.js",), "the script raised an exception: Error: no foo"),
        (None, (), "did not end in time"),
        (42, (), "exit code 42"),
    ],
)
def test_a_run_that_did_not_end_well_is_invalid_and_says_how_it_ended(code, complaints, said):
    (problem,) = played(code=code, complaints=complaints).problems
    assert said in problem
    assert "\n" not in problem
    with pytest.raises(NoVerdictError, match=said):
        refuse_the_impossible(script(), URL, outcome(code=code, complaints=complaints))


def test_a_refusal_shows_no_user_info_of_the_target():
    with pytest.raises(NoVerdictError) as raised:
        refuse_the_impossible(script(), "http://me:secret@127.0.0.1:8080/v3", outcome(origins=("http://127.0.0.1:9",)))
    assert "secret" not in raised.value.message
    assert "http://…@127.0.0.1:8080/v3" in raised.value.message


def test_requests_elsewhere_are_refused_where_all_of_them_went_there():
    stray = "http://127.0.0.1:9"
    with pytest.raises(NoVerdictError, match=stray) as raised:
        refuse_the_impossible(script(), URL, outcome(origins=(stray,)))
    assert "${__ENV.BASE_URL}" in raised.value.hint
    refuse_the_impossible(script(), URL, outcome(origins=(stray, URL)))
    assert any(stray in warning for warning in played(origins=(stray, URL)).warnings)


@pytest.mark.parametrize(
    ("profile", "what", "refused"),
    [
        (CLOSED, {"iterations": 0}, True),
        (CLOSED, {"iterations": 0, "requests": 0}, True),
        (CLOSED, {"requests": 0, "raised": ["Error: boom"]}, True),
        (CLOSED, {"requests": 3, "raised": ["Error: boom"]}, False),
        (ConstantArrivalRate(1, 60.0, 1), {"iterations": 0, "requests": 0}, False),  # nothing was due yet
        (ConstantArrivalRate(1, 60.0, 1), {"iterations": 0, "requests": 3}, True),
        (ConstantArrivalRate(1, 60.0, 1), {"iterations": 0, "requests": 0, "dropped": 1}, True),
    ],
)
def test_a_script_whose_iterations_come_to_nothing_is_refused(profile, what, refused):
    if not refused:
        refuse_the_impossible(script(profile), URL, outcome(**what))
        return
    with pytest.raises(NoVerdictError, match="no iteration came to its end"):
        refuse_the_impossible(script(profile), URL, outcome(**what))


def test_a_refusal_shows_what_the_script_wrote():
    never = replace(outcome(iterations=0, requests=0), log=K6Log(Counter({"Error: no": 2}), [], ["pet 1", "{}"]))
    with pytest.raises(NoVerdictError, match=r"it raised Error: no\nThe script wrote:\n  pet 1\n  {}$"):
        refuse_the_impossible(script(), URL, never)


def test_of_a_load_of_a_few_milliseconds_no_share_of_a_cpu_is_known():
    found = outcome(busy=0.95)
    found.samples.ended = found.samples.began + 0.02
    assert judged(script(), URL, COUNTED, 1.0, found, 1).problems == ()


@pytest.mark.parametrize(("expression", "passed"), [("count<1", True), ("count>0", False)])
def test_a_counter_that_nothing_was_added_to_is_0(expression, passed):
    stat, comparison, bound = expression[:5], expression[5], float(expression[6:])
    one = Threshold("wrong_answers{tier:1}", None, stat, comparison, bound, expression, False, 0.0)
    counting = replace(script(), thresholds=(one,), counted={"wrong_answers": Kind.COUNTER})
    tally = judged(counting, URL, TIMED, 1.0, outcome(), 1).tally
    assert evaluate(one, "a", tally).passed is passed


def test_a_threshold_on_a_metric_that_the_script_has_not_made_has_no_data():
    one = Threshold("wrong_answrs", None, "count", "<", 1.0, "count<1", False, 0.0)
    tally = judged(replace(script(), thresholds=(one,)), URL, TIMED, 1.0, outcome(), 1).tally
    assert evaluate(one, "a", tally).value is None


def test_a_script_that_speaks_something_else_than_http_is_told_so():
    found = outcome(requests=0)
    found.samples.protocols.add("ws")
    with pytest.raises(NoVerdictError, match=r"only WebSocket messages, and perfgate measures HTTP requests"):
        refuse_the_impossible(script(), URL, found)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("undefined/pet/1", "names no host: it has 'undefined' in the place of a variable$"),
        ("/pet/1", "names no host$"),
    ],
)
def test_a_url_without_a_host_is_told_rather_than_where_k6_was_connected_to(asked, says):
    found = outcome(origins=())
    found.samples.no_host = asked
    found.watched.peers.add(("127.0.0.1", 9))
    with pytest.raises(NoVerdictError, match=f"a asks for '{asked}', whose URL {says}") as raised:
        refuse_the_impossible(script(), URL, found)
    assert "${__ENV.BASE_URL}" in raised.value.hint
    refuse_the_impossible(script(), URL, replace(found, samples=replace(found.samples, origins=Counter([URL]))))


def test_a_host_that_a_variable_should_have_been_is_told():
    with pytest.raises(NoVerdictError, match="'undefined' in the place of a variable"):
        refuse_the_impossible(script(), URL, outcome(origins=("http://undefined:8080",)))
