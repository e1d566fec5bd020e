"""The endpoint of a dependency: what {NAME.host}, {NAME.port} and {NAME.url} stand for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

# The ports that clients take where a URL names none.
_PORTS = {
    "http": 80,
    "https": 443,
    "postgres": 5432,
    "postgresql": 5432,
    "mysql": 3306,
    "mariadb": 3306,
    "redis": 6379,
    "rediss": 6379,
    "valkey": 6379,
    "mongodb": 27017,
    "amqp": 5672,
    "amqps": 5671,
    "nats": 4222,
    "memcached": 11211,
    "clickhouse": 8123,
}


@dataclass(frozen=True)
class Endpoint:
    """Where a dependency is reached.

    host: a name or an address, without brackets.
    port: 0 where it listens nowhere.
    url: all of it, with the user info that its image was given, and so never shown.
    """

    host: str
    port: int
    url: str = field(repr=False)

    @property
    def place(self) -> str:
        """Host and port as a URL has them."""
        return _place(self.host, self.port)

    def values(self, name: str) -> dict[str, str]:
        """The values of the dependency's placeholders."""
        return {f"{name}.host": self.host, f"{name}.port": str(self.port), f"{name}.url": self.url}

    def at(self, host: str, port: int) -> Endpoint:
        """The same at another address, as it is seen from somewhere else."""
        parts = urlsplit(self.url)
        user_info, at, _ = parts.netloc.rpartition("@")
        return Endpoint(host, port, parts._replace(netloc=f"{user_info}{at}{_place(host, port)}").geturl())


def parse_endpoint(url: str) -> Endpoint:
    """The endpoint that a URL names; its host is this machine, and its port that of its scheme, where it names none.

    ValueError where it is no URL. No message holds its user info.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "localhost", parts.port
    except ValueError:  # its message may hold a part of a password
        raise ValueError("is no URL that names a host and a port") from None
    if not parts.scheme or "://" not in url:
        raise ValueError("is no URL; write it like 'postgresql://shop@localhost:5432/shop'")
    port = port or _port_of(parts.scheme)
    if port is None:
        raise ValueError(f"names no port, and {parts.scheme} has none of its own; add it, like :5432")
    return Endpoint(host, port, url)


def program_in(words: Sequence[str]) -> str:
    """What a command's words say of the program that it starts, for `endpoint_of`."""
    return " ".join(re.findall(r"[\w.-]+", " ".join(words)))


def endpoint_of(program: str, env: Mapping[str, str], host: str, port: int) -> Endpoint:
    """The endpoint of a program that listens at a host and port, with the user that its variables name.

    program: the name of its image, or of the dependency. env: its variables, as the official images and Bitnami's read
    them.
    """
    whole = program.lower().replace("mariadb/server", "mariadb")
    name = whole.rpartition("/")[2].partition("@")[0].partition(":")[0]
    for known, url in (
        ("postg", _postgresql),
        ("pgvecto", _postgresql),
        ("timescale", _postgresql),
        ("citus", _postgresql),
        ("mysql", _mysql),
        ("mariadb", _mysql),
        ("mongo", _mongodb),
        ("percona", _mysql),  # its other databases name theirs
        ("rabbit", _amqp),
    ):
        if known in name:
            return Endpoint(host, port, url(env, _place(host, port)))
    scheme = next((one for one in ("nats", "memcached") if one in name), "http")
    user = ""
    if any(one in name for one in ("redis", "rejson", "rebloom", "valkey", "keydb", "dragonfly")):
        scheme = "redis"
        # The official images do not read such a variable.
        password = _first(env, "REDIS_PASSWORD", "VALKEY_PASSWORD", "KEYDB_PASSWORD") if "bitnami" in program else ""
        user = f":{quote(password, '')}@" if password else ""
    return Endpoint(host, port, f"{scheme}://{user}{_place(host, port)}")


def _place(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _port_of(scheme: str) -> int | None:
    """Of a scheme, or of what stands before its plus: "postgresql+asyncpg", "mongodb+srv"."""
    return _PORTS.get(scheme.partition("+")[0])


def _user(name: str, password: str) -> str:
    return quote(name, "") + (f":{quote(password, '')}" if password else "") + "@" if name else ""


def _first(env: Mapping[str, str], *names: str, default: str = "") -> str:
    return next((env[name] for name in names if env.get(name)), default)


def _postgresql(env: Mapping[str, str], place: str) -> str:
    official = env.get("POSTGRES_USER", "")
    user = official or _first(env, "POSTGRESQL_USERNAME", "POSTGRESQL_USER", default="postgres")
    password = _first(env, "POSTGRES_PASSWORD", "POSTGRESQL_PASSWORD")
    # Without a name the official image makes a database that is called like the user.
    database = _first(env, "POSTGRES_DB", "POSTGRESQL_DATABASE", default=official or "postgres")
    return f"postgresql://{_user(user, password)}{place}/{database}"


def _mysql(env: Mapping[str, str], place: str) -> str:
    values = {key.replace("MARIADB_", "MYSQL_"): value for key, value in env.items()}
    user = values.get("MYSQL_USER", "root")
    password = values.get("MYSQL_ROOT_PASSWORD" if user == "root" else "MYSQL_PASSWORD", "")
    return f"mysql://{_user(user, password)}{place}/{values.get('MYSQL_DATABASE', '')}"


def _mongodb(env: Mapping[str, str], place: str) -> str:
    if env.get("MONGODB_USERNAME"):  # Bitnami's, a user of one database
        user = _user(env["MONGODB_USERNAME"], env.get("MONGODB_PASSWORD", ""))
        return f"mongodb://{user}{place}/{env.get('MONGODB_DATABASE', '')}"
    name = _first(env, "MONGO_INITDB_ROOT_USERNAME", "MONGODB_INITDB_ROOT_USERNAME", "MONGODB_ROOT_USER")
    password = _first(env, "MONGO_INITDB_ROOT_PASSWORD", "MONGODB_INITDB_ROOT_PASSWORD", "MONGODB_ROOT_PASSWORD")
    user = _user(name or ("root" if env.get("MONGODB_ROOT_PASSWORD") else ""), password)
    database = _first(env, "MONGO_INITDB_DATABASE", "MONGODB_INITDB_DATABASE")
    # Clients look for a user in the database that they open; that of these variables is in "admin".
    return f"mongodb://{user}{place}/{database}{'?authSource=admin' if user and database else ''}"


def _amqp(env: Mapping[str, str], place: str) -> str:
    user = _first(env, "RABBITMQ_DEFAULT_USER", "RABBITMQ_USERNAME", default="guest")
    return f"amqp://{_user(user, _first(env, 'RABBITMQ_DEFAULT_PASS', 'RABBITMQ_PASSWORD', default='guest'))}{place}/"
