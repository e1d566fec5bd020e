"""Databases, caches and brokers that perfgate init knows: their images, URLs, libraries and variables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from perfgate.scaffold.service.images import STORE


@dataclass(frozen=True, eq=False)
class DatabaseKind:
    """One kind of dependency.

    name: what a dependency of this kind is called where nobody gave it a name.
    images: the programs of its images, as a pattern.
    image: the image that is proposed where none is named, its version to be chosen.
    schemes: of its URLs, without a driver: "postgresql" for postgresql+asyncpg.
    port: where its image listens.
    open: the variables that let its image start where no password is known.
    secret: the variables of its image that hold a password.
    words: words of variables' names that mean it: POSTGRES_HOST.
    libraries: client libraries, as they stand in the files that declare what a project needs.
    """

    name: str
    images: str
    image: str
    schemes: tuple[str, ...]
    port: int
    open: Mapping[str, str]
    secret: tuple[str, ...]
    words: tuple[str, ...]
    libraries: str


KINDS = (
    DatabaseKind(
        "postgres",
        r"postgres(?:ql)?|postgis|pgvector|pgvecto-rs|timescale(?:db)?|citus|percona-distribution-postgresql",
        "postgres:17",
        ("postgres", "postgresql", "postgis", "psql"),
        5432,
        {"POSTGRES_HOST_AUTH_METHOD": "trust"},
        ("POSTGRES_PASSWORD", "POSTGRESQL_PASSWORD"),
        ("POSTGRES", "POSTGRESQL", "PG"),
        r"psycopg[\w-]*|asyncpg|pg8000|pg|pg-promise|postgres|postgresql|lib/pq|pgx|npgsql|tokio-postgres|postgrex",
    ),
    DatabaseKind(
        "mysql",
        r"mysql|percona",
        "mysql:8.4",
        ("mysql", "mysql2"),
        3306,
        {"MYSQL_ALLOW_EMPTY_PASSWORD": "yes"},
        ("MYSQL_ROOT_PASSWORD", "MYSQL_PASSWORD"),
        ("MYSQL",),
        r"mysqlclient|pymysql|aiomysql|asyncmy|mysql|mysql2|go-sql-driver/mysql|mysql-connector-[\w-]+",
    ),
    DatabaseKind(
        "mariadb",
        r"mariadb(?:/server)?",
        "mariadb:11",
        ("mariadb",),
        3306,
        {"MARIADB_ALLOW_EMPTY_ROOT_PASSWORD": "yes"},
        ("MARIADB_ROOT_PASSWORD", "MARIADB_PASSWORD", "MYSQL_ROOT_PASSWORD", "MYSQL_PASSWORD"),
        ("MARIADB",),
        r"mariadb[\w-]*",
    ),
    DatabaseKind(
        "redis",
        r"redis[a-z]*|rebloom|rejson|valkey|keydb|dragonfly(?:db)?",
        "redis:8",
        ("redis", "valkey"),
        6379,
        {},
        ("REDIS_PASSWORD", "VALKEY_PASSWORD"),
        ("REDIS", "VALKEY"),
        r"redis|redis-py|aioredis|ioredis|go-redis|jedis|lettuce[\w-]*|valkey[\w-]*",
    ),
    DatabaseKind(
        "mongo",
        r"mongo(?:db)?|percona-server-mongodb",
        "mongo:8",
        ("mongodb",),
        27017,
        {},
        ("MONGO_INITDB_ROOT_PASSWORD", "MONGODB_INITDB_ROOT_PASSWORD", "MONGODB_ROOT_PASSWORD"),
        ("MONGO", "MONGODB"),
        r"pymongo|motor|beanie|mongoose|mongodb|mongo-driver|mongoid",
    ),
    DatabaseKind(
        "rabbitmq",
        r"rabbitmq",
        "rabbitmq:4",
        ("amqp",),
        5672,
        {},
        ("RABBITMQ_DEFAULT_PASS", "RABBITMQ_PASSWORD"),
        ("RABBITMQ", "AMQP"),
        r"pika|aio-pika|amqplib|amqp091-go|bunny|lapin",
    ),
    DatabaseKind(
        "memcached", r"memcached", "memcached:1.6", ("memcached",), 11211, {}, (), ("MEMCACHED", "MEMCACHE"),
        r"pymemcache|python-memcached|memjs|gomemcache|dalli",
    ),
    DatabaseKind("nats", r"nats", "nats:2", ("nats",), 4222, {}, (), ("NATS",), r"nats-py|nats|nats\.go|async-nats"),
)  # fmt: skip
RELATIONAL = ("postgres", "mysql", "mariadb")
# The variables of Bitnami's images, by those of the official ones (https://github.com/bitnami/containers).
_OF_BITNAMI = {
    "POSTGRES_USER": "POSTGRESQL_USERNAME",
    "POSTGRES_PASSWORD": "POSTGRESQL_PASSWORD",
    "POSTGRES_DB": "POSTGRESQL_DATABASE",
    "MONGO_INITDB_ROOT_USERNAME": "MONGODB_ROOT_USER",
    "MONGO_INITDB_ROOT_PASSWORD": "MONGODB_ROOT_PASSWORD",
    "RABBITMQ_DEFAULT_USER": "RABBITMQ_USERNAME",
    "RABBITMQ_DEFAULT_PASS": "RABBITMQ_PASSWORD",
}
_OPEN_AT_BITNAMI = {"ALLOW_EMPTY_PASSWORD": "yes"}
_WITH_A_PASSWORD_AT_BITNAMI = (*RELATIONAL, "redis", "mongo")


def kind_of_image(image: str) -> DatabaseKind | None:
    """The kind of an image, by the last part of its name."""
    found = STORE.search(image)
    return next((kind for kind in KINDS if found and re.fullmatch(kind.images, found["program"])), None)


def variables_of_image(image: str, kind: DatabaseKind, known: Mapping[str, str]) -> dict[str, str]:
    """The variables of the official image of a kind, as an image of it reads them.

    known: the user, the password and the database; empty where no password is known.
    """
    if "bitnami" not in image:
        return dict(known or kind.open)
    if not known and kind.name in _WITH_A_PASSWORD_AT_BITNAMI:
        return dict(_OPEN_AT_BITNAMI)
    opened = _OPEN_AT_BITNAMI if set(known) & set(kind.open) else {}
    return {_OF_BITNAMI.get(name, name): value for name, value in known.items() if name not in kind.open} | opened


def kind_of_scheme(scheme: str) -> DatabaseKind | None:
    """The kind of a URL's scheme: that of postgresql+asyncpg, and of jdbc:postgresql."""
    plain = scheme.lower().removeprefix("jdbc:").removeprefix("r2dbc:").partition("+")[0]
    return next((kind for kind in KINDS if plain in kind.schemes), None)


def kind_called(name: str) -> DatabaseKind | None:
    """The kind that a name of a variable, an adapter or a provider means: POSTGRES_HOST, postgresql, mysql2."""
    words = re.split(r"[^A-Z0-9]+", name.upper())
    for kind in KINDS:
        if any(word in (*kind.words, *map(str.upper, kind.schemes)) for word in words):
            return kind
    return None
