"""Facts of running processes and their executables. Nothing is run to get them."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from perfgate.explain.differences.executables import executable_facts
from perfgate.explain.differences.facts import SERVICE, FactKind
from perfgate.explain.differences.installed import installed_packages
from perfgate.explain.differences.own_values import OwnValues
from perfgate.explain.differences.processes import process_facts
from perfgate.service.owner import this_process

NOTHING_OWN = OwnValues({}, ())
WAIT = "import sys; print('ready', flush=True); sys.stdin.read()"


@contextmanager
def running(*command, **settings):
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **settings)
    try:
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()


def values_of(sheets):
    return {sheet.kind: sheet.values for sheet in sheets}


def test_a_python_process_tells_its_command_environment_runtime_and_libraries():
    with running(sys.executable, "-O", "-c", WAIT, env={**os.environ, "GOGC": "50"}) as process:
        found = values_of(process_facts([process.pid], NOTHING_OWN))
    assert found[FactKind.COMMAND]["command"].startswith(f"{sys.executable} -O -c ")
    assert found[FactKind.ENVIRONMENT]["GOGC"] == "50"
    assert platform.python_version().startswith(found[FactKind.RUNTIME]["python"])
    assert all(sheet.place == SERVICE for sheet in process_facts([os.getpid()], NOTHING_OWN))


def test_a_virtual_environment_has_libraries_of_its_own(tmp_path):
    site = tmp_path / "lib" / "python3.12" / "site-packages"
    site.mkdir(parents=True)
    for name in ("fastapi-0.110.0.dist-info", "Pydantic_Core-2.18.1.dist-info", "x.egg-info", "-1.dist-info"):
        (site / name).mkdir()
    (tmp_path / "pyvenv.cfg").write_text("")
    origin = {"url": "https://git.example/rules", "vcs_info": {"vcs": "git", "commit_id": "1a2b3c4d5e6f70"}}
    for name, text in (("rules-0.1.dist-info", json.dumps(origin)), ("own-0.1.dist-info", '{"dir_info": {}}')):
        (site / name).mkdir()
        (site / name / "direct_url.json").write_text(text)
    program = Path("/usr/bin/python3.12")
    found = installed_packages(program, [str(tmp_path / "bin" / "python")], Path("/"))
    assert found == {"fastapi": "0.110.0", "pydantic-core": "2.18.1", "rules": "0.1 (1a2b3c4)", "own": "0.1"}
    assert installed_packages(program, ["bin/python"], tmp_path) == found
    assert installed_packages(Path("/usr/bin/ruby"), ["ruby"], tmp_path) == {}


def test_node_tells_its_libraries_by_the_list_of_npm(tmp_path):
    (tmp_path / "node_modules").mkdir()
    listed = tmp_path / "node_modules" / ".package-lock.json"
    listed.write_text('{"lockfileVersion": 3, "packages": {"node_modules/express": {"version": "4.18.2"}}}')
    assert installed_packages(Path("/usr/bin/node"), ["node"], tmp_path) == {"express": "4.18.2"}
    listed.write_text("[")
    assert installed_packages(Path("/usr/bin/node"), ["node"], tmp_path) == {}


def test_a_launcher_is_not_the_service():
    with running("sh", "-c", f'GOGC=7 {sys.executable} -c "{WAIT}"; true') as process:
        found = values_of(process_facts([process.pid], NOTHING_OWN))
    assert found[FactKind.COMMAND]["command"].startswith(sys.executable)
    assert found[FactKind.ENVIRONMENT]["GOGC"] == "7"


def test_what_perfgate_gave_one_side_is_no_difference(tmp_path):
    tree = f"/tmp/perfgate-{this_process()}-abc_1234/shop"
    own = OwnValues({"port": "41873", "side": "base", "db.url": "postgres://me:x@localhost:5433/shop"}, ("DB_URL",))
    assert own.neutral(f"{tree}/.venv/bin/python {tree} --port=41873 --db postgres://me:x@localhost:5433/shop") == (
        "./.venv/bin/python . --port={port} --db {db.url}"
    )
    assert own.neutral("database base 141873 41873.5") == "database base 141873 41873.5"
    variables = {
        "DB_URL": "x",
        "PORT": "1",
        "PERFGATE_SERVICE": "x",
        "PWD": tree,
        "GIT_COMMIT": "a",
        "PYTHONPATH": f"{tree}/src",
    }
    assert own.compared(variables) == {"PYTHONPATH": "./src"}


def test_a_process_that_has_ended_tells_nothing():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    assert process_facts([process.pid], NOTHING_OWN) == ()
    assert process_facts([], NOTHING_OWN) == ()


def test_a_process_may_end_while_it_is_looked_at():
    process = subprocess.Popen(["sleep", "60"])
    process.kill()
    while psutil.Process(process.pid).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)
    assert all(
        sheet.kind in (FactKind.COMMAND, FactKind.ENVIRONMENT) for sheet in process_facts([process.pid], NOTHING_OWN)
    )
    process.wait()


def program(folder, path, **beside):
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"\x7fELF")
    for name, text in beside.items():
        other = folder / name.replace("__", "/")
        other.parent.mkdir(parents=True, exist_ok=True)
        other.write_text(text)
    return file


def runtime(file):
    return next((sheet.values for sheet in executable_facts(file, str(file), SERVICE)), {})


def test_the_runtime_is_told_by_the_files_beside_it(tmp_path):
    header = "#define NODE_MAJOR_VERSION 20\n#define NODE_MINOR_VERSION 11\n#define NODE_PATCH_VERSION 1\n"
    node = program(tmp_path / "a", "bin/node", **{"include__node__node_version.h": header})
    assert runtime(node) == {"node": "20.11.1"}
    java = program(tmp_path / "b", "bin/java", release='IMPLEMENTOR="x"\nJAVA_VERSION="21.0.2"\n')
    assert runtime(java) == {"java": "21.0.2"}
    patch = '#define PY_VERSION              "3.12.4"\n'
    python = program(tmp_path / "c", "bin/python3.12", **{"include__python3.12__patchlevel.h": patch})
    assert runtime(python) == {"python": "3.12.4"}


def test_the_runtime_is_told_by_its_folder_or_its_name(tmp_path):
    assert runtime(program(tmp_path, "cpython-3.12.4-linux/bin/python3.12")) == {"python": "3.12.4"}
    assert runtime(program(tmp_path, "d/bin/python3.12")) == {"python": "3.12"}
    assert runtime(program(tmp_path, ".nvm/v20.11.0/bin/node")) == {"node": "20.11.0"}
    assert runtime(program(tmp_path, ".rbenv/versions/3.3.0/bin/ruby")) == {"ruby": "3.3.0"}
    assert runtime(program(tmp_path, "e/bin/shop")) == {}


@pytest.mark.parametrize("harm", ["fifo", "folder", "noise"])
def test_what_is_no_regular_file_is_not_read(tmp_path, harm):
    java = program(tmp_path, "bin/java")
    release = tmp_path / "release"
    if harm == "fifo":
        os.mkfifo(release)
    elif harm == "folder":
        release.mkdir()
    else:
        release.write_bytes(b"\xff" * 99_999)
    assert runtime(java) == {}


def length(text):
    """As Go writes it before a string."""
    number, written = len(text), b""
    while number >= 0x80:
        written += bytes([number & 0x7F | 0x80])
        number >>= 7
    return written + bytes([number]) + text


def go_program(folder, modules, version=b"go1.22.1"):
    """As https://pkg.go.dev/debug/buildinfo describes it."""
    marked = b"0" * 16 + modules.encode() + b"1" * 16
    file = folder / "shop"
    header = b"\xff Go buildinf:" + bytes([8, 2]) + bytes(16)
    file.write_bytes(b"\x7fELF" + bytes(5000) + header + length(version) + length(marked) + bytes(100))
    return file


MODULES = """\
path\texample.com/shop
mod\texample.com/shop\t(devel)\t
dep\tgithub.com/go-chi/chi/v5\tv5.0.12\th1:9euLV5sTrTNTRUU9POmDUvfxyj6LAABLUcEWO+JJb4s=
dep\tgolang.org/x/text\tv0.14.0
=>\tgithub.com/own/text\tv0.14.1\th1:abc=
build\t-gcflags="all=-N -l"
build\t-ldflags="-s -X main.version=0a1b2c -w"
build\tCGO_ENABLED=0
build\tGOAMD64=v1
build\tvcs.revision=0a1b2c
build\tvcs.time=2026-01-01T00:00:00Z
"""


def test_a_go_program_tells_its_version_modules_and_flags(tmp_path):
    file = go_program(tmp_path, MODULES)
    found = values_of(executable_facts(file, str(file), SERVICE))
    assert found[FactKind.RUNTIME] == {"go": "1.22.1"}
    assert found[FactKind.PACKAGE] == {
        "github.com/go-chi/chi/v5": "v5.0.12",
        "golang.org/x/text": "github.com/own/text v0.14.1",
    }
    assert found[FactKind.BUILD] == {"-gcflags": "all=-N -l", "-ldflags": "-s -w", "CGO_ENABLED": "0", "GOAMD64": "v1"}


@pytest.mark.parametrize("kept", [0, 4, 5010, 5018, 5019, 5020, 5036, 5037, 5040, 5045, 5046, 5100, 5300])
def test_a_go_program_that_is_cut_off_tells_nothing(tmp_path, kept):
    file = go_program(tmp_path, MODULES)
    file.write_bytes(file.read_bytes()[:kept])
    assert executable_facts(file, str(file), SERVICE) == []
