"""What a container runs with, as a real engine tells it, and the facts that come of it."""

from __future__ import annotations

import os

import pytest

from perfgate.explain.differences.comparing import compare
from perfgate.explain.differences.containers import container_facts
from perfgate.explain.differences.facts import FactKind
from perfgate.explain.differences.own_values import OwnValues
from perfgate.service.containers.settings_in_use import settings_in_use

MEMORY = 64_000_000


@pytest.fixture
def started(engine):
    """started(IMAGE, ...) is the id of a container that waits."""
    made = []

    def start(image, **settings):
        made.append(engine.containers.run(image, ["sleep", "600"], entrypoint=[], detach=True, **settings))
        return made[-1].id

    yield start
    for container in made:
        container.remove(force=True)


def test_a_container_tells_its_image_command_environment_and_limits(started, service_image):
    variables = {"GOGC": "50", "PASSWORD": "a=b"}
    found = settings_in_use(
        started(service_image, environment=variables, mem_limit=MEMORY, nano_cpus=500_000_000), os.environ
    )
    assert (found.image, list(found.command)) == (service_image, ["sleep", "600"])
    assert (found.cpus, found.memory) == (0.5, MEMORY)
    assert found.first_layer.startswith("sha256:")
    assert variables.items() <= found.environment.items()
    assert "a=b" not in repr(found)


def test_a_container_that_is_gone_tells_nothing(engine):
    assert settings_in_use("0" * 64, os.environ) is None


def test_two_containers_differ_in_what_they_were_given(started, service_image):
    settings = (
        {"environment": {"PYTHON_VERSION": "3.12.1", "API_KEY": "x", "GOGC": "50"}, "mem_limit": MEMORY},
        {"environment": {"PYTHON_VERSION": "3.13.0", "API_KEY": "y", "GOGC": "100"}, "mem_limit": 2 * MEMORY},
    )
    base, head = (settings_in_use(started(service_image, **one), os.environ) for one in settings)
    found = compare(*(container_facts(one, OwnValues({}, ())) for one in (base, head)))
    assert [(one.kind, one.name, one.base, one.head, one.hidden) for one in found] == [
        (FactKind.RUNTIME, "python", "3.12.1", "3.13.0", False),
        (FactKind.LIMIT, "memory", "64.0 MB", "128 MB", False),
        (FactKind.ENVIRONMENT, "API_KEY", "", "", True),
        (FactKind.ENVIRONMENT, "GOGC", "50", "100", False),
    ]
