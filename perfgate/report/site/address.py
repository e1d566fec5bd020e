"""The address that a site is published at."""

from __future__ import annotations

import re

from perfgate.errors import UsageError

_ADDRESS = re.compile(r"https?://[\w.:\[\]-]+(?:/[\w.~/%-]*)?", re.ASCII)


def checked_address(text: str | None) -> str:
    """The address with a "/" at its end; "" of None. UsageError where it is no web address of a folder."""
    if not text:
        return ""
    if not _ADDRESS.fullmatch(text):
        raise UsageError(f"--url: {text!r} is no address of a site", "write it like https://octo.github.io/pets/")
    return text if text.endswith("/") else f"{text}/"
