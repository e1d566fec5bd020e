"""Containers found in Dockerfiles and compose files."""

from pathlib import PurePosixPath

import pytest

from perfgate.scaffold.proposal import propose
from perfgate.scaffold.service.compose import settings_in
from perfgate.scaffold.service.dockerfiles import read_dockerfile
from perfgate.scaffold.service.finding import find_service
from tests.support.newcomers import found, written


@pytest.mark.parametrize(
    ("dockerfile", "port"),
    [
        ("FROM a\nEXPOSE 8080\n", 8080),
        ("FROM a\nexpose 8080/tcp 9090\n", 8080),
        ("FROM a\nEXPOSE 53/udp 8053/tcp\n", 8053),
        ("FROM a\nEXPOSE 1111\nFROM b\nEXPOSE 2222\n", 2222),
        ("FROM a\nEXPOSE 1111\nFROM b\n", None),
        ("FROM a\nENV PORT=3000\nEXPOSE ${PORT}\n", 3000),
        ("ARG PORT 3000\nFROM a\nEXPOSE $PORT\n", 3000),
        ("FROM a\nEXPOSE ${PORT:-3000}\n", 3000),
        ("FROM a\nEXPOSE $PORT\n", None),
        ("FROM a\n# EXPOSE 8080\n", None),
        ("FROM a\nENV A=1 \\\n\n  \n    # where it listens\n    PORT=8080\n", 8080),
        ("", None),
    ],
)
def test_the_port_is_the_first_that_the_last_stage_exposes(dockerfile, port):
    assert read_dockerfile(dockerfile).port == port


@pytest.mark.parametrize("entry", ['"8080:80"', "80", '"127.0.0.1:8080:80/tcp"', "{target: 80, published: 8080}"])
def test_a_port_of_a_compose_file_is_the_one_in_the_container(tmp_path, entry):
    files = {"compose.yaml": f"services:\n  web:\n    build: .\n    ports: [{entry}]\n", "Dockerfile": "FROM a"}
    assert find_service(found(tmp_path, files)).container.port == 80


def test_what_is_built_comes_before_what_it_needs(tmp_path):
    compose = """
services:
  db: {image: "postgres:16", ports: ["5432:5432"]}
  api:
    build: {context: ./api, dockerfile: Dockerfile.production}
    ports: ["80:8000"]
    depends_on: {db: {condition: service_healthy}}
"""
    files = {"docker-compose.yml": compose, "api/Dockerfile.production": "FROM a", "Dockerfile": "FROM a\nEXPOSE 1"}
    container = find_service(found(tmp_path, files)).container
    assert container.dockerfile == PurePosixPath("api/Dockerfile.production")
    assert (container.port, container.needs) == (8000, ("db",))


def test_without_a_port_in_the_compose_file_the_dockerfile_says_it(tmp_path):
    files = {"compose.yaml": "services: {web: {build: .}}", "Dockerfile": "FROM a\nEXPOSE 7000"}
    assert find_service(found(tmp_path, files)).container.port == 7000


def test_an_image_that_is_only_used_is_the_service_where_nothing_is_built_unless_it_is_a_database(tmp_path):
    compose = "services: {db: {image: 'postgres:16', ports: [5432]}, shop: {image: 'acme/shop:1', ports: [8080]}}"
    container = find_service(found(tmp_path, {"compose.yml": compose})).container
    assert (container.image, container.port, container.dockerfile) == ("acme/shop:1", 8080, None)


@pytest.mark.parametrize(
    "compose", ["", "services: [a]", "services: {web: null}", "a: [", "services: {w: {build: {context: 1}}}", "- a"]
)
def test_a_compose_file_that_says_nothing_is_nothing(tmp_path, compose):
    assert find_service(found(tmp_path, {"compose.yml": compose})).container is None


# What a Dockerfile says


@pytest.mark.parametrize(
    ("dockerfile", "port"),
    [
        ("FROM a AS base\nEXPOSE 8080\nFROM base AS build\nFROM base AS final\n", 8080),
        ("FROM a AS base\nENV PORT=3000\nFROM base\nEXPOSE $PORT\n", 3000),
        ("FROM --platform=$BUILDPLATFORM a AS Base\nEXPOSE 1\nFROM base\nEXPOSE 2\n", 1),
        ("FROM a\nEXPOSE \\\n  # a comment\n  22 \\\n  8080\n", 8080),
        ("FROM a\nENV A=1 PORT=3000\nEXPOSE ${PORT}\n", 3000),
        ("ARG V=1\nFROM a:$V\nARG PORT=5000\nEXPOSE $PORT", 5000),
        ("FROM a\nEXPOSE 8000-8010\n", 8000),
        ("FROM a\nEXPOSE 443 80\n", 80),
        ("FROM a\nEXPOSE 443\n", 443),
        ("FROM a\nEXPOSE 22 5432 9229\n", None),
        ("FROM a\nEXPOSE 99999\n", None),
        ("FROM a\nENV PORT=9000\n", 9000),
        ("FROM a\nENV ASPNETCORE_URLS=http://+:5001\n", 5001),
        ('FROM a\nCMD ["uvicorn", "app:app", "--port", "8001"]\n', 8001),
        ("FROM a\nCMD gunicorn --bind=0.0.0.0:8002 app\n", 8002),
        ("FROM a\nENV\nEXPOSE\nARG\nFROM\n", None),
    ],
)
def test_a_port_is_that_of_http_wherever_the_dockerfile_says_it(dockerfile, port):
    assert read_dockerfile(dockerfile).port == port


def test_a_stage_has_what_the_one_that_it_starts_from_has():
    text = "FROM postgres AS base\nHEALTHCHECK CMD curl http://localhost/up\nFROM base AS dev\nEXPOSE 1\nFROM base\n"
    assert [read_dockerfile(text).base, read_dockerfile(text).ready] == ["postgres", "/up"]
    assert (read_dockerfile(text, "dev").port, read_dockerfile(text).port) == (1, None)


# Which of several it is


def chosen(folder, files):
    """What is chosen, why, what else it could be, and what is said of those that it cannot be."""
    said = []
    repository = found(folder, files, say=said.append)
    service = find_service(repository)
    told = list(said)
    written(propose(repository, "a", "b"))
    return service.container and (service.container.image or service.container.build), service, told


HTTP = "FROM a\nEXPOSE 8080\n"
SILENT = "FROM a\n"


@pytest.mark.parametrize(
    ("files", "build"),
    [
        ({".devcontainer/Dockerfile": HTTP, "ci/Dockerfile": SILENT}, "ci"),
        ({".docker/Dockerfile": HTTP, "src/Dockerfile": SILENT}, "src"),
        ({".docker/Dockerfile": HTTP}, ".docker"),
        (
            {
                "tests/Dockerfile": HTTP,
                "e2e-tests/Dockerfile": HTTP,
                "examples/a/Dockerfile": HTTP,
                "z/Dockerfile": HTTP,
            },
            "z",
        ),
        ({"a/Dockerfile": SILENT, "b/Dockerfile": HTTP}, "b"),
        ({"a/Dockerfile": "FROM postgres:16\n", "b/Dockerfile": SILENT}, "b"),
        ({"a/Dockerfile": "FROM a\nEXPOSE 22\n", "b/Dockerfile": SILENT}, "b"),
        ({"a/Dockerfile": HTTP, "Dockerfile": HTTP}, "."),
        ({"a/Dockerfile": HTTP, "b/Dockerfile": HTTP, "b/openapi.yaml": ""}, "b"),
        ({"a/Dockerfile": "FROM nginx:1\nEXPOSE 80\n", "b/Dockerfile": HTTP}, "b"),
        ({"Dockerfile.alpine": HTTP, "Dockerfile": HTTP}, "."),
        ({"Dockerfile.dev": HTTP, "dev.Dockerfile": HTTP, "Dockerfile.prod": SILENT}, "Dockerfile.prod"),
    ],
)
def test_the_service_is_what_most_speaks_for(tmp_path, files, build):
    assert chosen(tmp_path, files)[0] == build


@pytest.mark.parametrize(
    ("services", "build"),
    [
        ("{db: {build: b, ports: ['5432:5432']}, a: {build: a}}", "a"),
        ("{w: {build: a}, s: {build: b, ports: ['1:8080']}}", "b"),
        ("{p: {build: front, ports: ['80:80'], depends_on: [s]}, s: {build: b, expose: [8080]}}", "b"),
        ("{t: {build: a, ports: ['1:8080'], profiles: [tools]}, s: {build: b, ports: ['1:8080']}}", "b"),
        ("{s: {build: {dockerfile: '${F}'}, ports: ['${P}:${P}']}, w: {build: a}}", "b/Dockerfile"),
        ("{s: {build: {context: '${C:-b}'}, ports: ['1:${Q-8080}']}, w: {build: a}}", "b"),
    ],
)
def test_of_a_compose_file_it_is_the_one_that_publishes_a_port_of_http(tmp_path, services, build):
    files = {"compose.yaml": f"services: {services}", "a/Dockerfile": SILENT, "b/Dockerfile": SILENT}
    files |= {"front/Dockerfile": "FROM nginx\n"} if "front" in services else {}
    assert chosen(tmp_path, {**files, ".env": "F=b/Dockerfile\nexport P='8080' # here\n"})[0] == build


def test_why_it_was_chosen_and_what_else_there_is_are_known(tmp_path):
    _, service, _ = chosen(tmp_path, {"a/Dockerfile": SILENT, "b/Dockerfile": HTTP})
    assert service.because == "it has a port"
    assert [str(one.dockerfile) for one in service.others] == ["a/Dockerfile"]


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("A=\nB=1\n", {"A": "", "B": "1"}),
        ("A=   \n\nB=1\n", {"A": "", "B": "1"}),
        ("A= # none\n  export B = 1 # one\n# C=2\n", {"A": "", "B": "1"}),
        ("A=a#b\nB=\"a # b\"# c\nC='#' # c\n", {"A": "a#b", "B": "a # b", "C": "#"}),
        ('A=a b \nB="two\nC=3"\n', {"A": "a b", "B": "two\nC=3"}),
        ('A=""\nB=\'\nC\n', {"A": "", "B": "'"}),
    ],
)
def test_a_variable_of_an_environment_file_ends_with_its_line_or_its_quotes(text, settings):
    assert settings_in(text) == settings


def test_where_nothing_tells_which_none_is_chosen(tmp_path):
    build, service, _ = chosen(tmp_path, {"a/Dockerfile": HTTP, "b/Dockerfile": HTTP, "c/Dockerfile": SILENT})
    assert build is None
    assert [one.build for one in service.equal] == ["a", "b"]
    assert [one.build for one in service.others] == ["c"]


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"tests/Dockerfile": HTTP}, "tests/Dockerfile is in a folder of tests, examples or a development container"),
        ({"Dockerfile": "FROM redis:7\n"}, "Dockerfile builds on redis:7, which a service needs and is not"),
        ({"Dockerfile": "FROM a\nEXPOSE 22\n"}, "Dockerfile exposes 22, where nothing speaks HTTP"),
        (
            {"compose.yaml": "services: {a: {build: gone}}"},
            "compose.yaml: a is built from Dockerfile in gone, which is no",
        ),
        (
            {"compose.yaml": "services: {a: {image: '${HUB?}/b:$TAG-${TAG}-${OWN:-1}', ports: ['1:8080']}}"},
            "compose.yaml: a has the image ${HUB?}/b:$TAG-${TAG}-1, and nothing in this repository sets HUB or TAG",
        ),
        (
            {"compose.yaml": "services: {a: {image: 'a/b:1', ports: ['1:4010'], command: mock, entrypoint: x}}"},
            "compose.yaml: a (a/b:1) needs its command and entrypoint, which no service container",
        ),
    ],
)
def test_what_cannot_be_it_is_passed_over_with_the_reason(tmp_path, files, says):
    build, service, said = chosen(tmp_path, files)
    assert (build, service.equal) == (None, ())
    assert [line[: len(says)] for line in said] == [says]


@pytest.mark.parametrize(
    ("entry", "lost"),
    [
        ("{build: ., command: serve}", ("command",)),
        ("{build: {context: ., target: dev}, entrypoint: serve}", ("stage dev", "entrypoint")),
        ("{build: {context: sub, dockerfile: Dockerfile.x}}", ("build context sub",)),
        ("{image: 'a/b:1', ports: [80], volumes: ['./a:/a']}", ("volumes",)),
        ("{build: ., volumes: ['./a:/a']}", ()),
    ],
)
def test_what_of_a_compose_file_is_not_carried_over_is_known(tmp_path, entry, lost):
    dockerfiles = {"Dockerfile": "FROM a AS dev\nEXPOSE 1\nFROM a\nEXPOSE 80\n", "sub/Dockerfile.x": HTTP}
    files = {"compose.yaml": f"services: {{a: {entry}}}", **(dockerfiles if "build" in entry else {})}
    container = chosen(tmp_path, files)[1].container
    assert container.lost == lost
    assert container.port in (80, 8080, 1)
    assert (container.port == 1) == ("stage dev" in lost)


def test_a_dockerfile_is_built_from_where_the_files_that_it_copies_are(tmp_path):
    dockerfile = "FROM a\nCOPY --chown=a go.mod cmd/ /\nEXPOSE 80\n"
    files = {"deploy/Dockerfile": dockerfile, "go.mod": "", "cmd/main.go": ""}
    assert chosen(tmp_path / "top", files)[0] == "deploy/Dockerfile"
    files = {"deploy/Dockerfile": dockerfile, "deploy/go.mod": "", "deploy/cmd/main.go": ""}
    assert chosen(tmp_path / "folder", files)[0] == "deploy"


def test_a_compose_file_further_down_names_files_from_there(tmp_path):
    compose = "services: {a: {build: {context: .., dockerfile: docker/Dockerfile}}}"
    files = {"docker/compose.yml": compose, "docker/Dockerfile": HTTP}
    assert chosen(tmp_path, files)[0] == "docker/Dockerfile"


@pytest.mark.parametrize("line", ["EXPOSE {}", "CMD serve --port {}", "CMD serve --bind 0.0.0.0:{}"])
def test_a_port_of_a_dockerfile_with_too_many_digits_is_none(tmp_path, line):
    files = {"Dockerfile": f"FROM a\n{line.format('9' * 5_000)}\n"}
    assert chosen(tmp_path, files)[1].container.port is None


@pytest.mark.parametrize(
    ("entry", "port"),
    [
        ('"9000:53/udp"', None),
        ('"8000-8010:80-90"', 80),
        ("{target: 53, protocol: udp}", None),
        (f'"{"9" * 5_000}"', None),
        ('"${A}:80"', 80),
    ],
)
def test_ports_of_other_protocols_are_none_and_of_a_range_the_first(tmp_path, entry, port):
    files = {"compose.yaml": f"services: {{web: {{build: ., ports: [{entry}]}}}}", "Dockerfile": SILENT}
    assert chosen(tmp_path, files)[1].container.port == port
