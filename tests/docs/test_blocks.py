"""Every block of the pages is of a kind that a test looks at; what cannot be played here is named, with its reason."""

import json
import re

import pytest
import yaml

from perfgate.scenario.finding import load_scenarios
from perfgate.scenario.overrides import Overrides
from tests.support.pages import DOCS, PAGES, blocks, name_of

# By whom each kind is played or read. Output and layouts of folders are `text`.
KINDS = {
    "console": "test_commands",
    "markdown": "nobody: a badge with an address of one's own",
    "js": "here: only words that tests/scenarios play",
    "groovy": "nobody: Jenkins' own language",
    "py": "here: scenarios of services that the petstore is not",
    "python": "test_commands, test_tutorial, test_simulations",
    "sh": "here",
    "text": "nobody",
    "toml": "test_examples",
    "yaml": "here",
}
# What a `sh` block may do: it takes root, Docker, another machine, a registry or the repository itself.
ELSEWHERE = (
    "make ",
    "pip install",
    "pipx install",
    "git clone",
    "datasette ",
    "git bisect",
    "docker build",
    "perfgate duet image:",
    "perfgate worker",
    "perfgate duet http",
)


def test_every_block_is_of_a_known_kind():
    fences = {re.match(r"\w*", line[3:])[0] for page in PAGES for line in opening_fences(page)}
    assert fences - set(KINDS) == set()


def opening_fences(page):
    lines = [line.strip() for line in page.read_text(encoding="utf-8").splitlines() if line.strip().startswith("```")]
    return lines[::2]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_what_is_not_played_could_not_be(page):
    text = re.sub(r"<!-- generated: commands -->.*", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for block in re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        assert [line for line in block.splitlines() if line and not line.startswith(ELSEWHERE)] == []


@pytest.mark.parametrize("page", sorted((DOCS / "how-to").glob("*.md")), ids=name_of)
def test_a_page_says_whose_scenario_its_commands_name(page):
    named = [line for line in "".join(blocks(page, "console")).splitlines() if " create_pet" in line]
    assert not named or "`create_pet` stands for the name of your scenario" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_yaml_of_a_page_is_yaml(page):
    for block in blocks(page, 'yaml(?: title="[^"]*")?'):
        assert json.dumps(yaml.safe_load(block), default=str)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_scenario_of_another_service_loads(tmp_path, page):
    for number, block in enumerate(blocks(page, "py")):
        (tmp_path / f"example_{number}.py").write_text(block)
        assert load_scenarios(tmp_path, (f"example_{number}.py",), Overrides())
