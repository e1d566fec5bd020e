"""What a release publishes, built and used as it would be: the wheel in an empty environment, and the image."""

import subprocess
import sys

import pytest

from tests.support.toolbox import ROOT, build, docker, python_tool

IMAGE = "perfgate-test-tool"


@pytest.fixture(scope="module")
def dist(source, tmp_path_factory):
    """A source archive, and the wheel that is built from it."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "build", "--quiet", "--outdir", folder, source], check=True, timeout=300)
    return folder


@pytest.fixture(scope="module")
def tool(dist, own_python_image):
    build(IMAGE, dist, "--file", ROOT / "tool.Dockerfile", "--build-arg", f"BASE={own_python_image}")
    yield IMAGE
    docker("image", "rm", IMAGE)


def test_the_index_takes_what_is_built(dist):
    files = sorted(dist.iterdir())
    assert [file.suffix for file in files] == [".whl", ".gz"]
    subprocess.run([python_tool("twine"), "check", "--strict", *files], check=True)


def test_a_wheel_does_in_an_empty_environment_what_it_is_for(dist):
    (wheel,) = dist.glob("*.whl")
    done = subprocess.run([ROOT / ".ci/smoke", wheel], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert "commands have help" in done.stdout
    assert "the demo saw what is slower" in done.stdout


def test_the_image_is_the_command_in_a_repository_of_somebody_else(tool, tmp_path):
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    subprocess.run(["chown", "--recursive", "1234:1234", tmp_path], check=True)
    done = docker("run", "--rm", "--volume", f"{tmp_path}:/work", tool, "init")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "perfgate.toml").exists()
    done = docker("run", "--rm", tool, "--help")
    assert "Usage: perfgate" in done.stdout
