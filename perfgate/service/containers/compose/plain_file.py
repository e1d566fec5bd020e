"""Compose files as plain values: read from what `docker compose config` writes, and written to be started."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def read_plain(output: bytes) -> dict[str, Any]:
    """The values of a file that was resolved. In the output each dollar is two, since one would begin a variable."""
    plain: dict[str, Any] = json.loads(output.replace(b"$$", b"$"))
    return plain


def write_plain(written: Path, plain: Mapping[str, Any]) -> None:
    """Write a compose file, its dollars doubled again; its variables may hold secrets."""
    with open(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(_doubled(plain), file)


def _doubled(value: Any) -> Any:
    """The names of a file stay: variables are looked for in its texts alone."""
    if isinstance(value, Mapping):
        return {name: _doubled(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_doubled(inner) for inner in value]
    return value.replace("$", "$$") if isinstance(value, str) else value
