"""JMeter's transactions: counted beside their parts they would count every request twice."""

import pytest

from perfgate.exchange.importing.formats import read_file
from tests.support.importing import UNDATED, results, written

HEAD = (
    "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,failureMessage,bytes,sentBytes,"
    "grpThreads,allThreads,URL,Latency,IdleTime,Connect\n"
)
START = 1_700_000_000_000


def request(at, elapsed, label, thread="t 1-1"):
    return f"{START + at},{elapsed},{label},200,OK,{thread},text,true,,1000,10,1,1,http://shop.test,9,0,1\n"


def transaction(at, elapsed, label, parts, thread="t 1-1"):
    message = f'"Number of samples in transaction : {parts}, number of failing samples : 0"'
    return f"{START + at},{elapsed},{label},200,{message},{thread},,true,,{parts}000,{parts}0,1,1,null,9,0,1\n"


VISIT = [request(0, 100, "page"), request(100, 300, "image"), transaction(0, 400, "Visit", 2)]
NESTED = [*VISIT, request(400, 50, "cart"), transaction(0, 450, "Shopping", 3)]


def whole(tmp_path, lines):
    found = results(written(tmp_path, HEAD + "".join(lines)), overrides=UNDATED)
    return found[None], {name: result for name, result in found.items() if name}


@pytest.mark.parametrize("order", [list, sorted], ids=["by their ends", "by their starts"])
@pytest.mark.parametrize(("lines", "requests", "longest"), [(VISIT, 2, 300), (NESTED, 3, 300)])
def test_a_transaction_is_no_part_of_the_total_that_has_its_parts(tmp_path, order, lines, requests, longest):
    total, named = whole(tmp_path, order(lines))
    assert (total.requests, total.failed, total.duration.max_ms) == (requests, 0, longest)
    assert (total.load.data_received_bytes, total.load.data_sent_bytes) == (requests * 1000, requests * 10)
    assert named["Visit (transaction)"].duration.max_ms == 400


def test_a_transaction_and_its_only_part_may_have_one_name(tmp_path):
    total, named = whole(tmp_path, [request(0, 100, "Home"), transaction(0, 100, "Home", 1)])
    assert total.requests == 1
    assert named.keys() == {"Home", "Home (transaction)"}


def test_a_transaction_with_pauses_is_shorter_than_the_time_between_its_parts(tmp_path):
    lines = [request(0, 100, "page"), request(5100, 100, "image"), transaction(0, 200, "Visit", 2)]
    assert whole(tmp_path, lines)[0].requests == 2


def test_transactions_that_stand_in_place_of_their_parts_are_the_requests(tmp_path):
    lines = [transaction(0, 400, "Visit", 2), transaction(400, 200, "Visit", 2), request(600, 10, "page")]
    total, named = whole(tmp_path, lines)
    assert (total.requests, total.duration.max_ms, total.load.data_received_bytes) == (3, 400, 5000)
    assert named.keys() == {"Visit", "page"}


def test_a_transaction_of_no_request_is_none(tmp_path):
    total, named = whole(tmp_path, [transaction(0, 0, "Skipped", 0), request(10, 100, "page")])
    assert (total.requests, total.duration.min_ms) == (1, 100)
    assert named.keys() == {"page"}


def test_parts_are_those_of_the_same_thread_alone(tmp_path):
    lines = [request(0, 100, "page", "t 1-2"), transaction(0, 400, "Visit", 2, "t 1-1")]
    assert whole(tmp_path, lines)[0].requests == 2


def test_how_many_there_were_is_told(tmp_path):
    imported = read_file(written(tmp_path, HEAD + "".join(VISIT)), None, UNDATED)
    assert imported.left_out == ("1 transaction (Visit) from the sums of the whole scenario, which have the parts",)
