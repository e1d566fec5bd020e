"""examples/python-postgresql, with a PostgreSQL of this machine in a container for each side."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import docker
import pytest

from tests.support.database_images import build_postgres_image
from tests.support.examples import EXAMPLES, Played, play


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the service requires, fetched once and not for each of its commits."""
    folder = tmp_path_factory.mktemp("wheels")
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--only-binary=:all:"]
    subprocess.run([*pip, "--dest", folder, "-r", EXAMPLES / "python-postgresql/requirements.txt"], check=True)
    return folder


@pytest.fixture
def playing(tmp_path: Path, engine: docker.DockerClient, wheels: Path):
    def started(*options: str) -> Played:
        words = {"postgres:17": build_postgres_image(engine)}
        offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels)}
        return play(tmp_path, "python-postgresql", *options, words=words, **offline)

    return started


def test_a_query_for_each_row_turns_it_red(playing) -> None:
    played = playing()
    assert played.code == 1, played.said
    assert played.changes()["dependency_cpu{name:db}"] > 0.5


def test_a_commit_that_changes_nothing_is_not_red(playing) -> None:
    played = playing("--unchanged")
    assert played.code == 0, played.said
    assert played.changes()
