"""Migration tools in the tree, and the seed that follows."""

import shlex

import pytest

from perfgate.config.reading import load_config
from perfgate.scaffold.proposal import propose, write
from tests.support.newcomers import found

HTTP = "FROM a\nEXPOSE 8000\n"
NEEDED = {".env.example": "DATABASE_URL=postgres://shop:pw@localhost/shop\n"}


def seeded(folder, files):
    """The seed as words, and the text of perfgate.toml."""
    proposal = propose(found(folder, {"Dockerfile": HTTP, **NEEDED, **files}), "a", "b")
    write(proposal.repository.folder, proposal.files)
    return load_config(folder / "perfgate.toml").service.seed, (folder / "perfgate.toml").read_text()


@pytest.mark.parametrize(
    ("files", "seed"),
    [
        ({"alembic.ini": "[alembic]\n"}, "alembic upgrade head"),
        ({"server/alembic.ini": "[alembic]\n"}, "cd server && alembic upgrade head"),
        ({"manage.py": "", "shop/migrations/0001_initial.py": ""}, "python manage.py migrate --no-input"),
        (
            {"prisma/schema.prisma": "", "prisma/migrations/1_a/migration.sql": "", "package.json": {}},
            "npx prisma migrate deploy --schema prisma/schema.prisma",
        ),
        ({"api/package.json": {}, "api/knexfile.js": ""}, "cd api && npx knex migrate:latest --knexfile knexfile.js"),
        ({"Cargo.toml": 'sqlx = "0.8"', "migrations/1_a.sql": ""}, "sqlx migrate run"),
        (
            {"migrations/001_a.sql": "-- +goose Up\n"},
            "goose -dir migrations postgres {postgres.url} up",
        ),
        ({"migrations/1_a.up.sql": ""}, "migrate -path migrations -database {postgres.url} up"),
        (
            {"migrations/001_a.sql": "", "migrations/002_b.sql": "", "other.sql": ""},
            "psql {postgres.url} -v ON_ERROR_STOP=1 -f migrations/001_a.sql -f migrations/002_b.sql",
        ),
    ],
)
def test_the_seed_is_the_command_of_the_tool(tmp_path, files, seed):
    words, text = seeded(tmp_path, files)
    assert words == (("sh", "-c", seed) if "&&" in seed else tuple(shlex.split(seed)))
    assert "run in each side's tree" in text


RUBY, FLYWAY = "Ruby and the gems of the Gemfile", "the command line of Flyway"
VERSIONED = {"src/main/resources/db/migration/V1__shop.sql": ""}


@pytest.mark.parametrize(
    ("files", "seed", "takes"),
    [
        ({"Rakefile": "", "db/migrate/2024_a.rb": ""}, "bin/rails db:migrate (Rakefile)", RUBY),
        ({"flyway.conf": ""}, "flyway -configFiles=flyway.conf migrate (flyway.conf)", FLYWAY),
        (
            {"liquibase.properties": ""},
            "liquibase --defaults-file=liquibase.properties update (liquibase.properties)",
            "the command line of Liquibase",
        ),
        (
            VERSIONED,
            "flyway -locations=filesystem:src/main/resources/db/migration "
            "-url=jdbc:postgresql://{postgres.host}:{postgres.port}/shop -user=shop -password=pw migrate "
            "(src/main/resources/db/migration/V1__shop.sql)",
            FLYWAY,
        ),
        (
            {**VERSIONED, ".env.example": "DATABASE_URL=mysql://root@localhost/shop\n"},
            "flyway -locations=filesystem:src/main/resources/db/migration "
            "-url=jdbc:mysql://{mysql.host}:{mysql.port}/shop -user=root migrate "
            "(src/main/resources/db/migration/V1__shop.sql)",
            FLYWAY,
        ),
    ],
)
def test_a_seed_that_takes_what_few_machines_have_is_left_open(tmp_path, files, seed, takes):
    words, text = seeded(tmp_path, files)
    command, _, source = seed.rpartition(" (")
    assert words == ()
    assert (
        f'# seed = "{command}"    # CHOOSE: nothing says that the service does this itself ({source}; it takes {takes} '
        "where perfgate runs\n"
    ) in text


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"manage.py": ""},
        {"tests/alembic.ini": ""},
        {"Cargo.toml": "", "src/a.rs": ""},
        {"query.sql": "", "sql/queries.sql": ""},
    ],
)
def test_without_migrations_there_is_no_seed(tmp_path, files):
    assert seeded(tmp_path, files)[0] == ()


@pytest.mark.parametrize(
    ("files", "source"),
    [
        ({"Dockerfile": f"{HTTP}CMD alembic upgrade head && serve\n"}, "Dockerfile"),
        ({"Dockerfile": f'{HTTP}ENTRYPOINT ["/start.sh"]\n', "start.sh": "alembic upgrade head\n"}, "start.sh"),
        ({"Procfile": "release: alembic upgrade head\nweb: serve\n"}, "Procfile"),
        ({"Dockerfile": f"{HTTP}CMD python run.prod\n", "run.prod": "alembic upgrade head\n"}, "run.prod"),
    ],
)
def test_a_service_that_migrates_itself_needs_no_seed(tmp_path, files, source):
    files = {"Dockerfile": HTTP, **NEEDED, "alembic.ini": "", **files}
    proposal = propose(found(tmp_path, files), "a", "b")
    assert str(proposal.needs.migrates_itself) == source
    assert proposal.needs.seeds == ()


# As Rails 7.1 and later write them.
RAILS_ENTRYPOINT = """#!/bin/bash -e
if [ "${*}" == "./bin/rails server" ]; then
  ./bin/rails db:prepare
fi
exec "${@}"
"""
RAILS = {
    "Dockerfile": f'{HTTP}ENTRYPOINT ["/rails/bin/docker-entrypoint"]\nCMD ["./bin/rails", "server"]\n',
    "Rakefile": "",
    "bin/docker-entrypoint": RAILS_ENTRYPOINT,
    "bin/rails": "#!/usr/bin/env ruby\n",
    "db/migrate/2024_a.rb": "",
}
POM = "<project><dependencies><dependency><artifactId>{}</artifactId></dependency></dependencies></project>"


@pytest.mark.parametrize(
    ("files", "source"),
    [
        (RAILS, "bin/docker-entrypoint"),
        ({**VERSIONED, "pom.xml": POM.format("flyway-core")}, "pom.xml"),
        ({**VERSIONED, "pom.xml": POM.format("flyway-database-postgresql")}, "pom.xml"),
        ({**VERSIONED, "api/build.gradle": 'implementation "org.flywaydb:flyway-core:11.1"\n'}, "api/build.gradle"),
        (
            {**VERSIONED, "build.gradle.kts": 'implementation("org.springframework.boot:spring-boot-starter-flyway")'},
            "build.gradle.kts",
        ),
        ({"liquibase.properties": "", "pom.xml": POM.format("liquibase-core")}, "pom.xml"),
        ({"db/sql/001_a.sql": "", "pom.xml": POM.format("liquibase-core")}, "pom.xml"),
        (
            {"Cargo.toml": 'sqlx = "0.8"', "migrations/1_a.sql": "", "src/main.rs": "sqlx::migrate!().run(&p)\n"},
            "src/main.rs",
        ),
    ],
)
def test_a_framework_that_migrates_itself_needs_no_seed(tmp_path, files, source):
    proposal = propose(found(tmp_path, {"Dockerfile": HTTP, **NEEDED, **files}), "a", "b")
    assert str(proposal.needs.migrates_itself) == source
    assert proposal.needs.seeds == ()


@pytest.mark.parametrize(
    "build",
    [
        {"pom.xml": f"<plugin><artifactId>flyway-maven-plugin</artifactId>{POM.format('flyway-core')}</plugin>"},
        {"pom.xml": f"<!-- {POM.format('flyway-core')} -->"},
        {"build.gradle": "buildscript {\n  classpath 'org.flywaydb:flyway-core:11.1'\n  // flyway-core\n}\n"},
        {"build.gradle": "// implementation 'org.flywaydb:flyway-core:11.1'\n"},
        {"pom.xml": POM.format("my-flyway-core-tools")},
        {
            "pom.xml": POM.format("flyway-core"),
            "src/main/resources/application.yml": "spring:\n  flyway:\n    enabled: false\n",
        },
    ],
)
def test_a_library_that_the_build_alone_takes_or_that_is_switched_off_migrates_nothing(tmp_path, build):
    proposal = propose(found(tmp_path, {"Dockerfile": HTTP, **NEEDED, **VERSIONED, **build}), "a", "b")
    assert proposal.needs.migrates_itself is None
    assert [one.tool for one in proposal.needs.seeds] == ["flyway"]


def test_of_two_tools_side_by_side_the_choice_is_open(tmp_path):
    seed, text = seeded(tmp_path, {"alembic.ini": "", "flyway.conf": ""})
    assert seed == ()
    (line,) = [line for line in text.splitlines() if "seed" in line]
    assert line == (
        '# seed = "alembic upgrade head"    # CHOOSE, nothing tells which is meant: "alembic upgrade head" '
        '(alembic.ini), "flyway -configFiles=flyway.conf migrate" (flyway.conf)'
    )


def test_the_tool_nearest_to_the_top_is_meant(tmp_path):
    assert seeded(tmp_path, {"alembic.ini": "", "old/flyway.conf": ""})[0] == ("alembic", "upgrade", "head")


@pytest.mark.parametrize(
    ("files", "name"),
    [
        ({"alembic.ini": "[alembic]\nsqlalchemy.url = postgresql+psycopg://localhost/shop\n"}, "postgres"),
        ({"prisma/schema.prisma": 'datasource db {\n  provider = "mysql"\n}', "prisma/migrations/1/migration.sql": ""},
         "mysql"),
        ({"knexfile.js": "module.exports = { client: 'mysql2' }"}, "mysql"),
        ({"flyway.conf": "flyway.url=jdbc:mariadb://localhost/shop\n"}, "mariadb"),
    ],
)  # fmt: skip
def test_a_tool_tells_the_kind_of_the_database(tmp_path, files, name):
    proposal = propose(found(tmp_path, {"Dockerfile": HTTP, **files}), "a", "b")
    assert [(one.name, one.named) for one in proposal.needs.dependencies] == [(name, False)]


def test_plain_sql_is_for_postgresql_alone(tmp_path):
    files = {".env.example": "DATABASE_URL=mysql://root:pw@localhost/shop\n", "migrations/1_a.sql": ""}
    assert seeded(tmp_path, files)[0] == ()


def test_with_compose_the_seed_is_left_open(tmp_path):
    compose = """
services:
  app: {build: ., depends_on: [db], environment: {DATABASE_URL: "postgresql://u:p@db/shop"}}
  db: {image: "postgres:16"}
"""
    proposal = propose(found(tmp_path, {"Dockerfile": HTTP, "compose.yml": compose, "alembic.ini": ""}), "a", "b")
    (text,) = [file.text for file in proposal.files if file.path == "perfgate.toml"]
    assert (
        "# seed = \"DATABASE_URL='postgresql://u:p@{db.host}:{db.port}/shop' alembic upgrade head\"    "
        "# CHOOSE: nothing says that the service does this itself (alembic.ini)"
    ) in text


def test_with_compose_a_job_that_migrates_is_seen(tmp_path):
    compose = """
services:
  app: {build: ., depends_on: [migrate]}
  migrate: {build: ., command: alembic upgrade head, depends_on: [db]}
  db: {image: "postgres:16"}
"""
    proposal = propose(found(tmp_path, {"Dockerfile": HTTP, "compose.yml": compose, "alembic.ini": ""}), "a", "b")
    assert str(proposal.needs.migrates_itself) == "compose.yml"
