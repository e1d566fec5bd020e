"""The service of a compose file that takes the load, and what it needs."""

from __future__ import annotations

from typing import Any

import pytest

from perfgate.errors import UsageError
from perfgate.service.containers.compose.selection import chosen_service, needed_by, restart_policy, tcp_ports

BUILT: dict[str, Any] = {"build": {"context": "."}}
PORTS: dict[str, Any] = {"ports": [{"target": 80}]}


@pytest.mark.parametrize(
    "services",
    [
        {"app": BUILT | PORTS, "worker": BUILT, "db": PORTS},
        {"app": BUILT, "db": PORTS},
        {"app": PORTS, "db": {}},
        {"app": {}},
    ],
)
def test_the_only_one_that_can_be_meant_is_meant(services: dict[str, Any]) -> None:
    assert chosen_service(services, None, "compose.yml") == "app"


def test_several_that_can_be_meant_are_named() -> None:
    with pytest.raises(UsageError) as caught:
        chosen_service({"web": BUILT | PORTS, "api": BUILT | PORTS, "db": {}}, None, "compose.yml")
    assert caught.value.message == "compose.yml has several services: web, api"
    assert 'compose_service = "web"' in caught.value.hint


def test_one_that_is_not_there_is_refused_with_the_most_similar_name() -> None:
    with pytest.raises(UsageError) as caught:
        chosen_service({"app": BUILT, "db": {}}, "apps", "compose.yml")
    assert caught.value.message == "compose.yml has no service apps: app, db"
    assert caught.value.hint == "did you mean 'app'?"


def test_what_is_needed_is_found_through_others_and_by_every_way() -> None:
    services: dict[str, Any] = {
        "app": {"depends_on": {"db": {}}, "links": ["cache:redis"]},
        "db": {"depends_on": {"disk": {}}},
        "cache": {"network_mode": "service:proxy"},
        "disk": {"volumes_from": ["files:ro"]},
        "proxy": {"depends_on": {"app": {}}},
        "files": {},
        "unrelated": {},
    }
    assert sorted(needed_by(services, "app")) == ["cache", "db", "disk", "files", "proxy"]


def test_published_ports_go_before_exposed_ones() -> None:
    assert tcp_ports({"ports": [{"target": 80}, {"target": 53, "protocol": "udp"}], "expose": ["9"]}) == (80,)
    assert tcp_ports({"expose": ["9", "10/udp", "11/tcp", "12-14"]}) == (9, 11)


@pytest.mark.parametrize(
    ("raw", "policy"),
    [
        ({}, "no"),
        ({"restart": "no"}, "no"),
        ({"restart": "on-failure:3"}, "on-failure"),
        ({"restart": "unless-stopped"}, "unless-stopped"),
        ({"deploy": {"restart_policy": {"condition": "on-failure"}}, "restart": "always"}, "on-failure"),
        ({"deploy": {"restart_policy": {"delay": "5s"}}}, "always"),
        ({"deploy": {"restart_policy": {"condition": "any"}}}, "always"),
        ({"deploy": {"restart_policy": {"condition": "none"}}}, "no"),
    ],
)
def test_a_service_is_started_again_as_its_file_says(raw: dict[str, Any], policy: str) -> None:
    assert restart_policy(raw) == policy
