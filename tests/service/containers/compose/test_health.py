"""Health checks while a stack starts, and afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from perfgate.service.containers.compose.health import has_check, patience, quick, with_checks

CHECK = {"test": ["CMD", "true"], "interval": "30s", "retries": 5, "start_period": "1m10s", "timeout": "3s"}

SECOND = 10**9
OF_AN_IMAGE = {"Test": ["CMD-SHELL", "curl -f $URL"], "Interval": 300 * SECOND, "Timeout": 3 * SECOND, "Retries": 2}


def test_a_health_check_lets_a_service_start_as_long_as_it_says() -> None:
    assert patience({"healthcheck": CHECK}) == 70 + 5 * 33
    assert patience({"healthcheck": {"test": ["CMD", "true"]}}) == 3 * 60
    assert patience({}) == 0


@pytest.mark.parametrize("check", [None, {}, {"disable": True}, {"test": ["NONE"]}, {"interval": "5s"}])
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


def test_a_health_check_of_an_image_is_the_services_where_another_one_waits_for_it() -> None:
    app = {"depends_on": {"db": {"condition": "service_healthy"}}}
    db = with_checks({"app": app, "db": {}}, {"db": OF_AN_IMAGE})["db"]
    expected = {"test": ["CMD-SHELL", "curl -f $URL"], "interval": "300000ms", "timeout": "3000ms", "retries": 2}
    assert db["healthcheck"] == expected
    assert has_check(db)
    assert patience(db) == 2 * 303
    assert quick(db, "1.44")["interval"] == "1h"


def test_a_health_check_that_an_image_alone_has_is_off_where_nobody_waits_for_it() -> None:
    app = {"depends_on": {"db": {"condition": "service_started"}}}
    checked = with_checks({"app": app, "db": {}}, {"app": OF_AN_IMAGE, "db": OF_AN_IMAGE})
    assert [one["healthcheck"] for one in checked.values()] == [{"disable": True}] * 2
    assert not any(map(has_check, checked.values()))


def test_what_a_file_does_not_say_of_its_health_check_is_as_the_image_says_it() -> None:
    checked = with_checks({"app": {"healthcheck": {"interval": "10s", "timeout": None}}}, {"app": OF_AN_IMAGE})["app"]
    assert patience(checked) == 2 * 13
    other = with_checks({"app": {"healthcheck": {"test": ["CMD", "true"]}}}, {"app": OF_AN_IMAGE})["app"]
    assert other["healthcheck"]["test"] == ["CMD", "true"]
    assert patience(other) == 2 * 303


@pytest.mark.parametrize("of_image", [None, {}, {"Test": None}, {"Test": []}, {"Test": ["NONE"]}])
def test_an_image_without_a_health_check_changes_nothing(of_image: Any) -> None:
    services: dict[str, Any] = {"app": {"image": "shop"}, "db": {"healthcheck": CHECK}}
    assert with_checks(services, {"app": of_image, "db": of_image}) == services


def test_a_health_check_that_the_file_turns_off_stays_off() -> None:
    services: dict[str, Any] = {"app": {"healthcheck": {"disable": True}}, "db": {"healthcheck": {"test": ["NONE"]}}}
    assert with_checks(services, {"app": OF_AN_IMAGE, "db": OF_AN_IMAGE}) == services
