"""Where `make workflows` puts its tools, and what to say where they are not."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT, TESTS

HERE = TESTS / "workflows"
ACT = HERE / ".tools" / "act"
NPM = ROOT / ".npm"
BASE_IMAGE = "perfgate-test-base"


def python_tool(name):
    """A tool that is installed beside this Python."""
    found = Path(sys.executable).with_name(name)
    return found if found.exists() else missing(name)


def act():
    """nektos/act, and an engine that has the image its jobs run in."""
    if not ACT.exists():
        missing("nektos/act")
    if docker("image", "inspect", BASE_IMAGE).returncode:
        missing(f"the image {BASE_IMAGE}")
    return ACT


def language_service():
    """The folder in which GitHub's language service is installed."""
    if not (NPM / "node_modules" / "@actions" / "languageservice").exists():
        missing("GitHub's language service")
    return NPM


def docker(*arguments):
    """Run docker; its end."""
    if not shutil.which("docker"):
        missing("docker")
    environment = {**os.environ, "DOCKER_BUILDKIT": "0"}
    return subprocess.run(["docker", *arguments], env=environment, capture_output=True, text=True, check=False)


def build(tag, folder, *options):
    """Build an image of a folder."""
    done = docker("build", "--quiet", "--tag", tag, *map(str, options), str(folder))
    assert done.returncode == 0, done.stderr


def missing(what):
    pytest.skip(f"{what} is missing: `make workflows` installs it")
