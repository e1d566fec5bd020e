"""Facts of containers, from what Docker told of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from perfgate.explain.differences.comparing import compare
from perfgate.explain.differences.containers import container_facts
from perfgate.explain.differences.facts import BASE_IMAGE, FactKind, Sheet
from perfgate.explain.differences.own_values import OwnValues
from perfgate.service.containers.settings_in_use import ContainerSettings

OWN = OwnValues({"sha": "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"}, ())
BASE = ContainerSettings(
    image="perfgate-build:1234",
    first_layer="sha256:aaaa",
    environment={
        "PATH": "/usr/bin",
        "PYTHON_VERSION": "3.12.1",
        "APP_VERSION": "1",
        "WORKERS": "4",
        "PYTHON_SHA256": "a",
    },
    command=("gunicorn", "app:app"),
    cpus=None,
    memory=64_000_000,
)


def differences(place="the service", own=(OWN, OWN), **changes):
    sides = container_facts(BASE, own[0], place), container_facts(replace(BASE, **changes), own[1], place)
    return [(one.kind, one.name, one.base, one.head) for one in compare(*sides)]


def test_two_containers_of_one_kind_do_not_differ():
    assert differences() == []


@pytest.mark.parametrize(
    ("changes", "difference"),
    [
        ({"memory": None}, (FactKind.LIMIT, "memory", "64.0 MB", "no limit")),
        ({"cpus": 1.5}, (FactKind.LIMIT, "CPUs", "no limit", "1.5")),
        ({"command": ("gunicorn", "--reload", "app:app")},
         (FactKind.COMMAND, "command", "gunicorn app:app", "gunicorn --reload app:app")),
        ({"first_layer": "sha256:bbbb"}, (FactKind.IMAGE, BASE_IMAGE, "sha256:aaaa", "sha256:bbbb")),
        ({"environment": {**BASE.environment, "WORKERS": "2"}}, (FactKind.ENVIRONMENT, "WORKERS", "4", "2")),
        ({"environment": {**BASE.environment, "PYTHON_VERSION": "3.13.0"}},
         (FactKind.RUNTIME, "python", "3.12.1", "3.13.0")),
    ],
)  # fmt: skip
def test_what_differs_between_two_containers(changes, difference):
    assert differences(**changes) == [difference]


def test_what_follows_from_another_commit_is_no_difference():
    changed = {**BASE.environment, "APP_VERSION": "2", "PYTHON_SHA256": "b"}
    assert differences(environment=changed, image="perfgate-build:5678") == []


def test_an_image_that_is_named_by_its_commit_is_the_same_one():
    own = OWN, OwnValues({"sha": "f" * 40}, ())
    sides = [replace(BASE, image=f"shop:{one.values['sha']}") for one in own]
    assert compare(*(container_facts(side, one) for side, one in zip(sides, own, strict=True))) == ()
    assert differences(image="shop:2") == []


def test_a_dependency_has_another_image():
    sides = [container_facts(replace(BASE, image=image), OWN, "db") for image in ("postgres:15", "postgres:16")]
    assert [(one.place, one.base, one.head) for one in compare(*sides)] == [("db", "postgres:15", "postgres:16")]


def test_the_base_image_is_no_difference_of_its_own_where_a_dockerfile_names_another_one():
    def side(image, layer):
        return [
            Sheet(FactKind.IMAGE, "Dockerfile", {"FROM": image}),
            *container_facts(replace(BASE, first_layer=layer), OWN),
        ]

    assert [one.name for one in compare(side("a", "1"), side("b", "2"))] == ["FROM"]
    assert [one.name for one in compare(side("a", "1"), side("a", "2"))] == [BASE_IMAGE]
