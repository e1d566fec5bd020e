"""pip's requirements files: a library on each line, with the versions that it may have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from perfgate.explain.differences.facts import gathered
from perfgate.explain.differences.packages.toml_locks import python_name

ANY = "any version"
_COMMENT = re.compile(r"(?:^|\s)#.*")
_REQUIREMENT = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*([^;]*)(?:;.*)?")
_EGG = re.compile(r"[#&]egg=([A-Za-z0-9._-]+)")
# A repository, or a file, without the name of what it holds.
_ADDRESS = re.compile(
    r"\S+://\S*/([A-Za-z0-9][\w.-]*?)(?:\.git|-[0-9][\w.+!-]*\.(?:whl|tar\.gz|zip))?(?:@[^/\s#]*)?(?:#\S*)?(?:\s*;.*)?"
)
_OPTION_BEHIND = re.compile(r"\s--[a-z-]+[= ].*")


def read_requirements(text: str) -> Mapping[str, str]:
    """Versions, or what limits them, by name. Files that it includes are files of their own."""
    return gathered(_pairs(text))


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for line in text.replace("\\\n", " ").replace("\\\r\n", " ").splitlines():
        line = _OPTION_BEHIND.sub("", _COMMENT.sub("", line)).strip()
        if not line or line.startswith("-"):
            continue
        if egg := _EGG.search(line):
            yield python_name(egg[1]), line[: egg.start()]
        elif match := _ADDRESS.fullmatch(line):
            yield python_name(match[1]), line
        elif "://" not in line.partition("@")[0] and (match := _REQUIREMENT.fullmatch(line)):
            yield python_name(match[1]), _limits(match[2])


def _limits(text: str) -> str:
    text = "".join(text.split())
    if re.fullmatch(r"===?[^,*]+", text):
        return text.lstrip("=")
    return text.removeprefix("@") or ANY
