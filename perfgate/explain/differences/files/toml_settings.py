"""Settings in TOML: `[service]` and `[[dependencies]]` of perfgate.toml, profiles and flags of Cargo."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def read_perfgate_settings(text: str) -> Mapping[str, str]:
    """How a service is built and started, and what it needs."""
    plain = tomllib.loads(text)
    found = dict(_keys("[service]", plain.get("service", {})))
    for number, one in enumerate(plain.get("dependencies", ()), 1):
        found.update(_keys(f"[[dependencies]] {one.get('name', number)}", one))
    return found


def read_cargo_profiles(text: str) -> Mapping[str, str]:
    """The profiles of Cargo.toml, by which a build is optimized."""
    profiles = tomllib.loads(text).get("profile", {})
    return {key: value for name, table in profiles.items() for key, value in _keys(f"[profile.{name}]", table)}


def read_cargo_flags(text: str) -> Mapping[str, str]:
    """.cargo/config.toml: flags of the compiler."""
    return dict(_keys("[build]", tomllib.loads(text).get("build", {})))


def _keys(place: str, table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from ((f"{place} {key} {name}", _text(inner)) for name, inner in value.items())
        else:
            yield f"{place} {key}", _text(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)
