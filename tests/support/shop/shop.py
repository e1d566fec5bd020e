"""A shop on PostgreSQL and Redis: a real service whose commits differ in what they ask their databases.

python shop.py serve PORT [WORD]   answers until it is ended
python shop.py migrate             gives DATABASE_URL this commit's tables and rows; refuses those of a later commit
python shop.py fill                gives REDIS_URL its keys

`shop.json` beside it says what this commit does (see Settings). DATABASE_URL is PostgreSQL's, over TCP or a unix
socket; REDIS_URL is redis://HOST:PORT or unix:///PATH. A database is asked only by the pages that need it.
"""

from __future__ import annotations

import json
import os
import queue
import random
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ITEMS = 1000
ORDERS = 50_000
CUSTOMERS = 5_000
_NUMBERS = 4_000
_MEGABYTE_OF_ROWS = 512  # of 2 KiB each


@dataclass(frozen=True)
class Settings:
    """What this commit does.

    queries: of GET /items, to PostgreSQL.
    order_queries: of GET /orders, to PostgreSQL.
    cache_queries: of GET /cached, to Redis.
    index: whether the customers of the orders, GET /orders, have an index.
    lock_ms: for how long POST /stock holds its row (ms).
    totals: where GET /totals computes: "service" or "database".
    work_ms: computing in the service for each request (ms).
    revision: of the tables; `migrate` refuses tables of a later one.
    size_mb: of rows that nobody asks for (MB).
    pooled: whether connections are kept for the next request.
    serves_migrated: whether `serve` migrates, and fills, before it listens.
    says_queries: whether answers say in Server-Timing how many queries they took.
    """

    queries: int = 2
    order_queries: int = 1
    cache_queries: int = 2
    index: bool = True
    lock_ms: float = 1.0
    totals: str = "service"
    work_ms: float = 0.0
    revision: int = 1
    size_mb: int = 0
    pooled: bool = True
    serves_migrated: bool = False
    says_queries: bool = False


def read_settings() -> Settings:
    file = Path(__file__).with_name("shop.json")
    return Settings(**json.loads(file.read_text())) if file.exists() else Settings()


class Pool:
    """Connections to one database, each used by one request at a time."""

    def __init__(self, connect: Callable[[], Any], kept: bool) -> None:
        self._connect = connect
        self._kept = kept
        self._idle: queue.LifoQueue[Any] = queue.LifoQueue()

    @contextmanager
    def connection(self) -> Iterator[Any]:
        try:
            one = self._idle.get_nowait()
        except queue.Empty:
            one = self._connect()
        try:
            yield one
        except BaseException:
            one.close()  # its state is unknown
            raise
        if self._kept:
            self._idle.put(one)
        else:
            one.close()


class Total:
    """A number that many threads add to."""

    def __init__(self) -> None:
        self.value = 0
        self._lock = threading.Lock()

    def add(self, number: int) -> None:
        with self._lock:
            self.value += number


class Redis:
    """As much of a Redis client as a shop needs: one command, one reply that is a line or a value."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme == "unix":
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.connect(parts.path)
        else:
            self._socket = socket.create_connection((parts.hostname or "localhost", parts.port or 6379))
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._replies = self._socket.makefile("rb")

    def ask(self, *words: str) -> str:
        encoded = [word.encode() for word in words]
        parts = [b"*%d\r\n" % len(encoded), *(b"$%d\r\n%b\r\n" % (len(word), word) for word in encoded)]
        self._socket.sendall(b"".join(parts))
        line = self._replies.readline()
        if not line or line.startswith(b"-"):
            raise ConnectionError(f"Redis answered {line!r}")
        if line.startswith(b"$") and int(line[1:]) >= 0:
            return self._replies.read(int(line[1:]) + 2)[:-2].decode()
        return line[1:-2].decode()

    def close(self) -> None:
        self._replies.close()
        self._socket.close()


class Shop:
    """What the pages do."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._asked = threading.local()
        self._asked_by_all = Total()
        self._postgres = Pool(self._counted_postgres, settings.pooled)
        self._redis = Pool(connect_to_redis, settings.pooled)
        self.pages: dict[str, Callable[[], Any]] = {
            "GET /": lambda: "open",
            "GET /items": self.items,
            "GET /cached": self.cached,
            "GET /orders": self.orders,
            "POST /stock": self.stock,
            "GET /totals": self.totals,
        }

    def _counted_postgres(self) -> Any:
        """A connection that counts what it is asked."""
        connection = connect_to_postgres()
        execute = connection.execute

        def counted(*arguments: Any) -> Any:
            self._asked.queries = getattr(self._asked, "queries", 0) + 1
            self._asked_by_all.add(1)
            return execute(*arguments)

        connection.execute = counted
        return connection

    def metrics(self) -> bytes:
        """All queries so far, as Prometheus reads them."""
        return f"# TYPE shop_queries_total counter\nshop_queries_total {self._asked_by_all.value}\n".encode()

    def items(self) -> list[str]:
        names = []
        with self._postgres.connection() as connection:
            for _ in range(self._settings.queries):
                found = connection.execute("SELECT name FROM items WHERE id = %s", (random.randrange(ITEMS),))
                names.append(found.fetchone()[0])
        return names

    def cached(self) -> list[str]:
        with self._redis.connection() as redis:
            return [redis.ask("GET", f"item:{random.randrange(ITEMS)}") for _ in range(self._settings.cache_queries)]

    def orders(self) -> list[int]:
        numbers = []
        with self._postgres.connection() as connection:
            for _ in range(self._settings.order_queries):
                found = connection.execute("SELECT id FROM orders WHERE customer = %s", (random.randrange(CUSTOMERS),))
                numbers += [number for (number,) in found.fetchall()]
        return numbers

    def stock(self) -> str:
        """One row is everybody's, and held while something is waited for."""
        with self._postgres.connection() as connection, connection.transaction():
            connection.execute("SELECT amount FROM stock WHERE id = 1 FOR UPDATE")
            connection.execute("SELECT pg_sleep(%s)", (self._settings.lock_ms / 1000,))
            connection.execute("UPDATE stock SET amount = amount + 1 WHERE id = 1")
        return "counted"

    def totals(self) -> int:
        seed = random.randrange(1000)
        with self._postgres.connection() as connection:
            if self._settings.totals == "service":
                (start,) = connection.execute("SELECT price FROM items WHERE id = %s", (seed,)).fetchone()
                return sum((start + number) * number % 97 for number in range(_NUMBERS))
            found = connection.execute(
                "SELECT sum((price + number) * number %% 97) FROM items, generate_series(0, %s) number WHERE id = %s",
                (_NUMBERS - 1, seed),
            )
            return int(found.fetchone()[0])

    def answer(self, page: str) -> tuple[bytes, dict[str, str]]:
        """The body, and headers."""
        self._asked.queries = 0
        end = time.thread_time() + self._settings.work_ms / 1000
        while time.thread_time() < end:
            pass
        body = json.dumps(self.pages[page]()).encode()
        queries = self._asked.queries
        return body, {"Server-Timing": f'db;desc="{queries} queries"'} if self._settings.says_queries else {}


def connect_to_postgres() -> Any:
    import psycopg  # a shop on Redis alone does without

    return psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)


def connect_to_redis() -> Redis:
    return Redis(os.environ["REDIS_URL"])


def migrate(settings: Settings) -> None:
    with connect_to_postgres() as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS revision (number int)")
        (there,) = connection.execute("SELECT coalesce(max(number), 0) FROM revision").fetchone()
        if there > settings.revision:
            sys.exit(f"FAILED: Can't locate revision identified by '{there:04}'")
        if there == settings.revision:
            return
        with connection.transaction():
            if there == 0:
                make_tables(connection, settings)
            if settings.revision > 1:
                connection.execute("ALTER TABLE items RENAME COLUMN name TO title")
                connection.execute("ALTER TABLE items ADD COLUMN name text GENERATED ALWAYS AS (title) STORED")
            connection.execute("INSERT INTO revision VALUES (%s)", (settings.revision,))
        connection.execute("VACUUM ANALYZE")


def make_tables(connection: Any, settings: Settings) -> None:
    for statement in (
        "CREATE TABLE items (id int PRIMARY KEY, name text, price int)",
        f"INSERT INTO items SELECT i, 'item ' || i, i FROM generate_series(0, {ITEMS - 1}) i",
        "CREATE TABLE stock (id int PRIMARY KEY, amount int) WITH (fillfactor = 10)",
        "INSERT INTO stock VALUES (1, 0)",
        "CREATE TABLE orders (id int PRIMARY KEY, customer int, text text)",
        f"INSERT INTO orders SELECT i, i % {CUSTOMERS}, repeat('x', 40) FROM generate_series(1, {ORDERS}) i",
        "CREATE TABLE archive (id int PRIMARY KEY, text text)",
        "ALTER TABLE archive ALTER text SET STORAGE PLAIN",
        "INSERT INTO archive SELECT i, repeat(md5(i::text), 63) "
        f"FROM generate_series(1, {settings.size_mb * _MEGABYTE_OF_ROWS}) i",
    ):
        connection.execute(statement)
    if settings.index:
        connection.execute("CREATE INDEX orders_customer ON orders (customer)")


def fill(settings: Settings) -> None:
    redis = connect_to_redis()
    for number in range(ITEMS):
        redis.ask("SET", f"item:{number}", f"item {number}")
    for number in range(settings.size_mb):
        redis.ask("SET", f"archive:{number}", "".join(map(str, random.choices(range(10), k=1000))) * 1000)
    redis.close()


class Handler(BaseHTTPRequestHandler):
    """HTTP around the shop."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    shop: Shop

    def do_GET(self) -> None:
        page = f"{self.command} {urlsplit(self.path).path}"
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if page == "GET /metrics":
            self.reply(200, self.shop.metrics())
            return
        if page not in self.shop.pages:
            self.reply(404, b'"no such page"')
            return
        try:
            answer, headers = self.shop.answer(page)
        except Exception as error:  # a database that has ended, whatever its driver calls it
            self.reply(500, json.dumps(str(error)).encode())
            self.log_error("%s: %s", page, str(error).strip())
            return
        self.reply(200, answer, headers)

    do_POST = do_GET

    def reply(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, text in (headers or {}).items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code: Any = "-", size: Any = "-") -> None:
        """Requests are many."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024


def serve(settings: Settings, port: int) -> None:
    if settings.serves_migrated and "DATABASE_URL" in os.environ:
        migrate(settings)
    if settings.serves_migrated and "REDIS_URL" in os.environ:
        fill(settings)
    Handler.shop = Shop(settings)
    Server(("", port), Handler).serve_forever()


def main() -> None:
    settings = read_settings()
    match sys.argv[1:]:
        case ["serve", port, *_]:  # more words tell processes apart
            serve(settings, int(port))
        case ["migrate"]:
            migrate(settings)
        case ["fill"]:
            fill(settings)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
