"""What a release is made of: one version, a changelog that becomes its notes, and files that the forge reads."""

import configparser
import os
import re
import subprocess
import sys

import pytest
import yaml

from perfgate.version import VERSION
from tests.support.paths import ROOT

CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
KINDS = ["Upgrade notes", "Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]
RELEASE = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text())["jobs"]


def notes(folder, tag):
    done = subprocess.run(
        [sys.executable, ROOT / ".ci/notes.py", tag, folder], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def released(tmp_path):
    """A checkout in which 1.2.0 has been prepared."""
    (tmp_path / "perfgate").mkdir()
    (tmp_path / "perfgate/version.py").write_text('"""The version."""\n\nVERSION = "1.2.0"\n')
    sections = (
        "## [Unreleased]",
        "## [1.2.0] - 2027-01-31\n\n### Added\n\n- This.",
        "## [1.1.0] - 2026-12-24\n\n- That.",
    )
    (tmp_path / "CHANGELOG.md").write_text("\n\n".join(("# Changelog", *sections)))
    return tmp_path


def test_the_notes_of_a_release_are_its_section_of_the_changelog(released):
    assert notes(released, "v1.2.0") == (0, "### Added\n\n- This.\n", "")


def test_a_tag_that_is_not_the_version_is_no_release(released):
    code, out, said = notes(released, "v1.3.0")
    assert (code, out) == (1, "")
    assert "The tag is v1.3.0, perfgate/version.py says 1.2.0" in said


@pytest.mark.parametrize("heading", ["## [Unreleased]", "## [1.2.0]", "## [1.2.0] - soon", "## [1.2.01] - 2027-01-31"])
def test_a_version_without_its_section_is_no_release(released, heading):
    changelog = (released / "CHANGELOG.md").read_text()
    (released / "CHANGELOG.md").write_text(changelog.replace("## [1.2.0] - 2027-01-31", heading))
    code, out, said = notes(released, "v1.2.0")
    assert (code, out) == (1, "")
    assert "CHANGELOG.md has nothing under `## [1.2.0] - DATE`" in said


def test_the_version_stands_in_one_place():
    metadata = configparser.ConfigParser()
    metadata.read(ROOT / "setup.cfg")
    assert metadata["metadata"]["version"] == "attr: perfgate.version.VERSION"
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)


def test_the_changelog_begins_with_what_is_not_released_and_goes_back_in_time():
    versions = re.findall(r"^## (.+)$", CHANGELOG, re.MULTILINE)
    assert versions[0] == "[Unreleased]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", one) for one in versions[1:])
    dates = [one[-10:] for one in versions[1:]]
    assert dates == sorted(dates, reverse=True)


def test_the_changelog_has_the_sections_of_keep_a_changelog_and_entries_in_them():
    for section in CHANGELOG.split("\n## ")[1:]:
        kinds = re.findall(r"^### (.+)$", section, re.MULTILINE)
        assert kinds == [kind for kind in KINDS if kind in kinds]
        for lines in section.split("\n### ")[1:]:
            assert re.match(r".+\n\n(#### .+\n\n)?- ", lines), lines[:80]
            assert not re.search(r"^#### .+\n\n(?!- )", lines, re.MULTILINE), lines[:80]


def test_no_entry_of_the_changelog_stands_there_twice():
    """Git takes the lines of both sides where two branches add some, and of a line that was moved both as well."""
    entries = [" ".join(one.split()) for one in re.findall(r"^- .*?(?=^- |^#|\Z)", CHANGELOG, re.DOTALL | re.MULTILINE)]
    assert [one for one in set(entries) if entries.count(one) > 1] == []


def test_nothing_is_published_before_it_was_tried_in_an_empty_environment():
    assert "make smoke" in [step.get("run") for step in RELEASE["build"]["steps"]]
    assert RELEASE["pypi"]["needs"] == RELEASE["image"]["needs"] == "build"
    assert RELEASE["release"]["needs"] == ["build", "pypi", "image"]


GH = """#!/bin/sh
echo "$*" >> calls
case "$*" in
*matching-refs*) printf 'refs/tags/v1.%s\\n' 2.0 10.0 9.1 ;;
*PATCH*) test -e moves ;;
esac
"""


def play(job, step, folder, ref):
    """What a step called `gh` with, which knows v1.2.0, v1.10.0 and v1.9.1, and what it gave out."""
    (script,) = [one["run"] for one in RELEASE[job]["steps"] if one.get("name") == step]
    (folder / "gh").write_text(GH)
    (folder / "gh").chmod(0o755)
    told = {
        "PATH": f"{folder}:{os.environ['PATH']}",
        "GITHUB_REPOSITORY": "perfgate/perfgate",
        "GITHUB_REF": f"refs/tags/{ref}",
        "GITHUB_REF_NAME": ref,
        "GITHUB_SHA": "4847ead",
        "GITHUB_OUTPUT": str(folder / "output"),
    }
    command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script]
    done = subprocess.run(command, cwd=folder, env=told, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    output = folder / "output"
    return (folder / "calls").read_text().splitlines(), output.read_text() if output.exists() else ""


@pytest.mark.parametrize(("ref", "newest"), [("v1.10.0", "true"), ("v1.9.1", "false")])
def test_a_fix_of_an_older_version_is_not_the_newest(tmp_path, ref, newest):
    (call,), said = play("build", "Is it the newest of its major version?", tmp_path, ref)
    assert "git/matching-refs/tags/v1. " in call
    assert said == f"newest={newest}\n"


def test_the_tag_that_users_of_the_action_name_moves_to_the_newest_version(tmp_path):
    (tmp_path / "moves").touch()
    (call,), _ = play("release", "Move the tag of the major version", tmp_path, "v1.10.0")
    assert call == (
        "api --method PATCH repos/perfgate/perfgate/git/refs/tags/v1 --raw-field sha=4847ead --field force=true"
    )
    moving = RELEASE["release"]["steps"][-1]
    assert moving["if"] == "needs.build.outputs.newest == 'true'"


def test_the_tag_of_a_new_major_version_is_made(tmp_path):
    (_, call), _ = play("release", "Move the tag of the major version", tmp_path, "v2.0.0")
    assert call == (
        "api --method POST repos/perfgate/perfgate/git/refs --raw-field ref=refs/tags/v2 --raw-field sha=4847ead"
    )


def test_what_publishes_has_no_password_and_no_permission_that_it_does_not_use():
    assert RELEASE["pypi"]["permissions"] == {"id-token": "write"}
    assert RELEASE["build"]["permissions"] == {"contents": "read"}
    assert "secrets." not in (ROOT / ".github/workflows/release.yml").read_text()


def test_the_action_has_what_the_marketplace_asks_for():
    """A name that is the owner's or nobody's, a description of no more than 125 characters, an icon and its colour."""
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    assert action["name"] == "perfgate"
    assert len(action["description"]) <= 125
    assert action["branding"] == {"icon": "activity", "color": "green"}
    assert all(one.get("description") for one in (*action["inputs"].values(), *action["outputs"].values()))
