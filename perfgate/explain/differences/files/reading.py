"""Which files say what, by their names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import PurePosixPath

from perfgate.explain.differences.facts import FactKind, Sheet
from perfgate.explain.differences.files import flags, toml_settings, versions_wanted
from perfgate.explain.differences.files.dockerfile import read_dockerfile
from perfgate.explain.differences.packages import json_locks, line_locks, maven, requirements, toml_locks

FileReader = Callable[[str, str], list[Sheet]]
"""Takes the path and the text of a file. Where that is broken, ValueError, or what Python raises of such data."""

_Values = Callable[[str], Mapping[str, str]]
_REQUIREMENTS = re.compile(r"(?:[\w.-]*requirements|constraints)[\w.-]*\.(?:txt|in)", re.IGNORECASE)
_DOCKERFILE = re.compile(r"(?:[\w.-]+\.)?(?:Dockerfile|Containerfile)|(?:Dockerfile|Containerfile)[.-][\w.-]+")
_MAKEFILE = re.compile(r"(?:GNU)?[Mm]akefile(?:\.[\w.-]+)?|[\w.-]+\.mk|CMakeLists\.txt|[Jj]ustfile|build\.sh")
# What others wrote, and tests hold for themselves.
_ASIDE = frozenset({"node_modules", "vendor", "third_party", "testdata", "fixtures", "site-packages"})
# From these sizes on (bytes) reading takes too long. TOML is read in Python alone.
_MOST_OF_A_LOCK, _MOST_OF_TOML, _MOST = 8_000_000, 3_000_000, 500_000


def reader_of(path: str) -> FileReader | None:
    """What reads a file of that path; None for nothing."""
    place = PurePosixPath(path)
    if not _ASIDE.isdisjoint(place.parts[:-1]):
        return None
    if place.name == "config.toml" and place.parent.name == ".cargo":
        return _values((FactKind.BUILD, toml_settings.read_cargo_flags))
    if place.name in _BY_NAME:
        return _BY_NAME[place.name]
    if _REQUIREMENTS.fullmatch(place.name) or (place.parent.name == "requirements" and place.suffix == ".txt"):
        return _values((FactKind.PACKAGE, requirements.read_requirements))
    if _DOCKERFILE.fullmatch(place.name):
        return read_dockerfile
    return _values((FactKind.BUILD, flags.flags_in)) if _MAKEFILE.fullmatch(place.name) else None


def most_bytes(path: str) -> int:
    """The size of the largest file of that name that is read."""
    name = PurePosixPath(path).name
    if name in _TOML_LOCKS:
        return _MOST_OF_TOML
    return _MOST_OF_A_LOCK if name in _LONG else _MOST


def _values(*parts: tuple[FactKind, _Values]) -> FileReader:
    return partial(_read, parts)


def _read(parts: tuple[tuple[FactKind, _Values], ...], place: str, text: str) -> list[Sheet]:
    return [Sheet(kind, place, read(text)) for kind, read in parts]


_PYTHON_LOCK = _values((FactKind.PACKAGE, toml_locks.read_python_lock))
_LONG = ("package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "composer.lock", "go.sum")
_TOML_LOCKS = ("poetry.lock", "uv.lock", "pdm.lock", "Cargo.lock")
_BY_NAME: dict[str, FileReader] = {
    "poetry.lock": _PYTHON_LOCK,
    "uv.lock": _PYTHON_LOCK,
    "pdm.lock": _PYTHON_LOCK,
    "Cargo.lock": _values((FactKind.PACKAGE, toml_locks.read_cargo_lock)),
    "Pipfile.lock": _values((FactKind.PACKAGE, json_locks.read_pipfile_lock)),
    "package-lock.json": _values((FactKind.PACKAGE, json_locks.read_package_lock)),
    "npm-shrinkwrap.json": _values((FactKind.PACKAGE, json_locks.read_package_lock)),
    "composer.lock": _values((FactKind.PACKAGE, json_locks.read_composer_lock)),
    "yarn.lock": _values((FactKind.PACKAGE, line_locks.read_yarn_lock)),
    "pnpm-lock.yaml": _values((FactKind.PACKAGE, line_locks.read_pnpm_lock)),
    "go.mod": _values((FactKind.PACKAGE, line_locks.read_go_mod), (FactKind.RUNTIME, versions_wanted.read_go_version)),
    "go.sum": _values((FactKind.PACKAGE, line_locks.read_go_sum)),
    "Gemfile.lock": _values(
        (FactKind.PACKAGE, line_locks.read_gemfile_lock), (FactKind.RUNTIME, versions_wanted.read_ruby_version)
    ),
    "gradle.lockfile": _values((FactKind.PACKAGE, line_locks.read_gradle_lockfile)),
    "pom.xml": _values((FactKind.PACKAGE, maven.read_pom)),
    "perfgate.toml": _values((FactKind.SETTING, toml_settings.read_perfgate_settings)),
    "Cargo.toml": _values((FactKind.BUILD, toml_settings.read_cargo_profiles)),
    ".tool-versions": _values((FactKind.RUNTIME, versions_wanted.read_tool_versions)),
    "rust-toolchain": _values((FactKind.RUNTIME, versions_wanted.read_rust_channel)),
    "rust-toolchain.toml": _values((FactKind.RUNTIME, versions_wanted.read_rust_channel)),
    **{
        name: _values((FactKind.RUNTIME, partial(versions_wanted.read_one, language)))
        for name, language in versions_wanted.LANGUAGES.items()
    },
}
