"""What else differs between two commits whose services run: from their files, and from their processes."""

from __future__ import annotations

import sys

import pytest

from perfgate.application.bench.bench import Bench
from perfgate.application.context import Context
from perfgate.application.evidence.differing import find_differences
from perfgate.application.plan import LoadOptions
from perfgate.application.planning import plan_measurement
from perfgate.explain.differences.facts import SERVICE, FactKind
from perfgate.service.target import parse_target
from tests.support.repository import SERVE, Repository

SECRET = "hunter2"
SCENARIO = """
from perfgate import scenario

@scenario(vus=1, duration="1s")
def look(user):
    user.get("/")
"""
SETTINGS = """
[service]
command = "sh serve.sh {port}"
ready = "tcp"
[service.env]
WHO = "{side}-{sha}"
PASSWORD = "hunter2"
"""
START = f"""\
export GOGC=100 GREETING=hello
exec {sys.executable} serve.py "$1"
"""
FILES = {
    "perfgate.toml": SETTINGS,
    "serve.py": SERVE,
    "serve.sh": START,
    "requirements.txt": "fastapi==0.110.0\nuvicorn==0.29.0\n",
    "Makefile": "CFLAGS = -O2 -g\n",
    "Dockerfile": "FROM python:3.12-slim\n",
}


class Silent:
    """A ProgressReporter that tells nobody."""

    def __getattr__(self, _):
        return lambda *_: None


@pytest.fixture
def repository(tmp_path):
    made = Repository(tmp_path / "shop", **FILES)
    (made.folder / "scenarios").mkdir()
    (made.folder / "scenarios" / "look.py").write_text(SCENARIO)
    return made


def differences(repository, base="ref:HEAD~1", head="ref:HEAD"):
    context = Context(repository.folder, repository.environment, lambda line: None)
    plan = plan_measurement(context, LoadOptions(*[None] * 11), ())
    targets = {"base": parse_target(base), "head": parse_target(head)}
    with Bench(context, plan, targets, "duet", Silent()) as bench:
        return find_differences(context, bench, plan.config.service)


def found(repository, *targets):
    return [(one.kind, one.place, one.name, one.base, one.head) for one in differences(repository, *targets).found]


def test_the_same_code_does_not_differ(repository):
    repository.commit(**{"README.md": "changed"})
    assert found(repository) == []


def test_what_the_commits_changed_beside_the_code(repository):
    repository.commit(
        **{
            "requirements.txt": "fastapi==0.115.2\nuvicorn==0.29.0\n",
            "Makefile": "CFLAGS = -O0 -g\n",
            "Dockerfile": "FROM python:3.13-slim\n",
            "perfgate.toml": SETTINGS.replace(SECRET, "other"),
            "serve.py": f"{SERVE}\n",
        }
    )
    assert found(repository) == [
        (FactKind.IMAGE, "Dockerfile", "FROM", "python:3.12-slim", "python:3.13-slim"),
        (FactKind.PACKAGE, "requirements.txt", "fastapi", "0.110.0", "0.115.2"),
        (FactKind.BUILD, "Makefile", "-O", "-O2", "-O0"),
        (FactKind.SETTING, "perfgate.toml", "[service] env PASSWORD", "", ""),
    ]


def test_how_the_processes_were_started(repository):
    changed = START.replace("GOGC=100", "GOGC=50 POOL=4").replace("hello", SECRET).replace("serve.py", "-O serve.py")
    repository.commit(**{"serve.sh": changed})
    result = found(repository)
    kinds = {name: (base, head) for kind, place, name, base, head in result if kind is FactKind.ENVIRONMENT}
    assert kinds == {"GOGC": ("100", "50"), "POOL": (None, "4"), "GREETING": ("", "")}
    ((base, head),) = [(base, head) for kind, *_, base, head in result if kind is FactKind.COMMAND]
    assert ("-O" in head.split(), "-O" in base.split()) == (True, False)
    assert "{port}" in base
    assert all(place == SERVICE for _, place, *_ in result)
    assert SECRET not in repr(result)


def test_libraries_that_a_checkout_has_of_its_own(repository):
    makes = "mkdir -p .venv/lib/python3/site-packages/fastapi-{}.dist-info .venv/bin; touch .venv/pyvenv.cfg; "
    links = f'ln -s {sys.executable} .venv/bin/python; exec .venv/bin/python serve.py "$1"\n'
    repository.commit(**{"serve.sh": makes.format("0.110.0") + links})
    repository.commit(**{"serve.sh": makes.format("0.115.2") + links})
    packages = [one for one in found(repository) if one[0] is FactKind.PACKAGE]
    assert packages == [(FactKind.PACKAGE, SERVICE, "fastapi", "0.110.0", "0.115.2")]


def test_the_checkout_with_what_is_not_committed(repository):
    (repository.folder / "requirements.txt").write_text("fastapi==0.110.0\nuvicorn==0.30.1\n")
    (one,) = found(repository, "ref:HEAD", "worktree")
    assert one == (FactKind.PACKAGE, "requirements.txt", "uvicorn", "0.29.0", "0.30.1")


def test_a_broken_lock_file_is_passed_over(repository):
    repository.commit(**{"uv.lock": "version = 1\n"})
    repository.commit(**{"uv.lock": "<<<<<<< HEAD\n", "Makefile": "CFLAGS = -O3 -g\n"})
    result = differences(repository)
    assert [one.name for one in result.found] == ["-O"]
    assert [(one.place, one.reason) for one in result.not_compared] == [("uv.lock", "it cannot be understood on head")]


def test_targets_that_are_no_commits_tell_what_runs(repository):
    (one,) = found(repository, "petstore", "petstore?slow=30%")
    assert one[:2] == (FactKind.COMMAND, SERVICE)
    assert one[3] != one[4]
    assert "slow" in one[4]
