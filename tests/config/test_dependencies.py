"""`[[dependencies]]` of perfgate.toml, and placeholders: read into settings, every mistake at once."""

import pytest

from perfgate.config.reading import load_config
from perfgate.errors import ProblemsError
from perfgate.service.settings import DependencySettings

_DB = '[[dependencies]]\nname = "db"\nimage = "postgres:17"\n'


@pytest.fixture
def service(tmp_path):
    """service(text) is [service] of the perfgate.toml with that text."""

    def read(text):
        path = tmp_path / "perfgate.toml"
        path.write_text(text)
        return load_config(path).service

    return read


@pytest.fixture
def problems(service):
    """problems(text) are the mistakes in the perfgate.toml with that text."""

    def read(text):
        with pytest.raises(ProblemsError) as caught:
            service(text)
        return [str(problem) for problem in caught.value.problems]

    return read


def test_dependencies_are_read_in_their_order(service):
    settings = service(
        """
        [service]
        command = "python -m shop --port {port}"
        env = { DATABASE_URL = "postgresql://shop@localhost:{db.port}/shop" }
        seed = "python -m shop.migrate && psql {db.url} -f seed.sql"
        teardown = "dropdb shop_{side}"

        [[dependencies]]
        name = "db"
        image = "postgres:17"
        port = 5432
        env = { POSTGRES_HOST_AUTH_METHOD = "trust" }
        memory = "1GiB"
        ready = "pg_isready -q"
        ready_timeout = "1m"
        snapshot = true

        [[dependencies]]
        name = "cache"
        command = "redis-server --port {port}"

        [[dependencies]]
        name = "broker"
        url = "amqp://localhost/shop_{side}"
        """
    )
    db, cache, broker = settings.dependencies
    assert db == DependencySettings(
        name="db",
        image="postgres:17",
        port=5432,
        env={"POSTGRES_HOST_AUTH_METHOD": "trust"},
        memory=2**30,
        ready=("pg_isready", "-q"),
        ready_timeout=60.0,
        snapshot=True,
    )
    assert cache == DependencySettings(name="cache", command=("redis-server", "--port", "{port}"))
    assert broker == DependencySettings(name="broker", url="amqp://localhost/shop_{side}")
    assert settings.seed == ("sh", "-c", "python -m shop.migrate && psql {db.url} -f seed.sql")
    assert settings.teardown == ("dropdb", "shop_{side}")


@pytest.mark.parametrize(
    ("written", "ready"),
    [
        ("'tcp'", "tcp"),
        ("'/health'", "/health"),
        ("'pg_isready -h {db.host}'", ("pg_isready", "-h", "{db.host}")),
        ("'/usr/bin/pg_isready -q'", ("/usr/bin/pg_isready", "-q")),
        ("['/usr/bin/true']", ("/usr/bin/true",)),
    ],
)
def test_ready_is_connections_or_a_path_or_a_command(service, written, ready):
    (db,) = service(f"{_DB}ready = {written}\n").dependencies
    assert db.ready == ready


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ('image = "x"', "[[dependencies]] 1: lacks a name"),
        ('name = "Db"\nimage = "x"', "small letters"),
        ('name = "db"', "[[dependencies]] db: has none of image, command and url"),
        ('name = "db"\nimage = "x"\nurl = "tcp://h:1"', "[[dependencies]] db: has image and url"),
        ('name = "db"\nimage = "x"\nprot = 1', "did you mean 'port'"),
        ('name = "db"\ncommand = "x"\nport = 1', "[[dependencies]] db port: does nothing beside command"),
        ('name = "db"\ncommand = "x"\nmemory = "1GB"', "[[dependencies]] db memory: does nothing beside command"),
        ('name = "db"\nurl = "redis://h"\nsnapshot = true', "[[dependencies]] db snapshot: does nothing beside url"),
        ('name = "db"\nurl = "redis://h"\nenv = { A = 1 }', "[[dependencies]] db env: does nothing beside url"),
        ('name = "db"\nurl = "localhost:5432"', "[[dependencies]] db url: is no URL"),
        ('name = "db"\nurl = "strange://h"', "names no port"),
        ('name = "db"\ncommand = "x {port}"\nsnapshot = true', "{data}"),
        ('name = "db"\nimage = "x"\nsnapshot = "yes"', "true or false"),
        ('name = "db"\nimage = "x"\nenv = { A-B = 1 }', "[[dependencies]] db env: A-B: is no name"),
        ('name = "db"\nimage = "x"\nready = "health {db.prot}"', "[[dependencies]] db ready: has the unknown"),
        ('name = "db"\nimage = "x"\nenv = { A = "{data}" }', "[[dependencies]] db env: A: has {data}"),
    ],
)
def test_a_mistake_is_named_with_its_place(problems, written, words):
    assert words in "\n".join(problems(f"[[dependencies]]\n{written}\n"))


def test_names_are_unique(problems):
    (problem,) = problems(_DB + _DB)
    assert "has the name db, as another one has" in problem


def test_a_dependency_knows_those_before_it_alone(service, problems):
    proxy = '[[dependencies]]\nname = "proxy"\nimage = "pgbouncer"\nenv = { DB = "{db.host}" }\n'
    assert len(service(_DB + proxy).dependencies) == 2
    (problem,) = problems(proxy + _DB)
    assert "[[dependencies]] proxy env: DB: has {db.host}, which is not known here" in problem


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ('command = "run {prot}"', "[service] command: has the unknown placeholder {prot}\n    did you mean {port}?"),
        ('command = "run {db.prot}"', "[service] command: has the unknown placeholder {db.prot}"),
        ('command = "run {cache.port}"', "there is no dependency cache"),
        ('command = "run {foo}"', r"write \{foo} to hand it on as {foo}"),
        (
            'command = "run"\nbuild_command = "make {port}"',
            "[service] build_command: has {port}, which is not known here",
        ),
        ('env = { DB = "shop_{sied}" }', "[service] env: DB: has the unknown placeholder {sied}"),
        ('seed = "seed {dta}"', "[service] seed: has the unknown"),
        ('teardown = "drop {url}"', "[service] teardown: has {url}"),
        ('reset = "POST /reset?db={db.prot}"', "[service] reset: has the unknown"),
        ('ready = "/health/{db.prot}"', "[service] ready: has the unknown"),
        ('image = "shop:{sha}-{port}"', "[service] image: has {port}"),
    ],
)
def test_an_unknown_placeholder_is_a_mistake_with_its_place(problems, written, words):
    assert words in "\n".join(problems(f"[service]\n{written}\n{_DB}"))


@pytest.mark.parametrize(
    "command",
    [
        """run --json '{"a": {"b": 1}}'""",
        "run --format '{{.State.Health}} {{json}}'",
        "run ${HOME} ${port}",
        "awk '{ print } {print $1}'",
        "grep -E 'a{2}' file",
        r"run '\{word}'",
    ],
)
def test_braces_of_other_programs_are_no_placeholders(service, command):
    settings = service(f'[service]\ncommand = """{command} {{port}}"""'.replace("\\", "\\\\"))
    assert "{port}" in " ".join(settings.command)


def test_an_image_of_each_side_is_another_one(service):
    assert service('[service]\nimage = "shop:{side}"').image == "shop:{side}"


def test_a_backslash_before_a_brace_reaches_the_placeholders(service):
    assert service("[service]\ncommand = 'run \\{word} {port}'").command == ("run", r"\{word}", "{port}")
