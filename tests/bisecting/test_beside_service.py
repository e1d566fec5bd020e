"""Which paths of a repository may be part of its service."""

import pytest

from perfgate.bisecting.beside_service import touches_service


@pytest.mark.parametrize(
    "path",
    [
        "src/app.py",
        "Dockerfile",
        "package.json",
        "requirements.txt",
        "requirements-dev.txt",
        "contest.py",
        "latest/x.go",
    ],
)
def test_a_path_may_be_part_of_the_service(path):
    assert touches_service([path, "README.md"])


@pytest.mark.parametrize(
    "path",
    [
        "README.md",
        "docs/how-to/serve.py",
        "LICENSE",
        "CHANGELOG",
        ".github/workflows/ci.yml",
        "tests/test_app.py",
        "app/store_test.go",
        "web/cart.spec.ts",
        "src/test/java/ShopTest.java",
        "perfgate.toml",
        "scenarios/create_pet.py",
        "history/perfgate.db",
    ],
)
def test_a_path_beside_the_service(path):
    assert not touches_service([path], besides=["scenarios", "history"])


def test_what_lies_outside_of_the_folder_of_an_image_is_not_in_it():
    assert touches_service(["services/shop/app.py"], "services/shop")
    assert not touches_service(["services/shopping/app.py", "app.py"], "services/shop")


def test_a_commit_that_changes_nothing_touches_nothing():
    assert not touches_service([])
