"""What k6 complains of before it plays anything, as mistakes at places in the script."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from perfgate.errors import Problem
from perfgate.load.k6.log import K6Log
from perfgate.scenario.profile import EXECUTORS
from perfgate.scenario.source import place

_PREFIX = re.compile(r"could not initialize '[^']*': (?:could not load JS test '[^']*': )?|GoError: ")
_SYNTAX = re.compile(r"(?P<url>file://\S+?):? \(?(?:Line )?(?P<line>\d+):\d+\)?:? ?(?P<message>.*)", re.DOTALL)
_RAISED = re.compile(r"(?P<message>[^\n]*)\n\s+at (?:.*?\()?(?P<url>file://[^\s)]+?):(?P<line>\d+):\d+", re.DOTALL)
_LIST_ITEM = "\n\t- "

_HINTS = (
    ("unknown executor", f"there are {', '.join(EXECUTORS)}"),
    (
        "not found in exports",
        "export a function of that name, or name another one as exec, or begin the file's name with _ if others import "
        "it",
    ),
    (
        "no exported functions",
        "export default function () { ... }, or begin the file's name with _ if others import it",
    ),
    ("couldn't be found", "put it there, or mend the import"),
    ("did not come to the end", "leave loops to the executor; what stands outside of functions must end"),
)


def problems_of(script: Path, said: str) -> list[Problem]:
    """The mistakes that `k6 inspect` named in its log; one at least."""
    log = K6Log.of(said.splitlines())
    complaint = _PREFIX.sub("", "\n".join(log.complaints) or "k6 refuses it and does not say why")
    head, *items = complaint.split(_LIST_ITEM)
    return [_problem(script, text.strip()) for text in items or [head]]


def _problem(script: Path, text: str) -> Problem:
    match = _SYNTAX.match(text) or _RAISED.match(text)
    where, message = place(script), text.partition("\n")[0]
    if match is not None:
        where = place(Path(unquote(urlsplit(match["url"]).path)), int(match["line"]))
        message = match["message"].partition("\n")[0]
    message = message.partition(". ")[0]  # k6 explains itself in further sentences
    hint = next((hint for sign, hint in _HINTS if sign in text), "mend it there; k6 inspect says the same")
    return Problem(where, message, hint)
