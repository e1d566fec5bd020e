"""What `make demo` and the examples say where the red verdict that they show does not come."""

import shutil
import subprocess

import pytest

from tests.support.paths import ROOT

NOT_RED = "Not the FAIL that is expected. The lines above say why: something is missing, or this machine is too busy."


@pytest.fixture
def copy(tmp_path):
    """The makefiles, with a perfgate that says nothing and ends with the exit code in CODE."""
    (tmp_path / "examples").mkdir()
    for name in ("Makefile", "examples/Makefile", "setup.cfg", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    for program in (programs / "python", programs / "perfgate", tmp_path / "examples" / "play"):
        program.write_text('#!/bin/sh\nexit "$CODE"\n')
        program.chmod(0o755)
    for done in (".base", ".dev", ".extra-docker"):
        (tmp_path / ".venv" / done).touch()
    return tmp_path


@pytest.mark.parametrize("words", [("demo",), ("-C", "examples", "go")], ids=["demo", "example"])
@pytest.mark.parametrize(("code", "ends", "says"), [(1, 0, ""), (0, 2, NOT_RED), (3, 2, NOT_RED), (2, 2, "")])
def test_a_verdict_that_is_not_red_is_an_error_that_says_why(copy, words, code, ends, says):
    path = {"PATH": "/usr/local/bin:/usr/bin:/bin", "CODE": str(code)}
    done = subprocess.run(["make", *words], cwd=copy, env=path, capture_output=True, text=True, check=False)
    assert done.returncode == ends, done.stderr
    assert (NOT_RED in done.stderr) is bool(says)
