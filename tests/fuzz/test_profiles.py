"""What the cause of a regression is looked for in: stacks of profilers, diffs of git, lock and build files, spoiled."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest

from perfgate.explain.changes import parse_diff
from perfgate.explain.differences.facts import Sheet
from perfgate.explain.differences.files.reading import reader_of
from perfgate.explain.differences.tree import BROKEN
from perfgate.explain.differences.versions import numbers_of
from perfgate.explain.extents import extent
from perfgate.explain.folded import parse_folded
from perfgate.explain.profilers.gathering import Gathering
from perfgate.explain.profilers.jfr_print import parse_print
from perfgate.explain.profilers.perf_script import parse_script
from perfgate.explain.profilers.postgres import read_statements
from perfgate.explain.profilers.pprof_profile import parse_pprof
from tests.explain.test_changes import SOURCE
from tests.explain.test_extents import GO, JAVASCRIPT
from tests.explain.test_perf_script import MAP, SCRIPT, names_of
from tests.explain.test_pprof_profile import PACKED, PROFILE
from tests.support.lock_files import LOCK_FILES
from tests.support.mutations import spoiled_bytes

pytestmark = pytest.mark.fuzz

FOLDED = [
    b"process 7:python app.py;thread (0x7F);handle (/srv/shop/app.py:12);<listcomp> (/srv/shop/app.py:13) 17\n",
    b"main;main.work;runtime.mallocgc 1\nmain 3\n",
]
SCRIPTS = [
    SCRIPT.encode(),
    f"4711\n\t10 JS:*look file:///srv/shop.js:12:3+0x4 ({MAP})\n\t11 py::look:/srv/a.py ({MAP})\n".encode(),
]
PRINTED = [
    b"jdk.ExecutionSample {\n  stackTrace = [\n    shop.Prices$Rule.of(int, String)   line: 12\n"
    b"    shop.Main.lambda$0()  line: -1\n  ]\n}\n"
]
DIFFS = [b"diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -3,0 +4,2 @@ def f():\n@@ -9 +10,0 @@\n"]
STATEMENTS = [json.dumps([["select $1", 3, 1.5], ["select $1", 1, 0.25]]).encode()]
BUILD_FILES = [
    ("Dockerfile", b"ARG V=3\nFROM python:${V} AS a\nENV A=1 B='2'\nRUN x \\\n y\nFROM a\n"),
    ("Makefile", b"CFLAGS += -O2 -g\nall:\n\tgo build -ldflags='-s -w' -tags a,b\n"),
    ("go.mod", b"module a\ngo 1.22\n"),
    (".tool-versions", b"python 3.12.1\n"),
    ("rust-toolchain.toml", b'[toolchain]\nchannel = "1.80"\n'),
    (".cargo/config.toml", b'[build]\nrustflags = ["-C", "opt-level=3"]\n'),
    ("perfgate.toml", b"[service]\nenv = {A='1'}\n"),
]


def text_of(data: bytes) -> str:
    return data.decode(errors="replace")


def test_sources(fuzz):
    def play(data: bytes) -> None:
        source = text_of(data)
        for path in ("a.py", "a.js"):
            for line in range(1, source.count("\n") + 1, 3):
                found = extent(path, source, line)
                assert found is None or found.start <= line < found.stop

    fuzz(spoiled_bytes([one.encode() for one in (SOURCE, JAVASCRIPT, GO)]), play)


def test_folded_stacks(fuzz):
    def play(data: bytes) -> None:
        for seconds in (None, 0.01):
            assert all(count >= 0 for count in parse_folded(text_of(data), "/srv/shop", seconds).stacks.values())

    fuzz(spoiled_bytes(FOLDED), play)


def test_what_perf_prints(fuzz):
    def play(data: bytes) -> None:
        names, found = names_of(Gathering("/srv")), parse_script(text_of(data).splitlines())
        # Without a look at the samples nothing is asked of addr2line.
        for sample in found:
            names.stack(sample)

    fuzz(spoiled_bytes(SCRIPTS), play)


def test_what_jfr_prints(fuzz):
    def play(data: bytes) -> None:
        for stack in parse_print(text_of(data).splitlines()):
            assert stack
            assert all(method.line >= 0 for method in stack)

    fuzz(spoiled_bytes(PRINTED), play)


def test_profiles_of_pprof(fuzz):
    def play(data: bytes) -> None:
        with suppress(ValueError):
            parse_pprof(data)

    fuzz(spoiled_bytes([PROFILE, PACKED]), play)


def test_diffs(fuzz):
    fuzz(spoiled_bytes(DIFFS), lambda data: parse_diff(text_of(data).splitlines()))


def test_statements_of_postgres(fuzz):
    def play(data: bytes) -> None:
        with suppress(ValueError):
            read_statements(text_of(data))

    fuzz(spoiled_bytes(STATEMENTS), play)


@pytest.mark.parametrize("kind", ["lock", "build"])
def test_files_of_packages_and_builds(fuzz, kind):
    files = BUILD_FILES if kind == "build" else [(file.path, file.base.encode()) for file in LOCK_FILES]
    readers = {path: reader_of(path) for path, _ in files}

    def play(data: bytes) -> None:
        text = text_of(data)
        for path, read in readers.items():
            assert read is not None
            try:
                sheets = read(path, text)
            except BROKEN:
                continue
            for sheet in sheets:
                assert isinstance(sheet, Sheet)
                for value in sheet.values.values():
                    numbers_of(value)

    fuzz(spoiled_bytes([data for _, data in files]), play)
