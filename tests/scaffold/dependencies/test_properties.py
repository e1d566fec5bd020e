"""Databases that the settings of Java frameworks name, and the variables that follow."""

import pytest

from perfgate.config.reading import load_config
from perfgate.scaffold.proposal import propose
from tests.support.newcomers import found, written

POM = {"pom.xml": "<dependency><artifactId>postgresql</artifactId></dependency>"}
RESOURCES = "src/main/resources"
PLACE = "jdbc:postgresql://{postgres.host}:{postgres.port}"
SPRING = {
    "SPRING_DATASOURCE_URL": f"{PLACE}/shop",
    "SPRING_DATASOURCE_USERNAME": "anna",
    "SPRING_DATASOURCE_PASSWORD": "pw",
}
CREDENTIALS = {"POSTGRES_USER": "anna", "POSTGRES_PASSWORD": "pw", "POSTGRES_DB": "shop"}


def service_of(folder, files):
    """[service] as perfgate would read it, and the text of perfgate.toml."""
    written(propose(found(folder, {"Dockerfile": "FROM a\nEXPOSE 8000\n", **files}), "a", "b"))
    return load_config(folder / "perfgate.toml").service, (folder / "perfgate.toml").read_text()


def shown(service):
    return [(one.name, one.image, dict(one.env)) for one in service.dependencies]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "application.properties",
            "# spring.datasource.url=jdbc:mysql://localhost/old\n"
            "spring.datasource.url=jdbc:postgresql://localhost:5432/shop\n"
            "spring.datasource.username = anna\n"
            "spring.datasource.password=pw\n",
        ),
        (
            "application.properties",
            "spring.datasource.url=${SPRING_DATASOURCE_URL:jdbc:postgresql://localhost:5432/shop}\n"
            "spring.datasource.username=${SPRING_DATASOURCE_USERNAME:anna}\n"
            "spring.datasource.password=${SPRING_DATASOURCE_PASSWORD:pw}\n",
        ),
        (
            "application.yml",
            "server: {port: 8080}\n"
            "spring:\n"
            "  application:\n"
            "    name: @project.name@\n"
            "  datasource:  # here\n"
            "    url: jdbc:postgresql://${DB_HOST:localhost}:${DB_PORT:5432}/${DB_NAME:shop}    # of developers\n"
            '    username: "anna"\n'
            "    password: 'pw'\n"
            "---\n"
            "spring:\n"
            "  config.activate.on-profile: test\n"
            "  datasource:\n"
            "    url: jdbc:h2:mem:test\n",
        ),
    ],
)
def test_a_database_of_spring_boot_is_named_by_its_variables(tmp_path, name, text):
    service, configuration = service_of(tmp_path, {f"{RESOURCES}/{name}": text})
    assert shown(service) == [("postgres", "postgres:17", CREDENTIALS)]
    assert service.env == SPRING
    assert "DATABASE_URL" not in configuration


@pytest.mark.parametrize(
    ("text", "url", "user"),
    [
        (
            "spring.datasource.url=${JDBC_URL:jdbc:postgresql://localhost/shop}\n"
            "spring.datasource.username=${DB_USER:anna}\n",
            "JDBC_URL",
            "DB_USER",
        ),
        (
            "%prod.quarkus.datasource.jdbc.url=jdbc:postgresql://localhost/shop\n"
            "quarkus.datasource.username=anna\n",
            "QUARKUS_DATASOURCE_JDBC_URL",
            "QUARKUS_DATASOURCE_USERNAME",
        ),
        (
            "datasources.default.url=jdbc:postgresql://localhost/shop\ndatasources.default.username=anna\n",
            "DATASOURCES_DEFAULT_URL",
            "DATASOURCES_DEFAULT_USERNAME",
        ),
        (
            "spring.datasource.url=jdbc:postgresql://localhost/shop\nspring.datasource.username=${A:${B:anna}}\n",
            "SPRING_DATASOURCE_URL",
            "A",
        ),
    ],
)  # fmt: skip
def test_a_variable_is_the_one_that_the_setting_is_read_from(tmp_path, text, url, user):
    service, _ = service_of(tmp_path, {f"{RESOURCES}/application.properties": text})
    assert service.env == {url: f"{PLACE}/shop", user: "anna"}


def test_a_url_without_a_default_is_one_of_jdbc_for_the_database_that_is_started(tmp_path):
    text = "spring:\n  datasource:\n    url: ${DATABASE_URL}\n    username: ${DB_USER}\n    password: ${DB_PASSWORD}\n"
    compose = "services: {postgres: {image: 'postgres:16', environment: {POSTGRES_USER: anna, POSTGRES_PASSWORD: pw}}}"
    service, _ = service_of(tmp_path, {**POM, f"{RESOURCES}/application.yaml": text, "compose.yml": compose})
    assert service.env == {"DATABASE_URL": f"{PLACE}/anna", "DB_USER": "anna", "DB_PASSWORD": "pw"}


def test_of_a_server_elsewhere_neither_the_place_nor_the_user_is_told(tmp_path):
    text = "spring.datasource.{}={}\n"
    given = {"url": "jdbc:postgresql://db.example.com/shop", "username": "hush", "password": "secret"}
    files = {f"{RESOURCES}/application.properties": "".join(text.format(*one) for one in given.items())}
    service, configuration = service_of(tmp_path, files)
    assert service.env == {"SPRING_DATASOURCE_URL": f"{PLACE}/postgres", "SPRING_DATASOURCE_USERNAME": "postgres"}
    assert not [one for one in ("example.com", "hush", "secret") if one in configuration]


@pytest.mark.parametrize(
    "files",
    [
        {f"{RESOURCES}/application.properties": "spring.datasource.url=jdbc:h2:mem:shop\n"},
        {f"{RESOURCES}/application.properties": "spring.datasource.url=${SPRING_DATASOURCE_URL:jdbc:h2:mem:shop}\n"},
        {"src/test/resources/application.properties": "spring.datasource.url=jdbc:postgresql://localhost/shop\n"},
        {f"{RESOURCES}/application-a.properties": "spring.datasource.url=jdbc:postgresql://localhost/shop\n"},
        {f"{RESOURCES}/application.yml": "spring:\n  datasource:\nurl: jdbc:postgresql://localhost/shop\n"},
    ],
)
def test_a_database_within_the_service_or_of_a_profile_is_none(tmp_path, files):
    service, _ = service_of(tmp_path, {**POM, **files})
    assert (service.dependencies, service.env) == ((), {})


@pytest.mark.parametrize(
    ("default", "database"),
    [("jdbc:postgresql://localhost/clinic", "clinic"), ("jdbc:postgresql://db.example.com/hush", "postgres")],
)
def test_a_default_in_a_file_of_a_profile_is_the_value_of_its_variable(tmp_path, default, database):
    text = f"spring.datasource.url=${{POSTGRES_URL:{default}}}\n"
    service, _ = service_of(tmp_path, {f"{RESOURCES}/application-postgres.properties": text})
    assert service.env == {"POSTGRES_URL": f"{PLACE}/{database}"}


@pytest.mark.parametrize(
    "variables",
    [
        "SPRING_DATASOURCE_URL=jdbc:postgresql://localhost:5432/shop\nSPRING_DATASOURCE_USERNAME=anna\n"
        "SPRING_DATASOURCE_PASSWORD=pw\n",
        "SPRING_DATASOURCE_URL=jdbc:postgresql://localhost:5432/shop?user=anna&password=pw\n",
    ],
)
def test_an_example_of_variables_has_the_user_beside_the_url(tmp_path, variables):
    service, _ = service_of(tmp_path, {".env.example": variables})
    assert shown(service) == [("postgres", "postgres:17", CREDENTIALS)]
    query = "?user=anna&password=pw" if "?" in variables else ""
    assert service.env["SPRING_DATASOURCE_URL"] == f"{PLACE}/shop{query}"
    assert len(service.env) == (1 if query else 3)


def test_a_user_of_a_server_elsewhere_is_that_of_the_database_that_is_started(tmp_path):
    variables = "DB_URL=jdbc:mysql://db.example.com/shop\nDB_USER=hush\nDB_PASSWORD=secret\n"
    service, _ = service_of(tmp_path, {".env.example": variables})
    assert service.env == {"DB_URL": "jdbc:mysql://{mysql.host}:{mysql.port}/", "DB_USER": "root"}


def test_where_a_source_alone_names_the_variable_of_spring_boot_it_is_a_url_of_jdbc(tmp_path):
    files = {"src/main/java/A.java": 'System.getenv("SPRING_DATASOURCE_URL")', **POM}
    assert service_of(tmp_path, files)[0].env == {"SPRING_DATASOURCE_URL": f"{PLACE}/postgres"}
