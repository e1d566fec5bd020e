"""Passwords in the words of a command: what stands before an @, and the values of options that take one."""

from __future__ import annotations

import re

HIDDEN = "…"
"""What stands in the place of a password."""

_CUT = f"{HIDDEN}@"
# root:x@tcp(db:3306)/shop; not shop:1.2@sha256:0a1b.
_LOGIN = re.compile(r"(?<![^\s=,;'\"`(\[{])[^\s:=,;'\"`(\[{]*:(?!//)\S+@(?!sha[0-9]+:)")
# Those whose names begin many a word; names that are clearer are looked for in the whole text.
_OPTION = re.compile(r"--?[\w.-]*(?:dsn|pw|jwt|hmac|cookie)", re.IGNORECASE)
_VARIABLE = re.compile(r"\w*(?:dsn|pw)", re.IGNORECASE)
# Programs that take a password with -p or -a, which are a port or an address elsewhere.
_CLIENT = re.compile(
    r"(?:mysql|mariadb)(?:-?(?:admin|dump|import|show|check|slap|sh))?|mongo(?:sh|dump|restore|import|export)?|"
    r"(?:redis|valkey|keydb)-cli|cqlsh"
)
_OPTIONS_OF_CLIENTS = ("-p", "-a")


def without_passwords(command: str) -> str:
    """The words of a command, one space between them, without passwords. User info of URLs is cut already."""
    command = _LOGIN.sub(_CUT, command)
    words = command.replace('","', '", "').split(" ")
    shown: list[str] = []
    quote, is_value, of_client = "", False, False
    for word in words:
        if quote:  # the rest of a hidden value that was quoted for its spaces
            quote = "" if word.count(quote) % 2 else quote
            continue
        if is_value:
            is_value, seen = False, word if _CUT in word else HIDDEN
        else:
            is_value, seen = _looked_at(word, of_client)
        quote = _left_open(word) if seen != word else ""
        of_client = of_client or bool(_CLIENT.fullmatch(_bare(word).rpartition("/")[2]))
        shown.append(seen)
    return command if shown == words else " ".join(shown)


def _looked_at(word: str, of_client: bool) -> tuple[bool, str]:
    """Whether the next word is a password, and this word without one."""
    bare = _bare(word)
    name, given, _ = bare.replace(":", "=", 1).partition("=") if bare.startswith("-") else bare.partition("=")
    if _OPTION.fullmatch(name) or (given and _VARIABLE.fullmatch(name)):
        return (not given, f"{name}={HIDDEN}" if given and _CUT not in word else word)
    if of_client and bare in _OPTIONS_OF_CLIENTS:
        return True, word
    return False, f"-p{HIDDEN}" if of_client and bare.startswith("-p") else word


def _bare(word: str) -> str:
    return word.strip("[]'\",;()")


def _left_open(word: str) -> str:
    """The quote that a word opens and does not close; "" for none."""
    return next((quote for quote in "'\"" if word.count(quote) % 2 and not word.endswith(quote)), "")
