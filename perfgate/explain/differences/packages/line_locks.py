"""Lock files of lines: yarn.lock, pnpm-lock.yaml, go.mod, go.sum, Gemfile.lock, gradle.lockfile.

pnpm's is YAML, of which two levels are wanted: libraries for YAML take seconds for files of that size.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from perfgate.explain.differences.facts import gathered
from perfgate.explain.differences.packages.commits import commit_of, with_commit
from perfgate.explain.differences.versions import numbers_of

_YARN_VERSION = re.compile(r'  "?version"?:? "?([^"\s]+)"?\s*')
_YARN_SOURCE = re.compile(r'  "?resol(?:ved|ution)"?:? "?([^"\s]+)"?\s*')
_PNPM_SECTION = re.compile(r"(\w+):\s*")
_PNPM_KEY = re.compile(r"  '?/?([^\s'][^']*?)'?:(?:\s.*)?")
# Before version 6 a key was written in another way.
_PNPM_OLD = re.compile(r"^lockfileVersion:\s*'?[0-5]\b", re.MULTILINE)
_PNPM_COMMIT = re.compile(r"([^/@(]+\.[^/@(]+/[^@(]+)/([0-9a-f]{40})(?:[_(].*)?")
_GEM = re.compile(r"    (\S+) \(([^)]+)\)\s*")
_GEM_SECTION = re.compile(r"[A-Z][A-Z ]*")
_GEM_REVISION = re.compile(r"  revision: (\S+)\s*")
_GRADLE = re.compile(r"([^:#=\s]+:[^:=\s]+):([^:=\s]+)=.*")


def read_yarn_lock(text: str) -> Mapping[str, str]:
    """yarn.lock, of yarn 1 and of later ones."""
    return gathered(_yarn_pairs(text))


def read_pnpm_lock(text: str) -> Mapping[str, str]:
    """pnpm-lock.yaml of its versions 5 to 9."""
    if "lockfileVersion" not in text:
        raise ValueError("no lockfileVersion")
    return gathered(_pnpm_pairs(text))


def read_go_mod(text: str) -> Mapping[str, str]:
    """The modules that go.mod requires, or has replaced."""
    if not re.search(r"^module\s", text, re.MULTILINE):
        raise ValueError("no module")
    lines = list(_go_lines(text))
    required = {words[1]: words[2] for words in lines if words[0] == "require" and len(words) > 2}
    for directive, *words in lines:
        if directive == "replace" and "=>" in words:
            place = words.index("=>")
            module, of = words[0], words[1:place]
            # With a version it is that version alone that is replaced.
            if module in required and of in ([], [required[module]]):
                required[module] = " ".join(words[place + 1 :])
    return required


def _go_lines(text: str) -> Iterator[list[str]]:
    """The words of each line of a go.mod behind its directive, that of the block where it stands in one."""
    block: list[str] = []
    for line in text.splitlines():
        words = [word.strip('"`') for word in line.partition("//")[0].replace("(", " ( ").split()]
        if words[1:2] == ["("]:
            block = [] if words[-1] == ")" else words[:1]
        elif words == [")"]:
            block = []
        elif words:
            yield [*block, *words]


def read_go_sum(text: str) -> Mapping[str, str]:
    """The newest version of each module whose files are in go.sum: a build takes it (research.swtch.com/vgo-mvs)."""
    found: dict[str, str] = {}
    for words in map(str.split, text.splitlines()):
        if len(words) != 3:
            raise ValueError("a line has not three words")
        module, version, _ = words
        if not version.endswith("/go.mod") and numbers_of(found.get(module)) <= numbers_of(version):
            found[module] = version
    return found


def read_gemfile_lock(text: str) -> Mapping[str, str]:
    """Gemfile.lock."""
    if not re.search(r"^(?:GEM|PATH|GIT|DEPENDENCIES)\s*$", text, re.MULTILINE):
        raise ValueError("no section of gems")
    return gathered(_gems(text))


def read_gradle_lockfile(text: str) -> Mapping[str, str]:
    """gradle.lockfile."""
    return gathered((match[1], match[2]) for line in text.splitlines() if (match := _GRADLE.fullmatch(line)))


def _yarn_pairs(text: str) -> Iterator[tuple[str, str]]:
    name = version = commit = ""
    for line in (*text.splitlines(), "end:"):
        if line and not line[0].isspace() and line.endswith(":"):
            if name and version:
                yield name, with_commit(version, commit)
            # The first of "@babel/core@^7.0.0", "@babel/core@^7.1.0": in either quotes, or none.
            first = line.lstrip('"')
            known = "@" in first[1:] and "@workspace:" not in first
            name, version, commit = first[: first.find("@", 1)] if known else "", "", ""
        elif name and (match := _YARN_VERSION.fullmatch(line)):
            version = version or match[1]
        elif name and (match := _YARN_SOURCE.fullmatch(line)):
            commit = commit_of(match[1].removeprefix(f"{name}@"))


def _gems(text: str) -> Iterator[tuple[str, str]]:
    revision = ""
    for line in text.splitlines():
        if _GEM_SECTION.fullmatch(line.rstrip()):
            revision = ""
        elif match := _GEM_REVISION.fullmatch(line):
            revision = match[1]
        elif match := _GEM.fullmatch(line):
            yield match[1], with_commit(match[2], revision)


def _pnpm_pairs(text: str) -> Iterator[tuple[str, str]]:
    section, split = "", _split_old if _PNPM_OLD.search(text) else _split
    for line in text.splitlines():
        if match := _PNPM_SECTION.fullmatch(line):
            section = match[1]
        elif section == "packages" and (match := _PNPM_KEY.fullmatch(line)):
            name, version = split(match[1])
            if name and version:
                yield name, version


def _split(key: str) -> tuple[str, str]:
    """foo@1.0.0(react@18.2.0), or github.com/shop/foo/COMMIT"""
    if match := _PNPM_COMMIT.fullmatch(key):
        return match[1], with_commit("", match[2])
    key = key.partition("(")[0]
    at = key.find("@", 1)
    return (key[:at], key[at + 1 :]) if at > 0 else ("", "")


def _split_old(key: str) -> tuple[str, str]:
    """foo/1.0.0_react@18.2.0, or github.com/shop/foo/COMMIT"""
    if match := _PNPM_COMMIT.fullmatch(key):
        return match[1], with_commit("", match[2])
    scope = 2 if key.startswith("@") else 1
    parts = key.split("/")
    return "/".join(parts[:scope]), "/".join(parts[scope:]).partition("_")[0]
