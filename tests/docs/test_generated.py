"""The generated reference is fresh, and what perfgate has cannot be added without its documentation."""

import dataclasses

import click
import pytest

from perfgate.cli.app import perfgate
from perfgate.config import reading
from perfgate.config.values import Config
from perfgate.errors import ExitCode
from perfgate.metrics.catalogue import METRICS
from tests.support.pages import DOCS
from tools.docs import action, configuration, exit_codes, history, result_file
from tools.docs.commands import every_command, options_of
from tools.docs.parts import PARTS, with_parts
from tools.docs.scenario_files import scenario_options


class Undocumented:
    new: int


@pytest.mark.parametrize("page", sorted({part.page for part in PARTS}))
def test_a_page_of_the_reference_is_fresh(page):
    text = (DOCS / page).read_text(encoding="utf-8")
    assert text == with_parts(page, text), "python -m tools.docs writes it anew"


def test_a_page_without_its_markers_is_refused():
    with pytest.raises(ValueError, match="lacks the lines <!-- generated: metrics -->"):
        with_parts("reference/metrics.md", "# Metrics\n")


def test_every_option_is_on_the_page_of_commands():
    text = (DOCS / "reference/commands.md").read_text(encoding="utf-8")
    for name, command in every_command():
        if not command.hidden:
            section = text.partition(f"### {name}\n")[2].partition("\n### ")[0]
            assert [one.opts[0] for one in options_of(command) if f"`{one.opts[0]}" not in section] == [], name


def test_every_command_has_an_example_in_help():
    for name, command in every_command():
        assert command.hidden or "Example" in (command.epilog or ""), f"{name} --help lacks an example"


def test_an_option_without_help_is_refused(monkeypatch):
    duet = perfgate.get_command(click.Context(perfgate), "duet")
    monkeypatch.setattr(duet, "params", [*duet.params, click.Option(["--unexplained"])])
    with pytest.raises(ValueError, match="--unexplained has no help"):
        with_parts("reference/commands.md", (DOCS / "reference/commands.md").read_text(encoding="utf-8"))


def test_a_key_without_a_field_that_says_what_it_is_is_refused(monkeypatch):
    monkeypatch.setattr(Config, "__doc__", Config.__doc__.replace("seed: seed of", "a seed is of"))
    with pytest.raises(ValueError, match="the docstring of Config says nothing of seed"):
        configuration.all_tables()


def test_a_table_of_the_configuration_that_nobody_documented_is_refused(monkeypatch):
    monkeypatch.setattr(reading, "_KNOWN", (*reading._KNOWN, "site"))
    with pytest.raises(ValueError, match="does not know site"):
        configuration.all_tables()


def test_an_exit_code_without_a_sentence_is_refused(monkeypatch):
    monkeypatch.setattr(exit_codes, "ExitCode", [*ExitCode, 4])
    with pytest.raises(ValueError, match="names other exit codes"):
        exit_codes.exit_codes()


def test_a_metric_that_is_not_on_its_page_makes_it_stale(monkeypatch):
    new = dataclasses.replace(METRICS["checks"], name="new_metric")
    monkeypatch.setitem(METRICS, "new_metric", new)
    text = (DOCS / "reference/metrics.md").read_text(encoding="utf-8")
    assert "new_metric" in with_parts("reference/metrics.md", text)


def test_a_column_that_the_metadata_lack_is_refused(monkeypatch, tmp_path):
    text = history._METADATA.read_text(encoding="utf-8").replace("          med_ms: ", "          median_ms: ")
    (tmp_path / "metadata.yml").write_text(text)
    monkeypatch.setattr(history, "_METADATA", tmp_path / "metadata.yml")
    with pytest.raises(KeyError, match="med_ms"):
        history.all_columns()


def test_an_option_of_a_scenario_without_a_docstring_is_refused(monkeypatch):
    from perfgate.scenario import options

    monkeypatch.setattr(options, "ScenarioOptions", Undocumented)
    with pytest.raises(ValueError, match=r"Undocumented\.new has no docstring"):
        scenario_options()


def test_an_input_of_the_action_makes_its_page_stale(monkeypatch, tmp_path):
    text = action._ACTION.read_text(encoding="utf-8").replace("inputs:\n", "inputs:\n  new:\n    description: new\n")
    (tmp_path / "action.yml").write_text(text)
    monkeypatch.setattr(action, "_ACTION", tmp_path / "action.yml")
    assert "| `new` | New. |" in with_parts("reference/action.md", (DOCS / "reference/action.md").read_text())


def test_a_field_of_the_result_file_without_a_description_is_refused(monkeypatch):
    schema = result_file.load_schema()
    schema["properties"]["new"] = {"type": "string"}
    monkeypatch.setattr(result_file, "load_schema", lambda: schema)
    with pytest.raises(KeyError):
        result_file.all_fields()
