"""Stacks with containers: dependencies as images, beside services as processes and as images."""

from __future__ import annotations

import ast
import os
import re
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import docker
import psutil
import pytest
import requests

from perfgate.errors import PerfgateError, TargetError
from perfgate.service.attribution.attribution import Attribution
from perfgate.service.attribution.pinning import Pinning
from perfgate.service.containers.engine import OWNER_LABEL
from perfgate.service.containers.stack_container import ContainerPlan, StackContainer, start_container
from perfgate.service.dependencies.stack_instance import StackInstance
from perfgate.service.ending import first_ended
from perfgate.service.opening import open_target
from perfgate.service.owner import owner_in, this_process
from perfgate.service.resetting import prepare_round
from perfgate.service.service import Service
from perfgate.service.settings import DependencySettings, LaunchContext, ServiceSettings
from perfgate.service.target import parse_target
from tests.containers.conftest import BASE
from tests.support.paths import QUOTED_PYTHON
from tests.support.repository import Repository
from tests.support.stacks import DATABASE, FILES

PYTHON = sys.executable
TARGET = parse_target("ref:HEAD")
SERVICE = f"""
FROM {BASE}
COPY service.py seed.py /
ENV HOST=0.0.0.0
EXPOSE 8000
CMD ["python3", "/service.py", "8000"]
"""
DATABASE_IMAGE = f"""
FROM {BASE}
COPY database.py /
ENV HOST=0.0.0.0
VOLUME /data
EXPOSE 5432
CMD ["python3", "/database.py", "5432", "/data"]
"""
SEED = (PYTHON, "seed.py", "{db.url}", "{side}", "seeded")


class Stacks:
    """A repository whose service needs a database, and an image of that."""

    def __init__(self, folder: Path, engine: docker.DockerClient, image: str) -> None:
        self.repository = Repository(folder / "shop", **FILES, Dockerfile=SERVICE)
        self.engine = engine
        self.said: list[str] = []
        self.before = self.left()
        self.db = DependencySettings(name="db", image=image)

    def context(self, side: str = "head", **settings: Any) -> LaunchContext:
        standard: dict[str, Any] = {"env": {"DB": "{db.url}", "NAME": "{side} {db.host}"}, "dependencies": (self.db,)}
        chosen = ServiceSettings(**(standard | settings))
        environment = {**self.repository.environment, "DOCKER_HOST": os.environ.get("DOCKER_HOST", "")}
        return LaunchContext(chosen, (), self.repository.folder, environment, self.said.append, side)

    def open(self, side: str = "head", **settings: Any) -> Service:
        return open_target(TARGET, self.context(side, **settings))

    def refused(self, **settings: Any) -> PerfgateError:
        with pytest.raises(TargetError) as caught:
            self.open(**settings)
        assert caught.value.hint
        return caught.value

    def left(self) -> set[str]:
        """Containers, images and volumes of this process, and of owners that have ended; volumes of nobody else."""
        api = self.engine.api
        labelled = [
            *api.containers(all=True, filters={"label": OWNER_LABEL}),
            *api.images(filters={"label": OWNER_LABEL}),
        ]
        mine = {one["Id"] for one in labelled if _is_ours(one["Labels"][OWNER_LABEL])}
        used = {mount.get("Name") for one in api.containers(all=True) for mount in one["Mounts"]}
        volumes = {one["Name"] for one in api.volumes()["Volumes"] or ()} - used
        return mine | volumes


def _is_ours(text: str) -> bool:
    owner = owner_in(text)
    return owner is not None and (owner == this_process() or owner.gone())


@pytest.fixture(scope="module")
def database_image(build: Any, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("database")
    (folder / "Dockerfile").write_text(DATABASE_IMAGE)
    (folder / "database.py").write_text(DATABASE)
    return build("database", folder)


@pytest.fixture
def stacks(engine: docker.DockerClient, database_image: str, tmp_path: Path) -> Iterator[Stacks]:
    found = Stacks(tmp_path, engine, database_image)
    yield found
    assert found.left() <= found.before
    assert found.repository.worktrees() == [str(found.repository.folder)]


@pytest.fixture(params=["process", "build"])
def kind(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The settings of a service as a process, and as an image that is built."""
    return {"command": (PYTHON, "service.py", "{port}")} if request.param == "process" else {"build": Path()}


def seen(service: Service) -> dict[str, Any]:
    return ast.literal_eval(requests.get(service.instance.url, timeout=10).text)


def values(service: Service) -> dict[str, str]:
    assert isinstance(service.instance, StackInstance)
    return service.instance.values


def test_processes_and_containers_reach_a_database_in_a_container(stacks: Stacks, kind: dict[str, Any]) -> None:
    with stacks.open("base", **kind, seed=SEED) as base, stacks.open("head", **kind, seed=SEED) as head:
        assert seen(base)["rows"] == ["base", "seeded"]
        assert seen(head)["rows"] == ["head", "seeded"]
        (database,) = base.instance.dependencies
        assert (database.name, len(database.container)) == ("db", 64)
        usage = database.usage()
        assert usage is not None
        assert usage.cpu_seconds > 0
        database.reset_peak()


def test_its_port_is_published_on_the_loopback_address_too(stacks: Stacks) -> None:
    env = {"DB": "http://localhost:{db.port}"}
    with stacks.open(command=(PYTHON, "service.py", "{port}"), env=env, seed=SEED) as service:
        assert seen(service)["rows"] == ["head", "seeded"]


def test_what_forwards_to_it_there_belongs_to_it(stacks: Stacks) -> None:
    env = {"DB": "http://localhost:{db.port}"}
    with stacks.open(command=(PYTHON, "service.py", "{port}"), env=env) as service:
        attribution = Attribution({"head": service}, {}, Pinning((), {}, print))
        attribution.load_begins()
        before = attribution.moment()
        for _ in range(200):
            seen(service)
        beside = attribution.between(before, attribution.moment())
        assert beside.dependencies is not None
        assert len([one for one in beside.dependencies if one.seconds]) == 2
        assert "docker-proxy" not in beside.neighbours


def test_processes_do_not_reach_it_through_a_proxy(stacks: Stacks) -> None:
    with stacks.open(command=(PYTHON, "service.py", "{port}")) as service:
        assert values(service)["db.host"] != "127.0.0.1"


def test_a_container_reaches_a_dependency_that_is_a_process(stacks: Stacks) -> None:
    command = (
        "sh",
        "-c",
        f"cp database.py {{data}}/ && HOST=0.0.0.0 exec {QUOTED_PYTHON} {{data}}/database.py {{port}} {{data}}",
    )
    with stacks.open(build=Path(), dependencies=(DependencySettings(name="db", command=command),)) as service:
        assert seen(service)["rows"] == []
        assert seen(service)["name"] == "head host.docker.internal"


def test_the_port_in_variables_is_that_in_the_container(stacks: Stacks) -> None:
    db = replace(stacks.db, env={"MY_PORT": "{port}", "OTHERS": "\\{port}"})
    with stacks.open(build=Path(), env={"DB": "{db.url}", "NAME": "shop_{port}"}, dependencies=(db,)) as service:
        assert seen(service)["name"] == "shop_8000"
        container = stacks.engine.containers.get(service.instance.dependencies[0].container)
        assert {"MY_PORT=5432", "OTHERS={port}"} <= set(container.attrs["Config"]["Env"])


def test_an_image_target_has_a_stack_too(stacks: Stacks, build: Any) -> None:
    stacks.repository.commit(Dockerfile=SERVICE)
    image = build("stack-service", stacks.repository.folder)
    target = parse_target(f"image:{image}")
    with open_target(target, stacks.context(seed=SEED, env={"DB": "{db.url}", "NAME": "{sha}"})) as service:
        assert seen(service)["rows"] == ["head", "seeded"]
        assert re.fullmatch(r"[0-9a-f]{64}", seen(service)["name"])


def test_a_snapshot_keeps_volumes_and_the_rest_of_the_container(stacks: Stacks, kind: dict[str, Any]) -> None:
    db = replace(stacks.db, snapshot=True)
    with stacks.open(**kind, dependencies=(db,), seed=SEED) as service:
        assert [line for line in stacks.said if "keeping the state of db" in line]
        for _ in range(2):
            assert seen(service)["rows"] == ["head", "seeded"]
            requests.put(f"{values(service)['db.url']}/trace", timeout=10).raise_for_status()
            service.renew()
        (seeding,) = [line for line in stacks.said if "seed.py" in line]
        assert seeding.startswith("ref:HEAD: ")
        assert "{" not in seeding


def test_a_reset_starts_from_the_snapshot_at_the_same_address(stacks: Stacks, kind: dict[str, Any]) -> None:
    settings = {**kind, "dependencies": (replace(stacks.db, snapshot=True),), "seed": SEED, "reset": ("true",)}
    with stacks.open(**settings) as service:
        url = service.instance.url
        requests.put(f"{values(service)['db.url']}/trace", timeout=10).raise_for_status()
        prepare_round(TARGET, service, stacks.context(**settings))
        assert seen(service)["rows"] == ["head", "seeded"]
        assert service.instance.url == url


@pytest.mark.parametrize(
    "ready",
    [
        ("python3", "/seed-{port}.py"),
        (
            "sh",
            "-c",
            "test -e /database.py && python3 -c 'import socket; socket.create_connection((\"{db.host}\", {db.port}))'",
        ),
        (PYTHON, "-c", "import socket; socket.create_connection(('{db.host}', {db.port}))"),
    ],
    ids=["never", "inside", "beside"],
)
def test_a_command_says_whether_it_is_ready(stacks: Stacks, ready: tuple[str, ...]) -> None:
    db = replace(stacks.db, ready=ready, ready_timeout=5.0)
    if "seed" in ready[1]:
        error = stacks.refused(build=Path(), dependencies=(replace(db, ready_timeout=0.5),))
        assert "the dependency db was not ready within 500ms" in error.message
        assert "/seed-5432.py" in error.message
        return
    with stacks.open(build=Path(), dependencies=(db,)) as service:
        assert seen(service)["rows"] == []


def test_a_command_that_never_ends_is_waited_for_no_longer_than_the_dependency(stacks: Stacks) -> None:
    db = replace(stacks.db, ready=("sleep", "600"), ready_timeout=1.0)
    error = stacks.refused(build=Path(), dependencies=(db,))
    assert "the dependency db was not ready within 1s: sleep: no end after 1s" in error.message


def test_a_command_that_took_too_long_is_ended_with_what_it_started(stacks: Stacks) -> None:
    plan = ContainerPlan(stacks.db.image or "", "the dependency db", lambda port: {}, None, None, ())
    container = start_container(plan, None, stacks.context().environment, stacks.said.append)
    try:
        assert container.run(["sh", "-c", "sleep 600 & sleep 600"], 0.5) == ("no end after 500ms", "")
        deadline = time.monotonic() + 30
        while _sleeping(container):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert not container.ended(), "nothing else is"
    finally:
        container.stop()


def _sleeping(container: StackContainer) -> list[psutil.Process]:
    running = map(psutil.Process, container.processes())
    return [one for one in running if one.name() == "sleep" and one.status() != psutil.STATUS_ZOMBIE]


def test_a_database_that_never_gets_ready_shows_its_log(stacks: Stacks) -> None:
    error = stacks.refused(build=Path(), dependencies=(replace(stacks.db, env={"DELAY": "60"}, ready_timeout=1.0),))
    assert "the dependency db was not ready within 1s" in error.message
    assert "the database begins" in error.message


def test_a_database_that_ends_at_once_shows_its_log(stacks: Stacks) -> None:
    error = stacks.refused(build=Path(), dependencies=(replace(stacks.db, env={"DELAY": "soon"}, ready_timeout=5.0),))
    assert "could not convert string to float" in error.message


def test_a_database_that_dies_is_named_with_its_last_words(stacks: Stacks) -> None:
    with stacks.open(build=Path()) as service:
        stacks.engine.containers.get(service.instance.dependencies[0].container).kill()
        ended = first_ended(TARGET, service.instance)
        assert ended is not None
        assert ended.shown == "the dependency db of ref:HEAD"
        assert "the database begins" in ended.logs


def test_the_next_start_ends_what_a_killed_one_left(stacks: Stacks, kind: dict[str, Any]) -> None:
    cache = replace(stacks.db, name="cache")
    settings = {**kind, "dependencies": (replace(stacks.db, snapshot=True), cache), "seed": SEED}
    child = os.fork()
    if child == 0:
        try:
            for side in ("base", "head"):
                stacks.open(side, **settings)
        finally:
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert len(stacks.left() - stacks.before) >= (4 if "command" in kind else 6)
    with stacks.open(**kind):
        pass
    assert stacks.left() <= stacks.before
