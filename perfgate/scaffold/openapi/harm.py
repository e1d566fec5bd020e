"""Requests that a first look does not send: they put an end to something, or nothing says what they do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from perfgate.scaffold.documents import mapping

_ENDS = frozenset(("delete", "destroy", "logout", "purge", "shutdown", "signout", "truncate", "uninstall", "wipe"))
_UNDOES = frozenset(
    (
        "cancel",
        "clear",
        "disable",
        "drop",
        "erase",
        "flush",
        "kill",
        "reboot",
        "remove",
        "reset",
        "restart",
        "restore",
        "revoke",
        "rollback",
        "stop",
        "terminate",
    )
)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")


def possible_harm(method: str, template: str, operation: Mapping[str, Any]) -> str:
    """Why a request may do harm, "" where it looks harmless."""
    text = f"{template} {operation.get('operationId', '')}"
    words = {word.lower() for word in _WORD.findall(text)}
    if words & (_ENDS if method == "GET" else _ENDS | _UNDOES):
        return "it may do harm"
    body = operation.get("requestBody") or any(
        mapping(one).get("in") in ("body", "formData") or "$ref" in mapping(one) for one in operation["parameters"]
    )
    if method == "POST" and not body:
        return "nothing says what it is sent, so it may do anything"
    return ""
