"""Endpoints of dependencies: parsed from URLs, and made of what images are told."""

import pytest

from perfgate.service.endpoint import Endpoint, endpoint_of, parse_endpoint, program_in


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("postgresql://shop:secret@db.example:6000/shop", "db.example", 6000),
        ("postgresql+asyncpg://localhost/shop_{side}", "localhost", 5432),
        ("redis:///0", "localhost", 6379),
        ("amqp://[::1]/", "::1", 5672),
        ("tcp://h:1", "h", 1),
    ],
)
def test_a_url_says_where_it_is(url, host, port):
    assert parse_endpoint(url) == Endpoint(host, port, url)


@pytest.mark.parametrize("url", ["localhost:5432", "db", "strange://h", "redis://h:no"])
def test_what_is_no_url_is_refused(url):
    with pytest.raises(ValueError, match=r"is no URL|names no port"):
        parse_endpoint(url)


def test_no_message_and_no_repr_holds_a_password():
    with pytest.raises(ValueError, match="names no port") as caught:
        parse_endpoint("strange://u:secret@h")
    assert "secret" not in str(caught.value)
    assert "secret" not in repr(parse_endpoint("redis://u:secret@h"))


@pytest.mark.parametrize(
    ("image", "env", "url"),
    [
        ("postgres:17", {}, "postgresql://postgres@h:1/postgres"),
        (
            "docker.io/postgis/postgis:16",
            {"POSTGRES_USER": "shop", "POSTGRES_PASSWORD": "a/b"},
            "postgresql://shop:a%2Fb@h:1/shop",
        ),
        ("mysql:8", {"MYSQL_ROOT_PASSWORD": "x", "MYSQL_DATABASE": "shop"}, "mysql://root:x@h:1/shop"),
        ("mariadb", {"MARIADB_USER": "s", "MARIADB_PASSWORD": "x"}, "mysql://s:x@h:1/"),
        ("redis:7-alpine", {}, "redis://h:1"),
        ("valkey/valkey", {}, "redis://h:1"),
        ("mongo", {}, "mongodb://h:1/"),
        ("rabbitmq:3", {}, "amqp://guest:guest@h:1/"),
        ("eqalpha/keydb", {}, "redis://h:1"),
        ("redislabs/rejson:latest", {}, "redis://h:1"),
        ("mariadb/server:10.4", {"MARIADB_ROOT_PASSWORD": "x"}, "mysql://root:x@h:1/"),
        ("docker.dragonflydb.io/dragonflydb/dragonfly", {}, "redis://h:1"),
        ("percona:8", {"MYSQL_ROOT_PASSWORD": "x"}, "mysql://root:x@h:1/"),
        ("percona/percona-server-mongodb", {}, "mongodb://h:1/"),
        ("timescale/timescaledb", {"POSTGRES_USER": "shop"}, "postgresql://shop@h:1/shop"),
        ("redis", {"REDIS_PASSWORD": "x"}, "redis://h:1"),
        ("search", {}, "http://h:1"),
    ],
)
def test_a_known_image_gets_the_url_that_its_clients_take(image, env, url):
    assert endpoint_of(image, env, "h", 1).url == url


@pytest.mark.parametrize(
    ("image", "env", "url"),
    [
        (
            "bitnami/postgresql:16",
            {"POSTGRESQL_USERNAME": "shop", "POSTGRESQL_PASSWORD": "x", "POSTGRESQL_DATABASE": "goods"},
            "postgresql://shop:x@h:1/goods",
        ),
        ("bitnami/postgresql", {"POSTGRESQL_USERNAME": "shop"}, "postgresql://shop@h:1/postgres"),
        ("bitnamilegacy/postgresql", {"POSTGRESQL_PASSWORD": "x"}, "postgresql://postgres:x@h:1/postgres"),
        ("bitnami/redis", {"REDIS_PASSWORD": "a/b"}, "redis://:a%2Fb@h:1"),
        ("bitnami/valkey", {"ALLOW_EMPTY_PASSWORD": "yes"}, "redis://h:1"),
        ("bitnami/mongodb", {"MONGODB_ROOT_PASSWORD": "x", "MONGODB_DATABASE": "shop"}, "mongodb://root:x@h:1/"),
        (
            "bitnami/mongodb",
            {"MONGODB_ROOT_PASSWORD": "y", "MONGODB_USERNAME": "u", "MONGODB_PASSWORD": "x", "MONGODB_DATABASE": "d"},
            "mongodb://u:x@h:1/d",
        ),
        (
            "mongodb/mongodb-community-server",
            {"MONGODB_INITDB_ROOT_USERNAME": "u", "MONGODB_INITDB_ROOT_PASSWORD": "x"},
            "mongodb://u:x@h:1/",
        ),
        (
            "mongo:8",
            {"MONGO_INITDB_ROOT_USERNAME": "u", "MONGO_INITDB_ROOT_PASSWORD": "x", "MONGO_INITDB_DATABASE": "d"},
            "mongodb://u:x@h:1/d?authSource=admin",
        ),
        ("mongo:8", {"MONGO_INITDB_DATABASE": "d"}, "mongodb://h:1/d"),
        ("bitnami/rabbitmq", {"RABBITMQ_USERNAME": "u", "RABBITMQ_PASSWORD": "x"}, "amqp://u:x@h:1/"),
    ],
)
def test_images_of_others_have_variables_of_their_own(image, env, url):
    assert endpoint_of(image, env, "h", 1).url == url


def test_the_same_is_seen_at_another_address():
    endpoint = Endpoint("127.0.0.1", 5000, "postgresql://u:p@127.0.0.1:5000/shop?a=1")
    assert endpoint.at("172.17.0.2", 5432).url == "postgresql://u:p@172.17.0.2:5432/shop?a=1"


def test_the_values_of_its_placeholders_carry_its_name():
    assert Endpoint("h", 1, "redis://h:1").values("db") == {"db.host": "h", "db.port": "1", "db.url": "redis://h:1"}


@pytest.mark.parametrize(
    ("words", "scheme"),
    [
        (("redis-server", "--port", "1"), "redis"),
        (("/usr/lib/postgresql/15/bin/postgres", "-D", "data"), "postgresql"),
        (("sh", "-c", "initdb -D d && exec postgres -D d"), "postgresql"),
        (("python", "stub.py"), "http"),
    ],
)
def test_a_command_says_which_program_it_starts(words, scheme):
    assert endpoint_of(program_in(words), {}, "h", 1).url.startswith(f"{scheme}://")
