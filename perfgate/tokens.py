"""Tokens of a CI job: processes that run people's code get none, for their logs are quoted in reports.

And the passwords that stand in such logs, within URLs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager

_TOKENS = ("GITHUB_TOKEN", "GH_TOKEN", "PERFGATE_TOKEN")
# ACTIONS_RUNTIME_TOKEN writes caches and artifacts, ACTIONS_ID_TOKEN_REQUEST_TOKEN signs in elsewhere.
_OF_THE_RUNNER = "ACTIONS_"

# The user info of a URL: up to the last @ of the word, since in a password may stand an @ or a / that nobody quoted. Of
# http that is only so where no path begins before it, for an @ may be part of a path. (Bounded: a log may have words
# without end.)
_OF_URL = re.compile(
    r"""(?<!http)(?<!https)://[^\s'"<>]{0,300}@"""
    r"""|(?<=http)s?://(?:[^\s/'"<>]{0,300}|[^\s/@'"<>]{0,300}:(?!\d+/)[^\s'"<>]{0,300})@""",
    re.IGNORECASE,
)
# That of Go's MySQL driver, whose addresses are no URLs.
_OF_DSN = re.compile(r"""[^\s=:'"]{1,100}:[^\s'"]{0,300}@(?=(?:tcp|unix)\()""")


def without_tokens(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that other people's code may have."""
    return {name: text for name, text in environment.items() if not _is_token(name)}


def without_user_info(text: str) -> str:
    """Text in which no URL has a user name or a password."""
    if "://" in text and "@" in text:
        text = _OF_URL.sub(_without, text)
    return _OF_DSN.sub("…@", text) if "@tcp(" in text or "@unix(" in text else text


def _without(found: re.Match[str]) -> str:
    return f"{found[0].partition('://')[0]}://…@"


@contextmanager
def tokens_withheld(environment: MutableMapping[str, str]) -> Iterator[None]:
    """Inside, what inherits this environment, or reads it, gets no tokens."""
    withheld = {name: text for name, text in environment.items() if _is_token(name)}
    for name in withheld:
        del environment[name]
    try:
        yield
    finally:
        environment.update(withheld)


def _is_token(name: str) -> bool:
    return name in _TOKENS or name.startswith(_OF_THE_RUNNER)
