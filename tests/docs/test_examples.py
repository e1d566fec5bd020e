"""Configurations on the pages are read by perfgate."""

import re
from dataclasses import fields, replace

import pytest

from perfgate.config.reading import load_config
from perfgate.config.values import Config
from perfgate.explain.cause import Cause
from tests.support.pages import DOCS, PAGES, README, blocks, name_of


def of_pages(language):
    return [pytest.param(block, id=name_of(page)) for page in PAGES for block in blocks(page, language)]


@pytest.mark.parametrize("block", of_pages('toml(?: title="[^"]*")?'))
def test_a_configuration_of_a_page_is_read(tmp_path, block):
    (tmp_path / "perfgate.toml").write_text(block)
    load_config(tmp_path / "perfgate.toml")


def test_the_configuration_of_the_reference_is_the_default(tmp_path):
    path = tmp_path / "perfgate.toml"
    path.write_text(blocks(DOCS / "reference/configuration.md", "toml")[0])
    config, default = load_config(path), Config()
    assert config.rules.margins[0].allowed == 0.15
    assert config.acceptances[0].ceiling == 0.2
    rules = replace(config.rules, margins=())
    # What is None by default is what the page says.
    assert (config.round, config.warm_up_most) == (0.5, 60.0)
    said = replace(config, rules=rules, acceptances=(), service=default.service, round=None, warm_up_most=None)
    assert replace(said, folder=default.folder) == default


def test_the_examples_of_the_reference_are_read(tmp_path):
    path = tmp_path / "perfgate.toml"
    path.write_text(re.sub(r"(?m)^# (\w+ = )", r"\1", blocks(DOCS / "reference/configuration.md", "toml")[0]))
    config = load_config(path)
    assert (config.base, config.head) == ("http://localhost:8081", "http://localhost:8082")
    assert (config.release, config.instance_noise, config.workers) == ("v1.2.0", 0.01, 2)
    assert config.explain.command


def test_the_page_on_causes_names_all_that_the_result_file_says_of_one():
    said = (DOCS / "how-to/it-is-red-why.md").read_text(encoding="utf-8").partition("## For programs")[2]
    assert [field.name for field in fields(Cause) if f"`{field.name}`" not in said] == []


def test_the_readme_is_read_in_two_minutes():
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 150
