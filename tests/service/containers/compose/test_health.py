"""Health checks while a stack starts, and afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from perfgate.service.containers.compose.health import has_check, patience, quick

CHECK = {"test": ["CMD", "true"], "interval": "30s", "retries": 5, "start_period": "1m10s", "timeout": "3s"}


def test_a_health_check_lets_a_service_start_as_long_as_it_says() -> None:
    assert patience({"healthcheck": CHECK}) == 70 + 5 * 33
    assert patience({"healthcheck": {"test": ["CMD", "true"]}}) == 3 * 60
    assert patience({}) == 0


@pytest.mark.parametrize("check", [None, {}, {"disable": True}, {"test": ["NONE"]}])
def test_a_health_check_may_be_none(check: Any) -> None:
    assert not has_check({"healthcheck": check})


def test_where_the_engine_can_do_that_there_is_no_check_after_the_start() -> None:
    check = quick({"healthcheck": CHECK}, "1.44")
    assert (check["start_interval"], check["interval"], check["start_period"]) == ("500ms", "1h", "235s")


def test_an_older_engine_looks_often_and_gives_up_no_earlier() -> None:
    check = quick({"healthcheck": CHECK}, "1.41")
    assert (check["interval"], check["start_period"]) == ("2s", "1m10s")
    assert 2 * check["retries"] >= 5 * 33
    quicker = {**CHECK, "interval": "500ms"}
    assert quick({"healthcheck": quicker}, "1.41") == quicker
