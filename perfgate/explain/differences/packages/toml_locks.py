"""Lock files in TOML: poetry.lock, uv.lock, pdm.lock, Cargo.lock."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Any

from perfgate.explain.differences.facts import gathered
from perfgate.explain.differences.packages.commits import commit_of, with_commit

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
    return gathered((python_name(one["name"]), _python_version(one)) for one in packages)


def read_cargo_lock(text: str) -> Mapping[str, str]:
    """Cargo.lock. What has no source is part of the workspace."""
    packages = [one for one in tomllib.loads(text).get("package", ()) if "source" in one]
    return gathered((str(one["name"]), _crate_version(one)) for one in packages)


def _python_version(one: Mapping[str, Any]) -> str:
    """With the commit: Poetry and uv have it in the source, PDM beside it."""
    source = one.get("source")
    known = source if isinstance(source, dict) else {}
    of_source = known.get("resolved_reference") or commit_of(f"git+{known['git']}" if "git" in known else "")
    return with_commit(str(one.get("version", "")), str(of_source or one.get("revision", "")))


def _crate_version(one: Mapping[str, Any]) -> str:
    return with_commit(str(one["version"]), commit_of(str(one["source"])))


def _is_own(source: Any) -> bool:
    return isinstance(source, dict) and (
        not _OWN_SOURCES.isdisjoint(source) or source.get("type") in ("directory", "file")
    )
