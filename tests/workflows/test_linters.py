"""Three linters find nothing in our workflows, in action.yml, and in what perfgate init writes."""

import re
import subprocess

import pytest

from perfgate.git import checkout_of
from perfgate.scaffold.proposal import propose, write
from perfgate.scaffold.repository import find_repository
from tests.support.newcomers import PETSTORE, make_repository
from tests.support.toolbox import HERE, ROOT, language_service, python_tool

# What perfgate init finds, and so what its workflow is like.
BUILT = {"Dockerfile": "FROM scratch\nEXPOSE 8080\n", "openapi.json": PETSTORE}
USED = {"compose.yaml": "services: {shop: {image: 'acme/shop:1', ports: [8080]}}"}
KINDS = {"ours": None, "built": BUILT, "used": USED, "nothing": {}}

EXAMPLES = "examples/*/.github/workflows"


@pytest.fixture(params=KINDS)
def repository(request, tmp_path):
    """This repository, and those that perfgate init has been in."""
    if KINDS[request.param] is None:
        return ROOT
    folder = make_repository(tmp_path, KINDS[request.param])
    checkout = checkout_of(folder, {"PATH": "/usr/local/bin:/usr/bin:/bin"})
    write(folder, propose(find_repository(checkout, print), "a", "b", site=True).files)
    return folder


def files_of(repository):
    action = repository / "action.yml"
    workflows = sorted(repository.glob(".github/workflows/*.yml")), sorted(repository.glob(f"{EXAMPLES}/*.yml"))
    return [*workflows[0], *workflows[1], *([action] if action.exists() else [])]


def run(*command, **options):
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=120, check=False, **options)
    return done.returncode, done.stdout + done.stderr


def test_zizmor_finds_nothing(repository):
    config = ["--config", ROOT / ".github" / "zizmor.yml"] if repository == ROOT else ["--no-config"]
    code, said = run(python_tool("zizmor"), "--persona=pedantic", "--offline", *config, *files_of(repository))
    assert code == 0, said
    assert said.count("completed") == len(files_of(repository))


def test_the_schemas_hold(repository):
    for file in files_of(repository):
        schema = "vendor.github-actions" if file.name == "action.yml" else "vendor.github-workflows"
        code, said = run(python_tool("check-jsonschema"), "--builtin-schema", schema, file)
        assert code == 0, said


@pytest.mark.parametrize(
    ("schema", "file"),
    [
        ("vendor.dependabot", "dependabot.yml"),
        ("vendor.github-issue-config", "ISSUE_TEMPLATE/config.yml"),
        *(("vendor.github-issue-forms", f"ISSUE_TEMPLATE/{name}.yml") for name in ("bug", "verdict", "wish")),
    ],
)
def test_what_else_the_forge_reads_has_its_form(schema, file):
    code, said = run(python_tool("check-jsonschema"), "--builtin-schema", schema, ROOT / ".github" / file)
    assert code == 0, said


def test_the_language_service_of_github_finds_nothing(repository):
    assert language_service_on(files_of(repository)) == (0, "")


def test_the_language_service_finds_what_is_wrong(tmp_path):
    text = (ROOT / ".github" / "workflows" / "perfgate.yml").read_text()
    file = tmp_path / "perfgate.yml"
    file.write_text(text.replace("queue: max", "queue: some").replace("perfgate.outputs", "perfgate.otputs"))
    code, said = language_service_on([file])
    assert code == 0
    assert "some" in said
    assert "otputs" in said


def language_service_on(files):
    script = (HERE / "language_service.mjs").read_text()
    command = ["node", "--input-type=module", "-", ROOT / "action.yml", *files]
    return run(*command, cwd=language_service(), input=script)


def test_every_ignored_finding_says_why():
    """An exception that nobody explains is one that nobody looked at."""
    folders = (ROOT / ".github" / "workflows", ROOT / "perfgate" / "scaffold", *ROOT.glob(EXAMPLES))
    lines = [line for folder in folders for file in folder.rglob("*.*") for line in reading(file)]
    ignored = [line for line in lines if "zizmor: ignore" in line]
    assert len(ignored) > 3
    for line in ignored:
        assert re.search(r"zizmor: ignore\[[a-z-]+\] \w+ \w+ \w+", line), line


def reading(file):
    return file.read_text().splitlines() if file.suffix in (".yml", ".py") else []


def test_every_action_is_pinned_by_its_commit_and_says_its_version():
    folders = (ROOT / ".github" / "workflows", ROOT / "perfgate" / "scaffold" / "templates", *ROOT.glob(EXAMPLES))
    uses = [line.strip(" -") for folder in folders for file in folder.glob("*.yml") for line in reading(file)]
    uses = [
        line for line in uses if line.startswith("uses:") and "./" not in line and "perfgate/perfgate@v1" not in line
    ]
    assert len(uses) > 10
    for line in uses:
        assert re.fullmatch(r"uses: (actions|pypa)/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line
    pins = {line.split("@")[0]: line for line in uses}
    assert len(set(uses)) == len(pins), "the same action has the same pin everywhere"
