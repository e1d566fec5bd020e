"""Containers found in Dockerfiles and compose files."""

from pathlib import PurePosixPath

import pytest

from perfgate.scaffold.containers import exposed_port, find_container
from tests.support.newcomers import found


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
        ("", None),
    ],
)
def test_the_port_is_the_first_that_the_last_stage_exposes(dockerfile, port):
    assert exposed_port(dockerfile) == port


@pytest.mark.parametrize("entry", ['"8080:80"', "80", '"127.0.0.1:8080:80/tcp"', "{target: 80, published: 8080}"])
def test_a_port_of_a_compose_file_is_the_one_in_the_container(tmp_path, entry):
    files = {"compose.yaml": f"services:\n  web:\n    build: .\n    ports: [{entry}]\n", "Dockerfile": "FROM a"}
    assert find_container(found(tmp_path, files)).port == 80


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
    container = find_container(found(tmp_path, files))
    assert container.dockerfile == PurePosixPath("api/Dockerfile.production")
    assert (container.port, container.needs) == (8000, ("db",))


def test_without_a_port_in_the_compose_file_the_dockerfile_says_it(tmp_path):
    files = {"compose.yaml": "services: {web: {build: .}}", "Dockerfile": "FROM a\nEXPOSE 7000"}
    assert find_container(found(tmp_path, files)).port == 7000


def test_an_image_that_is_only_used_is_the_service_where_nothing_is_built_unless_it_is_a_database(tmp_path):
    compose = "services: {db: {image: 'postgres:16', ports: [5432]}, shop: {image: 'acme/shop:1', ports: [8080]}}"
    container = find_container(found(tmp_path, {"compose.yml": compose}))
    assert (container.image, container.port, container.dockerfile) == ("acme/shop:1", 8080, None)


@pytest.mark.parametrize(
    "compose", ["", "services: [a]", "services: {web: null}", "a: [", "services: {w: {build: {context: 1}}}", "- a"]
)
def test_a_compose_file_that_says_nothing_is_nothing(tmp_path, compose):
    assert find_container(found(tmp_path, {"compose.yml": compose})) is None
