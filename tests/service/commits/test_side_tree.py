"""Files of the checkout that git does not keep, in the trees of both sides."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from perfgate.errors import UsageError
from perfgate.service.commits.side_tree import hash_of_files, side_tree
from perfgate.service.commits.worktree import Worktree
from perfgate.service.settings import LaunchContext, ServiceSettings
from perfgate.service.target import Commit, CommitTarget
from tests.support.repository import Repository, own_folders


class Shop:
    """A repository that ignores a file, which CI has written into the checkout."""

    def __init__(self, folder: Path) -> None:
        self.repository = Repository(folder, **{".gitignore": "*.key\n.env\n"})
        self.folder = folder
        self.said: list[str] = []

    def write(self, name: str, text: str) -> Path:
        place = self.folder / name
        place.parent.mkdir(exist_ok=True, parents=True)
        place.write_text(text)
        return place

    def context(self, *files: str) -> LaunchContext:
        settings = ServiceSettings(command=("serve",), files=tuple(map(Path, files)))
        return LaunchContext(settings, folder=self.folder, say=self.said.append)

    @contextmanager
    def tree(self, *files: str) -> Iterator[Worktree]:
        target = CommitTarget("ref:main", Commit(self.repository.git("rev-parse", "HEAD"), "main", False, ""))
        with side_tree(target, self.repository.checkout, self.context(*files)) as tree:
            yield tree


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "shop")


def test_a_file_that_the_commit_lacks_is_taken_out_of_the_checkout_and_that_is_said(shop: Shop) -> None:
    shop.write("api/.env", "A=1")
    shop.write("master.key", "sesame").chmod(0o600)
    with shop.tree("api/.env", "master.key") as tree:
        assert (tree.folder / "api/.env").read_text() == "A=1"
        assert (tree.folder / "master.key").stat().st_mode & 0o777 == 0o600
    assert shop.said == [
        f"ref:main has no {name}: that of the checkout is taken" for name in ("api/.env", "master.key")
    ]
    assert (shop.folder / "api/.env").read_text() == "A=1"
    assert not own_folders()


def test_a_file_that_the_commit_has_is_its_own(shop: Shop) -> None:
    shop.repository.commit(settings="of the commit")
    shop.write("settings", "of the checkout")
    with shop.tree("settings") as tree:
        assert (tree.folder / "settings").read_text() == "of the commit"
    assert shop.said == []


def test_a_file_that_nobody_has_is_refused_and_nothing_is_left(shop: Shop) -> None:
    with pytest.raises(UsageError) as caught, shop.tree(".env"):
        pass
    assert caught.value.message == "[service] files in perfgate.toml names .env, which the checkout has not"
    assert not own_folders()


def test_a_link_of_the_commit_leads_no_file_out_of_its_tree(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (shop.folder / "api").symlink_to(tmp_path / "elsewhere")
    shop.repository.commit()
    (shop.folder / "api").unlink()
    shop.write("api/.env", "A=1")
    with pytest.raises(UsageError, match="which a link of the commit leads out of its tree"), shop.tree("api/.env"):
        pass
    assert not list((tmp_path / "elsewhere").iterdir())


def test_what_is_built_of_other_files_is_built_anew(shop: Shop) -> None:
    checkout = shop.repository.checkout
    assert hash_of_files(checkout, shop.context()) == ""
    hashes = []
    for text in ("A=1", "A=2", "A=2"):
        shop.write(".env", text)
        hashes.append(hash_of_files(checkout, shop.context(".env")))
    assert hashes[0] != hashes[1] == hashes[2]
