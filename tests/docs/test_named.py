"""What perfgate has is named on the pages of its reference."""

import click

from perfgate.cli.app import _COMMANDS, _LazyGroup, perfgate
from perfgate.errors import ExitCode
from tests.support.pages import DOCS

REFERENCE = DOCS / "reference"


def test_every_command_is_documented():
    text = (REFERENCE / "commands.md").read_text(encoding="utf-8")
    assert [name for name in _COMMANDS if f"`perfgate {name}" not in text] == []


def test_every_exit_code_is_documented():
    text = (REFERENCE / "exit-codes.md").read_text(encoding="utf-8")
    assert [code for code in ExitCode if f"| {int(code)} |" not in text] == []


def test_every_shared_option_is_explained_in_help():
    assert isinstance(perfgate, _LazyGroup)
    for name in perfgate.list_commands(click.Context(perfgate)):
        command = perfgate.get_command(click.Context(perfgate), name)
        assert "Example" in (command.epilog or ""), f"{name} --help lacks an example"
        for option in command.params:
            if isinstance(option, click.Option):
                assert option.help, f"{name} {option.name} lacks a help text"
