"""Which values of facts may be shown: a report is read by everybody, and a value may be a password.

Versions, numbers and the like are shown, and options of runtimes, unless the name or the text looks like a secret.
"""

from __future__ import annotations

import re

from perfgate.explain.differences.facts import FactKind
from perfgate.explain.differences.passwords import without_passwords
from perfgate.tokens import without_user_info

# Of longer values the end is never shown, and so need not be looked at.
_MOST = 4000
# Parts of names, as words: DB_PASSWORD, apiKey, AWS_SECRET_ACCESS_KEY; not KEYCLOAK_VERSION or MONKEY.
_SECRET_NAME = re.compile(
    r"pass(?!ive|enger)|pwd|secret|token|credential|api_?key|private|salt|signature|session|cookie|dsn|"
    r"(?:^|[_.-])(?:key|auth|pin|cert|license|jwt|hmac)(?:s|$|[_.-])",
    re.IGNORECASE,
)
# What follows the name of a secret in a command: --password x, "--key", "x", token=x, Bearer x, -u me:x.
_SECRET_TEXT = re.compile(
    r"(?:pass(?:word|wd|phrase)?|pwd|secret|token|credentials?|api[_-]?key|private[_-]?key|access[_-]?key|auth\w*|"
    r"(?<=-)(?:key|pin|salt))['\"]?\s*[=:,\s]\s*['\"]?[^\s'\"]|\bbearer\s+\S|(?<!\S)(?:-u|--user)[\s=]\S+:\S|-----BEGIN",
    re.IGNORECASE,
)
# As tokens look: long, with figures among letters, and no word, path or option.
_TOKEN_LIKE = re.compile(r"(?<![\w/.-])(?=[A-Za-z_-]*[0-9])(?=[0-9_-]*[A-Za-z])[A-Za-z0-9_-]{24,}(?![\w/.-])")
_NUMBER = r"[-+]?[0-9]+(?:\.[0-9]+)*"
# Numbers, sizes, durations, versions; switches and levels; nothing else of a variable that nobody knows.
_HARMLESS = re.compile(
    rf"(?:v?{_NUMBER}(?:[-+.]?(?:a|b|rc|alpha|beta|dev|post|p|m|k|g|ms|s|h|d|[kmg]i?b|%)\.?[0-9]*)?|"
    r"true|false|yes|no|on|off|none|null|auto|debug|info|warn(?:ing)?|error|trace|development|production|test(?:ing)?|"
    r"staging|release|)",
    re.IGNORECASE,
)
# Variables that runtimes and servers read, and that are worth a look; what they hold is options.
_OPTIONS = re.compile(
    r"(?:GO(?:GC|MEMLIMIT|MAXPROCS|DEBUG|FLAGS|AMD64|ARM64)|CGO_\w+|NODE_(?:OPTIONS|ENV)|UV_\w+|"
    r"(?:JAVA_TOOL|JAVA|JDK_JAVA|CATALINA|MAVEN|GRADLE)_OPT(?:ION)?S|PYTHON(?:OPTIMIZE|MALLOC|HASHSEED|DEVMODE|JIT|"
    r"_GIL|TRACEMALLOC|ASYNCIODEBUG|DONTWRITEBYTECODE|UNBUFFERED)|MALLOC_\w+|LD_PRELOAD|GLIBC_TUNABLES|"
    r"RUBY(?:OPT|_YJIT\w*|_GC\w*)|RAILS_(?:ENV|MAX_THREADS)|WEB_CONCURRENCY|DOTNET_\w+|COMPlus_\w+|ASPNETCORE_ENVIRONMENT|"
    r"OMP_\w+|MKL_\w+|OPENBLAS_\w+|RUSTFLAGS|RUST_LOG|TOKIO_\w+|GUNICORN_CMD_ARGS|(?:C|CXX|CPP|LD)FLAGS|LOG_?LEVEL|TZ|LANG|"
    r"LC_\w+)"
)


def shown(kind: FactKind, name: str, value: str) -> str | None:
    """The value as a report may have it, on one line; None where it must not be seen."""
    text = " ".join(without_user_info(value[:_MOST]).split())
    if _SECRET_TEXT.search(text):
        return None
    if kind in (FactKind.PACKAGE, FactKind.RUNTIME, FactKind.LIMIT, FactKind.IMAGE):
        return text
    text = without_passwords(text)
    variable = variable_of(kind, name)
    if variable and (_SECRET_NAME.search(variable) or not _is_harmless(variable, text)):
        return None
    return None if _TOKEN_LIKE.search(text) else text


def variable_of(kind: FactKind, name: str) -> str:
    """The variable that a fact is the value of; "" where it is none. Instructions name theirs: "ENV PORT"."""
    if kind is FactKind.ENVIRONMENT:
        return name
    before, _, variable = name.rpartition(" ")
    return variable if before.endswith(("ENV", "ARG", "env")) else ""


def _is_harmless(variable: str, text: str) -> bool:
    return bool(_OPTIONS.fullmatch(variable) or _HARMLESS.fullmatch(text))


# A text that is read at a glance is shown whole.
_SHORT = 60
_CONTEXT = 2


def narrowed(base: str, head: str) -> tuple[str, str]:
    """Two long texts without the words that both begin and end with, but for some beside what differs."""
    if max(len(base), len(head)) <= _SHORT:
        return base, head
    one, other = base.split(" "), head.split(" ")
    shortest = min(len(one), len(other))
    same = next((place for place in range(shortest) if one[place] != other[place]), shortest)
    ends = next((place for place in range(shortest - same) if one[-1 - place] != other[-1 - place]), shortest - same)
    start, end = max(0, same - _CONTEXT), max(0, ends - _CONTEXT)
    return _middle(one, start, end), _middle(other, start, end)


def _middle(words: list[str], start: int, end: int) -> str:
    before, after = ["…"] if start else [], ["…"] if end else []
    return " ".join([*before, *words[start : len(words) - end], *after])
