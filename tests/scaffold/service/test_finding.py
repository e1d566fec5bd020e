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
        ("{build: ., volumes: ['./a:/a', '/srv:/srv', 'data:/data', '/tmp/x']}", ()),
        ("{build: {context: ., args: {A: b}}}", ("build args",)),
        (
            "{build: {context: ., args: [A=b], additional_contexts: [o=sub]}}",
            ("build args", "build additional_contexts"),
        ),
        ("{build: {context: ., args: [A, 'B=$B']}, user: '$UID', privileged: false, working_dir: }", ()),
        ("{build: ., user: 0, tmpfs: /tmp, secrets: [s]}", ("user", "secrets", "tmpfs")),
        ("{build: ., extra_hosts: ['host.docker.internal:host-gateway']}", ()),
        ("{build: ., extra_hosts: {auth: 10.0.0.1}}", ("extra_hosts",)),
        ("{build: ., env_file: app.env}", ("env_file",)),
        ("{build: ., env_file: [app.env, {path: gone.env, required: false}]}", ("env_file",)),
        ("{build: ., env_file: [app.env, gone.env]}", ()),
        ("{image: 'a/b:1', ports: [80], user: me, env_file: app.env}", ("user", "env_file")),
        ("{extends: base}", ("extends",)),
        ("{extends: {service: base, file: ./compose.yaml}, user: me}", ("extends", "user")),
    ],
)
def test_what_of_a_compose_file_is_not_carried_over_is_known(tmp_path, entry, lost):
    dockerfiles = {"Dockerfile": "FROM a AS dev\nEXPOSE 1\nFROM a\nEXPOSE 80\n", "sub/Dockerfile.x": HTTP}
    base = "base: {build: .}"
    compose = {"compose.yaml": f"services: {{a: {entry}{', ' + base if 'extends' in entry else ''}}}", "app.env": "A=b"}
    container = chosen(tmp_path, {**compose, **(dockerfiles if "image" not in entry else {})})[1].container
    assert container.lost == lost
    assert container.port in (80, 8080, 1)
    assert (container.port == 1) == ("stage dev" in lost)


COPYING = """
FROM a AS build
COPY . /src
FROM a
WORKDIR /app
COPY --chown=a go.mod cmd/main.go ./
COPY templates views
COPY ["static", "/srv/static/"]
COPY settings.json /etc/shop/settings.json
EXPOSE 80
"""


@pytest.mark.parametrize(
    ("mount", "lost"),
    [
        (".:/app", False),
        ("./:/anywhere", False),
        ("./templates:/app/views", False),
        ("./templates/mails:/app/views/mails:ro", False),
        ("./static:/srv/static", False),
        ("./go.mod:/app/go.mod", False),
        ("./cmd/main.go:/app/main.go", False),
        ("./cmd:/app", False),
        ("./settings.json:/etc/shop/settings.json", False),
        ("./kept:/var/lib/shop", False),
        ("{type: volume, source: templates, target: /app}", False),
        ("./templates:/app/templates", True),
        ("./config:/etc/shop:ro", True),
        ("./settings.json:/app/settings.json", True),
        ("{type: bind, source: ./config, target: /etc/shop}", True),
        ("./cmd:/src/cmd", True),
    ],
)
def test_a_mount_is_lost_unless_the_image_has_the_same_in_its_place(tmp_path, mount, lost):
    """Those who work at a service mount its source over that of the image."""
    names = ["go.mod", "cmd/main.go", "templates/mails/a", "static/b", "settings.json", "config/c", "kept/.gitkeep"]
    entry = mount if mount.startswith("{") else f"'{mount}'"
    compose = f"services: {{web: {{build: ., volumes: [{entry}]}}}}"
    files = {"compose.yaml": compose, "Dockerfile": COPYING, **dict.fromkeys(names, "")}
    assert chosen(tmp_path, files)[1].container.lost == (("volumes",) if lost else ())


def test_variables_of_a_file_point_to_what_the_service_needs_and_are_not_written(tmp_path):
    compose = "services: {web: {build: ., env_file: app.env}, db: {image: 'postgres:16'}}"
    files = {"compose.yaml": compose, "Dockerfile": HTTP, "app.env": "DATABASE_URL=postgres://a:hush@db/a\n"}
    container = chosen(tmp_path, files)[1].container
    assert (container.undeclared, container.environment) == (("db",), {})
    assert "hush" not in (tmp_path / "perfgate.toml").read_text()


def test_a_service_has_what_the_one_that_it_extends_has(tmp_path):
    base = "services: {base: {build: ., ports: ['1:8080'], environment: {A: a, B: '${B:-b}'}}}"
    compose = "services: {web: {extends: {service: base, file: common.yaml}, environment: {A: c}}}"
    files = {"compose.yaml": compose, "common.yaml": base, "Dockerfile": SILENT}
    container = chosen(tmp_path, files)[1].container
    assert (container.compose_service, container.port, container.lost) == ("web", 8080, ("extends",))
    assert container.environment == {"A": "c", "B": "b"}
    files["compose.yaml"] = "services: {web: {extends: web, build: .}, b: {extends: {service: b, file: [1]}}}"
    assert chosen(tmp_path / "circle", files)[1].container.lost == ("extends",)


def test_a_dockerfile_is_built_from_where_the_files_that_it_copies_are(tmp_path):
    dockerfile = "FROM a\nCOPY --chown=a go.mod cmd/ /\nEXPOSE 80\n"
    files = {"deploy/Dockerfile": dockerfile, "go.mod": "", "cmd/main.go": ""}
    assert chosen(tmp_path / "top", files)[0] == "deploy/Dockerfile"
    files = {"deploy/Dockerfile": dockerfile, "deploy/go.mod": "", "deploy/cmd/main.go": ""}
    assert chosen(tmp_path / "folder", files)[0] == "deploy"


@pytest.mark.parametrize(
    ("dockerfile", "absent"),
    [
        ("FROM a\nCOPY dist/ .\n", ["dist/"]),
        ("FROM a\nARG JAR_FILE=target/*.jar\nCOPY ${JAR_FILE} app.jar\n", ["target/*.jar"]),
        ("ARG OUT=dist\nFROM a\nADD --chown=a $OUT/app ./ignored.txt src /\n", ["dist/app", "./ignored.txt"]),
        ("FROM a AS build\nCOPY dist /d\nFROM b\nCOPY --from=build /d /d\n", ["dist"]),
        ("FROM a\nCOPY dist /d\nFROM b\nCOPY --from=0 /d /d\nCOPY src /s\n", ["dist"]),
        ("FROM a AS build\nCOPY dist /d\nFROM build AS last\nCOPY src /s\n", ["dist"]),
        ("FROM a\nRUN --mount=type=bind,from=build,target=/d ls\n", []),
        ("FROM a AS other\nCOPY dist /d\nFROM b\nCOPY src .\n", []),
        ("FROM a AS build\nFROM b\nCOPY --from=build /app/dist dist\n", []),
        ("FROM a\nCOPY . .\nCOPY ./src/ /src\nCOPY /src/app.py s*/*.py app.lock* *.lock /\n", []),
        ('FROM a\nCOPY ["a file", "./src", "/app/"]\n', []),
        ('FROM a\nCOPY ["no file", "/app/"]\n', ["no file"]),
        ("FROM a\nCOPY <<EOF /a\nCOPY dist /d\nFROM c\nEOF\nCOPY src .\n", []),
        ("FROM a\nRUN cat <<A <<-'B' && echo $((1<<X))\nCOPY dist /\nA\nCOPY dist /\nB\nCOPY target /\n", ["target"]),
        ('FROM a\nCOPY ["\\ud800", "/"]\nCOPY [[ /\n', []),
        ("FROM a\nADD https://a.example/dist.tar git@a.example:b/c.git /\n", []),
        ("FROM a\nARG OUT\nCOPY $OUT/app ${TARGETARCH}/app /\n", []),
        ("FROM a\nCOPY .git ./.git\nCOPY ./.git/ src /b/\n", []),
        ("FROM a\nCOPY .git/HEAD src/.git /\n", [".git/HEAD", "src/.git"]),
        ("FROM a\nCOPY vendor/ node_modules/ module/sub linked /\n", []),
    ],
)
def test_what_a_dockerfile_copies_and_no_commit_has_is_known(tmp_path, dockerfile, absent):
    """Folders of others' code are not looked into, submodules and links lead elsewhere, and .git is a file there."""
    tmp_path.joinpath("linked").symlink_to("src")
    files = {"Dockerfile": dockerfile, ".gitignore": "dist\ntarget\n*.txt\n", "src/app.py": "", "a file": ""}
    repository = found(tmp_path, {**files, ".gitmodules": '[submodule "m"]\n\tpath = module\n'})
    for ignored in ("dist/app", "target/a.jar", "ignored.txt"):
        (tmp_path / ignored).parent.mkdir(exist_ok=True)
        (tmp_path / ignored).touch()
    assert list(find_service(repository).container.absent) == absent


def test_arguments_of_the_compose_file_say_what_is_copied(tmp_path):
    dockerfile = "ARG FROM=dist\nFROM a\nARG FROM\nARG PORT=80\nCOPY $FROM /d\nEXPOSE $PORT\n"
    compose = "services: {web: {build: {context: ., args: {FROM: src, PORT: 8000}}}}"
    files = {"Dockerfile": dockerfile, "src/a": ""}
    assert chosen(tmp_path / "without", files)[1].container.absent == ("dist",)
    container = chosen(tmp_path / "with", {**files, "compose.yaml": compose})[1].container
    assert (container.absent, container.port) == ((), 8000)


def test_a_dockerfile_whose_files_are_all_there_comes_first(tmp_path):
    files = {"Dockerfile": "FROM a\nCOPY dist .\nEXPOSE 80\n", "docker/Dockerfile": HTTP}
    build, service, _ = chosen(tmp_path, files)
    assert (build, service.because) == ("docker", "all that it copies is in the repository")


def test_a_dockerfile_is_built_from_where_most_of_what_it_copies_is(tmp_path):
    files = {"deploy/Dockerfile": "FROM a\nCOPY go.mod dist /\nEXPOSE 80\n", "go.mod": ""}
    build, service, _ = chosen(tmp_path, files)
    assert (build, service.container.absent) == ("deploy/Dockerfile", ("dist",))
    files["deploy/Dockerfile"] = "FROM a AS build\nCOPY go.mod /\nFROM a\nCOPY --from=build /a /a\nEXPOSE 80\n"
    assert chosen(tmp_path / "stages", files)[0] == "deploy/Dockerfile"


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
