"""Pages of docs/how-to: what they show can be read by perfgate, and the README leads to them."""

import re
import shlex

import pytest

from perfgate.config.reading import load_config
from tests.support.paths import ROOT

PAGES = sorted((ROOT / "docs" / "how-to").glob("*.md"))


def blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


CONFIGURATIONS = [pytest.param(block, id=page.stem) for page in PAGES for block in blocks(page, "toml")]
COMMANDS = [line[2:] for page in PAGES for block in blocks(page, "console") for line in block.splitlines()]


@pytest.mark.parametrize("block", CONFIGURATIONS)
def test_a_configuration_of_a_page_is_read(tmp_path, block):
    (tmp_path / "perfgate.toml").write_text(block)
    load_config(tmp_path / "perfgate.toml")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_a_page_is_one(command):
    import click

    from perfgate.cli.app import perfgate

    program, name, *rest = shlex.split(command)
    found = perfgate.get_command(click.Context(perfgate), name)
    assert program == "perfgate"
    assert found is not None
    known = {option for one in found.params for option in one.opts}
    assert {word for word in rest if word.startswith("--")} <= known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_readme_leads_to_a_page(page):
    assert f"({page.relative_to(ROOT)})" in (ROOT / "README.md").read_text(encoding="utf-8")
