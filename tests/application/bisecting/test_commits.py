"""The line between two commits, as a real repository has it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from perfgate.application.bisecting.commits import read_commits, read_ends
from perfgate.application.context import Context
from perfgate.application.plan import LoadOptions
from perfgate.application.planning import plan_measurement
from perfgate.errors import UsageError
from tests.support.command import SCENARIO
from tests.support.repository import Repository

NO_OPTIONS = LoadOptions(*[None] * len(LoadOptions.__dataclass_fields__))


# Signs as gpg does, as far as git looks.
SIGNER = """#!/bin/sh
cat > /dev/null
line="-----BEGIN PGP SIGNATURE-----"
case "$*" in
*--verify*) echo "gpg: Signature made today" >&2; echo "[GNUPG:] GOODSIG 1 me" ;;
*) echo "[GNUPG:] SIG_CREATED D" >&2; printf -- "$line\\n\\nx\\n-----END PGP SIGNATURE-----\\n" ;;
esac
"""


class Shop(Repository):
    """A repository that says how it is started."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, **{"perfgate.toml": '[service]\ncommand = "true"\n', "app.py": "1"})
        (folder / "scenarios").mkdir()
        self.commit(**{"scenarios/create_pet.py": SCENARIO})

    @property
    def context(self) -> Context:
        return Context(self.folder, self.environment, lambda line: None)

    def plan(self, **service):
        plan = plan_measurement(self.context, NO_OPTIONS, ())
        return replace(plan, config=replace(plan.config, service=replace(plan.config.service, **service)))

    def line(self, good: str, bad: str, **service):
        plan = self.plan(**service)
        return read_commits(self.context, plan, *read_ends(self.context, plan, good, bad))


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path / "shop")


def refused(shop, good, bad):
    with pytest.raises(UsageError) as caught:
        read_ends(shop.context, shop.plan(), good, bad)
    assert caught.value.hint
    return caught.value


def test_the_commits_come_in_order_with_date_subject_and_what_they_touch(shop):
    good = shop.git("rev-parse", "HEAD")
    first = shop.commit(**{"app.py": "2"})
    second = shop.commit(**{"README.md": "Read me"})
    third = shop.commit(**{"scenarios/create_pet.py": SCENARIO + "\n"})
    line = shop.line(good, "ref:main")
    assert [commit.sha for commit in line] == [first, second, third]
    assert [commit.likely for commit in line] == [True, False, False]
    assert line[0].subject == "Change app.py"
    assert line[0].authored[:4].isdigit()
    assert not any(commit.merge for commit in line)


def test_a_merge_is_one_commit_with_all_that_it_brings(shop):
    good = shop.git("rev-parse", "HEAD")
    shop.git("switch", "--quiet", "--create", "side")
    shop.commit(**{"a b\nc.py": "1"})
    shop.commit(**{"README.md": "1"})
    shop.git("switch", "--quiet", "main")
    shop.commit(**{"README.rst": "1"})
    shop.git("merge", "--quiet", "--no-edit", "side")
    shop.git("commit", "--quiet", "--allow-empty", "--message", "Nothing")
    line = shop.line(good, "main")
    assert [(commit.merge, commit.likely) for commit in line] == [(False, False), (True, True), (False, False)]


def test_a_git_that_says_who_signed_a_commit_tells_the_same(shop, tmp_path):
    signer = tmp_path / "gpg"
    signer.write_text(SIGNER)
    signer.chmod(0o755)
    shop.git("config", "gpg.program", str(signer))
    first = shop.commit(**{"app.py": "2"})
    shop.git("commit", "--quiet", "--allow-empty", "--gpg-sign=me", "--message", "Signed")
    told = shop.line(first, "HEAD")
    shop.git("config", "log.showSignature", "true")
    assert "Signature made" in shop.git("log", "-1")
    assert shop.line(first, "HEAD") == told
    assert [(commit.sha, commit.subject) for commit in told] == [(shop.git("rev-parse", "HEAD"), "Signed")]


def test_an_image_is_built_from_its_folder_alone(shop):
    good = shop.git("rev-parse", "HEAD")
    (shop.folder / "web").mkdir()
    shop.commit(**{"web/Dockerfile": "FROM scratch"})
    shop.commit(**{"app.py": "2"})
    assert [one.likely for one in shop.line(good, "main", command=(), build=Path("web"))] == [True, False]
    assert [one.likely for one in shop.line(good, "main", command=(), build=Path("web/Dockerfile"))] == [True, True]


def test_the_same_commit_twice_is_no_line(shop):
    assert "the same commit" in refused(shop, "main", "HEAD").message


def test_the_wrong_order_is_named(shop):
    assert "the other way round" in refused(shop, "HEAD", "HEAD~1").message


def test_commits_beside_each_other_have_the_point_where_they_parted(shop):
    base = shop.git("rev-parse", "HEAD")
    shop.git("switch", "--quiet", "--create", "side")
    shop.commit(name="1")
    shop.git("switch", "--quiet", "main")
    shop.commit(name="2")
    assert base[:12] in refused(shop, "side", "main").hint


def test_a_shallow_clone_says_how_to_fetch_the_rest(shop, tmp_path):
    for number in range(3):
        shop.commit(**{"app.py": str(number)})
    shop.git("branch", "old", "HEAD~3")
    clone = Repository.__new__(Shop)
    clone.folder, clone.environment = tmp_path / "clone", shop.environment
    shop.git("clone", "--quiet", "--depth=1", f"file://{shop.folder}", str(clone.folder))
    clone.git("fetch", "--quiet", "--depth=1", "origin", "old:old")
    (clone.folder / "perfgate.toml").write_text('[service]\ncommand = "true"\n')
    assert "--unshallow" in refused(clone, "old", "main").hint


@pytest.mark.parametrize("ref", ["petstore", "worktree", "http://localhost", "image:shop", "-x", ""])
def test_what_is_no_commit_is_refused(shop, ref):
    assert "names no commit" in refused(shop, ref, "main").message


def test_a_ref_that_is_not_there_has_the_nearest_one(shop):
    assert "did you mean ref:main?" in refused(shop, "HEAD~1", "mian").hint


def test_without_a_service_no_commit_can_be_started(shop):
    (shop.folder / "perfgate.toml").write_text("")
    assert "[service]" in refused(shop, "HEAD~1", "HEAD").hint
