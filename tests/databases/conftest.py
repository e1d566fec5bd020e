"""What the tests with real databases share: a PostgreSQL and a Redis, and an eye on what is left."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.support.command import QUICK, Done, start_and_wait
from tests.support.databases import Postgres, Redis
from tests.support.deciding import decided, valid, verdict_in
from tests.support.shops import Differences, make_shop

HERE = Path(__file__).parent
# Short, and with a margin that no noise gets over: what head does is far beyond it.
DUET = ("duet", "ref:HEAD~1", "ref:HEAD", "--round", "0.2s", "--budget", "9s", "--margin", "50%", "--quiet")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.databases)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    server = Postgres()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def redis() -> Iterator[Redis]:
    server = Redis()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def nothing_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """After every test there is no process of ours that was not there before, and no database in the shared server."""
    request.getfixturevalue("postgres")
    request.getfixturevalue("redis")
    before = set(psutil.Process().children(recursive=True))
    yield
    left = set(psutil.Process().children(recursive=True)) - before
    _, left = psutil.wait_procs([one for one in left if _name_of(one) not in ("", "postgres")], timeout=20)
    assert not left


def _name_of(process: psutil.Process) -> str:
    """Of its program; "" of one that has ended."""
    try:
        return process.name()
    except psutil.NoSuchProcess:
        return ""


@dataclass(frozen=True)
class Duet:
    """A duet that has ended. result: its result file; {} where there is none."""

    done: Done
    result: dict

    @property
    def rows(self) -> list[dict]:
        return self.result["rows"]

    def row(self, metric: str) -> dict:
        """The row of a metric of one value."""
        (row,) = [row for row in self.rows if row["metric"] == metric]
        return row

    def reasons(self) -> str:
        return " ".join(self.result["reasons"])

    def notes(self) -> str:
        """The notes on validity."""
        return " ".join(note["message"] for note in self.result["validity"])


@pytest.fixture
def duet(tmp_path: Path) -> Callable[..., Duet]:
    """duet(config, "GET /items", {...}, {...}) measures base and head of a shop against each other.

    What differs is asked for a verdict, what does not for a valid measurement. asked: the metric whose row must have a
    verdict, too.
    """

    def play(
        config: str, page: str, base: Differences, head: Differences, *options: str, asked: str | None = None
    ) -> Duet:
        folder = tmp_path / "shop"
        if not folder.exists():
            make_shop(folder, QUICK + config, page, base, head)
        file = folder / "result.json"

        def measure() -> Duet:
            done = start_and_wait(folder, *DUET, "--json", "result.json", *options)
            return Duet(done, json.loads(file.read_text()) if file.exists() else {})

        if base == head:
            return valid(measure, lambda found: found.done.code)
        return decided(measure, lambda found: verdict_in(found.result, asked))

    return play
