"""k6s that wait for one another."""

import threading
import time
import urllib.error
import urllib.request

from perfgate.load.k6.start_line import StartLine


def ask(url, answers):
    with urllib.request.urlopen(url, timeout=10) as answer:
        answers.append((answer.status, time.time()))


def asking(url, answers):
    thread = threading.Thread(target=ask, args=(url, answers))
    thread.start()
    return thread


def started_at(line):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        moment = line.started_at()
        if moment is not None:
            return moment
        time.sleep(0.01)
    raise AssertionError("nobody came")


def test_nobody_goes_before_all_are_there_and_then_all_go_at_once():
    answers = []
    with StartLine(2) as line:
        first = asking(line.url, answers)
        for _ in range(20):
            assert line.started_at() is None
            time.sleep(0.01)
        assert answers == []
        second = asking(line.url, answers)
        moment = started_at(line)
        for thread in (first, second):
            thread.join()
    assert [status for status, _ in answers] == [204, 204]
    assert all(abs(at - moment) < 1.0 for _, at in answers)


def test_others_that_ask_are_not_counted():
    answers = []
    with StartLine(1) as line:
        root = line.url.rpartition("/")[0]

        def stray():
            try:
                ask(f"{root}/", answers)
            except (OSError, urllib.error.URLError):
                answers.append("sent away")

        thread = threading.Thread(target=stray)
        thread.start()
        while not answers:
            assert line.started_at() is None
            time.sleep(0.01)
        thread.join()
    assert answers == ["sent away"]


def test_its_address_is_that_of_its_url():
    with StartLine(1) as line:
        assert line.url.startswith("http://{}:{}/".format(*line.address))
