"""Causes in words."""

from dataclasses import replace

import pytest

from perfgate.explain.cause import CauseKind
from perfgate.report.cause_words import cause_sentences
from perfgate.report.phrase import plain
from tests.support.verdict_samples import SAMPLES, cause


def sentences(*causes, command="duet"):
    verdict = SAMPLES["regression"]()
    return [
        plain(one)
        for one in cause_sentences(replace(verdict, head=replace(verdict.head, command=command), causes=causes))
    ]


DISCOUNT = cause("shop.prices.discount", 0.31, callers=("shop.cart.total",), changed=True)


def test_a_function_that_takes_more_cpu():
    assert sentences(DISCOUNT) == [
        "shop.prices.discount (shop/prices.py:12) takes 0.310 ms of CPU a request more (+0.279 to +0.341), 84 % of the"
        " difference; called from shop.cart.total; changed on head."
    ]


def test_the_gate_speaks_of_the_pull_request():
    assert sentences(DISCOUNT, command="gate")[0].endswith("; changed in this pull request.")


def test_what_is_not_known_is_not_told():
    unknown = replace(DISCOUNT, file="", line=None, share=None, callers=(), changed=None)
    assert sentences(unknown) == ["shop.prices.discount takes 0.310 ms of CPU a request more (+0.279 to +0.341)."]
    assert sentences(replace(unknown, changed=False)) == sentences(unknown)
    assert "(shop/prices.py)" in sentences(replace(DISCOUNT, line=None))[0]


@pytest.mark.parametrize(("share", "words"), [(1.0, "all of the difference"), (1.4, "all of"), (0.12, "12 % of the")])
def test_the_share_of_the_difference(share, words):
    assert words in sentences(replace(DISCOUNT, share=share))[0]


def test_a_library_in_which_most_of_it_is_spent():
    assert "; most of it in json.encoder.encode;" in sentences(replace(DISCOUNT, within="json.encoder.encode"))[0]


def test_a_dependency_and_a_function_inside_of_one():
    whole = replace(DISCOUNT, function="", file="", dependency="postgres", callers=(), share=None, changed=None)
    assert sentences(whole) == ["postgres takes 0.310 ms of CPU a request more (+0.279 to +0.341)."]
    inside = replace(whole, function="ExecScan")
    assert sentences(inside)[0].startswith("ExecScan of postgres takes 0.310 ms")


def test_waiting_in_a_function_and_waiting_that_nobody_saw():
    waiting = replace(DISCOUNT, kind=CauseKind.WAITING)
    assert sentences(waiting)[0].startswith(
        "Requests wait 0.310 ms longer in shop.prices.discount (shop/prices.py:12) (+"
    )
    unseen = replace(waiting, function="", file="", line=None, callers=(), changed=None, share=None)
    assert sentences(unseen) == [
        "Requests take 0.310 ms longer (+0.279 to +0.341), and no more CPU: they wait for a lock, for a timer, or for"
        " something outside of this machine."
    ]


def test_three_sentences_at_most_and_the_first_of_each_scenario_first():
    causes = [cause(name, 0.3) for name in "abcd"]
    other = cause("z", 0.1, scenario="order_pet")
    assert len(sentences(*causes)) == 3
    told = sentences(*causes, other)
    assert [one.split(" (")[0] for one in told] == ["a", "z", "b"]
    assert "in create_pet" in told[0]


def test_a_function_that_rose_in_two_scenarios_is_told_once():
    assert len(sentences(DISCOUNT, replace(DISCOUNT, scenario="order_pet"))) == 1


def test_nothing_was_found():
    assert sentences() == []


def query(kind, **known):
    return cause("SELECT * FROM items", 0.4, kind=kind, dependency="db", file="", line=None, share=None, **known)


def test_a_query_that_runs_oftener_is_told_with_how_often():
    (told,) = sentences(query(CauseKind.QUERY_RUNS, base_calls=2.0, head_calls=10.0))
    assert told.startswith("SELECT * FROM items of db runs 10 times a request instead of 2, which takes")


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        (0.0, 1.0, "once a request instead of never"),
        (None, 0.25, "0.25 times a request instead of never"),
        (1.0, 2.0, "2 times a request instead of once"),
        (0.5, 1.0, "once a request instead of 0.5"),
        (2.0, 1234.0, "1,230 times a request instead of 2"),
    ],
)
def test_how_often_a_query_runs_is_said_as_people_say_it(before, now, words):
    (told,) = sentences(query(CauseKind.QUERY_RUNS, base_calls=before, head_calls=now))
    assert told.startswith(f"SELECT * FROM items of db runs {words}, which takes")


def test_a_query_that_takes_longer_is_told_with_its_time():
    (told,) = sentences(query(CauseKind.QUERY_TIME, base_calls=1.0, head_calls=1.0))
    assert told.startswith("SELECT * FROM items of db takes 0.400 ms a request more")
    assert told.endswith("and runs as often as before.")
