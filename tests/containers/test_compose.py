"""`ref:` targets out of a compose file: a stack for each side and instance, and nothing of it left."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import docker
import pytest
import requests

from perfgate.application.bench.bench import Bench
from perfgate.application.context import Context
from perfgate.application.evidence.differing import find_differences
from perfgate.application.evidence.querying import find_querying
from perfgate.application.plan import LoadOptions, MeasurementPlan
from perfgate.application.planning import plan_measurement
from perfgate.cli.progress import LiveProgress
from perfgate.errors import PerfgateError, ProblemsError, TargetError, UsageError
from perfgate.explain.profilers.program import ProfilerPlace
from perfgate.service.containers.engine import OWNER_LABEL
from perfgate.service.ending import first_ended
from perfgate.service.opening import open_target
from perfgate.service.owner import Owner, owner_in, this_process
from perfgate.service.service import Service
from perfgate.service.settings import LaunchContext, ServiceSettings
from perfgate.service.target import parse_target
from tests.support.paths import ROOT

SHOP = Path(__file__).parent / "shop"
SCENARIO = 'from perfgate import scenario\n\n@scenario(vus=2, duration="5s")\ndef look(user):\n    user.get("/")\n'
SETTINGS = '[service]\ncompose = "compose.yml"\ncompose_service = "app"\n'


class Shop:
    """A repository with a compose file, and the stacks of its commits."""

    def __init__(self, folder: Path, engine: docker.DockerClient) -> None:
        self.folder = folder
        self.engine = engine
        self.said: list[str] = []
        self.images: set[str] = set()
        people = [f"GIT_{role}_{what}" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")]
        self.environment = {**os.environ, **dict.fromkeys(people, "me@example.com"), "PYTHONPATH": str(ROOT)}
        self.git("init", "--quiet", "--initial-branch=main")
        shutil.copytree(SHOP, folder, dirs_exist_ok=True)
        self.commit(
            **{
                "perfgate.toml": SETTINGS,
                "scenarios/look.py": SCENARIO,
                ".gitignore": ".perfgate\n",
                "id": secrets.token_hex(),
            }
        )

    def git(self, *arguments: str) -> str:
        return subprocess.check_output(["git", *arguments], cwd=self.folder, env=self.environment, text=True).strip()

    def commit(self, **files: str) -> None:
        for name, text in files.items():
            (self.folder / name).parent.mkdir(exist_ok=True)
            (self.folder / name).write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "Change the shop")

    def change(self, before: str, after: str) -> None:
        """Commit another compose file."""
        text = (self.folder / "compose.yml").read_text()
        assert before in text
        self.commit(**{"compose.yml": text.replace(before, after)})

    def open(self, target: str = "ref:HEAD", **settings: Any) -> Service:
        standard: dict[str, Any] = {"compose": Path("compose.yml"), "compose_service": "app"}
        chosen = ServiceSettings(**(standard | settings))
        context = LaunchContext(chosen, (), self.folder, self.environment, self.said.append)
        service = open_target(parse_target(target), context)
        self.images.add(self.engine.containers.get(service.instance.container).image.id)
        return service

    def refused(self, kind: type[PerfgateError], **settings: Any) -> PerfgateError:
        with pytest.raises(kind) as caught:
            self.open(**settings)
        assert caught.value.hint or isinstance(caught.value, ProblemsError)
        assert len(f"{caught.value.message}\n{caught.value.hint}".splitlines()) < 60
        assert not self.remains()
        return caught.value

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """perfgate in a process of its own, as soon as all of it is imported."""
        interruptible = "signal.signal(signal.SIGINT, signal.default_int_handler)"
        imported = f"from perfgate.cli import app, main, {arguments[0]}; print('imported', flush=True)"
        process = subprocess.Popen(
            [sys.executable, "-c", f"import signal; {interruptible}; {imported}; main()", *arguments],
            cwd=self.folder,
            env={**self.environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout is not None
        process.stdout.readline()
        return process

    def remains(self, gone: bool = False) -> list[str]:
        """What the engine has of this process, or of those that have ended. Others may measure at the same time."""
        return [name for owner, name in self.owned() if (owner.gone() if gone else owner == this_process())]

    def owned(self) -> list[tuple[Owner, str]]:
        """What the engine has of anybody's, with its owner."""
        api, mark = self.engine.api, {"label": OWNER_LABEL}
        found = [(one["Labels"], one["Id"]) for one in api.containers(all=True, filters=mark)]
        found += [(one["Labels"], one["Name"]) for one in api.networks(filters=mark)]
        found += [(one["Labels"], one["Name"]) for one in api.volumes(filters=mark)["Volumes"] or ()]
        owners = [(owner_in(labels[OWNER_LABEL]), name) for labels, name in found]
        return [(owner, name) for owner, name in owners if owner]


@pytest.fixture
def shop(tmp_path: Path, engine: docker.DockerClient) -> Iterator[Shop]:
    shop = Shop(tmp_path, engine)
    yield shop
    assert not shop.remains()
    assert shop.git("worktree", "list").splitlines()[1:] == []
    assert shop.git("status", "--porcelain") == ""
    for image in shop.images:
        engine.images.remove(image, force=True)


def text(service: Service, path: str = "/") -> str:
    return requests.get(f"{service.instance.url}{path}", timeout=10).text


def test_each_side_and_each_instance_has_a_stack_of_its_own(shop: Shop) -> None:
    shop.change("pears", "plums")
    with shop.open("ref:HEAD~1") as base, shop.open("ref:HEAD") as head:
        first = text(base)
        assert first.startswith("pears of ")
        assert text(head).startswith("plums of ")
        base.renew()
        assert text(base).startswith("pears of ")
        assert text(base) != first
        assert [one.name for one in head.instance.dependencies] == ["store"]
        (store,) = head.instance.dependencies
        before = store.usage()
        text(head)
        after = store.usage()
        assert before is not None
        assert after is not None
        assert after.cpu_seconds > before.cpu_seconds
        assert sum("building" in line for line in shop.said) == 2


def test_what_was_built_from_a_tree_is_not_built_again(shop: Shop) -> None:
    with shop.open():
        pass
    with shop.open():
        pass
    assert sum("building" in line for line in shop.said) == 1


def test_the_checkout_is_a_stack_too(shop: Shop) -> None:
    (shop.folder / "compose.yml").write_text((shop.folder / "compose.yml").read_text().replace("pears", "nuts"))
    with shop.open("worktree") as service:
        assert text(service).startswith("nuts of ")
    shop.git("checkout", "--", ".")


def test_variables_come_from_perfgate_toml_and_from_what_git_does_not_keep(shop: Shop) -> None:
    shop.commit(**{".gitignore": ".perfgate\n.env\n"})
    (shop.folder / ".env").write_text("GREETING=good day\n")
    with shop.open() as service:
        assert text(service, "/alive") == "good day"
    with shop.open(env={"GREETING": "it's $5"}) as service:
        assert text(service, "/alive") == "it's $5"
    assert any("has no .env" in line for line in shop.said)


def test_files_that_git_does_not_keep_are_taken_along_where_they_are_named(shop: Shop) -> None:
    shop.commit(**{".gitignore": ".perfgate\napi\n"})
    shop.change(
        'environment: {STORE: "store:6000", GREETING: "${GREETING:-hello}"}', 'environment: {STORE: "store:6000"}'
    )
    shop.change("    build: .\n", "    build: .\n    env_file: api/.env\n    secrets: [token]\n")
    shop.change("volumes:\n  data: {", "secrets:\n  token: {file: api/token}\nvolumes:\n  data: {")
    (shop.folder / "api").mkdir()
    (shop.folder / "api/.env").write_text("GREETING=good evening\n")
    (shop.folder / "api/token").write_text("sesame")
    assert "name it in files under [service]" in shop.refused(UsageError).hint
    message = shop.refused(ProblemsError, files=(Path("api/.env"),)).message
    assert "secrets.token: reads api/token, which git does not have" in message
    with shop.open(files=(Path("api/.env"), Path("api/token"))) as service:
        assert text(service, "/alive") == "good evening"
        container = shop.engine.containers.get(service.instance.container)
        assert container.exec_run(["cat", "/run/secrets/token"]).output == b"sesame"


def test_all_of_it_runs_on_the_cpus_of_the_service(shop: Shop) -> None:
    context = LaunchContext(
        ServiceSettings(compose=Path("compose.yml"), compose_service="app"), (1,), shop.folder, shop.environment
    )
    with open_target(parse_target("ref:HEAD"), context) as service:
        instance = service.instance
        assert instance.cpus == (1,)
        for one in (instance.container, *(other.container for other in instance.dependencies)):
            attributes = shop.engine.containers.get(one).attrs["HostConfig"]
            assert attributes["CpusetCpus"] == "1"
            assert attributes["RestartPolicy"]["Name"] in ("", "no")


def test_seed_and_teardown_reach_the_services_of_the_file(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> None:
    notes = tmp_path_factory.mktemp("notes") / "teardown"
    seed = ("sh", "-c", "curl -sf -X PUT --data-binary 'kiwis of {side}' {store.url}")
    teardown = ("sh", "-c", f"curl -sf http://{{store.host}}:{{store.port}} > {notes}")
    env = {"STORE": "{store.host}:{store.port}"}
    with shop.open(seed=seed, teardown=teardown, env=env) as service:
        assert text(service) == "kiwis of run"
        notes.unlink(missing_ok=True)
        service.renew()
        assert notes.read_text() == "kiwis of run"
        assert text(service) == "kiwis of run"


def test_the_name_of_a_container_leads_to_that_of_the_same_side(shop: Shop) -> None:
    shop.change("expose:", "container_name: shop_store\n    expose:")
    shop.change("store:6000", "shop_store:6000")
    shop.change("pears", "plums")
    with shop.open("ref:HEAD~1") as base, shop.open("ref:HEAD") as head:
        assert text(base).startswith("pears of ")
        assert text(head).startswith("plums of ")


def test_a_placeholder_of_a_service_that_is_not_started_is_refused(shop: Shop) -> None:
    error = shop.refused(UsageError, seed=("true", "{stroe.url}"))
    assert "[service] seed has {stroe.url}" in error.message
    assert error.hint == "did you mean store?"


def test_a_dependency_that_ends_is_seen_and_its_log_shown(shop: Shop) -> None:
    with shop.open() as service:
        shop.engine.containers.get(service.instance.dependencies[0].container).kill()
        ended = first_ended(parse_target("ref:HEAD"), service.instance)
        assert ended is not None
        assert (ended.shown, ended.logs) == ("the dependency store of ref:HEAD", "the store is open")


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (
            "image: shop\n    container_name",
            "imge: shop\n    container_name",
            "additional properties 'imge' not allowed",
        ),
        ("  migrate:", " migrate:", "compose.yml (ref:HEAD) has a mistake"),
        ("volumes:\n  data: {name", "volumes:\n  data: {external: true, name", "volumes.data: is external"),
        ("    restart: always", "    network_mode: host", "is on the network of this machine"),
    ],
)
def test_a_mistake_in_the_file_is_shown_with_its_place(shop: Shop, before: str, after: str, message: str) -> None:
    shop.change(before, after)
    error = shop.refused(UsageError)
    assert message in error.message
    assert "/tmp/" not in error.message


def test_a_file_that_is_missing_is_named(shop: Shop) -> None:
    assert "has no stack.yml" in shop.refused(UsageError, compose=Path("stack.yml")).message


def test_a_service_that_is_missing_is_named_with_those_that_there_are(shop: Shop) -> None:
    error = shop.refused(UsageError, compose_service="shop")
    assert error.message == "compose.yml (ref:HEAD) has no service shop: app, migrate, store, unrelated"


def test_a_build_that_fails_shows_its_end(shop: Shop) -> None:
    shop.commit(Dockerfile="FROM perfgate-test-base\nRUN echo so far so good; exit 7\n")
    error = shop.refused(TargetError)
    assert "building app failed" in error.message
    assert "so far so good" in error.message
    assert error.hint.endswith("what git ignores is not in it, nor, of a ref:, what is not committed")


def test_a_build_that_takes_the_repository_is_told_how_to_do_without(shop: Shop) -> None:
    shop.commit(Dockerfile="FROM perfgate-test-base\nCOPY .git /app/.git\nWORKDIR /app\nRUN git describe --always\n")
    assert "SETUPTOOLS_SCM_PRETEND_VERSION" in shop.refused(TargetError).hint


def test_an_image_that_cannot_be_pulled_is_named(shop: Shop) -> None:
    shop.change("image: shop\n    command: python3", "image: perfgate-test-nowhere\n    command: python3")
    assert "pulling perfgate-test-nowhere failed" in shop.refused(TargetError).message


def test_a_dependency_that_never_gets_healthy_has_its_log_shown(shop: Shop) -> None:
    shop.change('"localhost:6000"], interval: 1s, retries: 5', '"localhost:1"], interval: 1s, retries: 2')
    error = shop.refused(TargetError)
    assert "store" in error.message.splitlines()[0]
    assert "the store is open" in error.message


def test_a_health_check_of_the_image_is_off_where_nobody_waits_for_it(shop: Shop) -> None:
    check = "HEALTHCHECK --interval=5m --timeout=3s CMD false\n"
    shop.commit(Dockerfile=(shop.folder / "Dockerfile").read_text() + check)
    with shop.open() as service:
        assert text(service).startswith("pears")
        assert shop.engine.containers.get(service.instance.container).attrs["Config"]["Healthcheck"]["Test"] == ["NONE"]


def test_a_health_check_of_the_image_that_others_wait_for_is_seen_soon(shop: Shop) -> None:
    check = "HEALTHCHECK --interval=5m --timeout=3s CMD curl -sf localhost:6000\n"
    shop.commit(Dockerfile=(shop.folder / "Dockerfile").read_text() + check)
    shop.change('    healthcheck: {test: ["CMD", "curl", "-sf", "localhost:6000"], interval: 1s, retries: 5}\n', "")
    with shop.open() as service:
        assert text(service).startswith("pears")
        (store,) = service.instance.dependencies
        state = shop.engine.containers.get(store.container).attrs["State"]
        assert state["Health"]["Status"] == "healthy"  # not five minutes later


def test_a_job_that_fails_has_its_log_shown(shop: Shop) -> None:
    shop.change("sh -c 'echo", "sh -c 'echo no such table; exit 3; echo")
    error = shop.refused(TargetError)
    assert "migrate" in error.message
    assert "no such table" in error.message


def test_a_job_that_nobody_waits_for_may_end_before_the_service_starts(shop: Shop) -> None:
    shop.change("migrate: {condition: service_completed_successfully}", "migrate: {condition: service_started}")
    shop.change("      migrate: {", "      slow: {condition: service_completed_successfully}\n      migrate: {")
    shop.change("  unrelated:", "  slow:\n    image: shop\n    command: sleep 2\n  unrelated:")
    with shop.open() as service:
        assert "pears" in text(service)
        assert [one.name for one in service.instance.dependencies] == ["store"]


def test_a_job_that_ends_while_the_service_runs_is_no_dependency_any_more(shop: Shop) -> None:
    shop.change("migrate: {condition: service_completed_successfully}", "migrate: {condition: service_started}")
    shop.change("> /data/goods'", "> /data/goods; until test -e /data/go; do sleep 0.1; done'")
    with shop.open() as service:
        found = {one.name: one for one in service.instance.dependencies}
        assert set(found) == {"store", "migrate"}
        shop.engine.containers.get(found["store"].container).exec_run("touch /data/go")
        shop.engine.containers.get(found["migrate"].container).wait(timeout=60)
        assert first_ended(parse_target("ref:HEAD"), service.instance) is None
        assert [one.name for one in service.instance.dependencies] == ["store"]


def test_a_worker_that_its_file_would_start_again_is_missed_when_it_ends(shop: Shop) -> None:
    shop.change("      migrate: {", "      worker: {condition: service_started}\n      migrate: {")
    worker = "sh -c 'until test -e /tmp/go; do sleep 0.1; done; echo no more work'"
    shop.change("  unrelated:", f"  worker:\n    image: shop\n    restart: always\n    command: {worker}\n  unrelated:")
    with shop.open() as service:
        found = {one.name: one for one in service.instance.dependencies}
        assert set(found) == {"store", "worker"}
        container = shop.engine.containers.get(found["worker"].container)
        container.exec_run("touch /tmp/go")
        container.wait(timeout=60)
        ended = first_ended(parse_target("ref:HEAD"), service.instance)
        assert ended is not None
        assert (ended.shown, ended.logs) == ("the dependency worker of ref:HEAD", "no more work")


def test_a_service_that_ends_has_its_log_shown(shop: Shop) -> None:
    shop.change("    restart: always", "    command: sh -c 'echo no configuration; exit 4'")
    error = shop.refused(TargetError)
    assert "exit code 4" in error.message
    assert "no configuration" in error.message


def test_a_service_may_end_and_start_again_until_all_are_there(shop: Shop) -> None:
    shop.change(
        "    restart: always",
        "    restart: on-failure\n"
        "    command: sh -c 'test -e /tmp/once || { touch /tmp/once; exit 1; }; python3 /app/shop.py'",
    )
    with shop.open() as service:
        assert text(service).startswith("pears")


def test_folders_that_a_stack_writes_to_are_fresh_for_each_instance(shop: Shop) -> None:
    (shop.folder / "kept").mkdir()
    shop.commit(**{"kept/.keep": ""})
    shop.change('volumes: ["data:/data"]\n    healthcheck', 'volumes: ["./kept:/data"]\n    healthcheck')
    with shop.open() as service:
        address = shop.engine.containers.get(service.instance.dependencies[0].container)
        place = next(iter(address.attrs["NetworkSettings"]["Networks"].values()))["IPAddress"]
        requests.put(f"http://{place}:6000", b"figs", timeout=10)
        assert text(service) == "figs"
        service.renew()
        assert text(service) == "nothing"


@pytest.mark.parametrize(
    "command", [["duet", "ref:HEAD~1", "ref:HEAD"], ["gate", "--base", "ref:HEAD~1", "--head", "ref:HEAD"]]
)
def test_what_head_asks_of_its_store_is_measured(shop: Shop, command: list[str]) -> None:
    with shop.open():
        shop.change("STORE: ", 'QUERIES: "12", STORE: ')
    with shop.open():
        pass
    with shop.start(*command, "--budget", "6s", "--round", "0.5s", "--json", "result.json") as process:
        output, _ = process.communicate(timeout=300)
    assert process.returncode in (0, 1, 3), output  # which of them is for a machine without neighbours to say
    result = json.loads((shop.folder / "result.json").read_text())
    (shop.folder / "result.json").unlink()
    (row,) = [row for row in result["rows"] if row["metric"] == "dependency_cpu{name:store}"]
    assert row["change"] > 0.5
    assert not shop.remains(gone=True)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("seconds", [0.7, 1.5, 3.0, 5.0])
def test_whoever_interrupts_a_start_finds_nothing_left(shop: Shop, ending: signal.Signals, seconds: float) -> None:
    with shop.open():
        pass  # its image is there
    with shop.start("run", "--target", "ref:HEAD", "--duration", "20s") as process:
        time.sleep(seconds)
        process.send_signal(ending)
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 130, output
    assert not shop.remains(gone=True)


def test_what_a_killed_one_left_is_gone_after_the_next_start(shop: Shop) -> None:
    with shop.open():
        pass
    for seconds in (1.0, 2.0, 3.0, 4.0, 5.0):
        with shop.start("duet", "ref:HEAD", "worktree", "--budget", "20s") as process:
            time.sleep(seconds)
            process.kill()
            process.communicate(timeout=60)
    with shop.start("duet", "ref:HEAD", "worktree", "--budget", "20s") as process:
        deadline = time.monotonic() + 120
        while process.pid not in {owner.pid for owner, _ in shop.owned()}:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        process.kill()
        process.communicate(timeout=60)
    assert shop.remains(gone=True)
    with shop.open():
        pass
    assert not shop.remains(gone=True)


@contextmanager
def both(shop: Shop) -> Iterator[tuple[Context, MeasurementPlan, Bench]]:
    """A bench on which the last two commits run."""
    context = Context(shop.folder, shop.environment, shop.said.append)
    plan = plan_measurement(context, LoadOptions(*[None] * 11), ())
    targets = {"base": parse_target("ref:HEAD~1"), "head": parse_target("ref:HEAD")}
    with Bench(context, plan, targets, "duet", LiveProgress(quiet=True)) as bench:
        for side in targets:
            shop.images.add(shop.engine.containers.get(bench.service(side).instance.container).image.id)
        yield context, plan, bench


def differences(shop: Shop) -> list[tuple[str, str, str, str | None, str | None]]:
    """What else differs between the last two commits, while both run."""
    with both(shop) as (context, plan, bench):
        found = find_differences(context, bench, plan.config.service).found
    return [(one.kind.value, one.place, one.name, one.base, one.head) for one in found]


def test_a_database_is_reached_at_the_name_that_the_compose_file_gives_it(shop: Shop, tmp_path_factory) -> None:
    shop.change("STORE:", "DATABASE_URL: 'postgresql://shop@store:6000/shop', STORE:")
    shop.commit(**{"README.md": "changed"})
    # In the place of PostgreSQL there is the store, and a psql that asks it.
    programs = tmp_path_factory.mktemp("programs")
    (programs / "psql").write_text("#!/bin/sh\ncurl -sf $PGHOST:$PGPORT > /dev/null && echo '[]'\n")
    (programs / "psql").chmod(0o755)
    place = ProfilerPlace(shop.folder, {**shop.environment, "PATH": f"{programs}:{os.environ['PATH']}"})
    with both(shop) as (_, _, bench):
        querying = find_querying(bench, ("base", "head"), place)
    assert querying is not None
    assert querying.dependency == "store"


def test_two_stacks_of_one_compose_file_do_not_differ(shop: Shop) -> None:
    shop.commit(**{"README.md": "changed"})
    assert differences(shop) == []


def test_what_differs_between_two_stacks(shop: Shop) -> None:
    text = (shop.folder / "compose.yml").read_text()
    for memory, cache in (("64m", 4), ("128m", 8)):
        limited = f"  store:\n    mem_limit: {memory}\n    environment: {{CACHE: {cache}}}\n"
        shop.commit(**{"compose.yml": text.replace("  store:\n", limited)})
    assert differences(shop) == [
        ("limit", "store", "memory", "67.1 MB", "134 MB"),
        ("environment", "store", "CACHE", "4", "8"),
    ]
