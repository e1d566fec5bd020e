"""Lock files in TOML: poetry.lock, uv.lock, pdm.lock, Cargo.lock."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Any

from perfgate.explain.differences.facts import gathered

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

# The project itself, and others in its tree: their versions say nothing that the commits do not say.
_OWN_SOURCES = frozenset({"virtual", "editable", "directory"})
_SEPARATORS = re.compile(r"[-_.]+")


def python_name(name: str) -> str:
    """The name of a package as all spellings of it are compared (PEP 503)."""
    return _SEPARATORS.sub("-", name).lower()


def read_python_lock(text: str) -> Mapping[str, str]:
    """poetry.lock, uv.lock and pdm.lock."""
    packages = [one for one in tomllib.loads(text).get("package", ()) if not _is_own(one.get("source"))]
    return gathered((python_name(one["name"]), str(one.get("version", ""))) for one in packages)


def read_cargo_lock(text: str) -> Mapping[str, str]:
    """Cargo.lock. What has no source is part of the workspace."""
    packages = [one for one in tomllib.loads(text).get("package", ()) if "source" in one]
    return gathered((str(one["name"]), str(one["version"])) for one in packages)


def _is_own(source: Any) -> bool:
    return isinstance(source, dict) and (
        not _OWN_SOURCES.isdisjoint(source) or source.get("type") in ("directory", "file")
    )
