r"""Placeholders in perfgate.toml, like {side} and {db.port}: found, checked and filled in.

Only words in lower-case letters between braces are looked at, `{port}` and `{db.port}`. What other programs mean by
braces stays as it stands: `${PORT}` of a shell, `{{.State}}` of a template, `{"a": 1}` and `{ print }`; so does
`\{word}`, which is handed on as `{word}`.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Mapping, Sequence

from perfgate.errors import MistakeError, nearest

SIDE, SHA, PORT, URL, DATA = "side", "sha", "port", "url", "data"
OF_A_DEPENDENCY = ("host", "port", "url")
"""What {NAME.host}, {NAME.port} and {NAME.url} say of the dependency NAME."""

_OWN = (SIDE, SHA, PORT, URL, DATA)
_RUN = "run"
_PLACEHOLDER = re.compile(
    r"""
    (?P<kept> \$\{[^}]*\} | \{\{[^{}]*\}\} )
    | \\(?P<escaped> \{ [a-z][a-z0-9_-]* (?: \.[a-z0-9_]+ )? \} )
    | \{ (?P<name> [a-z][a-z0-9_-]* (?: \.[a-z0-9_]+ )? ) \}
    """,
    re.VERBOSE,
)
# What `sh -c` makes several words of, or acts upon.
_PLAIN = re.compile(r"[A-Za-z0-9_@%+=:,./-]*")


def names_in(text: str) -> tuple[str, ...]:
    """The names of all placeholders in a text, without their braces."""
    return tuple(match["name"] for match in _PLACEHOLDER.finditer(text) if match["name"])


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with the values of its placeholders. What has no value stays as it is."""
    return _filled(text, values, in_a_shell=False)


def fill_words(words: Sequence[str], values: Mapping[str, str]) -> list[str]:
    """A command's words with the values of their placeholders; where a shell reads them, each stays one word of it."""
    by_shell = tuple(words[:2]) == ("sh", "-c")
    return [_filled(word, values, by_shell and number == 2) for number, word in enumerate(words)]


def fill_variables(env: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """Environment variables with the values of their placeholders; without those that need one that is not known."""
    return {name: fill(text, values) for name, text in env.items() if all(one in values for one in names_in(text))}


def side_name(side: str) -> str:
    """What {side} means: "base" or "head", and "run" where one target is measured."""
    return side or _RUN


def escape(text: str) -> str:
    """The text of somebody who knows no placeholders, such that it is handed on as it stands."""
    return _PLACEHOLDER.sub(lambda match: match[0] if match["kept"] else match[0].replace("{", "\\{"), text)


def check(text: str, allowed: Collection[str], dependencies: Collection[str]) -> None:
    """MistakeError where a text holds a placeholder that is unknown, or not known at its place.

    allowed: the names that are known there. dependencies: the names of all dependencies.
    """
    for name in names_in(text):
        if name not in allowed:
            raise _mistake(name, allowed, dependencies)


def _mistake(name: str, allowed: Collection[str], dependencies: Collection[str]) -> MistakeError:
    owner, dot, what = name.partition(".")
    here = ", ".join(f"{{{one}}}" for one in sorted(allowed, key=lambda one: ("." in one, one)))
    there_are = f"there are {here}" if here else "no placeholder is known here"
    if name in _OWN or (owner in dependencies and what in OF_A_DEPENDENCY):
        return MistakeError(f"has {{{name}}}, which is not known here", there_are)
    if owner in dependencies:
        parts = ", ".join(f"{{{owner}.{part}}}" for part in OF_A_DEPENDENCY)
        return MistakeError(f"has the unknown placeholder {{{name}}}", f"of a dependency there are {parts}")
    if dot and what in OF_A_DEPENDENCY:
        return MistakeError(f"has {{{name}}}, and there is no dependency {owner}", "name it under [[dependencies]]")
    meant = nearest(name, allowed)
    hint = f"did you mean {{{meant}}}?" if meant else f"{there_are}; write \\{{{name}}} to hand it on as {{{name}}}"
    return MistakeError(f"has the unknown placeholder {{{name}}}", hint)


def _filled(text: str, values: Mapping[str, str], in_a_shell: bool) -> str:
    def value(match: re.Match[str]) -> str:
        if match["escaped"]:
            return match["escaped"]
        found = values.get(match["name"]) if match["name"] else None
        if found is None:
            return match[0]
        bare = in_a_shell and not _PLAIN.fullmatch(found) and not _in_quotes(text[: match.start()])
        return shlex.quote(found) if bare else found

    return _PLACEHOLDER.sub(value, text)


def _in_quotes(before: str) -> bool:
    """Whether a shell is between quotes at the end of `before`."""
    quote = ""
    escaped = False
    for mark in before:
        if escaped:
            escaped = False
        elif mark == "\\" and quote != "'":
            escaped = True
        elif quote:
            quote = "" if mark == quote else quote
        elif mark in "'\"":
            quote = mark
    return bool(quote)
