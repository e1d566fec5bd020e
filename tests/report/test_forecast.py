"""The lines that are said before the rounds of a duet are played."""

from dataclasses import replace

from perfgate.compare.forecast import Forecast
from perfgate.report.forecast import forecast_lines

ENOUGH = Forecast(
    scenario="think",
    requests_per_second=10.0,
    seconds=60.0,
    budget=60.0,
    pairs=60,
    pairs_needed=9,
    medians=(0.0312,),
    tails=(0.204,),
    margin=0.05,
    times=0.4,
)


def lines(vus=10, busy=0.02, scale=1.0, **changed):
    return forecast_lines(replace(ENOUGH, **changed), vus, busy, scale)


def test_one_line_says_what_the_load_will_show():
    assert lines() == (
        "think: this load makes 10.0 requests/s; 60 s on each side will show about ±3.1 % of the median,"
        " ±20 % of p(95) at best",
    )


def test_several_requests_have_a_range():
    (line,) = lines(medians=(0.03, 0.08, 0.121), tails=())
    assert line.endswith("will show about ±3 to ±12 % of the median at best")


def test_what_is_not_known_at_all_is_left_out():
    assert lines(medians=(), tails=(3.0,))[0].endswith("will show next to nothing of its latencies")
    assert lines(medians=(0.5, 12.0), tails=())[0].endswith("about ±50 to ±100 % of the median at best")


def test_too_few_pairs_are_told_with_the_budget_that_would_do():
    _, warning = lines(pairs=6, pairs_needed=11, times=3.0)
    assert warning == ("think: 6 pairs fit into the budget, and 11 are the least that can decide: --budget 2m would do")


def test_a_load_that_is_too_thin_is_told_with_what_would_do_the_cheapest_first():
    _, warning = lines(times=3.2)
    assert warning == (
        "think: this load is too thin for a margin of 5.00 %: --vus 32 or --scale 4 or --budget 3m30s would do"
    )


def test_the_scale_that_is_played_is_part_of_what_would_do():
    assert "--vus 16 or --scale 7 or" in lines(times=3.2, scale=2.0)[1]


def test_half_an_hour_of_load_is_no_advice():
    assert lines(times=40.0, busy=0.4)[1].endswith("too thin for a margin of 5.00 %: a wider --margin would do")


def test_more_users_are_no_advice_where_the_service_is_busy_or_iterations_start_on_a_schedule():
    assert "too thin for a margin of 5.00 %: --budget 3m30s would do" in lines(times=3.2, busy=0.4)[1]
    assert "too thin for a margin of 5.00 %: --scale 4 or --budget 3m30s would do" in lines(vus=None, times=3.2)[1]
