"""`[locust]` of perfgate.toml: where Locust's master listens, and how long it waits for machines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from perfgate.config.toml_reader import TomlReader, read_duration, read_text
from perfgate.load.machines.protocol import DEFAULT_PORT, place_of

LOCUST = ("listen", "wait")
_EVERYWHERE = "*"


@dataclass(frozen=True)
class LocustSettings:
    """host: the address to listen on, "*" for all. port: 0 for any that is free. wait: seconds."""

    host: str = _EVERYWHERE
    port: int = DEFAULT_PORT
    wait: float = 120.0


def read_locust(reader: TomlReader, table: Mapping[str, Any]) -> LocustSettings:
    """The settings of the table."""
    default = LocustSettings()
    host, port = reader.take("[locust] listen", table.get("listen"), _place, (default.host, default.port))
    return LocustSettings(host, port, reader.take("[locust] wait", table.get("wait"), read_duration, default.wait))


def _place(value: Any) -> tuple[str, int]:
    return place_of(read_text(value))
