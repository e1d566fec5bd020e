"""What a report folds in of the history."""

import re
from dataclasses import replace

from perfgate.report import markdown
from perfgate.report.trend.fold import trend_fold
from tests.support.hostile import assert_harmless
from tests.support.trend_samples import history
from tests.support.verdict_samples import TESTBED, invalid, passing, regression

OTHER = replace(TESTBED, id="0000000000000000", cpu_model="Intel Xeon Platinum 8370C")


def title(text):
    return re.search(r'title "(.*)"', text)[1]


def points(text):
    return re.search(r"line \[(.*)\]", text)[1].split(", ")


def test_the_row_that_the_verdict_is_about_is_drawn_with_this_change_as_its_last_point():
    text = trend_fold(history(), regression())
    assert title(text) == "http_req_duration med of POST /pet"
    assert len(points(text)) == 25
    assert points(text)[-1] == "16.151"


def test_where_nothing_changed_the_first_median_is_drawn():
    assert title(trend_fold(history(), passing())) == "http_req_duration med of POST /pet"


def test_what_the_history_lacks_is_not_drawn_but_another_row_is():
    assert title(trend_fold(history(scenarios=("order_pet",)), regression())).endswith("of POST /store/order")


def test_a_history_of_other_scenarios_is_left_out():
    assert trend_fold(history(scenarios=()), regression()) == ""
    strange = replace(regression(), rows=(), summary=())
    assert trend_fold(history(), strange) == ""


def test_of_two_machines_the_one_that_measured_head_is_shown():
    text = trend_fold(history((TESTBED, OTHER)), regression())
    assert "AMD EPYC 7763" in text
    assert "Intel" not in text
    assert len(points(text)) == 25


def test_on_a_machine_without_a_history_another_is_shown_and_this_change_is_not_put_beside_it():
    text = trend_fold(history((OTHER,)), regression())
    assert "Intel" in text
    assert len(points(text)) == 24
    assert "this change" not in text


def test_a_run_that_is_in_the_history_already_is_not_drawn_twice():
    known = history()
    newest = known.trends[0].newest.run
    verdict = regression()
    assert len(points(trend_fold(known, replace(verdict, head=replace(verdict.head, id=newest))))) == 24


def test_the_other_medians_are_sparklines():
    text = trend_fold(history(), regression())
    table = [line for line in text.splitlines() if line.startswith("| `")]
    assert len([line for line in table if "█" in line]) == 2


def test_a_report_with_a_trend_is_harmless_markdown():
    for verdict in (regression(), passing(), invalid()):
        text = markdown.render(verdict, trend=trend_fold(replace(history(), commit_url=""), verdict))
        assert_harmless(re.sub(r"^( +[xy]-axis .*) --> ", r"\1 to ", text, flags=re.MULTILINE))
