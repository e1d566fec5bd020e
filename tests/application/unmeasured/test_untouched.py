"""application/unmeasured: whether a change touches what is measured, in real repositories, cloned as GitHub does it."""

import os
from pathlib import Path

import pytest

from perfgate.application.context import Context
from perfgate.application.plan import LoadOptions
from perfgate.application.unmeasured.untouched import untouched_verdict
from perfgate.config.values import Config
from perfgate.github.event import event_of
from perfgate.report import result_file
from perfgate.verdict import Outcome
from tests.support.pull_request import IDENTITY, Pull, git

OPTIONS = LoadOptions(*[None] * 11)
FIRST = dict.fromkeys(
    (
        *("pets/serve.py", "pets/scenarios.txt", "pets/notes.md", "orders/serve.py"),
        *("libraries/money.py", "README.md"),
    ),
    "1",
)
PETS = ("pets/**",)


@pytest.fixture
def stand(tmp_path, monkeypatch):
    """Stand in a checkout of a pull request that changes these files: stand(files, folder, *depth) -> Pull."""

    def standing(files, folder=".", depth="--depth=2"):
        pull = Pull(tmp_path, first=FIRST, slow=dict.fromkeys(files, "2"))
        monkeypatch.chdir(pull.checkout(tmp_path / "here", depth) / folder)
        for name, value in {**pull.environment, **IDENTITY}.items():
            monkeypatch.setenv(name, value)
        return pull

    return standing


def is_untouched(paths, event, options=OPTIONS, said=None):
    context = Context(Path(), os.environ, (said if said is not None else []).append)
    return untouched_verdict(context, Config(paths=tuple(paths)), options, event) is not None


@pytest.mark.parametrize(
    ("paths", "changed", "untouched"),
    [
        (PETS, ["orders/serve.py"], True),
        (PETS, ["orders/serve.py", "pets/serve.py"], False),
        (["pets"], ["pets/new.py"], False),
        (["*/serve.py"], ["pets/new.py", "README.md"], True),
        (["**/*.py"], ["orders/new.py"], False),
        (["**/*.py"], ["README.md"], True),
        (["pets/**", "!pets/*.md"], ["pets/new.md"], True),
        (["pets/**", "!pets/*.md"], ["pets/new.md", "pets/new.py"], False),
        (["!**/*.md"], ["README.md"], True),
        (["!**/*.md"], ["orders/serve.py"], False),
        (["[Rl]*"], ["pets/serve.py"], True),
        (PETS, ["perfgate.toml"], False),
        (PETS, ["scenarios/read.py"], False),
    ],
)
def test_a_change_is_measured_where_it_touches_a_path_the_configuration_or_a_scenario(stand, paths, changed, untouched):
    assert is_untouched(paths, stand(changed).event) is untouched


@pytest.mark.parametrize(("changed", "untouched"), [("pets/perfgate.toml", False), ("perfgate.toml", True)])
def test_a_configuration_in_a_folder_names_paths_from_the_top(stand, changed, untouched):
    """The job runs in pets/, beside the configuration."""
    assert is_untouched(["libraries/**"], stand([changed], "pets").event) is untouched


@pytest.mark.parametrize(
    ("paths", "pattern"),
    [
        (["pet/**"], "pet/**"),
        (["pets/**", "library/**"], "library/**"),
        (["[xy]*"], "[xy]*"),
        (["pets/*.md", "!**/*.md"], "pets/*.md"),
    ],
)
def test_a_pattern_that_names_no_file_has_the_change_measured(stand, paths, pattern):
    said = []
    assert not is_untouched(paths, stand(["README.md"]).event, said=said)
    assert said == [f"{pattern!r} of paths names no file of base or head, so the change is measured: mend it."]


def test_what_landed_on_main_since_is_no_change_of_the_pull_request(stand):
    assert is_untouched(["second"], stand(["README.md"]).event)


@pytest.mark.parametrize("depth", ["--depth=1", "--depth=50"])
def test_however_much_history_the_checkout_has(stand, depth):
    assert is_untouched(PETS, stand(["README.md"], depth=depth).event)


def test_a_group_of_a_merge_queue_is_looked_at_as_a_pull_request_is(stand, monkeypatch):
    pull = stand(["README.md"])
    monkeypatch.delenv("GITHUB_BASE_REF")
    group = {"merge_group": {"base_sha": pull.base, "base_ref": "refs/heads/main", "head_sha": pull.merge}}
    event = event_of(group, {**pull.environment, "GITHUB_EVENT_NAME": "merge_group"})
    assert is_untouched(PETS, event)
    assert not is_untouched(["README.md"], event)


@pytest.mark.parametrize("name", ["push", "schedule", "workflow_dispatch"])
def test_every_push_and_every_wish_is_measured(stand, name):
    pull = stand(["README.md"])
    event = event_of({"before": pull.base}, {**pull.environment, "GITHUB_EVENT_NAME": name})
    assert not is_untouched(PETS, event)
    assert not is_untouched(PETS, None)


def test_without_paths_everything_is_measured(stand):
    assert not is_untouched([], stand(["README.md"]).event)


def test_what_git_cannot_compare_is_measured(stand):
    pull = stand(["README.md"])
    git(Path(), "remote", "remove", "origin")
    payload = {"merge_group": {"base_sha": "a" * 40, "base_ref": "refs/heads/main"}}
    said = []
    event = event_of(payload, {**pull.environment, "GITHUB_EVENT_NAME": "merge_group"})
    os.environ.pop("GITHUB_BASE_REF")
    assert not is_untouched(PETS, event, said=said)
    assert "so it is measured" in said[0]


def test_its_verdict_is_a_pass_that_says_so_in_a_result_file_too(stand):
    pull = stand(["README.md"])
    context = Context(Path(), os.environ, print)
    verdict = untouched_verdict(context, Config(paths=("pets/**", "!*.md")), OPTIONS, pull.event)
    assert (verdict.outcome, verdict.head.commit) == (Outcome.PASS, pull.head)
    again = result_file.loads(result_file.dumps(verdict))
    assert again.is_untouched
    assert again == verdict
