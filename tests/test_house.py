"""The house stands as it was drawn: imports go down, and importing perfgate does nothing."""

import subprocess
import sys

import pytest

from tests.support.paths import ROOT


def python(code):
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_import_contract_holds():
    pytest.importorskip("importlinter")
    code = "from importlinter.cli import lint_imports_command; lint_imports_command(['--no-cache'])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_importing_perfgate_patches_and_starts_nothing():
    said = python(
        "import sys, threading, perfgate\n"
        "heavy = {'gevent', 'requests', 'click', 'sqlite_utils', 'httptools'} & set(sys.modules)\n"
        "print(sorted(heavy), threading.active_count())"
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
        "from perfgate.cli import asked, bench, concluding, measuring, session\n"
        "from gevent import monkey\n"
        "print(any(monkey.is_module_patched(name) for name in ('socket', 'time', 'threading', 'select')))"
    )
    assert said == "False"


def test_every_module_says_what_it_is():
    silent = [
        str(path)
        for path in (ROOT / "perfgate").rglob("*.py")
        if path.read_text().strip() and not path.read_text().lstrip().startswith('"""')
    ]
    assert silent == []
