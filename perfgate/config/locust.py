"""`[locust]` of perfgate.toml: where Locust's master listens, and how long it waits for machines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from perfgate.config.toml_reader import TomlReader, read_duration, read_text
from perfgate.config.values import LocustSettings
from perfgate.load.machines.protocol import place_of

LOCUST = ("listen", "wait")


def read_locust(reader: TomlReader, table: Mapping[str, Any]) -> LocustSettings:
    """The settings of the table."""
    default = LocustSettings()
    host, port = reader.take("[locust] listen", table.get("listen"), _place, (default.host, default.port))
    return LocustSettings(host, port, reader.take("[locust] wait", table.get("wait"), read_duration, default.wait))


def _place(value: Any) -> tuple[str, int]:
    return place_of(read_text(value))
