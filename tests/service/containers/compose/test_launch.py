"""containers/compose/launch: services that end or are gone while they are waited for."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from perfgate.errors import TargetError
from perfgate.service.containers.compose.launch import ComposeLaunch
from perfgate.service.settings import LaunchContext
from perfgate.service.target import parse_target


def launched(raw: dict[str, Any], **containers: Any) -> ComposeLaunch:
    """A launch whose services are all as `raw`, and which has these containers."""
    unused: Any = None
    recipe: Any = SimpleNamespace(service=lambda name: raw)
    launch = ComposeLaunch(unused, parse_target("ref:HEAD"), unused, recipe)
    project: Any = SimpleNamespace(containers=lambda: containers)
    launch._project = project
    return launch


def ended() -> Any:
    """A container that has done its work; while all start, it was to be started again on failure alone."""
    state = {"Status": "exited", "Running": False, "OOMKilled": False, "ExitCode": 0}
    policy = {"RestartPolicy": {"Name": "on-failure"}}
    return SimpleNamespace(attrs={"State": state, "HostConfig": policy}, logs=lambda **_: b"no more to do")


def test_a_container_that_is_gone_while_it_is_waited_for_is_said() -> None:
    with pytest.raises(TargetError, match="ref:HEAD could not be started: the container of db is gone"):
        launched({})._wait_for("db", "service_started", LaunchContext())


@pytest.mark.parametrize(
    "raw", [{}, {"restart": "on-failure:3"}, {"deploy": {"restart_policy": {"condition": "none"}}}]
)
def test_a_job_may_end_while_the_others_start(raw: dict[str, Any]) -> None:
    launched(raw, job=ended())._wait_for("job", "service_started", LaunchContext())


@pytest.mark.parametrize(
    "raw", [{"restart": "always"}, {"deploy": {"restart_policy": {"delay": "5s"}}}, {"expose": ["6000"]}]
)
def test_what_its_file_would_start_again_or_reach_is_no_job(raw: dict[str, Any]) -> None:
    with pytest.raises(TargetError, match=r"worker has ended: exit code 0\nworker: .*\nno more to do"):
        launched(raw, worker=ended())._wait_for("worker", "service_started", LaunchContext())
