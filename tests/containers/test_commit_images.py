"""`ref:` targets whose commits are images: built once from their Dockerfile, or named by their hash."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import docker
import pytest
import requests

from perfgate.errors import PerfgateError, TargetError, UsageError
from perfgate.service.containers.buildkit import find_buildx
from perfgate.service.containers.image_build import BUILD_LABEL
from perfgate.service.opening import open_target
from perfgate.service.owner import this_process
from perfgate.service.service import Service
from perfgate.service.settings import LaunchContext, ServiceSettings
from perfgate.service.target import parse_target
from tests.support.paths import ROOT

INTERRUPTIBLE = [
    sys.executable,
    "-c",
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from perfgate.cli import main; main()",
]

DOCKERFILE = """
FROM perfgate-test-base
COPY . /app
WORKDIR /app
EXPOSE 8080
CMD ["python3", "-m", "http.server", "8080"]
"""


class Shop:
    """A repository with a Dockerfile, and the images that were built from its commits."""

    def __init__(self, folder: Path, engine: docker.DockerClient) -> None:
        self.folder = folder
        self.engine = engine
        self.said: list[str] = []
        people = [f"GIT_{role}_{what}" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")]
        self.environment = {**os.environ, **dict.fromkeys(people, "me@example.com"), "PYTHONPATH": str(ROOT)}
        self.before = set(self.images())
        # Its own programs alone: without the docker client, and so without BuildKit.
        self.binaries = folder.with_name(f"{folder.name}-bin")
        self.binaries.mkdir()
        for program in ("git", "sh"):
            (self.binaries / program).symlink_to(shutil.which(program) or program)
        self.environment["PATH"] = str(self.binaries)
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit(Dockerfile=DOCKERFILE, version="first")

    def git(self, *arguments: str) -> str:
        return subprocess.check_output(["git", *arguments], cwd=self.folder, env=self.environment, text=True).strip()

    def commit(self, **files: str) -> str:
        for name, text in files.items():
            (self.folder / name).parent.mkdir(exist_ok=True)
            (self.folder / name).write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "Change the shop")
        return self.git("rev-parse", "HEAD")

    def open(self, ref: str, **settings: Any) -> Service:
        standard: dict[str, Any] = {"build": Path()}
        chosen = ServiceSettings(**(standard | settings))
        return open_target(
            parse_target(ref if ref == "worktree" else f"ref:{ref}"),
            LaunchContext(chosen, (), self.folder, self.environment, self.said.append),
        )

    def refused(self, kind: type[PerfgateError], ref: str = "HEAD", **settings: Any) -> PerfgateError:
        with pytest.raises(kind) as caught:
            self.open(ref, **settings)
        assert caught.value.hint
        return caught.value

    def images(self) -> list[str]:
        return [image.id for image in self.engine.images.list(filters={"label": BUILD_LABEL})]

    def builds(self) -> int:
        """How many images were asked for of the engine since we looked last."""
        count = sum("building" in line for line in self.said)
        self.said.clear()
        return count


@pytest.fixture
def shop(tmp_path: Path, engine: docker.DockerClient) -> Iterator[Shop]:
    shop = Shop(tmp_path, engine)
    yield shop
    assert shop.git("worktree", "list").splitlines()[1:] == []
    assert not list(Path(tempfile.gettempdir()).glob(f"perfgate-{this_process()}-*"))
    assert shop.git("status", "--porcelain") == ""
    for image in set(shop.images()) - shop.before:
        with suppress(docker.errors.APIError):  # another suite's, which has a container of it
            engine.images.remove(image, force=True)


@pytest.fixture
def buildkit(shop: Shop) -> Shop:
    if not find_buildx(os.environ):
        pytest.fail("the docker client has no buildx: run make containers")
    shop.environment["PATH"] = os.environ["PATH"]
    return shop


def version(service: Service) -> str:
    return requests.get(f"{service.instance.url}/version", timeout=10).text


def test_a_commit_is_built_once_and_stands_beside_another(shop: Shop) -> None:
    shop.commit(version="second")
    with shop.open("HEAD~1") as base, shop.open("HEAD") as head:
        assert (version(base), version(head)) == ("first", "second")
    assert shop.builds() == 2
    with shop.open("HEAD~1") as base, shop.open("HEAD") as head:
        assert (version(base), version(head)) == ("first", "second")
    assert shop.builds() == 0


def test_what_was_built_from_the_same_files_serves_every_commit_that_has_them(shop: Shop) -> None:
    shop.commit(**{"service/Dockerfile": DOCKERFILE, "service/version": "in a folder"})
    with shop.open("HEAD", build=Path("service")) as service:
        assert version(service) == "in a folder"
    assert shop.builds() == 1
    shop.commit(notes="about something else")
    with shop.open("HEAD", build=Path("service")) as service:
        assert version(service) == "in a folder"
    assert shop.builds() == 0


def test_a_dockerfile_that_is_named_may_copy_from_anywhere(shop: Shop) -> None:
    shop.commit(**{"docker/Slim": DOCKERFILE})
    with shop.open("HEAD", build=Path("docker/Slim")) as service:
        assert version(service) == "first"


def test_what_is_not_committed_is_not_built(shop: Shop) -> None:
    (shop.folder / "version").write_text("not committed")
    with shop.open("HEAD") as service:
        assert version(service) == "first"
    shop.git("checkout", "--", ".")


def test_the_checkout_is_built_as_it_stands_and_once(shop: Shop) -> None:
    (shop.folder / "version").write_text("not committed")
    for _ in range(2):
        with shop.open("worktree") as service:
            assert version(service) == "not committed"
    assert shop.builds() == 1
    shop.commit()
    with shop.open("HEAD") as service:
        assert version(service) == "not committed"
    assert shop.builds() == 0


def test_a_build_that_fails_shows_the_end_of_its_log(shop: Shop) -> None:
    shop.commit(Dockerfile="FROM perfgate-test-base\nRUN seq 1 100; exit 3\n")
    error = shop.refused(TargetError)
    assert "ref:HEAD could not be built" in error.message
    assert error.hint.endswith("what git ignores is not in it, nor, of a ref:, what is not committed")
    assert "returned a non-zero code: 3" in error.message
    assert "100" in error.message.splitlines()
    assert len(error.message.splitlines()) <= 53


@pytest.mark.parametrize(
    "step", ["RUN --mount=type=cache,target=/cache true", "COPY --link version /v", "RUN <<EOF\nEOF"]
)
def test_a_build_that_needs_more_than_the_engine_can_names_the_way_out(shop: Shop, step: str) -> None:
    shop.commit(Dockerfile=f"FROM perfgate-test-base\n{step}\n")
    hint = shop.refused(TargetError).hint
    assert "buildx" in hint
    assert 'image = "my-service:{sha}"' in hint


def test_buildkit_builds_where_it_is_there(buildkit: Shop) -> None:
    buildkit.commit(Dockerfile=DOCKERFILE.replace("WORKDIR", "RUN --mount=type=cache,target=/cache true\nWORKDIR"))
    for _ in range(2):
        with buildkit.open("HEAD") as service:
            assert version(service) == "first"
    assert buildkit.builds() == 1
    assert set(buildkit.images()) - buildkit.before, "it carries the label that says how to remove it"


def test_a_build_of_buildkit_that_fails_shows_the_end_of_its_log(buildkit: Shop) -> None:
    buildkit.commit(Dockerfile="FROM perfgate-test-base\nRUN seq 1 100; exit 3\n")
    error = buildkit.refused(TargetError)
    assert "ref:HEAD could not be built" in error.message
    assert "exit code: 3" in error.message.splitlines()[0]
    assert any(line.endswith(" 100") for line in error.message.splitlines())
    assert len(error.message.splitlines()) <= 53


def test_a_commit_without_the_dockerfile_is_refused(shop: Shop) -> None:
    assert "has no docker/Dockerfile" in shop.refused(UsageError, build=Path("docker/Dockerfile")).message


def test_an_image_is_found_by_the_hash_of_its_commit(shop: Shop) -> None:
    sha = shop.git("rev-parse", "HEAD")
    name = f"perfgate-test-shop:{sha}"
    shop.engine.images.build(path=str(shop.folder), tag=name, rm=True)
    try:
        with shop.open("HEAD", build=None, image="perfgate-test-shop:{sha}") as service:
            assert version(service) == "first"
    finally:
        shop.engine.images.remove(name, force=True)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_whoever_interrupts_a_build_finds_nothing_left(
    shop: Shop, engine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory, ending: signal.Signals
) -> None:
    marker = f"perfgate-test-{os.getpid()}-{ending}"
    (shop.folder / "scenarios").mkdir()
    shop.commit(
        Dockerfile=f"FROM perfgate-test-base\nRUN echo {marker} && sleep 60\n",
        **{
            "perfgate.toml": '[service]\nbuild = "."\n',
            "scenarios/look.py": "from perfgate import scenario\n\n@scenario()\ndef look(user):\n    user.get('/')\n",
        },
    )
    temporary = tmp_path_factory.mktemp("temporary")

    def building() -> list[str]:
        return [one["Id"] for one in engine.api.containers(all=True) if marker in one["Command"]]

    with subprocess.Popen(
        [*INTERRUPTIBLE, "run", "--target", "ref:HEAD", "--history", str(temporary.parent / "unkept.db")],
        cwd=shop.folder,
        env={**shop.environment, "TMPDIR": str(temporary)},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        wait_for(building)
        process.send_signal(ending)
        process.communicate(timeout=60)
    assert process.returncode == 130
    wait_for(lambda: not building())
    assert not list(temporary.iterdir())


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
