"""containers/compose/launch: a project that somebody else takes apart."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from perfgate.errors import TargetError
from perfgate.service.containers.compose.launch import ComposeLaunch
from perfgate.service.settings import LaunchContext
from perfgate.service.target import parse_target


def test_a_container_that_is_gone_while_it_is_waited_for_is_said() -> None:
    unused: Any = None
    recipe: Any = SimpleNamespace(service=lambda name: {})
    launch = ComposeLaunch(unused, parse_target("ref:HEAD"), unused, recipe)
    project: Any = SimpleNamespace(containers=dict)
    launch._project = project
    with pytest.raises(TargetError, match="ref:HEAD could not be started: the container of db is gone"):
        launch._wait_for("db", "service_started", LaunchContext())
