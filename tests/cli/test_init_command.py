"""perfgate init as a person calls it, from an empty repository to a measurement."""

import importlib.util
import json
import subprocess
from pathlib import Path

import pytest

from tests.support.command import BRIEF, COMMAND, environment
from tests.support.newcomers import PETSTORE


@pytest.fixture
def repository(folder):
    """The folder of `perfgate` as a repository that knows nothing of perfgate yet."""
    (folder / "scenarios" / "create_pet.py").unlink()
    (folder / "perfgate.toml").unlink()
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main"], cwd=folder, check=True)
    (folder / "openapi.json").write_text(json.dumps(PETSTORE))
    return folder


def test_what_init_writes_can_be_measured_at_once(repository, perfgate):
    done = perfgate("init")
    assert done.code == 0
    assert "GET /store/inventory, GET /pet/findByStatus, POST /pet (openapi.json)" in done.out
    measured = perfgate("run", "--json", "-", "--duration", "1s", *BRIEF)
    rows = {row["request"] for row in json.loads(measured.out)["rows"]}
    assert {"GET /store/inventory", "GET /pet/findByStatus", "POST /pet"} <= rows
    assert "failed: status" not in measured.err


def test_a_workflow_for_a_site_comes_with_what_is_left_to_do(repository, perfgate):
    done = perfgate("init", "--site")
    assert done.code == 0
    assert "written  .github/workflows/perfgate-site.yml" in done.out
    assert "Switch on Pages for the site: Settings, Pages, Source: GitHub Actions." in done.out


def test_a_dry_run_shows_the_files_and_writes_none(repository, perfgate):
    before = sorted(repository.rglob("*"))
    done = perfgate("init", "--dry-run")
    assert "would be written  perfgate.toml" in done.out
    assert "def first_look(user: User):" in done.out
    assert "uses: perfgate/perfgate@v1" in done.out
    assert sorted(repository.rglob("*")) == before


def test_a_second_time_everything_is_left_alone(repository, perfgate):
    perfgate("init")
    before = {path: path.read_bytes() for path in repository.rglob("*") if path.is_file()}
    done = perfgate("init")
    assert done.out.count("left alone") == 8
    assert {path: path.read_bytes() for path in before} == before


def test_what_is_left_alone_is_no_step_to_take(repository, perfgate):
    perfgate("init")
    said = perfgate("init").out
    assert "left alone  perfgate.toml" in said
    assert "under [service]" not in said
    assert "Make the scenario yours" not in said


SAYS_HOW = '[service]\ncommand = "python3 shop.py {port}"\n'


@pytest.mark.parametrize("file", ["Dockerfile", "README"])
def test_a_service_that_perfgate_toml_says_already_is_not_looked_for(repository, perfgate, file):
    (repository / file).write_text("FROM scratch\nEXPOSE 8000\n")
    (repository / "perfgate.toml").write_text(SAYS_HOW)
    lines = perfgate("init").out.splitlines()
    assert lines[1] == "Service: as perfgate.toml says"
    assert lines[-3:] == [
        "  1. Make the scenario yours: what your users do, and how many of them there are.",
        "  2. Commit it, and try it here: perfgate run --target ref:HEAD",
        "  3. Push it and open a pull request: the comment says whether that is slower.",
    ]


@pytest.mark.parametrize("text", ["", "[service]\n", "[serv"])
def test_a_perfgate_toml_that_does_not_say_how_is_no_answer(repository, perfgate, text):
    (repository / "perfgate.toml").write_text(text)
    done = perfgate("init", "--dry-run")
    assert done.code == 0
    assert "Service: neither a Dockerfile nor a compose file says how it is started" in done.out


def test_what_is_not_committed_is_committed_before_it_is_pushed(repository, perfgate):
    left = perfgate("init", "--dry-run").out.partition("Next, once it is written:\n")[2].splitlines()
    assert left[-2:] == [
        "  3. Try it here: perfgate run",
        "  4. Commit it, push it and open a pull request: the comment says whether that is slower.",
    ]
    assert "\nNext:\n" in perfgate("init").out


@pytest.mark.parametrize(
    "says", ["", '[service]\nbuild = "."\n', f'{SAYS_HOW}[[dependencies]]\nname = "db"\nimage = "a"']
)
@pytest.mark.parametrize("there", [True, False])
def test_what_needs_containers_says_what_to_install_for_them(repository, perfgate, monkeypatch, there, says):
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: (there or None) if name == "docker" else find_spec(name)
    )
    (repository / "Dockerfile").write_text("FROM scratch\nEXPOSE 8000\n")
    if says:
        (repository / "perfgate.toml").write_text(says)
    step = "Install what containers take: pip install 'perfgate[docker]'"
    assert (step in perfgate("init").out) is not there


def test_from_a_folder_further_down_init_writes_to_the_top(repository):
    below = repository / "src" / "api"
    below.mkdir(parents=True)
    called = {"cwd": below, "env": environment(), "capture_output": True, "text": True, "timeout": 60}
    said = subprocess.run([*COMMAND, "init"], check=True, **called).stdout
    assert f"\nIn {repository.resolve()}, the top of the repository:\n  written  perfgate.toml\n" in said
    assert "  1. Go to the top, where perfgate.toml is read: cd ../..\n" in said
    assert list(below.iterdir()) == []
    assert (repository / ".github/workflows/perfgate-comment.yml").is_file()
    refused = subprocess.run([*COMMAND, "run"], check=False, **called)
    assert refused.returncode == 2
    assert f"call perfgate in {repository.resolve()}" in " ".join(refused.stderr.split())


def test_at_the_top_of_a_repository_there_is_nowhere_to_go(repository, perfgate):
    said = perfgate("init").out
    assert "the top of the repository" not in said
    assert "Go to the top" not in said


def test_outside_of_a_repository_init_says_what_to_do(folder, perfgate):
    done = perfgate("init")
    assert done.code == 2
    assert "Run it inside a clone of the repository." in done.err


@pytest.mark.parametrize(("name", "what"), [(".gitignore", "read"), ("scenarios", "written")])
def test_something_else_in_the_place_of_a_file_is_told(repository, perfgate, name, what):
    if name == "scenarios":
        (repository / name).rmdir()
        (repository / name).touch()
    else:
        (repository / name).mkdir()
    done = perfgate("init")
    assert done.code == 2
    assert f"Error: {name}" in done.err
    assert f"cannot be {what}: " in done.err
    assert "Hint: move away" in done.err


COMPOSE = """
services:
  db: {image: "postgres:16"}
  app:
    build: {context: ., dockerfile: "${FILE}"}
    command: serve
    environment: {DATABASE_URL: "postgresql://a:a@db:5432/a", KEY: "${KEY}"}
"""


def test_what_was_chosen_and_why_and_what_is_left_is_told(repository, perfgate):
    for name in ("app", "worker"):
        (repository / name).mkdir()
        (repository / name / "Dockerfile").write_text("FROM scratch\n")
    (repository / "app/Dockerfile").write_text("FROM scratch\nEXPOSE 8000\n")
    (repository / ".env").write_text("FILE=app/Dockerfile\n")
    (repository / "compose.yaml").write_text(COMPOSE)
    done = perfgate("init", "--dry-run")
    assert done.out.splitlines()[1:3] == [
        "Service: app, built from app/Dockerfile, port 8000 (compose.yaml)",
        "  chosen because it has a port, before worker/Dockerfile",
    ]
    assert done.out.splitlines()[3] == "  started by Compose, a project for each side, because it has command"
    left = " ".join(done.out.partition("Next, once it is written:")[2].split())
    assert (
        "compose.yaml has variables of app that name db, and no depends_on: add it, or Compose does not start it."
    ) in left
    assert "compose.yaml leaves KEY open: say the values in env under [service] in perfgate.toml." in left


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("", "say them in env under [service] in perfgate.toml."),
        (", command: serve", "name it in files under [service], or Compose starts nothing."),
    ],
)
def test_a_file_of_variables_that_git_does_not_have_is_told(repository, perfgate, more, says):
    (repository / "Dockerfile").write_text("FROM scratch\nEXPOSE 8000\n")
    (repository / "compose.yaml").write_text(f"services: {{web: {{build: ., env_file: .env{more}}}}}")
    left = " ".join(perfgate("init", "--dry-run").out.partition("Next, once it is written:")[2].split())
    assert f"compose.yaml gives web the variables of .env, which git does not have: {says}" in left


@pytest.mark.parametrize("composed", [True, False])
def test_a_build_that_must_fail_is_told(repository, perfgate, composed):
    (repository / "Dockerfile").write_text("FROM scratch\nCOPY dist/ /\nEXPOSE 8000\n")
    if composed:
        (repository / "compose.yaml").write_text("services: {web: {build: ., command: serve}}")
    out, _, left = perfgate("init", "--dry-run").out.partition("Next, once it is written:")
    assert "\n  a build of a commit fails: Dockerfile copies dist/, which no commit has\n" in out
    first = left.partition("  2. ")[0]
    assert ("CHOOSE" in first) is not composed
    assert "Dockerfile copies dist/, which no commit has" in " ".join(first.split())
    assert ("perfgate run --target ref:HEAD" in left) is composed


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("flyway.conf", "Choose whether perfgate runs the migrations, in perfgate.toml at the line with CHOOSE."),
        ("alembic.ini", "Have alembic where perfgate runs: the seed runs there, in each side's tree."),
    ],
)
def test_what_a_seed_takes_is_said(repository, perfgate, name, step):
    (repository / "Dockerfile").write_text("FROM scratch\nEXPOSE 8000\n")
    (repository / ".env.example").write_text("DATABASE_URL=postgres://shop:pw@localhost/shop\n")
    (repository / name).write_text("")
    left = perfgate("init", "--dry-run").out.partition("Next, once it is written:")[2]
    assert step in " ".join(left.split())
    assert ("where perfgate runs:" in left) is (name == "alembic.ini")


def test_a_choice_that_is_open_is_the_first_thing_to_do(repository, perfgate):
    for name in ("a", "b"):
        (repository / name).mkdir()
        (repository / name / "Dockerfile").write_text("FROM scratch\nEXPOSE 8000\n")
    done = perfgate("init")
    meant = "built from a/Dockerfile (port 8000), built from b/Dockerfile (port 8000)"
    assert done.out.splitlines()[1] == f"Service: nothing tells which is meant: {meant}"
    assert "  1. Choose which service is measured, in perfgate.toml at the line with CHOOSE." in done.out
    assert (repository / "perfgate.toml").read_text().count("CHOOSE") == 1


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that nobody can read, not even root")
def test_files_that_cannot_be_used_are_named_and_passed_over(repository, perfgate):
    (repository / "Dockerfile").write_bytes(b"FROM caf\xe9\nEXPOSE 7000\n")
    (repository / "compose.yaml").write_text("services:\n  web: [\n")
    (repository / "api.yaml").write_text("openapi: !!bool maybe\n")
    (repository / "openapi.json").write_text('{"openapi": "3.0.3", "paths": }')
    (repository / "swagger.yaml").symlink_to("/proc/self/mem")
    done = perfgate("init", "--dry-run")
    assert (done.code, done.err) == (0, "")
    assert "port 7000 (Dockerfile)" in done.out
    passed_over = [line for line in done.out.splitlines() if line.startswith("Passed over: ")]
    assert len(passed_over) == 4
    assert passed_over[0].startswith("Passed over: compose.yaml is not YAML: line 3 column 1: ")
    assert passed_over[1:] == [
        "Passed over: openapi.json is not JSON: Expecting value: line 1 column 31 (char 30)",
        "Passed over: swagger.yaml cannot be read: Input/output error",
        "Passed over: api.yaml is not YAML: 'maybe'",
    ]


@pytest.mark.parametrize("name", ["load.js", "load.ts", "browse.py"])
def test_no_first_look_is_written_beside_scenarios_of_any_engine(repository, perfgate, name):
    (repository / "scenarios").mkdir(exist_ok=True)
    (repository / "scenarios" / name).write_text("")
    assert "left alone  scenarios (holds scenarios already)" in perfgate("init").out
    assert [path.name for path in (repository / "scenarios").iterdir()] == [name]


@pytest.mark.parametrize("name", ["_shared.py", "README.md"])
def test_other_files_of_that_folder_are_no_scenarios(repository, perfgate, name):
    (repository / "scenarios").mkdir(exist_ok=True)
    (repository / "scenarios" / name).write_text("")
    assert "written  scenarios/first_look.py" in perfgate("init").out


def test_for_an_image_that_nothing_builds_no_comparison_is_promised(repository, perfgate):
    (repository / "compose.yml").write_text("services: {shop: {image: 'ghcr.io/me/shop:2', ports: ['8080:8080']}}\n")
    said = " ".join(perfgate("init", "--dry-run").out.partition("Next")[2].split())
    assert "A pull request measures ghcr.io/me/shop:2 as it is published, not what it changes" in said
    assert "whether that is slower" not in said
