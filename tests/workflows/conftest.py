"""Everything here needs tools that `make workflows` installs, and is marked so."""

import configparser
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.forge import Forge
from tests.support.runner import Provisions, Runner
from tests.support.sources import copy_of
from tests.support.toolbox import BASE_IMAGE, ROOT, act, build, docker

HERE = Path(__file__).parent

# What our Dockerfile is built on where no image registry is in reach.
_PYTHON_IMAGE = "python:3.13-slim"


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.workflows)


@pytest.fixture(scope="session")
def source(tmp_path_factory):
    """perfgate as it stands here: what `uses: perfgate/perfgate@v1` means."""
    return copy_of(ROOT, tmp_path_factory.mktemp("perfgate"))


@pytest.fixture(scope="session")
def wheels(tmp_path_factory):
    """Everything that perfgate needs, for the Python of the job's container, which reaches no package registry."""
    folder = tmp_path_factory.mktemp("wheels")
    act()
    version = docker("run", "--rm", BASE_IMAGE, "python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2])")
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    needed = [
        *config["options"]["install_requires"].split("\n"),
        *(
            one
            for extra in ("docker", "explain", "chart")
            for one in config["options.extras_require"][extra].split("\n")
        ),
    ]
    wanted = [one.partition(";")[0].strip() for one in needed if one.strip()]
    options = ["--quiet", "--only-binary=:all:", "--python-version", version.stdout.strip(), "--dest", str(folder)]
    subprocess.run([sys.executable, "-m", "pip", "download", *options, *wanted, "setuptools", "wheel"], check=True)
    return folder


@pytest.fixture
def forge(tmp_path):
    with Forge(tmp_path / "forge") as running:
        yield running


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """Where the jobs have perfgate installed: the first does it, as a second step of a job the others find it there."""
    return tmp_path_factory.mktemp("installed")


@pytest.fixture
def runner(forge, wheels, source, installed, tmp_path):
    return Runner(act(), forge, tmp_path / "runner", Provisions(source, wheels, installed))


@pytest.fixture(scope="session")
def python_image(wheels, tmp_path_factory):
    """The image that our Dockerfile begins with: the real one where it is here, else that of the jobs with wheels."""
    if docker("image", "inspect", _PYTHON_IMAGE).returncode == 0:
        yield _PYTHON_IMAGE
        return
    image_with(wheels, _PYTHON_IMAGE, tmp_path_factory.mktemp("python"))
    yield _PYTHON_IMAGE
    docker("image", "rm", _PYTHON_IMAGE)


def image_with(wheels, tag, folder):
    """An image with the Python of the jobs, which installs packages out of these wheels. folder: an empty one."""
    (folder / "Dockerfile").write_text(
        f"FROM {BASE_IMAGE}\nCOPY . /wheels\nENV PIP_NO_INDEX=1 PIP_FIND_LINKS=/wheels\n"
    )
    build(tag, wheels, "--file", folder / "Dockerfile")
    return tag


@pytest.fixture(scope="session")
def own_python_image(wheels, tmp_path_factory):
    """One that has these wheels, whatever else is on the engine."""
    yield image_with(wheels, "perfgate-test-wheels", tmp_path_factory.mktemp("python"))
    docker("image", "rm", "perfgate-test-wheels")
