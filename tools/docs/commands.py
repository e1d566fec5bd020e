"""The command line, from click."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from textwrap import dedent

import click

from perfgate.cli.app import perfgate
from tools.docs.markdown import code, sentence, table

# An option of the same words on so many commands is explained once.
_SHARED_BY = 3
_DEFAULT = re.compile(r"\s*\[default: (.*)\]\s*$", re.DOTALL)


def every_command(
    group: click.Group = perfgate, before: tuple[str, ...] = ("perfgate",)
) -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, with its name from "perfgate" on."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from every_command(command, (*before, name))
        else:
            yield " ".join((*before, name)), command


def options_of(command: click.Command) -> list[click.Option]:
    """The options of a command that --help shows."""
    return [one for one in command.params if isinstance(one, click.Option) and not one.hidden]


def overview() -> str:
    """A row for each command, which leads to its section."""
    rows = [
        (f"[`{name}`](#{_anchor(name)})", sentence(command.get_short_help_str(200)))
        for name, command in every_command()
        if not command.hidden
    ]
    return table(("command", "does"), rows)


def shared_options() -> str:
    """The options that several commands share, with their variables."""
    words = _shared()
    options = [one for _, command in every_command() for one in options_of(command)]
    shared = {_words(one): one for one in options if _words(one) in words}
    rows = [
        (_spelled(one), _help(one), _default(one), code(str(one.envvar)) if one.envvar else "")
        for one in sorted(shared.values(), key=lambda one: one.opts[0])
    ]
    return table(("option", "is", "default", "variable"), rows)


def all_commands() -> str:
    """A section for each command."""
    shared = _shared()
    return "\n".join(_section(name, command, shared) for name, command in every_command() if not command.hidden)


def _section(name: str, command: click.Command, words: set[tuple[str, str]]) -> str:
    arguments = [one for one in command.params if isinstance(one, click.Argument)]
    usage = " ".join((name, "[OPTIONS]", *(one.make_metavar(click.Context(command)) for one in arguments)))
    options = options_of(command)
    own = [one for one in options if _words(one) not in words]
    shared = [one for one in options if _words(one) in words]
    parts = [f"### {name}", f"```text\n{usage}\n```", _prose(command.help or "")]
    if own:
        rows = [(_spelled(one), _help(one), _default(one), _variable(one)) for one in own]
        parts.append(table(("option", "is", "default", "variable"), rows).strip())
    if shared:
        named = ", ".join(code(one.opts[0]) for one in shared)
        parts.append(f"And the [shared options](#shared-options) {named}.")
    parts.append(f"```sh\n{_examples(command)}\n```")
    return "\n\n".join(parts) + "\n"


def _shared() -> set[tuple[str, str]]:
    """The words of the options that several commands share."""
    uses = Counter(_words(one) for _, command in every_command() for one in options_of(command))
    return {words for words, count in uses.items() if count >= _SHARED_BY}


def _words(option: click.Option) -> tuple[str, str]:
    return option.opts[0], option.help or ""


def _spelled(option: click.Option) -> str:
    """`--vus N`, `-q`, `--quiet`."""
    names = sorted((*option.opts, *option.secondary_opts), key=lambda one: not one.startswith("--"))
    metavar = "" if option.is_flag or option.count else f" {option.make_metavar(click.Context(perfgate))}"
    return ", ".join(code(name + (metavar if name.startswith("--") else "")) for name in names)


def _help(option: click.Option) -> str:
    if not option.help:
        raise ValueError(f"{option.opts[0]} has no help")
    return sentence(_DEFAULT.sub("", option.help).rstrip("."))


def _default(option: click.Option) -> str:
    said = _DEFAULT.search(option.help or "")
    if said:
        return said[1]
    shown = option.default if option.show_default and option.default is not None else ""
    return code(str(shown))


def _variable(option: click.Option) -> str:
    return code(option.envvar) if isinstance(option.envvar, str) else ""


def _anchor(name: str) -> str:
    return name.replace(" ", "-")


def _prose(text: str) -> str:
    """A docstring as paragraphs. What click is to leave as it stands (\\b) is shown as it stands."""
    paragraphs = re.split(r"\n\s*\n", text.strip())
    return "\n\n".join(_paragraph(one) for one in paragraphs)


def _paragraph(text: str) -> str:
    if text.lstrip().startswith("\b"):
        lines = text.lstrip().removeprefix("\b").strip("\n")
        return f"```text\n{dedent(lines)}\n```"  # from 3.13 on the compiler has done so already
    return " ".join(text.split())


def _examples(command: click.Command) -> str:
    """The lines of the epilogue that are commands; one that a backslash continues is one."""
    found = [line.strip() for line in (command.epilog or "").split("\n")]
    lines = [line for line in found if line and not line.startswith(("\b", "Example"))]
    return "\n".join(lines)
