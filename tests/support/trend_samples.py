"""The history of the service that `samples` measures, made by hand."""

from perfgate.compare.rows import Row
from perfgate.compare.rules import Rules
from perfgate.compare.stored.trend import Expectation, TrendPoint, Window, trends_of
from perfgate.report.trend.trends import Trends
from tests.support.verdict_samples import TESTBED

LEVELS = {("create_pet", "POST /pet"): 12.3, ("order_pet", "POST /store/order"): 8.0}


def history(testbeds=(TESTBED,), runs=24, scenarios=("create_pet", "order_pet")) -> Trends:
    """So many runs on each testbed, the last testbed used last; POST /store/order got a tenth faster half-way."""
    points = [
        TrendPoint(
            Row(scenario, request, "http_req_duration", stat),
            level * factor * (1 + 0.01 * (number % 3)) * (0.9 if number >= runs // 2 and "order" in scenario else 1),
            f"run {number} on {testbed.id}",
            1_766_000_000 + 40_000 * number + place,
            testbed.id,
            "hash",
            f"{number:02x}a9c1e{number:033x}",
            False,
        )
        for place, testbed in enumerate(testbeds)
        for number in range(runs)
        for (scenario, request), level in LEVELS.items()
        for stat, factor in (("med", 1.0), ("p(95)", 1.8))
        if scenario in scenarios
    ]
    found = trends_of(points, Window(None, 40), Expectation(Rules(), 12))
    return Trends("main", found, {one.id: one for one in testbeds}, "https://github.com/octo/pets/commit/{sha}")
