"""What an executable says of its runtime: by the files beside it, or by what the Go compiler wrote into it."""

from __future__ import annotations

import mmap
import os
import re
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from perfgate.explain.differences.facts import FactKind, Sheet

_VERSION = re.compile(r"(?<![0-9.])([0-9]+\.[0-9]+\.[0-9]+)(?![0-9.])")
_PYTHON = re.compile(r"(?:python|pypy)([0-9.]*)")
_RELEASE = re.compile(r'^JAVA_VERSION="([^"\n]{1,50})"', re.MULTILINE)
_NODE = re.compile(r"^#define NODE_(?:MAJOR|MINOR|PATCH)_VERSION ([0-9]+)$", re.MULTILINE)
_PATCH_LEVEL = re.compile(r'^#define PY_VERSION\s+"([^"\n]{1,50})"', re.MULTILINE)
_LARGEST = 65_536
# https://pkg.go.dev/debug/buildinfo: the magic, the size of a pointer, flags; from Go 1.18 on two strings at byte 32.
_GO_MAGIC = b"\xff Go buildinf:"
_GO_HEADER, _GO_FLAGS, _GO_INLINE = 32, 15, 2
# The two marks that the linker puts around the text about modules.
_GO_MARK = 16
# Settings of a Go build that change what it makes; not its time, its commit, or its folder.
_GO_SETTINGS = re.compile(r"-\w+|CGO_\w+|GO(?:AMD64|ARM64|ARM|386|EXPERIMENT|FIPS140|DEBUG)|DefaultGODEBUG")
_STAMP = re.compile(r"(?<!\S)-X[= ]\S+\s*")


def executable_facts(program: Path, opened: str, place: str) -> list[Sheet]:
    """Facts of a program. program: its path. opened: a path by which it can be read, also once it was removed."""
    name = program.name
    if match := _PYTHON.fullmatch(name):
        return _runtime("python", _python_version(program) or match[1], place)
    if name in ("node", "nodejs"):
        numbers = _NODE.findall(_beside(program, "include/node/node_version.h"))
        return _runtime("node", ".".join(numbers) if len(numbers) == 3 else _in_path(program), place)
    if name == "java":
        release = _RELEASE.search(_beside(program, "release"))
        return _runtime("java", release[1] if release else _in_path(program), place)
    if build := _go_build(opened):
        return _go_facts(*build, place)
    return _runtime(name, _in_path(program), place)


def _runtime(name: str, version: str, place: str) -> list[Sheet]:
    return [Sheet(FactKind.RUNTIME, place, {name: version})] if version else []


def _python_version(program: Path) -> str:
    for folder in sorted((program.parent.parent / "include").glob(f"{program.name}*"))[:2]:
        if found := _PATCH_LEVEL.search(_text(folder / "patchlevel.h")):
            return found[1]
    return _in_path(program)


def _in_path(program: Path) -> str:
    """The version in the name of a folder, as version managers have it: .../cpython-3.12.4-linux/bin/python3.12."""
    found = [match[1] for part in program.parts[:-1] if (match := _VERSION.search(part))]
    return found[-1] if found else ""


def _beside(program: Path, path: str) -> str:
    return _text(program.parent.parent / path)


def _text(file: Path) -> str:
    """The beginning of a regular file; "" where there is none."""
    with suppress(OSError):
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK)
        try:
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                return os.read(descriptor, _LARGEST).decode(errors="replace")
        finally:
            os.close(descriptor)
    return ""


def _go_build(opened: str) -> tuple[str, str] | None:
    """The version of Go and the text about modules in a program; None where no Go compiler made it."""
    with (
        suppress(OSError, ValueError, IndexError),
        open(opened, "rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data,
    ):
        start = data.find(_GO_MAGIC)
        if start < 0 or not data[start + _GO_FLAGS] & _GO_INLINE:
            return None
        version, end = _go_string(data, start + _GO_HEADER)
        modules, _ = _go_string(data, end)
        return version.decode(errors="replace"), modules[_GO_MARK:-_GO_MARK].decode(errors="replace")
    return None


def _go_string(data: mmap.mmap, start: int) -> tuple[bytes, int]:
    """A string behind its length, and where it ends. ValueError where the file ends before."""
    length = shift = 0
    for place in range(start, min(start + 5, len(data))):
        length |= (data[place] & 0x7F) << shift
        shift += 7
        if not data[place] & 0x80:
            end = place + 1 + length
            if end <= len(data):
                return data[place + 1 : end], end
            break
    raise ValueError("it is cut off")


def _go_facts(version: str, modules: str, place: str) -> list[Sheet]:
    packages: dict[str, str] = {}
    settings: dict[str, str] = {}
    latest = ""
    for words in (line.split("\t") for line in modules.splitlines()):
        if words[0] == "dep" and len(words) > 2:
            latest = words[1]
            packages[latest] = words[2]
        elif words[0] == "=>" and latest and len(words) > 2:
            packages[latest] = f"{words[1]} {words[2]}"
        elif words[0] == "build" and len(words) > 1:
            name, _, value = words[1].partition("=")
            if _GO_SETTINGS.fullmatch(name):
                # What -X writes into a program is its version, or its commit.
                settings[name] = _STAMP.sub("", value.strip('"')).strip()
    go = version.removeprefix("go").partition(" ")[0]
    kinds: dict[FactKind, Mapping[str, str]] = {
        FactKind.RUNTIME: {"go": go},
        FactKind.PACKAGE: packages,
        FactKind.BUILD: settings,
    }
    return [Sheet(kind, place, values) for kind, values in kinds.items()]
