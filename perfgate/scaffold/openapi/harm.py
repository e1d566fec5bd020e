"""Requests that a first look does not send: they put an end to something, or nothing says what they do."""

from __future__ import annotations

from perfgate.scaffold.documents import mapping
from perfgate.scaffold.openapi.operations import DescribedOperation

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

# What a DELETE of something that the scenario has made itself may be called.
_OF_ITS_OWN = frozenset(("delete", "destroy", "remove"))


def possible_harm(operation: DescribedOperation) -> str:
    """Why a request may do harm, "" where it looks harmless."""
    method, words = operation.method, operation.words
    telling = _ENDS if method == "GET" else _ENDS | _UNDOES
    if words & (telling - _OF_ITS_OWN if method == "DELETE" else telling):
        return "it may do harm"
    body = operation.raw.get("requestBody") or any(
        mapping(one).get("in") in ("body", "formData") or "$ref" in mapping(one) for one in operation.raw["parameters"]
    )
    if method == "POST" and not body:
        return "nothing says what it is sent, so it may do anything"
    return ""
