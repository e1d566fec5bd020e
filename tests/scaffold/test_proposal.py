"""What perfgate init writes is read by what it is written for."""

import pytest

from perfgate.config.reading import load_config
from perfgate.errors import UsageError
from perfgate.scaffold.proposal import propose, write
from perfgate.scaffold.scenario_file import literal
from perfgate.scenario.finding import load_scenarios
from perfgate.scenario.overrides import Overrides
from tests.support.newcomers import PETSTORE, found

DOCKERFILE = "FROM scratch\nEXPOSE 8080\n"


def proposed(folder, files, branch="main"):
    proposal = propose(found(folder, files, branch), "history/perfgate.db -text", "/.perfgate/")
    write(proposal.repository.folder, proposal.files)
    return proposal


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


def test_a_service_that_is_built_here_is_compared_with_its_base(tmp_path):
    proposed(tmp_path, {"Dockerfile": DOCKERFILE, "openapi.json": PETSTORE})
    config = load_config(tmp_path / "perfgate.toml")
    assert (config.base, config.head_target) == (None, "ref:HEAD")
    assert (config.service.port, config.service.path) == (8080, "/api/v3")
    assert "services:" not in (tmp_path / ".github/workflows/perfgate.yml").read_text()


def test_an_image_that_is_only_used_becomes_a_service_container(tmp_path):
    compose = "services: {shop: {image: 'acme/shop:1', ports: ['80:8080']}}"
    proposed(tmp_path, {"compose.yaml": compose, "openapi.json": PETSTORE})
    assert load_config(tmp_path / "perfgate.toml").head == "http://localhost:8080/api/v3"
    assert 'image: "acme/shop:1"' in (tmp_path / ".github/workflows/perfgate.yml").read_text()


def test_nothing_that_is_there_is_overwritten(tmp_path):
    files = {
        "perfgate.toml": "# mine\n",
        "scenarios/mine.py": "# mine\n",
        ".github/workflows/perfgate.yml": "# mine\n",
        ".gitattributes": "*.png binary",
        ".gitignore": "/.perfgate/\n",
    }
    proposal = proposed(tmp_path, files)
    assert [file.path for file in proposal.files if file.text] == [".github/workflows/perfgate-comment.yml"]
    assert (tmp_path / ".gitattributes").read_text() == "*.png binary\nhistory/perfgate.db -text\n"
    for path, text in files.items():
        assert (tmp_path / path).read_text().startswith(text)
    assert not (tmp_path / "scenarios/first_look.py").exists()


def test_a_file_that_came_in_between_is_not_overwritten(tmp_path):
    proposal = propose(found(tmp_path, {}), "a", "b")
    (tmp_path / "perfgate.toml").write_text("# mine\n")
    with pytest.raises(UsageError, match=r"perfgate\.toml cannot be written: File exists"):
        write(tmp_path, proposal.files)
    assert (tmp_path / "perfgate.toml").read_text() == "# mine\n"


def test_a_long_value_is_python_in_lines_that_are_not_too_long():
    value = {"names": ["a" * 50, "b" * 50], "deep": {"none": None, "yes": True, "number": -1.5, 'quo"te': "\n"}}
    text = literal(value)
    assert eval(text) == value
    assert max(map(len, text.splitlines())) < 100
