"""`[service]` of perfgate.toml: read into settings, every mistake at once."""

from pathlib import Path

import pytest

from perfgate.config.reading import load_config
from perfgate.errors import ProblemsError
from perfgate.service.settings import HttpCall, ServiceSettings


@pytest.fixture
def service(tmp_path):
    """service("port = 8080") is the settings that perfgate.toml yields with that under [service]."""

    def read(text):
        path = tmp_path / "perfgate.toml"
        path.write_text(f"[service]\n{text}\n")
        return load_config(path).service

    return read


def test_an_empty_table_is_the_defaults(service):
    assert service("") == ServiceSettings()


def test_everything_about_a_container_is_read(service):
    settings = service(
        """
        build = "docker"
        port = 8080
        path = "/api/v3/"
        ready = "/health?deep=1"
        ready_timeout = "1m"
        memory = "512MiB"
        reset = "POST /reset"
        cpus = "2-3"
        env = { LOG_LEVEL = "warning", WORKERS = 2 }
        """
    )
    assert settings == ServiceSettings(
        build=Path("docker"),
        port=8080,
        path="/api/v3",
        ready="/health?deep=1",
        ready_timeout=60.0,
        env={"LOG_LEVEL": "warning", "WORKERS": "2"},
        memory=512 * 2**20,
        reset=HttpCall("POST", "/reset"),
        cpus="2-3",
    )


def test_a_compose_file_is_read_with_placeholders_of_its_services(service):
    settings = service(
        """
        compose = "deploy/compose.yml"
        compose_service = "app"
        memory = "512MB"
        env = { DATABASE_URL = "{db.url}" }
        seed = "psql {db.url} -f seed.sql"
        """
    )
    assert settings == ServiceSettings(
        compose=Path("deploy/compose.yml"),
        compose_service="app",
        memory=512_000_000,
        env={"DATABASE_URL": "{db.url}"},
        seed=("psql", "{db.url}", "-f", "seed.sql"),
    )
    assert settings.starts_commits


@pytest.mark.parametrize("written", ["'python -m shop --port {port}'", "['python', '-m', 'shop', '--port', '{port}']"])
def test_a_command_is_text_or_a_list_of_words(service, written):
    assert service(f"command = {written}").command == ("python", "-m", "shop", "--port", "{port}")


@pytest.mark.parametrize("written", ["cd shop && ./run {port}", "PORT={port} ./run", "./run $PORT", "./run > log"])
def test_a_command_that_needs_a_shell_gets_one(service, written):
    assert service(f"command = '{written}'").command == ("sh", "-c", written)
    assert service(f"command = ['{written}']").command == (written,)


def test_files_are_those_of_the_repository(service):
    settings = service("command = 'npm start'\nfiles = ['api/.env', 'config/master.key']")
    assert settings.files == (Path("api/.env"), Path("config/master.key"))


def test_a_build_command_is_read_like_a_command(service):
    settings = service("command = 'npm start'\nbuild_command = 'npm ci && npm run build'")
    assert settings.build_command == ("sh", "-c", "npm ci && npm run build")


def test_a_reset_that_is_no_call_is_a_command(service):
    assert service("reset = 'make reset'").reset == ("make", "reset")


@pytest.mark.parametrize("path", ["/reset?a=1&b=2", "/~shop/*;$x=<1>", "/reset?{side}&db={port}"])
def test_an_address_of_a_call_is_nothing_for_a_shell(service, path):
    assert service(f"reset = 'POST {path}'").reset == HttpCall("POST", path)
    assert service(f"reset = ['POST', '{path}']").reset == HttpCall("POST", path)


def test_connections_alone_can_mean_ready(service):
    assert service("ready = 'tcp'").ready == "tcp"


@pytest.mark.parametrize(
    ("written", "place", "words"),
    [
        ("prot = 1", "prot", "did you mean 'port'"),
        ("build = '.'\nimage = 'shop:{sha}'", "[service]", "build and image"),
        ("command = 'run'\nmemory = '1GB'", "memory", "does nothing beside command"),
        ("command = 'run'\nport = 1", "port", "does nothing beside command"),
        ("command = 'run \"'", "command", "No closing quotation"),
        ("command = ''", "command", "must be a command"),
        ("image = 'shop'", "image", "the same for every commit"),
        ("build = '.'\nbuild_command = 'make'", "build_command", "does nothing without command"),
        ("command = 'serve'\nfiles = '.env'", "files", "'.env' must be a list of files, like ['config/local.yml']"),
        ("command = 'serve'\nfiles = ['../.env']", "files", "'../.env' must be a file within the repository"),
        ("command = 'serve'\nfiles = ['/root/.env']", "files", "'/root/.env' must be a file within the repository"),
        ("files = ['.env']", "files", "does nothing where no commit is started"),
        ("compose = 'compose.yml'\ncommand = 'run'", "[service]", "command and compose"),
        ("compose = 'compose.yml'\nbuild_command = 'make'", "build_command", "does nothing without command"),
        ("compose = '/srv/compose.yml'", "compose", "a file within the repository"),
        ("compose = '../compose.yml'", "compose", "a file within the repository"),
        ("build = '.'\ncompose_service = 'app'", "compose_service", "does nothing without compose"),
        (
            "compose = 'compose.yml'\n[[dependencies]]\nname = 'db'\nimage = 'postgres:17'",
            "[[dependencies]] db",
            "cannot be started beside [service] compose",
        ),
        ("port = 70000", "port", "no port 70000"),
        ("port = '80'", "port", "whole number"),
        ("path = 'api'", "path", "must be a path"),
        ("path = '/api?a=1'", "path", "after '?'"),
        ("ready = 'health'", "ready", "must be a path"),
        ("ready = 'http://me:secret@host/up'", "ready", "'http://host/up' must be a path"),
        ("ready_timeout = 0", "ready_timeout", "longer than nothing"),
        ("memory = '1MB'", "memory", "6 MiB"),
        ("memory = 'much'", "memory", "not a size"),
        ("reset = 'POST reset'", "reset", "must be a path"),
        ("reset = 'POST'", "reset", "POST /reset"),
        ("reset = 'POST /reset && make reset'", "reset", "POST /reset"),
        ("cpus = '3-1'", "cpus", "write it like 0-1,3"),
        ("env = 'A=1'", "env", "must be a table"),
        ("env = { A-B = 'x' }", "env: A-B", "no name of a variable"),
        ("env = { A = true }", "env: A", "text or a number"),
    ],
)
def test_a_mistake_is_named_with_its_place(service, written, place, words):
    with pytest.raises(ProblemsError) as caught:
        service(written)
    (problem,) = caught.value.problems
    assert place in problem.place
    assert words in str(problem)


def test_all_mistakes_come_at_once(service):
    with pytest.raises(ProblemsError) as caught:
        service("port = 0\nready = 'x'\nmemory = 'y'\nhost = 'z'")
    assert len(caught.value.problems) == 4


def test_whose_certificate_is_believed(service):
    assert service("").verify is True
    assert service("verify = false").verify is False
    assert service('verify = "tls/ca.pem"').verify == Path("tls/ca.pem")
    for wrong in ("1", "[]", '""'):
        with pytest.raises(ProblemsError, match=r"\[service\] verify: .* must be false, or a file of the authorities"):
            service(f"verify = {wrong}")
