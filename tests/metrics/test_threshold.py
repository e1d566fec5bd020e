"""The threshold grammar, a table of good and bad ones, and what thresholds say of a tally."""

import pytest

from perfgate.errors import MistakeError
from perfgate.metrics.catalogue import Kind
from perfgate.metrics.dependency_use import DependencyUse
from perfgate.metrics.histogram import Histogram
from perfgate.metrics.series import Series
from perfgate.metrics.tally import RequestTally, Tally
from perfgate.metrics.threshold import Threshold, aborts, evaluate, parse_selector, parse_threshold

GOOD = [
    ("http_req_duration", "p(95)<500", ("p(95)", "<", 500.0)),
    ("http_req_duration", "p(95)<500ms", ("p(95)", "<", 500.0)),
    ("http_req_duration", "p(99.9) <= 1.5s", ("p(99.9)", "<=", 1500.0)),
    ("http_req_duration", " avg  <  1m ", ("avg", "<", 60_000.0)),
    ("http_req_duration", "med<0.4", ("med", "<", 0.4)),
    ("http_req_duration", "min>100us", ("min", ">", pytest.approx(0.1))),
    ("http_req_duration", "max!=1e3", ("max", "!=", 1000.0)),
    ("iteration_duration", "p(90)>=2s", ("p(90)", ">=", 2000.0)),
    ("http_req_failed", "rate<1%", ("rate", "<", 0.01)),
    ("http_req_failed", "rate < 1 %", ("rate", "<", 0.01)),
    ("http_req_failed", "rate<0.01", ("rate", "<", 0.01)),
    ("http_req_failed", "rate==0", ("rate", "==", 0.0)),
    ("checks", "rate===100%", ("rate", "===", 1.0)),
    ("http_reqs", "count>1000", ("count", ">", 1000.0)),
    ("http_reqs", "rate>100", ("rate", ">", 100.0)),
    ("http_reqs", "rate>100/s", ("rate", ">", 100.0)),
    ("data_received", "count<1GB", ("count", "<", 1e9)),
    ("data_sent", "count<512KiB", ("count", "<", 524_288.0)),
    ("dropped_iterations", "count<1", ("count", "<", 1.0)),
    ("vus_max", "value<=50", ("value", "<=", 50.0)),
    ("service_cpu", "value<2ms", ("value", "<", 2.0)),
    ("service_memory", "value<1GiB", ("value", "<", 2.0**30)),
    ("dependency_cpu{name:postgres}", "value<2", ("value", "<", 2.0)),
    ("dependency_memory{name:my cache}", "value<1GiB", ("value", "<", 2.0**30)),
]


@pytest.mark.parametrize(("selector", "expression", "meaning"), GOOD, ids=[f"{row[0]}: {row[1]}" for row in GOOD])
def test_a_threshold_means_what_it_says(selector, expression, meaning):
    threshold = parse_threshold(selector, expression)
    assert (threshold.stat, threshold.comparison, threshold.bound) == meaning
    assert (threshold.metric, threshold.request, threshold.abort_on_fail) == (selector, None, False)
    assert threshold.expression == expression.strip()


BAD = [
    ("http_req_duration", "", "'' is not a threshold", "write it like 'p(95)<500ms'"),
    ("http_req_duration", "p(95)", "is not a threshold", "'p(95)<500ms'"),
    ("http_req_duration", "p(95)<", "is not a threshold", "'p(95)<500ms'"),
    ("http_req_duration", "<500", "is not a threshold", "'p(95)<500ms'"),
    ("http_req_duration", "p(95)=500", "is not a threshold", "'p(95)<500ms'"),
    ("http_req_duration", "p(95)<<500", "'<500' is not a duration", "500ms or 1.5s"),
    ("http_req_duration", 500, "500 is not a threshold", "'p(95)<500ms'"),
    ("http_req_failed", "1%", "is not a threshold", "'rate<1%'"),
    ("iterations", "more", "is not a threshold", "'count>100'"),
    ("vus", "few", "is not a threshold", "'value<5'"),
    ("http_req_duration", "p95<500", "has no 'p95'", "did you mean p(95)?"),
    ("http_req_duration", "p(101)<500", "has no 'p(101)'", "did you mean p("),
    ("http_req_duration", "p(x)<500", "has no 'p(x)'", "did you mean p("),
    ("http_req_duration", "rate<500", "has no 'rate'", "there are avg, min, med, max"),
    ("http_req_failed", "p(95)<1", "has no 'p(95)'", "there are rate"),
    ("http_reqs", "value>5", "has no 'value'", "there are count, rate"),
    ("http_req_duration", "avg<500 ms", "'500 ms' is not a duration", "500ms or 1.5s"),
    ("http_req_duration", "avg<1%", "'1%' is not a duration", "500ms or 1.5s"),
    ("http_req_failed", "rate<5ms", "'5ms' is not a percentage", "1% or 0.01"),
    ("http_reqs", "count>1k", "'1k' is not a number", "100"),
    ("http_reqs", "count>nan", "'nan' is not a number", "100"),
    ("http_reqs", "count>1e999", "'1e999' is not a number", "100"),
    ("http_reqs", "rate>5/m", "'5/m' is not a rate", "100/s"),
    ("data_sent", "count<1kiB", "'1kiB' is not a size", "512MiB or 1GB"),
    ("http_req_duratoin", "avg<5", "there is no metric 'http_req_duratoin'", "did you mean http_req_duration?"),
    ("zzz", "avg<5", "there is no metric 'zzz'", "there are http_req_duration, http_req_failed"),
    ("http reqs", "count>5", "'http reqs' is not a metric", "'http_reqs{name:POST /pet}'"),
    ("http_reqs{name:POST /pet", "count>5", "is not a metric", "'http_reqs{name:POST /pet}'"),
    ("http_reqs{method:POST}", "count>5", "the only tag is name", "'http_reqs{name:POST /pet}'"),
    ("dependency_cpu", "value<2", "needs the name of a dependency", "'dependency_cpu{name:postgres}'"),
    ("dependency_cpu{name:db}", "rate<2", "has no 'rate'", "there are value"),
    ("dependency_cpu{name:db}", "value<1%", "'1%' is not a duration", "500ms or 1.5s"),
    ("checks{name:created}", "rate>5%", "not per request name", "write 'checks'"),
]


@pytest.mark.parametrize(("selector", "expression", "message", "hint"), BAD, ids=[f"{row[0]}: {row[1]}" for row in BAD])
def test_a_bad_threshold_says_what_is_wrong_and_what_to_write(selector, expression, message, hint):
    with pytest.raises(MistakeError) as raised:
        parse_threshold(selector, expression)
    assert message in raised.value.message
    assert hint in raised.value.hint
    assert isinstance(raised.value, ValueError)


@pytest.mark.parametrize(
    ("selector", "meaning"),
    [
        ("http_reqs", ("http_reqs", None)),
        (" http_reqs ", ("http_reqs", None)),
        ("http_reqs{name:POST /pet}", ("http_reqs", "POST /pet")),
        ("http_reqs{ name : GET /store/order/{id} }", ("http_reqs", "GET /store/order/{id}")),
        ("http_req_duration{name:a:b}", ("http_req_duration", "a:b")),
    ],
)
def test_a_selector_chooses_a_metric_and_perhaps_a_request_name(selector, meaning):
    assert parse_selector(selector) == meaning


@pytest.mark.parametrize("selector", ["http_reqs", "http_reqs{name:GET /pet/{id}}"])
def test_a_threshold_gives_its_selector_back(selector):
    assert parse_threshold(selector, "count>5").selector == selector


def test_a_threshold_can_abort():
    assert parse_threshold("checks", "rate>9%", abort_on_fail=True).abort_on_fail is True


MEASURED = Tally(seconds=1.0, requests={"GET /pet": RequestTally(ok=Histogram.of([2_000_000] * 100))})


@pytest.mark.parametrize(
    ("comparison", "bound", "passed"),
    [
        ("<", 2.1, True),
        ("<", 2.0, False),
        ("<=", 2.0, True),
        (">", 2.0, False),
        (">=", 2.0, True),
        ("==", 2.0, True),
        ("===", 2.1, False),
        ("!=", 2.0, False),
    ],
)
def test_a_threshold_holds_or_does_not(comparison, bound, passed):
    threshold = parse_threshold("http_req_duration", f"max{comparison}{bound}")
    result = evaluate(threshold, "read_pet", MEASURED)
    assert (result.scenario, result.threshold, result.value, result.passed) == ("read_pet", threshold, 2.0, passed)


@pytest.mark.parametrize(
    ("selector", "expression"),
    [
        ("http_req_duration{name:POST /pet}", "max<9h"),
        ("http_req_failed{name:POST /pet}", "rate<=100%"),
        ("http_reqs{name:POST /pet}", "count>=0"),
        ("checks", "rate>=0"),
        ("service_cpu", "value>=0"),
        ("iteration_duration", "min!=1"),
        ("dependency_cpu{name:postgres}", "value>=0"),
    ],
)
def test_a_threshold_without_data_fails(selector, expression):
    result = evaluate(parse_threshold(selector, expression), "read_pet", MEASURED)
    assert (result.value, result.passed) == (None, False)


def test_nothing_at_all_fails_even_a_count_of_none():
    assert not evaluate(parse_threshold("dropped_iterations", "count<1"), "read_pet", Tally()).passed


def test_a_threshold_on_what_one_dependency_costs():
    tally = Tally(dependencies={"db": DependencyUse(10, 0.02, 5), "redis": DependencyUse(0, 0.0, 0)})
    threshold = parse_threshold("dependency_cpu{ name: db }", "value<2.5ms")
    assert (threshold.selector, evaluate(threshold, "read_pet", tally).value) == ("dependency_cpu{name:db}", 2.0)
    unread = evaluate(parse_threshold("dependency_cpu{name:redis}", "value<9"), "read_pet", tally)
    assert (unread.value, unread.passed) == (None, False)


def test_thresholds_are_values():
    assert parse_threshold("checks", "rate>9%") == Threshold("checks", None, "rate", ">", 0.09, "rate>9%", False, 0.0)


@pytest.mark.parametrize(
    ("selector", "expression"),
    [
        ("http_req_duration{name:POST /pet}", "max<9h"),
        ("http_req_failed{name:POST /pet}", "rate<=100%"),
        ("http_reqs{name:POST /pet}", "count>5"),
        ("checks", "rate>0"),
        ("iteration_duration", "max<1h"),
        ("iterations", "count>5"),
        ("iterations", "rate>5"),
        ("service_cpu", "value<1h"),
        ("counter{name:queries}", "value<5"),
    ],
)
def test_a_threshold_without_data_fails_and_does_not_abort(selector, expression):
    result = evaluate(parse_threshold(selector, expression, abort_on_fail=True), "read_pet", MEASURED)
    assert not result.passed
    assert not aborts(result, MEASURED)


def test_a_threshold_aborts_no_run_that_was_shorter_than_its_delay():
    crossed = evaluate(parse_threshold("http_req_duration", "max<1", True, MEASURED.seconds + 1), "read_pet", MEASURED)
    assert not crossed.passed
    assert not aborts(crossed, MEASURED)
    assert aborts(evaluate(parse_threshold("http_req_duration", "max<1", True, 0.5), "read_pet", MEASURED), MEASURED)


@pytest.mark.parametrize("kind", [Kind.COUNTER, Kind.RATE, Kind.TREND, Kind.GAUGE])
def test_a_metric_of_a_script_without_data_aborts_nothing_until_it_has_some(kind):
    stat = {Kind.COUNTER: "count", Kind.RATE: "rate", Kind.TREND: "max", Kind.GAUGE: "value"}[kind]
    threshold = Threshold("late{scenario:late}", None, stat, ">", 7.0, f"{stat}>7", True, 0.0)
    tally = Tally(seconds=1.0, series={threshold.selector: Series(kind)})
    assert not aborts(evaluate(threshold, "read_pet", tally), tally)
    tally.series[threshold.selector].add(0.0)
    assert aborts(evaluate(threshold, "read_pet", tally), tally)


@pytest.mark.parametrize(
    ("selector", "expression", "ends"),
    [
        ("http_req_duration", "max<1", True),
        ("http_reqs", "count>101", True),
        ("http_req_failed", "rate>0", True),  # a rate of 0 is no lack of data
        ("vus", "value>0", True),
        ("http_reqs", "count>99", False),
    ],
)
def test_a_crossed_threshold_aborts_where_it_says_so(selector, expression, ends):
    for asked in (True, False):
        result = evaluate(parse_threshold(selector, expression, abort_on_fail=asked), "read_pet", MEASURED)
        assert aborts(result, MEASURED) is (ends and asked)


@pytest.mark.parametrize(("counted", "passed"), [(300, True), (200, False)])
def test_a_count_of_a_shorter_load_is_held_to_its_share(counted, passed):
    made = Tally(seconds=6.0)
    for _ in range(counted):
        made.request("GET /").ok.record(1_000_000)
    result = evaluate(parse_threshold("http_reqs", "count>900"), "shop", made, of_seconds=20.0)
    assert (result.value, result.passed) == (pytest.approx(counted / 6 * 20), passed)
    assert evaluate(parse_threshold("http_reqs", "rate>49"), "shop", made, of_seconds=20.0).value == counted / 6
    assert evaluate(parse_threshold("http_reqs", "count>0"), "shop", made).value == counted


def test_so_is_a_counter_that_a_script_made_up():
    made = Tally(seconds=5.0, series={"errors": Series(Kind.COUNTER)})
    made.series["errors"].add(3.0)
    threshold = Threshold("errors", None, "count", "<", 10.0, "count<10", False, 0.0)
    assert evaluate(threshold, "shop", made, of_seconds=20.0).value == 12.0
