"""What of databases is no duet: how long a snapshot takes to be restored, and what a kill -9 leaves behind."""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from perfgate.config.reading import load_config
from perfgate.service.opening import open_target
from perfgate.service.owner import owner_in
from perfgate.service.settings import LaunchContext
from perfgate.service.target import parse_target
from tests.bench.duet_cases import Case, Result
from tests.bench.duet_playing import end, environment
from tests.support.database_images import build_redis_image
from tests.support.shops import FILL, POSTGRES_EACH_SIDE, make_shop

_RESTORED_WITHIN = 2.0
_LONGEST = 300.0
_MARK = "perfgate-"

# Two containers a side: the shop, built from its commit, and its Redis.
TWO_CONTAINERS = f"""
[measure]
warm_up = "300ms"

[service]
build = "Dockerfile"
port = 8000
ready = "/"
env = {{ REDIS_URL = "redis://{{cache.host}}:{{cache.port}}" }}
seed = "{FILL}"

[[dependencies]]
name = "cache"
image = "perfgate-test-redis"
ready = "tcp"
"""
_DOCKERFILE = """FROM perfgate-test-base
COPY shop.py shop.json /
EXPOSE 8000
CMD ["python3", "/shop.py", "serve", "8000"]
"""
_DUET = ("duet", "ref:HEAD~1", "ref:HEAD", "--budget", "4s", "--round", "0.2s", "--margin", "50%", "--quiet")


def _never(result: Result) -> bool:
    raise AssertionError("no duet")


def _trial(name: str, wanted: str) -> Case:
    return Case(name, wanted, 1.0, "", "", (), _never)


SNAPSHOT = _trial("snapshot_100mb", "an instance from it in under 2 s")
KILL9 = _trial("kill9", "nothing left after the next start")


def _outcome(case: Case, right: bool, said: str, wall: float) -> dict[str, Any]:
    return {
        "case": case.name,
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "right": right,
        "verdict": said,
        "reason": said,
        "change": None,
        "rows": {},
        "pairs": {},
        "at_once": {},
        "load_seconds": 0.0,
        "wall_seconds": round(wall, 1),
    }


def snapshot_100mb() -> dict[str, Any]:
    """The second instance of a service whose PostgreSQL was seeded with 100 MB, and without that seed."""
    started = time.monotonic()
    with_seed, seeded = _seconds_of_renewal(100)
    without, _ = _seconds_of_renewal(0)
    said = (
        f"seeded in {seeded:.1f} s, another instance in {with_seed:.1f} s, {without:.1f} s of that without the 100 MB"
    )
    return _outcome(SNAPSHOT, with_seed < _RESTORED_WITHIN, said, time.monotonic() - started)


def _seconds_of_renewal(size_mb: int) -> tuple[float, float]:
    """How long another instance takes, with the end of the one before; and how long the first took."""
    with tempfile.TemporaryDirectory(prefix="perfgate-bench-") as name:
        folder = Path(name)
        make_shop(folder, f"{POSTGRES_EACH_SIDE}snapshot = true\n", "GET /items", {}, {"size_mb": size_mb})
        settings = load_config(None, folder).service
        context = LaunchContext(settings=settings, folder=folder, environment=environment(), side="head")
        began = time.monotonic()
        with open_target(parse_target("ref:HEAD"), context) as service:
            ready = time.monotonic()
            service.renew()
            return time.monotonic() - ready, ready - began


def kill9() -> dict[str, Any]:
    """Kill a duet at a random moment, let another one start and end, and count what there is of both."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="perfgate-bench-") as name:
        folder = Path(name)
        _prepare(folder)
        killed_after = _kill(folder)
        orphans = len(_left(folder))
        done = subprocess.run(
            [*_perfgate(), *_DUET], cwd=folder, env=environment(), capture_output=True, text=True, timeout=_LONGEST
        )
        left = _left(folder)
    said = f"{len(left)} left" + (f": {', '.join(left)}" if left else "")
    if done.returncode not in (0, 3):
        said = f"exit code {done.returncode}: {done.stderr[-300:]}"
    outcome = _outcome(KILL9, said == "0 left", said, time.monotonic() - started)
    return {**outcome, "reason": f"{said} ({orphans} at {killed_after:.1f} s, when it was killed)"}


def _prepare(folder: Path) -> None:
    import docker

    client = docker.from_env()
    build_redis_image(client)
    client.close()
    make_shop(folder, TWO_CONTAINERS, "GET /cached", {}, {}, Dockerfile=_DOCKERFILE)


def _perfgate() -> list[str]:
    return [sys.executable, "-m", "perfgate"]


def _kill(folder: Path) -> float:
    """The moment is before the load as well as in it; how long it lived (s)."""
    process = subprocess.Popen(
        [*_perfgate(), *_DUET], cwd=folder, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    seconds = random.uniform(0.5, 9)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    finally:
        end(process)
    return seconds


def _left(folder: Path) -> list[str]:
    """Containers, networks, volumes, processes, folders and notes of owners that have ended."""
    import docker

    client = docker.from_env()
    try:
        things = [(kind, text) for kind, texts in _of_the_engine(client).items() for text in texts]
    finally:
        client.close()
    things += [("process", mark) for mark in _marks_of_processes()]
    things += [("folder", path.name) for path in Path(tempfile.gettempdir()).glob(f"{_MARK}*-*-*")]
    things += [("note", path.name) for path in (folder / ".perfgate").glob("teardown-*")]
    found = []
    for kind, text in things:
        owner = owner_in(text)
        if owner is not None and owner.gone():
            found.append(f"{kind} {text}")
    return found


def _of_the_engine(client: Any) -> dict[str, list[str]]:
    """Names and labels of everything that the engine has, by kind."""
    return {
        "container": [f"{one['Names']} {one['Labels']}" for one in client.api.containers(all=True)],
        "network": [f"{one['Name']} {one['Labels']}" for one in client.api.networks()],
        "volume": [f"{one['Name']} {one['Labels']}" for one in client.api.volumes()["Volumes"] or []],
    }


def _marks_of_processes() -> list[str]:
    """The environments of all processes that carry a mark of ours."""
    marks = []
    for process in psutil.process_iter():
        try:
            marks += [text for text in process.environ().values() if text.startswith(_MARK)]
        except psutil.Error:
            continue
    return marks


TRIALS: dict[str, tuple[Case, Callable[[], dict[str, Any]]]] = {
    SNAPSHOT.name: (SNAPSHOT, snapshot_100mb),
    KILL9.name: (KILL9, kill9),
}
