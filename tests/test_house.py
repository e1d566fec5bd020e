"""The house stands as it was drawn: imports go down, and importing perfgate does nothing."""

import ast
import configparser
import re
import shutil
import subprocess
import sys
from collections import defaultdict

import pytest

import perfgate
from perfgate.version import VERSION
from tests.support.paths import ROOT

PACKAGE = ROOT / "perfgate"
MODULES = sorted(PACKAGE.rglob("*.py"))
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command(['--no-cache'])"
# A circle of two modules, of which one needs the other for its types alone.
CIRCLE = "\n\nfrom typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import perfgate.scenario.rows_file\n"
MOST_MODULES = {"cli": 20}  # other rooms may have 24 beside their faces

# Class names that two modules have. The petstore is a program of its own, and each engine has messages of its own.
NAMES_TWICE = {
    "PlayRound": {"load/locustfile/messages.py", "load/machines/messages.py"},
    "Refusal": {"load/machines/protocol.py", "petstore/operations.py"},
    "Request": {"load/wire/interface.py", "petstore/operations.py"},
    # What a scenario file names for its editor, and what it is given.
    "Response": {"load/http/response.py", "scenario/user.py"},
    "ServerEvent": {"load/http/server_events.py", "scenario/user.py"},
    "User": {"load/generator/user.py", "scenario/user.py"},
    # Of a Dockerfile, and of a load.
    "Stage": {"scaffold/service/dockerfiles.py", "scenario/profile.py"},
    # What the load wants of a service, and what services give.
    "Usage": {"load/target.py", "service/usage.py"},
}

# Tests of the scenarios and workflows of this repository, and those that take a Docker Engine or databases.
BESIDE_THE_ROOMS = {"containers", "databases", "docs", "fuzz", "scenarios", "workflows", "workflows/executed"}

# What reads the environment, the working directory or the command line's library, or prints, belongs in cli. Elsewhere:
ALLOWED = {}


def python(code):
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_import_contract_holds():
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout


def test_the_import_contract_fails_when_a_circle_is_put_in(tmp_path):
    shutil.copytree(PACKAGE, tmp_path / "perfgate", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "setup.cfg", tmp_path)
    with (tmp_path / "perfgate/scenario/rows.py").open("a") as file:
        file.write(CIRCLE)
    done = lint(tmp_path)
    assert done.returncode == 1, done.stderr
    assert "No circle among siblings, imports for types included BROKEN" in done.stdout
    assert ".rows_file -> .rows" in done.stdout


def lint(folder):
    """The import linter in a folder that has a perfgate and its contract."""
    pytest.importorskip("importlinter")
    return subprocess.run([sys.executable, "-c", LINT], cwd=folder, capture_output=True, text=True, check=False)


def test_the_plan_of_the_house_names_every_room_once():
    rooms = [path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()]
    assert sorted(plan()) == sorted(set(rooms) - {"__init__", "__main__"})


def test_the_plan_of_the_house_goes_up_the_layers_of_the_contract():
    contract = configparser.ConfigParser()
    contract.read(ROOT / "setup.cfg")
    layers = contract["importlinter:contract:layers"]["layers"].split("\n")
    floor = {room.strip(): -number for number, layer in enumerate(layers) for room in layer.split("|")}
    assert [floor[room] for room in plan()] == sorted(floor[room] for room in plan())


def plan():
    """The rooms in the order of the plan in perfgate's docstring."""
    _, _, text = perfgate.__doc__.partition("The plan of the house")
    return re.findall(r"^    (\w+)  +\S", text, re.MULTILINE)


def test_python_m_perfgate_is_the_command_line():
    done = subprocess.run(
        [sys.executable, "-m", "perfgate", "--version"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"perfgate, version {VERSION}\n"


def test_the_command_in_the_git_configuration_of_older_clones_still_works():
    assert python("import sys; sys.argv[1:] = ['--version']; from perfgate.cli import main; main()").endswith(VERSION)


def test_no_room_is_overcrowded():
    rooms = {str(folder.relative_to(PACKAGE)): len(list(folder.glob("[!_]*.py"))) for folder in folders()}
    crowded = {room: count for room, count in rooms.items() if count > MOST_MODULES.get(room, 24)}
    assert crowded == {}


def folders():
    return sorted({path.parent for path in MODULES} - {PACKAGE})


def test_importing_perfgate_patches_and_starts_nothing():
    said = python(
        "import sys, threading, perfgate\n"
        "heavy = {'gevent', 'requests', 'click', 'sqlite_utils', 'httptools', 'perfgate.scenario.scenario'}\n"
        "print(sorted(heavy & set(sys.modules)), threading.active_count())"
    )
    assert said == "[] 1"


def test_help_imports_none_of_the_machinery():
    said = python(
        "import sys\n"
        "from perfgate.cli.app import invoke\n"
        "invoke(['--help'])\n"
        "print({'gevent', 'requests', 'sqlite_utils', 'httptools', 'psutil'} & set(sys.modules) or 'light')"
    )
    assert said.endswith("light")


def test_the_process_of_the_command_line_is_never_patched():
    said = python(
        "import importlib, pkgutil, perfgate.application, perfgate.cli\n"
        "for room in (perfgate.application, perfgate.cli):\n"
        "    for module in pkgutil.walk_packages(room.__path__, f'{room.__name__}.'):\n"
        "        importlib.import_module(module.name)\n"
        "from gevent import monkey\n"
        "print(any(monkey.is_module_patched(name) for name in ('socket', 'time', 'threading', 'select')))"
    )
    assert said == "False"


def test_every_module_says_what_it_is():
    assert [str(path.relative_to(ROOT)) for path in MODULES if len(docstring_of(path).split()) < 3] == []


def test_every_room_says_what_others_may_take():
    """In the docstring of its face, which names its modules; or by `__all__`."""
    stubs = []
    for folder in folders():
        face = folder / "__init__.py"
        words = set(re.findall(r"[\w/]+", docstring_of(face)))
        inside = {path.stem for path in folder.iterdir() if not path.name.startswith("_")}
        if not words & inside and "__all__" not in face.read_text(encoding="utf-8"):
            stubs.append(str(face.relative_to(ROOT)))
    assert stubs == []


def docstring_of(path):
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""


def test_the_folders_of_tests_mirror_the_rooms():
    rooms = {str(folder.relative_to(PACKAGE)) for folder in folders()}
    tested = {str(file.parent.relative_to(ROOT / "tests")) for file in (ROOT / "tests").rglob("test_*.py")}
    assert tested - rooms == {".", *BESIDE_THE_ROOMS}
    assert {room for room in rooms if "/" not in room} <= tested


def test_every_test_file_says_its_subject():
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    assert [str(file) for file in files if not docstring_of(file)] == []


def test_a_class_name_means_one_thing():
    modules = defaultdict(set)
    for path in MODULES:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                modules[node.name].add(str(path.relative_to(PACKAGE)))
    assert {name: found for name, found in modules.items() if len(found) > 1} == NAMES_TWICE


def test_the_command_line_alone_prints_reads_its_surroundings_and_knows_click():
    found = {}
    for path in MODULES:
        name = str(path.relative_to(PACKAGE))
        if not name.startswith("cli/"):
            found |= {name: uses} if (uses := surroundings_of(path)) else {}
    assert found == ALLOWED


def surroundings_of(path):
    """What of the environment, the working directory, standard output and click a module uses."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and ast.unparse(node) in (
            "os.environ",
            "os.getenv",
            "os.getcwd",
            "Path.cwd",
        ):
            found.add(ast.unparse(node))
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "print":
            found.add("print")
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else [name.name for name in node.names]
            found |= {"click"} & {module.partition(".")[0] for module in modules}
    return found
