"""Databases that a repository shows to be needed, and the settings that follow."""

import pytest

from perfgate.config.reading import load_config
from perfgate.scaffold.dependencies.kinds import KINDS, kind_of_image, kind_of_scheme
from perfgate.scaffold.proposal import propose
from perfgate.service.endpoint import endpoint_of
from perfgate.service.placeholders import fill_words
from tests.support.newcomers import found, written

HTTP = "FROM a\nEXPOSE 8000\n"


def service_of(folder, files):
    """[service] as perfgate would read it, and the text of perfgate.toml."""
    written(propose(found(folder, {"Dockerfile": HTTP, **files}), "a", "b"))
    return load_config(folder / "perfgate.toml").service, (folder / "perfgate.toml").read_text()


def shown(service):
    return [(one.name, one.image, dict(one.env)) for one in service.dependencies]


def workflow(services, **env):
    job = {"services": services, "steps": [{"run": "make test", "env": env}]}
    return {".github/workflows/test.yml": {"jobs": {"test": job}}}


POSTGRES = {"image": "postgres:15", "env": {"POSTGRES_PASSWORD": "pw"}, "ports": ["5432:5432"]}


def test_databases_of_a_compose_file_without_the_service_are_its_dependencies(tmp_path):
    compose = """
services:
  db: {image: "postgres:16", environment: {POSTGRES_PASSWORD: a, POSTGRES_DB: shop}}
  cache: {image: "redis:7"}
  mail: {image: "mailhog/mailhog"}
"""
    variables = (
        "DATABASE_URL=postgresql+asyncpg://postgres:a@localhost:5432/shop?ssl=no\nREDIS_URL=redis://localhost/0\n"
    )
    service, text = service_of(tmp_path, {"docker-compose.yml": compose, ".env.example": variables})
    assert shown(service) == [
        ("db", "postgres:16", {"POSTGRES_PASSWORD": "a", "POSTGRES_DB": "shop"}),
        ("cache", "redis:7", {}),
    ]
    assert service.env == {
        "DATABASE_URL": "postgresql+asyncpg://postgres:a@{db.host}:{db.port}/shop?ssl=no",
        "REDIS_URL": "redis://{cache.host}:{cache.port}/0",
    }
    assert "CHOOSE" not in text


def test_databases_of_a_workflow_are_dependencies_and_its_variables_say_where_they_are(tmp_path):
    parts = {"DB_HOST": "localhost", "DB_PORT": "5432", "DB_USER": "postgres", "DB_PASSWORD": "pw", "OTHER_NAME": "x"}
    service, _ = service_of(tmp_path, workflow({"postgres": POSTGRES}, **parts))
    assert shown(service) == [("postgres", "postgres:15", {"POSTGRES_PASSWORD": "pw"})]
    assert service.env == {
        "DB_HOST": "{postgres.host}",
        "DB_PORT": "{postgres.port}",
        "DB_USER": "postgres",
        "DB_PASSWORD": "pw",
    }


def test_the_compose_file_comes_before_the_workflow_and_another_version_is_a_choice(tmp_path):
    files = {"compose.yml": "services: {db: {image: 'postgres:16'}}", **workflow({"postgres": POSTGRES})}
    service, text = service_of(tmp_path, {**files, ".env.example": "DATABASE_URL="})
    assert [(one.name, one.image) for one in service.dependencies] == [("db", "postgres:16")]
    assert (
        'image = "postgres:16"    # compose.yml; CHOOSE, also named: postgres:15 (.github/workflows/test.yml)' in text
    )


def test_an_image_that_a_command_in_the_readme_starts_is_one(tmp_path):
    readme = "Start it:\n\n    $ docker run -d --name db -e MYSQL_ROOT_PASSWORD=pw \\\n      -p 3306:3306 mysql:8\n"
    service, _ = service_of(tmp_path, {"README.md": readme, ".env.example": "DB_URL=mysql://root:pw@127.0.0.1/app"})
    assert shown(service) == [("mysql", "mysql:8", {"MYSQL_ROOT_PASSWORD": "pw"})]
    assert service.env == {"DB_URL": "mysql://root:pw@{mysql.host}:{mysql.port}/app"}


def test_a_database_without_an_image_has_its_version_to_be_chosen(tmp_path):
    service, text = service_of(tmp_path, {".env.sample": 'export DATABASE_URL="postgres://shop:pw@localhost/shop"'})
    env = {"POSTGRES_USER": "shop", "POSTGRES_PASSWORD": "pw", "POSTGRES_DB": "shop"}
    assert shown(service) == [("postgres", "postgres:17", env)]
    (line,) = [line for line in text.splitlines() if "CHOOSE" in line]
    assert line == (
        'image = "postgres:17"    # CHOOSE the version that you run: .env.sample needs it, and nothing names one'
    )


def test_what_stands_behind_an_empty_variable_is_read(tmp_path):
    variables = "SECRET_KEY=\nDATABASE_URL=postgresql://shop:pw@localhost:5432/shop\n"
    service, _ = service_of(tmp_path, {".env.example": variables})
    assert [one.name for one in service.dependencies] == ["postgres"]
    assert list(service.env) == ["DATABASE_URL"]


@pytest.mark.parametrize(
    ("manifest", "source", "name"),
    [
        ({"requirements.txt": "psycopg[binary]>=3\n"}, {"app.py": "os.environ['DATABASE_URL']"}, "postgres"),
        ({"package.json": {"dependencies": {"mysql2": "3"}}}, {"db.ts": "process.env.DATABASE_URL"}, "mysql"),
        ({"go.mod": "require github.com/jackc/pgx/v5 v5.7.0"}, {"main.go": 'os.Getenv("DATABASE_URL")'}, "postgres"),
        ({"Cargo.toml": 'redis = "0.27"'}, {"src/main.rs": 'env::var("REDIS_URL")'}, "redis"),
        ({"Gemfile": "gem 'pg'"}, {"config/database.yml": "url: <%= ENV['DATABASE_URL'] %>"}, "postgres"),
        ({"pyproject.toml": 'dependencies = ["pymongo"]'}, {"a.py": 'os.getenv("MONGO_URI")'}, "mongo"),
    ],
)
def test_a_library_and_the_variable_that_it_is_given_tell_of_a_database(tmp_path, manifest, source, name):
    service, _ = service_of(tmp_path, {**manifest, **source})
    (dependency,) = service.dependencies
    assert dependency.name == name
    assert list(service.env.values()) == [f"{{{name}.url}}"]


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"requirements.txt": "psycopg\n"},
        {"app.py": "os.environ['DATABASE_URL']"},
        {"app.py": "os.environ['API_URL']", "requirements.txt": "psycopg\n"},
        {".env.example": "SENTRY_DSN=https://a@sentry.example.com/1\nAPI_HOST=localhost\nPORT=80\n"},
        {"tests/compose.yml": "services: {db: {image: 'postgres:16'}}"},
        {".env": "DATABASE_URL=postgres://shop:hush@localhost/shop\n"},
        {"README.md": "We once ran postgres:9, and docker run hello-world.\n"},
    ],
)
def test_where_nothing_shows_a_database_there_is_none(tmp_path, files):
    service, text = service_of(tmp_path, files)
    assert service.dependencies == ()
    assert (service.env, service.seed) == ({}, ())
    assert "hush" not in text


def test_a_server_elsewhere_gives_its_kind_and_none_of_its_credentials(tmp_path):
    service, text = service_of(tmp_path, {".env.example": "DATABASE_URL=postgres://shop:hush@db.example.com/shop\n",
                                          "requirements.txt": "asyncpg"})  # fmt: skip
    assert service.env == {"DATABASE_URL": "{postgres.url}"}
    assert "hush" not in text
    assert "example.com" not in text


def test_a_pattern_of_a_url_is_no_value(tmp_path):
    files = {".env.example": "DATABASE_URL=postgres://<user>:<password>@<host>/<db>\n", "requirements.txt": "asyncpg"}
    assert service_of(tmp_path, files)[0].env == {"DATABASE_URL": "{postgres.url}"}


@pytest.mark.parametrize(
    ("image", "kind"),
    [
        ("postgres", "postgres"),
        ("postgres:17-alpine", "postgres"),
        ("docker.io/library/postgres@sha256:" + "0" * 64, "postgres"),
        ("localhost:5000/timescale/timescaledb-ha:pg16", "postgres"),
        ("timescale/timescaledb:2.17.2-pg16", "postgres"),
        ("bitnami/postgresql:16", "postgres"),
        ("bitnami/postgresql-repmgr", "postgres"),
        ("quay.io/sclorg/postgresql-15-c9s", "postgres"),
        ("postgis/postgis:16-3.4", "postgres"),
        ("pgvector/pgvector:pg16", "postgres"),
        ("mysql/mysql-server", "mysql"),
        ("percona/percona-xtradb-cluster", "mysql"),
        ("bitnami/mariadb-galera", "mariadb"),
        ("redis/redis-stack-server:7.4.0-v0", "redis"),
        ("eqalpha/keydb", "redis"),
        ("docker.dragonflydb.io/dragonflydb/dragonfly", "redis"),
        ("valkey/valkey-bundle", "redis"),
        ("mongodb/mongodb-community-server:8.0", "mongo"),
        ("bitnami/mongodb-sharded", "mongo"),
        ("percona/percona-server-mongodb", "mongo"),
        ("bitnami/rabbitmq", "rabbitmq"),
        ("nats-streaming", "nats"),
        ("acme/postgres15", "postgres"),
        ("postgres9.6-alpine", "postgres"),
        ("acme/postgres-custom:1", "postgres"),
        ("localhost:5000/postgres-test", "postgres"),
        ("flyio/postgres-flex:16", "postgres"),
        ("ghcr.io/railwayapp-templates/postgres-ssl:16", "postgres"),
        ("mysql8", "mysql"),
        ("acme/mysql57@sha256:" + "0" * 64, "mysql"),
        ("mariadb/server:10.4", "mariadb"),
        ("redis6", "redis"),
        ("acme/redis-cache", "redis"),
        ("redislabs/rejson", "redis"),
        ("redislabs/redisearch:2.8.4", "redis"),
        ("redis/redis-json", "redis"),
    ],
)
def test_an_image_is_known_by_the_last_part_of_its_name(tmp_path, image, kind):
    compose = {"services": {"there": {"image": image, "ports": [1]}}}
    service, _ = service_of(tmp_path, {"compose.yml": compose})
    assert [(one.name, one.image) for one in service.dependencies] == [("there", image)]
    assert kind_of_image(image).name == kind
    scheme = endpoint_of(image, {}, "h", 1).url.partition("://")[0]
    assert kind_of_scheme(scheme).name == {"mariadb": "mysql"}.get(kind, kind)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_image_that_is_proposed_is_known(kind):
    assert kind_of_image(kind.image) is kind


@pytest.mark.parametrize(
    "image", ["ghcr.io/acme/redis-proxy-api:1", "postgrest/postgrest", "acme/mongoose", "postgres/shop:2", "acme/natsu",
              "acme/kafka-consumers", "supabase/postgres-meta:v0.80", "mongo-api-2", "acme/mysql8_web", "redis-webapi"]
)  # fmt: skip
def test_what_is_only_called_after_a_database_may_be_the_service(tmp_path, image):
    compose = {"services": {"api": {"image": image, "ports": ["8080:8080"]}}}
    proposal = written(propose(found(tmp_path, {"compose.yml": compose}), "a", "b"))
    assert proposal.service.container.image == image
    assert proposal.needs.dependencies == ()


@pytest.mark.parametrize(
    "image", ["oliver006/redis_exporter", "prom/mysqld-exporter:v0.15", "rediscommander/redis-commander:latest",
              "mongo-express", "provectuslabs/kafka-ui", "mcr.microsoft.com/mssql/server:2022-latest", "minio/minio",
              "elasticsearch-wolfi", "ugleiton/mongo-gui", "acme/postgres15-admin:1", "opensearch-dashboards",
              "natsio/nats-box", "thelastpickle/cassandra-reaper:3.6"]
)  # fmt: skip
def test_a_tool_beside_a_database_is_neither(tmp_path, image):
    compose = {"services": {"tool": {"image": image, "ports": ["9121:9121"]}}}
    proposal = propose(found(tmp_path, {"compose.yml": compose}), "a", "b")
    assert (proposal.service.container, proposal.service.equal) == (None, ())


def test_an_image_of_bitnami_has_its_own_variables(tmp_path):
    services = (
        "db: {image: 'bitnami/postgresql:16'}, cache: {image: 'bitnami/redis:7'}, mongo: {image: bitnami/mongodb}"
    )
    variables = "DATABASE_URL=postgresql://shop:pw@localhost:5432/goods\n"
    files = {"compose.yml": f"services: {{{services}}}", ".env.example": variables}
    assert shown(service_of(tmp_path, files)[0]) == [
        (
            "db",
            "bitnami/postgresql:16",
            {"POSTGRESQL_USERNAME": "shop", "POSTGRESQL_PASSWORD": "pw", "POSTGRESQL_DATABASE": "goods"},
        ),
        ("cache", "bitnami/redis:7", {"ALLOW_EMPTY_PASSWORD": "yes"}),
        ("mongo", "bitnami/mongodb", {"ALLOW_EMPTY_PASSWORD": "yes"}),
    ]


@pytest.mark.parametrize(
    ("url", "env"),
    [
        (
            "postgresql://shop@localhost/shop",
            {"POSTGRESQL_USERNAME": "shop", "POSTGRESQL_DATABASE": "shop", "ALLOW_EMPTY_PASSWORD": "yes"},
        ),
        ("", {"POSTGRESQL_PASSWORD": "known"}),
    ],
)
def test_a_password_of_bitnami_is_none_or_the_one_that_is_known(tmp_path, url, env):
    known = "environment: {POSTGRESQL_PASSWORD: known}" if "POSTGRESQL_PASSWORD" in env else "expose: [5432]"
    compose = f"services: {{db: {{image: 'bitnami/postgresql:16', {known}}}}}"
    service, _ = service_of(tmp_path, {"compose.yml": compose, ".env.example": f"DATABASE_URL={url}\n"})
    assert shown(service) == [("db", "bitnami/postgresql:16", env)]


def test_a_volume_in_a_command_of_the_readme_is_no_image(tmp_path):
    readme = "    docker run -d -v pg:/var/lib/postgresql --name postgres -e POSTGRES_PASSWORD=pw postgres:16\n"
    service, _ = service_of(tmp_path, {"README.md": readme})
    assert shown(service) == [("postgres", "postgres:16", {"POSTGRES_PASSWORD": "pw"})]


def test_where_no_variable_is_known_the_line_for_it_is_open(tmp_path):
    service, text = service_of(tmp_path, {"compose.yml": "services: {db: {image: 'postgres:16'}}"})
    assert shown(service) == [("db", "postgres:16", {"POSTGRES_HOST_AUTH_METHOD": "trust"})]
    assert (
        '# env = { DATABASE_URL = "{db.url}" }    # CHOOSE: nothing names the variable by which the service finds db'
    ) in text


def test_a_password_that_is_nowhere_is_not_needed(tmp_path):
    compose = "services: {db: {image: 'postgres:16', environment: {POSTGRES_PASSWORD: '${SECRET}', POSTGRES_USER: u}}}"
    service, _ = service_of(tmp_path, {"compose.yml": compose, ".env": "SECRET=hush\n"})
    assert shown(service) == [("db", "postgres:16", {"POSTGRES_HOST_AUTH_METHOD": "trust", "POSTGRES_USER": "u"})]


def test_a_store_that_is_no_known_kind_needs_its_port_named(tmp_path):
    compose = "services: {search: {image: 'elasticsearch:8.15.0', ports: ['9200:9200']}, etcd: {image: etcd}}"
    service, text = service_of(tmp_path, {"compose.yml": compose})
    assert [(one.name, one.port) for one in service.dependencies] == [("search", 9200)]
    assert "{search.url}" in text


@pytest.mark.parametrize(
    "files",
    [
        {"compose.yml": "services: {search: {image: 'elasticsearch:8.15.0', ports: ['1:99999']}}"},
        workflow({"search": {"image": "elasticsearch:8.15.0", "ports": ["1:99999"]}}),
    ],
)
def test_a_port_that_there_is_not_is_none(tmp_path, files):
    assert service_of(tmp_path, files)[0].dependencies == ()


@pytest.mark.parametrize("files", [{"{a}/migrations/1_a.sql": ""}, {"{a}/alembic.ini": "", "b/c.py": ""}])
def test_braces_of_a_path_are_no_placeholders(tmp_path, files):
    files = {"compose.yml": "services: {db: {image: 'postgres:16'}}", **files}
    words = fill_words(service_of(tmp_path, files)[0].seed, {"a": "x"})
    assert "{a}" in " ".join(words)


def test_names_are_those_that_perfgate_takes(tmp_path):
    compose = "services: {My.DB: {image: 'postgres:16'}, 1st: {image: 'redis:7'}}"
    service, _ = service_of(tmp_path, {"compose.yml": compose})
    assert [one.name for one in service.dependencies] == ["my-db", "redis"]
