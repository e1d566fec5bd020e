"""Dockerfiles, Makefiles, versions that a project wants, and settings: what they say, and what of it may be shown."""

from __future__ import annotations

from contextlib import suppress

import pytest

from perfgate.explain.differences.comparing import compare
from perfgate.explain.differences.facts import FactKind
from perfgate.explain.differences.files.reading import reader_of

DOCKERFILE = """\
# syntax=docker/dockerfile:1
ARG PYTHON=3.12
FROM golang:1.22 AS builder
RUN --mount=type=cache,target=/root/.cache \\
    # not now
    go build -ldflags "-s -w" ./...

FROM python:3.12-slim@sha256:abc
ENV PYTHONOPTIMIZE=1 LOG_LEVEL="info" \\
    API_KEY=k1
ENV OLD style
RUN apt-get update && apt-get install --yes libpq5
RUN <<EOF
pip install -r requirements.txt
ENV LOOKS=like one
EOF
COPY . .
CMD ["gunicorn", "-w", "4", "app:app"]
"""
MAKEFILE = """\
CFLAGS = -O2 -g -march=native -DNDEBUG -fno-omit-frame-pointer
build:
\tgo build -gcflags="all=-N -l" -tags netgo ./...
\tcargo build --release
"""


def changed(path, base, *changes):
    """The differences where each change replaced some words of the file, as (kind, name, base, head)."""
    head = base
    for old, new in changes:
        assert old in head
        head = head.replace(old, new)
    reader = reader_of(path)
    found = compare(reader(path, base), reader(path, head))
    return [(one.kind, one.name, "hidden" if one.hidden else one.base, one.head) for one in found]


@pytest.mark.parametrize(
    ("old", "new", "difference"),
    [
        ("python:3.12-slim@sha256:abc", "python:3.13-slim@sha256:def",
         (FactKind.IMAGE, "FROM", "python:3.12-slim@sha256:abc", "python:3.13-slim@sha256:def")),
        ("golang:1.22", "golang:1.23", (FactKind.IMAGE, "FROM (stage builder)", "golang:1.22", "golang:1.23")),
        ("ARG PYTHON=3.12", "ARG PYTHON=3.13", (FactKind.BUILD, "ARG PYTHON", "3.12", "3.13")),
        ("PYTHONOPTIMIZE=1", "PYTHONOPTIMIZE=0", (FactKind.BUILD, "ENV PYTHONOPTIMIZE", "1", "0")),
        ('LOG_LEVEL="info"', "LOG_LEVEL='debug'", (FactKind.BUILD, "ENV LOG_LEVEL", "info", "debug")),
        ("API_KEY=k1", "API_KEY=k2", (FactKind.BUILD, "ENV API_KEY", "hidden", "")),
        ("ENV OLD style", "ENV OLD other", (FactKind.BUILD, "ENV OLD", "hidden", "")),
        ('"-w", "4"', '"-w", "2"',
         (FactKind.COMMAND, "CMD", '["gunicorn", "-w", "4", "app:app"]', '["gunicorn", "-w", "2", "app:app"]')),
        ("--yes libpq5", "--yes libpq6",
         (FactKind.BUILD, "RUN apt-get update", "apt-get update && apt-get install --yes libpq5",
          "apt-get update && apt-get install --yes libpq6")),
        ("-r requirements.txt", "--no-binary :all:",
         (FactKind.BUILD, "RUN pip install", "<<EOF pip install -r requirements.txt ENV LOOKS=like one EOF",
          "<<EOF pip install --no-binary :all: ENV LOOKS=like one EOF")),
        ('-ldflags "-s -w"', '-gcflags "-N"',
         (FactKind.BUILD, "RUN go build", '… go build -ldflags "-s -w" ./...', '… go build -gcflags "-N" ./...')),
    ],
)  # fmt: skip
def test_an_instruction_of_a_dockerfile_differs(old, new, difference):
    assert changed("Dockerfile", DOCKERFILE, (old, new)) == [difference]


@pytest.mark.parametrize(
    "line",
    ["TOKEN=hunter2 ./fetch", "export TOKEN=hunter2 && ./fetch", "curl https://me:hunter2@host", "echo hunter2 x"],
)
def test_the_name_of_an_instruction_tells_no_secret(line):
    sheets = reader_of("Dockerfile")("Dockerfile", f"FROM x\nRUN {line}\n")
    assert "hunter2" not in repr([list(sheet.values) for sheet in sheets])


def build_of(text):
    return {
        name: value for sheet in reader_of("Dockerfile")("Dockerfile", text) for name, value in sheet.values.items()
    }


@pytest.mark.parametrize("between", ["", "\n", "   \n\t\n", "# a comment\n\n  # another\n"])
def test_empty_lines_and_comments_do_not_end_an_instruction(between):
    text = f"FROM python:3.12\nRUN apt-get install \\\n{between}    libpq5 \\ \n{between}    curl\n{between}CMD run\n"
    assert build_of(text) == {
        "FROM": "python:3.12",
        "RUN apt-get install": "apt-get install libpq5 curl",
        "CMD": "run",
    }


@pytest.mark.parametrize(
    "start",
    ["COPY <<EOF /etc/shop.conf", "ADD --chmod=644 <<'EOF' /etc/", 'COPY --chown=me 3<<"EOF" /x', "COPY <<-EOF /x"],
)
def test_the_lines_of_a_copied_file_are_no_instructions(start):
    end = "\tEOF" if "-EOF" in start else "EOF"
    text = f"FROM python:3.12\n{start}\nENV A=b\nFROM x\n EOF\n{end}\nENV C=d\n"
    assert build_of(text) == {"FROM": "python:3.12", "ENV C": "d"}


@pytest.mark.parametrize(
    "line", ["cat <<<EOF", "python -c 'print(1 <<EOF)'", "bash -c 'cat <<EOF'", "test $((1<<EOF))", "cat <<EOF"]
)
def test_what_only_looks_like_a_file_swallows_nothing(line):
    assert build_of(f"FROM python:3.12\nRUN {line}\nENV C=d\n")["ENV C"] == "d"


def test_several_files_of_one_instruction_are_read():
    text = "FROM x\nRUN cat <<A && make <<B\nENV A=1\nA\nENV B=2\nB\nENV C=3\n"
    assert build_of(text) == {"FROM": "x", "RUN cat": "cat <<A && make <<B ENV A=1 A ENV B=2 B", "ENV C": "3"}


def test_a_comment_and_what_is_copied_is_no_difference():
    assert changed("deploy/api.Dockerfile", DOCKERFILE, ("# not now", "# later"), ("COPY . .", "COPY src src")) == []


def test_a_file_without_from_is_no_dockerfile():
    with pytest.raises(ValueError, match="FROM"):
        reader_of("Dockerfile")("Dockerfile", "CMD true\n")


@pytest.mark.parametrize(
    "text",
    ["FROM \\", "FROM x\nRUN \\\n", "FROM x\nRUN <<EOF\nnever ends", "FROM --a", "FROM x\n" * 3, "FROM x\nENV a\n"],
)
def test_a_dockerfile_that_ends_early_is_read_to_its_end(text):
    with suppress(ValueError):
        reader_of("Dockerfile")("Dockerfile", text)


@pytest.mark.parametrize(
    ("old", "new", "difference"),
    [
        ("-O2", "-O0", ("-O", "-O2", "-O0")),
        ("-march=native", "-march=x86-64", ("-march", "-march=native", "-march=x86-64")),
        (" -DNDEBUG", "", ("-DNDEBUG", "-DNDEBUG", None)),
        ("-fno-omit-frame-pointer", "-fomit-frame-pointer",
         ("-fomit-frame-pointer", "-fno-omit-frame-pointer", "-fomit-frame-pointer")),
        ('-gcflags="all=-N -l" ', "", ("-gcflags", '-gcflags="all=-N -l"', None)),
        ("-tags netgo", "-tags nethttp", ("-tags", "-tags netgo", "-tags nethttp")),
        (" --release", "", ("--release", "--release", None)),
    ],
)  # fmt: skip
def test_a_flag_of_a_compiler_differs(old, new, difference):
    assert changed("Makefile", MAKEFILE, (old, new)) == [(FactKind.BUILD, *difference)]


def test_lines_of_a_makefile_whose_flags_are_the_same_do_not_differ():
    assert changed("Makefile", MAKEFILE, ("build:", "all:"), ("./...", "./cmd")) == []


@pytest.mark.parametrize(
    ("path", "base", "head", "difference"),
    [
        (".python-version", "3.12.1\n", "3.13.0\n", ("python", "3.12.1", "3.13.0")),
        ("runtime.txt", "python-3.12.1", "python-3.13.0", ("python", "3.12.1", "3.13.0")),
        (".nvmrc", "v20.11.0\n", "v22.1.0\n", ("node", "20.11.0", "22.1.0")),
        (".tool-versions", "nodejs 20.1.0\nruby 3.2 # x\n", "nodejs 20.1.0\nruby 3.3\n", ("ruby", "3.2", "3.3")),
        ("rust-toolchain.toml", '[toolchain]\nchannel = "1.75"\n', '[toolchain]\nchannel = "1.79"\n',
         ("rust", "1.75", "1.79")),
        ("rust-toolchain", '[toolchain]\nchannel = "1.75"\n', '[toolchain]\nchannel = "1.79"\n',
         ("rust", "1.75", "1.79")),
        ("rust-toolchain", "1.75\n", "1.79\n", ("rust", "1.75", "1.79")),
        ("go.mod", "module x\ngo 1.21\n", "module x\ngo 1.22\n\ntoolchain go1.22.3\n", ("go", "1.21", "1.22.3")),
    ],
)  # fmt: skip
def test_a_language_is_wanted_in_another_version(path, base, head, difference):
    assert changed(path, base, (base, head)) == [(FactKind.RUNTIME, *difference)]


def test_a_version_that_only_says_more_is_no_difference():
    assert changed(".python-version", "3.12\n", ("3.12", "3.12.4")) == []


PERFGATE = """\
[service]
command = "gunicorn -w 4 app:app"
build_command = "make"
[service.env]
GOGC = "100"
PASSWORD = "hunter2"
DATABASE_URL = "postgres://u:hunter2@db/shop"
[[dependencies]]
name = "db"
image = "postgres:15"
env = {POSTGRES_PASSWORD = "x", WORK_MEM = "4MB"}
[measure]
round = "1s"
"""


@pytest.mark.parametrize(
    ("old", "new", "difference"),
    [
        ("-w 4", "-w 2", ("[service] command", "gunicorn -w 4 app:app", "gunicorn -w 2 app:app")),
        ('GOGC = "100"', 'GOGC = "50"', ("[service] env GOGC", "100", "50")),
        ('\nPASSWORD = "hunter2"', '\nPASSWORD = "hunter3"', ("[service] env PASSWORD", "hidden", "")),
        ("u:hunter2", "u:hunter3", ("[service] env DATABASE_URL", "hidden", "")),
        ("postgres:15", "postgres:16", ("[[dependencies]] db image", "postgres:15", "postgres:16")),
        ("4MB", "64MB", ("[[dependencies]] db env WORK_MEM", "4MB", "64MB")),
        ('PASSWORD = "x"', 'PASSWORD = "y"', ("[[dependencies]] db env POSTGRES_PASSWORD", "hidden", "")),
    ],
)
def test_a_setting_of_perfgate_differs(old, new, difference):
    assert changed("perfgate.toml", PERFGATE, (old, new)) == [(FactKind.SETTING, *difference)]


def test_how_it_is_measured_is_no_difference():
    assert changed("perfgate.toml", PERFGATE, ('"1s"', '"2s"')) == []


def test_a_profile_of_cargo_differs():
    base = '[package]\nname = "shop"\nversion = "1.0.0"\n[profile.release]\nopt-level = 3\nlto = true\n'
    found = changed("Cargo.toml", base, ("opt-level = 3", "opt-level = 1"), ("1.0.0", "1.1.0"))
    assert found == [(FactKind.BUILD, "[profile.release] opt-level", "3", "1")]


def test_flags_of_rust_differ():
    base = '[build]\nrustflags = ["-C", "target-cpu=native"]\n'
    (found,) = changed(".cargo/config.toml", base, ("native", "generic"))
    assert found[1:3] == ("[build] rustflags", '["-C", "target-cpu=native"]')


@pytest.mark.parametrize("path", ["README.md", "src/config.toml", "main.go", "Dockerfile.d/readme", "package.json"])
def test_other_files_are_not_read(path):
    assert reader_of(path) is None
