"""What perfgate init writes is read by what it is written for."""

import pytest
import yaml

from perfgate.config.reading import load_config
from perfgate.errors import UsageError
from perfgate.scaffold.configuration import HOST
from perfgate.scaffold.proposal import propose, write
from perfgate.scaffold.python_text import literal
from perfgate.scenario.finding import load_scenarios
from perfgate.scenario.overrides import Overrides
from perfgate.service.placeholders import fill, fill_variables, fill_words
from tests.support.newcomers import PETSTORE, found, written
from tests.support.paths import ROOT

DOCKERFILE = "FROM scratch\nEXPOSE 8080\n"
SPRING = "./mvnw spring-boot:run -Dspring-boot.run.arguments=--server.port={port}"


def proposed(folder, files, branch="main"):
    return written(propose(found(folder, files, branch), "history/perfgate.db -text", "/.perfgate/"))


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"Dockerfile": DOCKERFILE},
        {"Dockerfile": "FROM scratch", "openapi.json": PETSTORE},
        {"docker/api.Dockerfile": DOCKERFILE, "openapi.json": PETSTORE},
        {"compose.yaml": "services: {shop: {image: 'acme/shop:1', ports: [8080]}}", "openapi.json": PETSTORE},
        {"openapi.json": {"openapi": "3.0.0", "paths": {"/a\"'\\": {"get": {"security": [{"key": []}]}}}}},
    ],
)
@pytest.mark.parametrize("branch", ["main", "release/1.x"])
def test_configuration_and_scenario_load(tmp_path, files, branch):
    proposed(tmp_path, files, branch)
    config = load_config(tmp_path / "perfgate.toml")
    (scenario,) = load_scenarios(tmp_path / "scenarios", (), Overrides())
    assert scenario.name == "first_look"
    assert config.branch == branch


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ({}, "./my-service --port {port}"),
        ({"package.json": {"scripts": {"start": "node ."}}}, "npm start"),
        ({"package.json": {"scripts": {"dev": "vite", "serve": "node ."}}}, "npm run serve"),
        ({"package.json": {"scripts": {"start": "node ."}}, "pnpm-lock.yaml": ""}, "pnpm run start"),
        ({"package.json": {"main": "./src/app.js"}, "src/app.js": ""}, "node src/app.js"),
        ({"package.json": {"main": "dist/app.js"}}, "./my-service --port {port}"),
        ({"package.json": {}, "server.js": ""}, "npm start"),
        ({"package.json": {"scripts": []}, "manage.py": ""}, "python manage.py runserver {port}"),
        ({"package.json": "{", "go.mod": ""}, "go run ."),
        ({"mvnw": "", "pom.xml": "<a>spring-boot</a>"}, SPRING),
        ({"mvnw": "", "pom.xml": "", "package.json": {"scripts": {"start": "webpack serve"}}}, SPRING),
        ({"gradlew": "", "build.gradle.kts": ""}, "./gradlew bootRun --args=--server.port={port}"),
        (
            {"mvnw": "", "pom.xml": "<groupId>io.quarkus.platform</groupId>"},
            "java -Dquarkus.http.port={port} -jar target/quarkus-app/quarkus-run.jar",
        ),
        (
            {"gradlew": "", "build.gradle": "id 'io.quarkus'"},
            "java -Dquarkus.http.port={port} -jar build/quarkus-app/quarkus-run.jar",
        ),
        (
            {"gradlew": "", "build.gradle.kts": 'id("io.micronaut.application")'},
            "MICRONAUT_SERVER_PORT={port} ./gradlew run",
        ),
        ({"mvnw": "", "pom.xml": "<a>micronaut-parent</a>"}, "MICRONAUT_SERVER_PORT={port} ./mvnw mn:run"),
        ({"artisan": "", "package.json": {"scripts": {"dev": "vite"}}}, "php artisan serve --port={port}"),
        ({"config.ru": "", "package.json": {"scripts": {"dev": "vite"}}}, "bundle exec rackup --port {port}"),
        ({"mix.exs": "", "config/dev.exs": "http: [ip: {127, 0, 0, 1}, port: 4000],"}, "MIX_ENV=prod mix phx.server"),
        ({"mix.exs": "", "config/dev.exs": "http: [ip: {127, 0, 0, 1}],"}, "mix phx.server"),
        ({"Cargo.toml": 'rocket = "0.5"'}, "ROCKET_PORT={port} cargo run --release"),
        ({"Cargo.toml": 'axum = "0.8"'}, "cargo run --release"),
    ],
)
def test_where_no_container_says_it_the_example_of_a_command_is_what_the_repository_has(tmp_path, files, command):
    proposed(tmp_path, files)
    (line,) = [one for one in (tmp_path / "perfgate.toml").read_text().splitlines() if "command = " in one]
    assert line.startswith(f'# command = "{command}"    # ')


def test_the_example_of_a_command_hands_the_port_on_as_one_word(tmp_path):
    proposed(tmp_path, {"mvnw": ""})
    path = tmp_path / "perfgate.toml"
    path.write_text(path.read_text().replace("# command = ", "command = "))
    *_, last = fill_words(load_config(path).service.command, {"port": "8123"})
    assert last == "-Dspring-boot.run.arguments=--server.port=8123"


def test_a_service_that_is_built_here_is_compared_with_its_base(tmp_path):
    proposed(tmp_path, {"Dockerfile": DOCKERFILE, "openapi.json": PETSTORE})
    config = load_config(tmp_path / "perfgate.toml")
    assert (config.base, config.head_target) == (None, "ref:HEAD")
    assert (config.service.port, config.service.path) == (8080, "/api/v3")
    assert "services:" not in (tmp_path / ".github/workflows/perfgate.yml").read_text()


def test_the_workflow_measures_pull_requests_merge_queues_and_the_default_branch(tmp_path):
    proposed(tmp_path, {"Dockerfile": DOCKERFILE, "openapi.json": PETSTORE})
    workflow = yaml.safe_load((tmp_path / ".github/workflows/perfgate.yml").read_text())
    # YAML 1.1 reads the key `on` as a truth.
    assert list(workflow[True]) == ["pull_request", "merge_group", "push", "workflow_dispatch"]


@pytest.mark.parametrize(("files", "said"), [({".gitmodules": ""}, "recursive"), ({}, None)])
def test_the_workflow_checks_out_submodules_where_there_are_some(tmp_path, files, said):
    proposed(tmp_path, {"Dockerfile": DOCKERFILE, **files})
    workflow = yaml.safe_load((tmp_path / ".github/workflows/perfgate.yml").read_text())
    checkout = workflow["jobs"]["gate"]["steps"][0]["with"]
    assert checkout.get("submodules") == said
    assert checkout["fetch-depth"] == 2


def test_an_image_that_is_only_used_becomes_a_service_container(tmp_path):
    compose = "services: {shop: {image: 'acme/shop:1', ports: ['80:8080']}}"
    proposed(tmp_path, {"compose.yaml": compose, "openapi.json": PETSTORE})
    assert load_config(tmp_path / "perfgate.toml").head == "http://localhost:8080/api/v3"
    assert 'image: "acme/shop:1"' in (tmp_path / ".github/workflows/perfgate.yml").read_text()


@pytest.mark.parametrize("ours", [True, False])
def test_a_result_that_cannot_be_downloaded_fails_the_job_that_comments_and_a_missing_one_does_not(tmp_path, ours):
    """download-artifact fails where there is no artifact of a `name`, and not where there is none of a `pattern`."""
    proposed(tmp_path, {"Dockerfile": DOCKERFILE})
    workflow = ((ROOT if ours else tmp_path) / ".github/workflows/perfgate-comment.yml").read_text()
    steps = yaml.safe_load(workflow)["jobs"]["comment"]["steps"]
    (download,) = [step for step in steps if "/download-artifact@" in step["uses"]]
    assert download["with"]["pattern"] == "perfgate"
    assert "name" not in download["with"]
    assert not [step for step in steps if {"continue-on-error", "if"} & set(step)]


def test_nothing_that_is_there_is_overwritten(tmp_path):
    files = {
        "perfgate.toml": "# mine\n",
        "scenarios/mine.py": "# mine\n",
        ".github/workflows/perfgate.yml": "# mine\n",
        ".gitattributes": "*.png binary",
        ".gitignore": "/.perfgate/\n",
    }
    proposal = proposed(tmp_path, files)
    written = [f".github/workflows/perfgate-{name}.yml" for name in ("comment", "accept")] + ["history/metadata.yml"]
    assert [file.path for file in proposal.files if file.text] == written
    assert (tmp_path / ".gitattributes").read_text() == "*.png binary\nhistory/perfgate.db -text\n"
    for path, text in files.items():
        assert (tmp_path / path).read_text().startswith(text)
    assert not (tmp_path / "scenarios/first_look.py").exists()


def test_a_workflow_that_publishes_a_site_is_there_where_it_is_asked_for(tmp_path):
    proposal = propose(found(tmp_path, {}, "release/1.x"), "a", "b", site=True)
    (file,) = [one for one in proposal.files if one.path == ".github/workflows/perfgate-site.yml"]
    workflow = yaml.safe_load(file.text)
    assert workflow[True]["workflow_run"]["branches"] == ["release/1.x"]
    assert workflow["permissions"] == {}
    assert workflow["jobs"]["write"]["permissions"] == {"contents": "read"}
    assert workflow["jobs"]["publish"]["permissions"] == {"pages": "write", "id-token": "write"}
    assert not [one for one in propose(found(tmp_path, {}), "a", "b").files if "site" in one.path]


def test_a_file_that_came_in_between_is_not_overwritten(tmp_path):
    proposal = propose(found(tmp_path, {}), "a", "b")
    (tmp_path / "perfgate.toml").write_text("# mine\n")
    with pytest.raises(UsageError, match=r"perfgate\.toml cannot be written: File exists"):
        write(tmp_path, proposal.files)
    assert (tmp_path / "perfgate.toml").read_text() == "# mine\n"


def configured(folder, files):
    """The [service] that is proposed, as text, and the proposal."""
    proposal = proposed(folder, files)
    return (folder / "perfgate.toml").read_text(), proposal


TWO = {"web/Dockerfile": DOCKERFILE, "api/Dockerfile": "FROM scratch\nEXPOSE 8000\n"}


def test_where_several_are_equally_likely_one_marked_line_leaves_the_choice_open(tmp_path):
    text, _ = configured(tmp_path, TWO)
    (line,) = [line for line in text.splitlines() if "CHOOSE" in line]
    assert line == ('# build = "api"    # CHOOSE, nothing tells which is meant: "api" (port 8000), "web" (port 8080)')
    assert not [line for line in text.splitlines() if line.startswith("build")]


def test_several_images_are_left_open_where_they_are_named(tmp_path):
    compose = "services: {a: {image: 'x/a:1', ports: [8080]}, b: {image: 'x/b:1', ports: [8081]}}"
    text, _ = configured(tmp_path, {"compose.yaml": compose})
    assert text.splitlines()[-2:] == [
        "[gate]",
        '# head = "http://localhost:8080"    # CHOOSE, nothing tells which is meant: "x/a:1" (port 8080), '
        '"x/b:1" (port 8081)',
    ]
    assert "services:" not in (tmp_path / ".github/workflows/perfgate.yml").read_text()


@pytest.mark.parametrize(
    "files",
    [
        {"compose.yaml": 'services: {app: {build: ., depends_on: ["d\\nb"]}, "d\\nb": {image: "postgres:16"}}'},
        {"compose.yaml": 'services: {app: {build: .}, db: {image: "postgres:16"}, b: {image: "postgres:1\\nx = 1"}}'},
        {"compose.yaml": "services: {app: {build: ., environment: {Ä: b, A: b}}}"},
        {"a\nb/Dockerfile": DOCKERFILE, "c/Dockerfile": DOCKERFILE},
    ],
)
def test_names_that_toml_cannot_hold_break_nothing(tmp_path, files):
    configured(tmp_path, {"Dockerfile": DOCKERFILE, **files} if "compose.yaml" in files else files)


def test_many_are_cut(tmp_path):
    text, _ = configured(tmp_path, {f"{letter}/Dockerfile": DOCKERFILE for letter in "abcdefgh"})
    assert text.count("port 8080") == 5
    assert ", and 3 more" in text


COMPOSE = """
services:
  app:
    build: .
    depends_on: [db]
    environment: {MODE: demo, DB: "postgresql://db:db@db:5432/db", DB_HOST: db, SECRET: "${SECRET}", PLAN: "${P:-free}"}
    healthcheck: {test: curl -f http://localhost:8080/up || exit 1}
  db: {image: "postgres:16"}
"""


def test_a_service_that_depends_on_others_is_started_by_compose(tmp_path):
    text, proposal = configured(tmp_path, {"compose.yaml": COMPOSE, "Dockerfile": DOCKERFILE})
    assert proposal.service.container.declared == ("db",)
    assert proposal.needs.dependencies == ()
    assert text.partition("[service]\n")[2].splitlines() == [
        "# A pull request is measured against its base. Each side is a Compose project of its own, with db beside it.",
        'compose = "compose.yaml"',
        'compose_service = "app"',
        "port = 8080",
        'ready = "/up"    # its health check',
    ]
    assert "services:" not in (tmp_path / ".github/workflows/perfgate.yml").read_text()


def test_a_service_that_needs_its_command_is_started_by_compose(tmp_path):
    compose = "services: {app: {build: {context: ., target: dev}, command: serve}}"
    text, _ = configured(tmp_path, {"compose.yaml": compose, "Dockerfile": f"FROM a AS dev\nEXPOSE 1\n{DOCKERFILE}"})
    assert 'compose_service = "app"\nport = 1\n' in text


def test_a_service_that_needs_its_settings_is_started_by_compose(tmp_path):
    build = "{context: ., args: {SETTINGS: shop.settings.prod}}"
    volumes = "['./config:/etc/shop:ro']"
    service = f"{{build: {build}, env_file: config/app.env, volumes: {volumes}, user: '1000', ports: ['8000:8000']}}"
    files = {"compose.yaml": f"services: {{web: {service}}}", "Dockerfile": DOCKERFILE, "config/app.env": "KEY=hush"}
    text, proposal = configured(tmp_path, files)
    assert 'compose = "compose.yaml"\ncompose_service = "web"\nport = 8000\n' in text
    assert proposal.service.container.lost == ("build args", "user", "env_file", "volumes")
    assert "hush" not in text


COPYING = "FROM a\nARG JAR_FILE=target/*.jar\nCOPY ${JAR_FILE} app.jar\nEXPOSE 8080\n"


def test_a_dockerfile_that_copies_what_no_commit_has_leaves_the_way_to_start_it_open(tmp_path):
    files = {"Dockerfile": COPYING, ".gitignore": "target/\n", "mvnw": "", "openapi.json": PETSTORE}
    text, _ = configured(tmp_path, files)
    assert text.partition("[service]\n")[2].splitlines() == [
        "# Dockerfile copies target/*.jar, which no commit has, so a build of a commit fails.",
        "# Until one of these says how your service is started, the embedded petstore is measured.",
        '# image = "my-service:{sha}"    # CHOOSE: an image of each commit that you have built, or that a registry has',
        '# build = "."    # or the Dockerfile, once a stage of it makes what it copies',
        f'# command = "{SPRING}"    # or a process, with the port in PORT or {{port}}; build_command is run before it',
        "# port = 8080",
        '# path = "/api/v3"',
        '# ready = "/health"        # answers when the service is ready',
    ]
    assert not load_config(tmp_path / "perfgate.toml").service.starts_commits
    for way in ("image", "build", "command"):
        lines = [
            line.removeprefix("# ") if line.startswith((f"# {way} ", "# path")) else line for line in text.splitlines()
        ]
        (tmp_path / "perfgate.toml").write_text("\n".join(lines))
        assert load_config(tmp_path / "perfgate.toml").service.starts_commits


def test_what_no_commit_has_and_compose_would_build_is_told(tmp_path):
    files = {"Dockerfile": COPYING, "compose.yaml": "services: {web: {build: ., command: serve}}"}
    text, _ = configured(tmp_path, files)
    assert (
        "# Dockerfile copies target/*.jar, which no commit has: its build fails until a stage of it makes that.\n"
        in text
    )
    assert 'compose = "compose.yaml"\n' in text


def test_an_image_with_others_beside_it_is_started_by_compose(tmp_path):
    compose = "services: {shop: {image: 'acme/shop:1', ports: [8080], depends_on: [db]}, db: {image: 'postgres:16'}}"
    text, _ = configured(tmp_path, {"compose.yaml": compose})
    assert 'compose_service = "shop"' in text
    assert "services:" not in (tmp_path / ".github/workflows/perfgate.yml").read_text()


def test_of_several_services_of_compose_the_choice_is_open(tmp_path):
    service = "{build: X, ports: ['1:8080'], depends_on: [db]}"
    services = f"a: {service.replace('X', 'a')}, b: {service.replace('X', 'b')}, db: {{image: 'postgres:16'}}"
    files = {"compose.yaml": f"services: {{{services}}}", "a/Dockerfile": DOCKERFILE, "b/Dockerfile": DOCKERFILE}
    text, _ = configured(tmp_path, files)
    assert text.partition("measured.\n")[2].splitlines()[:2] == [
        '# compose = "compose.yaml"',
        '# compose_service = "a"    # CHOOSE, nothing tells which is meant: "a" (port 8080), "b" (port 8080)',
    ]
    assert "[[dependencies]]" not in text


POINTING = COMPOSE.replace("    depends_on: [db]\n", "")


def test_where_compose_would_not_start_the_database_it_is_a_dependency_and_variables_point_to_it(tmp_path):
    text, proposal = configured(tmp_path, {"compose.yaml": POINTING, "Dockerfile": DOCKERFILE})
    assert proposal.service.container.needs == ("db",)
    service = load_config(tmp_path / "perfgate.toml").service
    assert service.env == {
        "MODE": "demo",
        "PLAN": "free",
        "DB": "postgresql://db:db@{db.host}:{db.port}/db",
        "DB_HOST": "{db.host}",
    }
    (dependency,) = service.dependencies
    assert (dependency.name, dependency.image) == ("db", "postgres:16")
    assert dependency.env == {"POSTGRES_USER": "db", "POSTGRES_PASSWORD": "db", "POSTGRES_DB": "db"}
    assert "SECRET" not in text
    assert 'ready = "/up"    # its health check' in text


def test_variables_that_point_to_another_service_point_to_this_machine(tmp_path):
    compose = """
services:
  app: {build: ., environment: {MODE: demo, AUTH_URL: "http://auth:9000/"}}
  auth: {image: "acme/auth:1"}
"""
    text, _ = configured(tmp_path, {"compose.yaml": compose, "Dockerfile": DOCKERFILE})
    assert 'env = { MODE = "demo" }' in text
    assert f'# env needs {{ AUTH_URL = "http://{HOST}:9000/" }} as well' in text


def test_braces_of_others_are_no_placeholders(tmp_path):
    log, image = "{time} {level} {port} {side} \\{x} {{ y }}", {"POSTGRES_PASSWORD": "{port}", "POSTGRES_DB": "{url}"}
    app = {
        "build": ".",
        "environment": {"LOG_FORMAT": log, "DB_HOST": "db", "DB_PASSWORD": "{port}", "AUTH_URL": "http://auth/{id}"},
        "healthcheck": {"test": "curl -f http://localhost:8080/up/{zone}"},
    }
    auth = {"image": "acme/auth:1"}
    services = {"app": app, "auth": auth, "db": {"image": "postgres:16", "environment": image}}
    migration = {"db/migrations/V1__a.sql": ""}
    text, _ = configured(tmp_path, {"compose.yaml": {"services": services}, "Dockerfile": DOCKERFILE, **migration})
    (tmp_path / "perfgate.toml").write_text(text.replace("# seed = ", "seed = "))
    service = load_config(tmp_path / "perfgate.toml").service
    values = {"port": "1", "side": "head", "db.host": "127.0.0.1", "db.port": "2", "time": "now", "db.url": "u"}
    assert fill_variables(service.env, values) == {"LOG_FORMAT": log, "DB_HOST": "127.0.0.1", "DB_PASSWORD": "{port}"}
    assert fill_variables(service.dependencies[0].env, values) == image
    assert fill(service.ready, values) == "/up/{zone}"
    url, user, password, _ = fill_words(service.seed, values)[-4:]
    assert (url, user) == ("-url=jdbc:postgresql://127.0.0.1:2/{url}", "-user=postgres")
    assert password == "-password={port}"
    assert f'AUTH_URL = "http://{HOST}/\\\\{{id}}"' in text


def test_braces_of_what_the_workflow_starts_stay_as_they_are(tmp_path):
    compose = "services: {shop: {image: 'acme/shop:1', ports: [8080], environment: {LOG_FORMAT: '{time} {port}'}}}"
    proposed(tmp_path, {"compose.yaml": compose})
    workflow = yaml.safe_load((tmp_path / ".github/workflows/perfgate.yml").read_text())
    assert workflow["jobs"]["gate"]["services"]["service"]["env"] == {"LOG_FORMAT": "{time} {port}"}


def test_secrets_of_an_env_file_are_not_copied(tmp_path):
    compose = "services: {app: {build: ., environment: {KEY: '${KEY}'}}}"
    files = {"compose.yaml": compose, "Dockerfile": DOCKERFILE, ".env": "KEY=hush\n"}
    assert "hush" not in configured(tmp_path, files)[0]


def test_a_health_check_of_the_description_is_when_it_is_ready(tmp_path):
    described = {"openapi": "3.0.0", "paths": {"/healthz": {"get": {}}}}
    assert (
        'ready = "/healthz"    # openapi.json'
        in configured(tmp_path, {"Dockerfile": DOCKERFILE, "openapi.json": described})[0]
    )


def test_without_a_service_nothing_is_asked_of_the_petstore(tmp_path):
    described = {"openapi": "3.0.0", "paths": {"/healthz": {"get": {}}}}
    configured(tmp_path, {"openapi.json": described})
    assert load_config(tmp_path / "perfgate.toml").service.ready is None


def test_a_service_container_gets_its_variables(tmp_path):
    compose = "services: {shop: {image: 'acme/shop:1', ports: [8080], environment: {A: 1, B: 'BRANCH', C: true, D: }}}"
    proposed(tmp_path, {"compose.yaml": compose})
    workflow = yaml.safe_load((tmp_path / ".github/workflows/perfgate.yml").read_text())
    assert workflow["jobs"]["gate"]["services"]["service"]["env"] == {"A": "1", "B": "BRANCH", "C": "true"}


def test_the_descriptions_for_datasette_are_those_of_this_repository(tmp_path):
    proposed(tmp_path, {})
    assert (tmp_path / "history/metadata.yml").read_text() == (ROOT / "history" / "metadata.yml").read_text()


def test_other_descriptions_are_named_where_the_scenario_begins(tmp_path):
    described = {"openapi": "3.0.0", "paths": {"/a": {"get": {}}}}
    proposed(tmp_path, {"v1/openapi.json": described, "v2/openapi.json": described})
    assert (
        "# CHOOSE: these are of v1/openapi.json; others are in v2/openapi.json.\n"
        in (tmp_path / "scenarios/first_look.py").read_text()
    )


def test_a_long_value_is_python_in_lines_that_are_not_too_long():
    value = {"names": ["a" * 50, "b" * 50], "deep": {"none": None, "yes": True, "number": -1.5, 'quo"te': "\n"}}
    text = literal(value)
    assert eval(text) == value
    assert max(map(len, text.splitlines())) < 100
