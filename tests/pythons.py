"""The quick tests on every Python that setup.cfg names, beside the one that runs this: `make pythons`."""

from __future__ import annotations

import glob
import os
import re
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

ROOT = Path(__file__).parent.parent

# What a version of Python can break: everything but commands that load something, and engines of their own. Charts and
# git are left out, too: what they do is done by others, and takes most of the time.
TESTS = (
    *("config", "exchange", "github", "history", "machine", "metrics", "report", "scaffold", "scenario", "verdict"),
    *(
        "load/wire",
        "load/processes",
        "load/k6",
        "service/commits",
        "compare/test_statistics.py",
        "compare/test_rules.py",
        "docs/test_generated.py",
    ),
    *("test_errors.py", "test_extras.py", "test_git.py", "test_popen.py", "test_tokens.py", "test_units.py"),
)


def main() -> int:
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    named = re.findall(r"Python :: (3\.\d+)", config["metadata"]["classifiers"])
    own = f"{sys.version_info.major}.{sys.version_info.minor}"
    failed = []
    found = {version: python for version in named if version != own and (python := _python(version))}
    for version in named:
        if version == own:
            print(f"Python {version}: plays all tests in `make test`", flush=True)
        elif version not in found:
            print(f"Python {version}: not on this machine", flush=True)
        elif _play(version, found[version]):
            failed.append(version)
    print(f"failed on Python {', '.join(failed)}" if failed else "all passed", flush=True)
    return 1 if failed else 0


def _python(version: str) -> str | None:
    """The interpreter of a version: on the PATH, or one of pyenv's that is not chosen now."""
    kept = glob.glob(os.path.expanduser(f"~/.pyenv/versions/{version}.*/bin/python"))
    among = [shutil.which(f"python{version}"), *kept]
    for path in filter(None, among):
        # pyenv's shims are there for versions that are not chosen, too, and fail.
        asked = [path, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        said = subprocess.run(asked, capture_output=True, text=True, check=False)
        if said.stdout.strip() == version:
            return path
    return None


def _play(version: str, python: str) -> int:
    """The exit code of pytest, in an environment of that version's own."""
    folder = Path(sys.prefix) / "pythons" / version
    own = folder / "bin" / "python"
    print(f"Python {version}: {python}", flush=True)
    subprocess.run([python, "-m", "venv", str(folder)], check=True)
    install = [str(own), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--editable", ".[dev]"]
    subprocess.run(install, check=True, cwd=ROOT)
    tests = [f"tests/{name}" for name in TESTS]
    left_out = [f"--ignore=tests/{name}" for name in ("report/trend", "report/page", "history/git")]
    options = [
        *left_out,
        "--numprocesses",
        "2",
        "--dist",
        "loadfile",
        "--no-loadscope-reorder",
        "--quiet",
        "-p",
        "no:cacheprovider",
        "--durations",
        "3",
    ]
    return subprocess.run([str(own), "-m", "pytest", *options, *tests], check=False, cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main())
