"""What the tests with real containers share: an engine, images that need no registry, and an eye on what is left."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import psutil
import pytest

from perfgate.service.containers.engine import ENGINE_ERRORS, OWNER_LABEL
from perfgate.service.owner import owner_in, this_process

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BASE = "perfgate-test-base"

Build = Callable[..., str]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.containers)


@pytest.fixture(scope="session")
def engine() -> Iterator[docker.DockerClient]:
    """The engine, with the base image on it."""
    try:
        client = docker.from_env()
        client.images.get(BASE)
    except ENGINE_ERRORS as error:
        pytest.fail(f"no Docker Engine with the image {BASE}: run make containers ({error})")
    yield client
    client.close()


@pytest.fixture(scope="session")
def build(engine: docker.DockerClient) -> Build:
    """build("name", FOLDER, WORK="5") is the name of an image, built from a folder with those build arguments."""

    def build_image(name: str, folder: Path, **arguments: str) -> str:
        tag = f"perfgate-test-{name}"
        engine.images.build(path=str(folder), tag=tag, buildargs=arguments, rm=True)
        return tag

    return build_image


@pytest.fixture(scope="session")
def service_image(build: Build) -> str:
    """The image of the test service."""
    return build("service", HERE / "service")


@pytest.fixture(scope="session")
def petstore_image(build: Build, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The image that the project's own Dockerfile makes, out of packages that this machine fetched."""
    folder = tmp_path_factory.mktemp("python")
    wheels = folder / "wheels"
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", folder, ROOT], check=True, timeout=120)
    # The Python of the base image, which need not be the one that runs the tests.
    fitting = ["--only-binary=:all:", "--python-version=3.11", f"--dest={wheels}"]
    (own,) = folder.glob("perfgate-*.whl")
    subprocess.run([*pip, "download", *fitting, own, "setuptools>=64"], check=True, timeout=300)
    (folder / "Dockerfile").write_text(f"FROM {BASE}\nCOPY wheels /wheels\nENV PIP_NO_INDEX=1 PIP_FIND_LINKS=/wheels\n")
    return build("petstore", ROOT, BASE=build("python", folder))


@pytest.fixture(autouse=True)
def nothing_left(engine: docker.DockerClient) -> Iterator[None]:
    """After every test there is no container of an owner that has ended, or of this process, and no process of ours.

    What others were killed with on the same engine goes by itself: they sweep.
    """
    before = set(psutil.Process().children(recursive=True))
    yield
    deadline = time.monotonic() + 60
    while _ours(engine) and time.monotonic() < deadline:
        time.sleep(0.5)
    assert _ours(engine) == []
    assert set(psutil.Process().children(recursive=True)) <= before


def _ours(engine: docker.DockerClient) -> list[str]:
    """Containers that nobody will remove any more. Others may measure on this engine at the same time."""
    found = []
    for one in engine.api.containers(all=True, filters={"label": OWNER_LABEL}):
        owner = owner_in(one["Labels"][OWNER_LABEL])
        assert owner is not None
        if owner.gone() or owner == this_process():
            found.append(f"{one['Image']}, {one['Status']}")
    return found
