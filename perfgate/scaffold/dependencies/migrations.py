"""Migration tools in the tree, and the command by which each brings a database up to date."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from perfgate.scaffold.dependencies.kinds import DatabaseKind, kind_called
from perfgate.scaffold.repository import Repository, is_aside
from perfgate.service.placeholders import escape

_ROOT = PurePosixPath()
PSQL = "psql"
"""The program that runs files of plain SQL, PostgreSQL's own."""


@dataclass(frozen=True)
class Migration:
    """One tool's migrations.

    command: that runs all of them, from the top of the repository.
    source: the file that shows the tool.
    kind: of the database, where the tool's files say it.
    tool: the program that has to be there: "alembic".
    itself: how commands that run it look, as a pattern.
    library: libraries by which a service runs them whenever it starts, as a pattern; "" for none.
    takes: what it takes where perfgate runs, where few machines have that; "" where the tool itself is all.
    """

    command: str
    source: PurePosixPath
    kind: DatabaseKind | None
    tool: str
    itself: str
    library: str
    takes: str


@dataclass(frozen=True)
class _Tool:
    """How a tool is recognised.

    file: the name of a file that only this tool has, as a pattern.
    command: in the folder of that file; {file} is its name.
    itself: how commands that run it look.
    beside: what has to be in the repository as well, below the folder of the file: a pattern of a path; "" for nothing.
    holds: what the file has to hold, as a pattern.
    kind: what of its text says which database it is, as a pattern with one group.
    library, takes: see Migration.
    """

    file: str
    command: str
    itself: str
    beside: str = ""
    holds: str = ""
    kind: str = ""
    library: str = ""
    takes: str = ""


# https://docs.spring.io/spring-boot/how-to/data-initialization.html#howto.data-initialization.migration-tool
_OF_FLYWAY = r"flyway-(?:core|mysql|sqlserver|database-[\w-]+)|(?:spring-boot-starter|quarkus|micronaut)-flyway"
_OF_LIQUIBASE = r"liquibase-core|(?:spring-boot-starter|quarkus|micronaut)-liquibase"
_TAKES_FLYWAY, _TAKES_LIQUIBASE = "the command line of Flyway", "the command line of Liquibase"

# Each command is that of the tool's own documentation for a deployment.
_TOOLS = (
    # https://alembic.sqlalchemy.org/en/latest/tutorial.html
    _Tool(r"alembic\.ini", "alembic upgrade head", r"alembic\b.*\bupgrade", kind=r"^sqlalchemy\.url[ \t]*=[ \t]*(\w+)"),
    # https://docs.djangoproject.com/en/stable/ref/django-admin/#migrate
    _Tool(
        r"manage\.py", "python manage.py migrate --no-input", r"manage\.py[\"', ]+migrate", r"migrations/\d{4}_\w+\.py"
    ),
    # https://www.prisma.io/docs/orm/prisma-client/deployment/deploy-database-changes-with-prisma-migrate
    _Tool(
        r"schema\.prisma",
        "npx prisma migrate deploy --schema {file}",
        r"prisma\b.*\bmigrate",
        r"migrations/[^/]+/migration\.sql",
        kind=r"provider\s*=\s*\"(?!prisma)(\w+)\"",
    ),
    # https://guides.rubyonrails.org/active_record_migrations.html
    _Tool(
        r"Rakefile",
        "bin/rails db:migrate",
        r"\bdb:(?:migrate|prepare|setup)",
        r"db/migrate/\d+_\w+\.rb",
        takes="Ruby and the gems of the Gemfile",
    ),
    # https://knexjs.org/guide/migrations.html
    _Tool(
        r"knexfile\.[cm]?[jt]s",
        "npx knex migrate:latest --knexfile {file}",
        r"knex\b.*\bmigrate",
        kind=r"client:\s*['\"](\w+)",
    ),
    # https://sequelize.org/docs/v6/other-topics/migrations/
    _Tool(r"\.sequelizerc", "npx sequelize-cli db:migrate", r"sequelize\b.*\bdb:migrate"),
    # https://orm.drizzle.team/docs/drizzle-kit-migrate
    _Tool(
        r"drizzle\.config\.[cm]?[jt]s",
        "npx drizzle-kit migrate --config {file}",
        r"drizzle-kit\b.*\bmigrate",
        kind=r"dialect:\s*['\"](\w+)",
    ),
    # https://documentation.red-gate.com/fd/migrate-277578895.html
    _Tool(
        r"flyway\.(?:conf|toml)",
        "flyway -configFiles={file} migrate",
        r"flyway\b.*\bmigrate",
        kind=r"jdbc:(\w+)",
        library=_OF_FLYWAY,
        takes=_TAKES_FLYWAY,
    ),
    # https://docs.liquibase.com/commands/update/update.html
    _Tool(
        r"liquibase\.properties",
        "liquibase --defaults-file={file} update",
        r"liquibase\b.*\bupdate",
        kind=r"jdbc:(\w+)",
        library=_OF_LIQUIBASE,
        takes=_TAKES_LIQUIBASE,
    ),
    # https://docs.rs/diesel_cli
    _Tool(r"diesel\.toml", "diesel migration run", r"diesel\b.*\bmigration"),
    # https://laravel.com/docs/migrations#running-migrations
    _Tool(
        r"artisan", "php artisan migrate --force", r"artisan[\"', ]+migrate", r"database/migrations/\d\w+\.php"
    ),
    # https://hexdocs.pm/ecto_sql/Mix.Tasks.Ecto.Migrate.html
    _Tool(r"mix\.exs", "mix ecto.migrate", r"ecto\.migrate", r"priv/repo/migrations/\d+_\w+\.exs"),
    # https://docs.rs/crate/sqlx-cli
    _Tool(
        r"Cargo\.toml", "sqlx migrate run", r"sqlx\b.*\bmigrate", r"migrations/\d+_[\w.]+\.sql", r"\bsqlx\b"
    ),
)  # fmt: skip

_SQL = re.compile(r"(?:.*/)?(?:migrations?|db|sql|schema)/[^/]+\.sql")
_NUMBERED = re.compile(r"V?\d[\w.-]*\.sql")


def find_migrations(repository: Repository) -> list[Migration]:
    """The tools that the tree shows, the nearest to the top first."""
    files = [path for path in repository.files if not is_aside(path)]
    found = [one for tool in _TOOLS for one in _of_tool(repository, files, tool)]
    known = [one.source.parent for one in found]
    if not found:
        found = list(_of_sql_files(repository, [path for path in files if path.parent not in known]))
    return sorted(found, key=lambda one: len(one.source.parts))


def _of_tool(repository: Repository, files: list[PurePosixPath], tool: _Tool) -> Iterator[Migration]:
    for path in files:
        if not re.fullmatch(tool.file, path.name):
            continue
        text = repository.read(path)
        below = re.compile(rf"{re.escape(f'{path.parent}/') if path.parent != _ROOT else ''}(?:.*/)?{tool.beside}")
        if tool.beside and not any(below.fullmatch(str(other)) for other in files):
            continue
        if tool.holds and not re.search(tool.holds, text):
            continue
        said = re.search(tool.kind, text, re.MULTILINE) if tool.kind else None
        kind = kind_called(said[1]) if said else None
        folder = _of_package(files, path) if tool.command.startswith("npx ") else path.parent
        command = tool.command.replace("{file}", _quoted(path.relative_to(folder)))
        program = _program(command)
        yield Migration(_in_folder(folder, command), path, kind, program, tool.itself, tool.library, tool.takes)
        return  # one of a kind


def _of_sql_files(repository: Repository, files: list[PurePosixPath]) -> Iterator[Migration]:
    """Of files that are plain SQL, with the marks of goose, dbmate or golang-migrate in them or in their names."""
    sql = [path for path in files if _SQL.fullmatch(str(path)) and _NUMBERED.fullmatch(path.name)]
    if not sql:
        return
    first = sql[0]
    folder, text = _quoted(first.parent), repository.read(first)
    commands = (
        # https://pressly.github.io/goose/documentation/cli-commands/
        ("+goose Up" in text, f"goose -dir {folder} {{kind}} {{url}} up", r"goose\b.*\bup", "", ""),
        # https://github.com/amacneil/dbmate
        (
            "migrate:up" in text,
            f"dbmate --migrations-dir {folder} --no-dump-schema --url {{url}} migrate",
            r"dbmate\b.*\b(?:up|migrate)",
            "",
            "",
        ),
        # https://github.com/golang-migrate/migrate/tree/master/cmd/migrate
        (
            first.name.endswith((".up.sql", ".down.sql")),
            f"migrate -path {folder} -database {{url}} up",
            r"migrate\b.*\bup",
            "",
            "",
        ),
        # https://documentation.red-gate.com/fd/migrate-277578895.html
        (
            first.name.startswith("V"),
            f"flyway -locations=filesystem:{folder} -url=jdbc:{{kind}}://{{host}}:{{port}}/{{database}} "
            "-user={user} -password={password} migrate",
            r"flyway\b.*\bmigrate",
            _OF_FLYWAY,
            _TAKES_FLYWAY,
        ),
    )
    for shown, command, itself, library, takes in commands:
        if shown:
            yield Migration(command, first, None, _program(command), itself, library, takes)
            return
    together = sorted(path for path in sql if path.parent == first.parent)
    command = f"{PSQL} {{url}} -v ON_ERROR_STOP=1 {' '.join(f'-f {_quoted(path)}' for path in together)}"
    yield Migration(command, first, None, PSQL, r"psql\b.*\.sql", f"{_OF_FLYWAY}|{_OF_LIQUIBASE}", "")


def _of_package(files: list[PurePosixPath], path: PurePosixPath) -> PurePosixPath:
    """The folder of the package.json that a file belongs to, whose programs npx runs."""
    return next((folder for folder in path.parents if folder / "package.json" in files), path.parent)


def _in_folder(folder: PurePosixPath, command: str) -> str:
    return command if folder == _ROOT else f"cd {_quoted(folder)} && {command}"


def _quoted(path: PurePosixPath) -> str:
    """A path as one word of a command in perfgate.toml."""
    return escape(shlex.quote(str(path)))


def _program(command: str) -> str:
    words = command.split()
    return words[1] if words[0] == "npx" else words[0]
