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

# The user info of a URL, in whose password may stand an @ or a / that nobody quoted. Without a password it ends at the
# first /: an @ behind it may be part of a path. And that of Go's MySQL driver, whose addresses are no URLs.
_OF_URL = re.compile(r"""://(?:[^\s/'"<>]*|[^\s/@'"<>]*:(?!\d+/)[^\s'"<>]*)@""")
_OF_DSN = re.compile(r"""[^\s=:'"]+:[^\s'"]*@(?=(?:tcp|unix)\()""")


def without_tokens(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that other people's code may have."""
    return {name: text for name, text in environment.items() if not _is_token(name)}


def without_user_info(text: str) -> str:
    """Text in which no URL has a user name or a password."""
    return _OF_DSN.sub("…@", _OF_URL.sub("://…@", text))


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
