"""What a dependency is called."""

import pytest

from perfgate.service.attribution.program_names import image_name, program_name


@pytest.mark.parametrize(
    ("kernel", "words", "name"),
    [
        ("redis-server", ["redis-server *:6379"], "redis"),
        ("postgres", ["/usr/lib/postgresql/15/bin/postgres", "-D", "/data"], "postgres"),
        ("mysqld", ["/usr/sbin/mysqld"], "mysql"),
        ("python3", ["python3", "-u", "/srv/db.py", "8000"], "db"),
        ("python3.11", ["python3.11", "-m", "shop.worker"], "worker"),
        ("python3", ["python3", "-c", "pass"], "python3"),
        ("python3", ["/usr/bin/python3", "/usr/bin/gunicorn", "app:app"], "gunicorn"),
        ("java", ["java", "-Xmx1g", "-cp", "/a.jar:/b.jar", "org.elasticsearch.Server"], "Server"),
        ("java", ["java", "-jar", "/opt/zookeeper-3.9.1.jar"], "zookeeper"),
        ("node", ["node", "broker.mjs"], "broker"),
        ("python3", [], "python3"),
    ],
)
def test_a_program_is_called_as_people_call_it(kernel, words, name):
    assert program_name(kernel, words) == name


@pytest.mark.parametrize(
    "image", ["postgres", "postgres:17", "r.example:5000/library/postgres:17-alpine", "docker.io/postgres@sha256:0a1b"]
)
def test_a_container_is_called_by_its_image(image):
    assert image_name(image) == "postgres"
