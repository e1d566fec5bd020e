"""Real database servers for tests: each a process of its own on a free port, stopped by its id."""

from __future__ import annotations

import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import psutil

from tests.support.paths import QUOTED_PYTHON, TESTS

_POSTGRES_SERVER = TESTS / "support" / "postgres_server.py"
SERVE_POSTGRES = f"{QUOTED_PYTHON} {shlex.quote(str(_POSTGRES_SERVER))} {{port}} {{data}}"
"""The command of a dependency."""
_SECONDS_TO_START = 60.0


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        return int(listener.getsockname()[1])


class Server:
    """A database server that runs. folder: its files and its unix socket. pid: of the process that was started."""

    def __init__(self, name: str, command: Callable[[int, Path], Sequence[object]]) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"perfgate-{name}-"))
        self._log = (self.folder / "log").open("wb")
        for _ in range(3):
            self.port = free_port()
            self._process = subprocess.Popen(
                [*map(str, command(self.port, self.folder))],
                cwd=self.folder,
                stdin=subprocess.PIPE,
                stdout=self._log,
                stderr=subprocess.STDOUT,
            )
            if self._is_up():
                return
            self._process.communicate()
        self.stop()
        raise AssertionError((self.folder / "log").read_text())

    @property
    def pid(self) -> int:
        return self._process.pid

    def _is_up(self) -> bool:
        deadline = time.monotonic() + _SECONDS_TO_START
        while self._process.poll() is None and time.monotonic() < deadline:
            if self.ready():
                return True
            time.sleep(0.02)
        return False

    def ready(self) -> bool:
        """Whether it takes connections."""
        with closing(socket.socket()) as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self) -> None:
        """Let it die at once with all its processes, as one does that runs out of memory."""
        for one in (*psutil.Process(self.pid).children(recursive=True), psutil.Process(self.pid)):
            one.send_signal(signal.SIGKILL)
        self._process.wait(30)

    def stop(self) -> None:
        """Once is enough; more does no harm."""
        if self._process.poll() is None:
            self._process.terminate()
        self._process.communicate(timeout=60)
        self._log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Postgres(Server):
    """A PostgreSQL. Its superuser `shop` needs no password."""

    def __init__(self) -> None:
        super().__init__("postgres", lambda port, folder: (sys.executable, _POSTGRES_SERVER, port, folder))

    def ready(self) -> bool:
        import psycopg

        try:
            psycopg.connect(self.url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def url(self, database: str) -> str:
        return f"postgresql://shop@127.0.0.1:{self.port}/{database}"

    def socket_url(self, database: str) -> str:
        """By its unix socket."""
        return f"postgresql://shop@/{database}?host={self.folder}&port={self.port}"

    def create(self, database: str) -> str:
        """A new, empty database; its URL."""
        self.ask("postgres", f"CREATE DATABASE {database}")
        return self.url(database)

    def databases(self) -> set[str]:
        """Those that somebody has made."""
        rows = self.ask("postgres", "SELECT datname FROM pg_database WHERE NOT datistemplate")
        return {name for (name,) in rows} - {"postgres"}

    def ask(self, database: str, statement: str) -> list[tuple]:
        import psycopg

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            done = connection.execute(statement)
            return done.fetchall() if done.description else []


class Redis(Server):
    """A Redis that keeps nothing."""

    def __init__(self) -> None:
        program = shutil.which("redis-server")
        assert program is not None, "Redis is not installed: make databases"
        super().__init__("redis", lambda port, folder: (program, *self._options(port, folder)))

    @staticmethod
    def _options(port: int, folder: Path) -> Sequence[str]:
        return ("--port", str(port), "--dir", str(folder), "--save", "", "--unixsocket", str(folder / "redis.sock"))

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    @property
    def socket_url(self) -> str:
        return f"unix://{self.folder / 'redis.sock'}"
