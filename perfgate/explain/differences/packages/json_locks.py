"""Lock files in JSON: package-lock.json, Pipfile.lock, composer.lock. What only developers need is left out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from perfgate.explain.differences.facts import gathered
from perfgate.explain.differences.packages.commits import commit_of, with_commit
from perfgate.explain.differences.packages.toml_locks import python_name

_MODULES = "node_modules/"


def read_package_lock(text: str) -> Mapping[str, str]:
    """package-lock.json and npm-shrinkwrap.json of every version of npm."""
    plain = json.loads(text)
    if "packages" in plain:
        return gathered(_by_folder(plain["packages"]))
    return gathered(_nested(plain.get("dependencies", {})))


def read_pipfile_lock(text: str) -> Mapping[str, str]:
    """Pipfile.lock."""
    return {python_name(name): _version(one) for name, one in json.loads(text).get("default", {}).items()}


def read_composer_lock(text: str) -> Mapping[str, str]:
    """composer.lock."""
    return gathered((str(one["name"]), _composer_version(one)) for one in json.loads(text)["packages"])


def _by_folder(packages: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for folder, one in packages.items():
        # Others are folders of the workspace.
        if _MODULES in folder and not one.get("link") and not one.get("dev"):
            version = with_commit(str(one.get("version", "")), commit_of(str(one.get("resolved", ""))))
            yield folder.rpartition(_MODULES)[2], version


def _nested(dependencies: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    waiting = [dependencies]
    while waiting:
        for name, one in waiting.pop().items():
            if not one.get("dev"):
                yield str(name), str(one.get("version", ""))
                waiting.append(one.get("dependencies") or {})


def _version(one: Mapping[str, Any]) -> str:
    if "version" in one:
        return with_commit(str(one["version"]).removeprefix("=="), str(one.get("ref", "")))
    return str(one.get("ref") or one.get("git") or one.get("file") or "")


def _composer_version(one: Mapping[str, Any]) -> str:
    """With the commit where the version is a branch, like dev-main or 2.x-dev; folders beside the project have none."""
    version = str(one["version"])
    sources = [source for source in (one.get("source"), one.get("dist")) if source and source.get("type") != "path"]
    is_branch = version.startswith("dev-") or version.endswith("-dev")
    return with_commit(version, str(sources[0].get("reference") or "") if is_branch and sources else "")
