"""Files of both sides by the same names, wherever their work trees lie."""

import pytest

from perfgate.explain.own_trees import below_the_top, seen_from
from perfgate.explain.profilers.gathering import Gathering
from perfgate.service.owner import this_process

TOP = "/var/tmp/perfgate-05e670f9-19012-7936081-abc_1234/my shop"


@pytest.mark.parametrize(
    ("root", "file", "seen"),
    [
        (TOP, f"{TOP}/shop/prices.py", "shop/prices.py"),
        (f"{TOP}/services/pets/", f"{TOP}/services/pets/main.py", "main.py"),
        (f"{TOP}/services/pets", f"{TOP}/services/petshop/main.py", "services/petshop/main.py"),
        (f"{TOP}/services/pets", f"{TOP}/libs/rules.py", "libs/rules.py"),
        ("", f"{TOP}/libs/rules.py", "libs/rules.py"),
        ("/srv", "/srv/shop/prices.py", "shop/prices.py"),
        ("/", "/src/prices.go", "/src/prices.go"),
        ("/", "/pkg/mod/github.com/x/y@v1.2.0/y.go", "/pkg/mod/github.com/x/y@v1.2.0/y.go"),
        ("/srv", "/usr/lib/python3.11/json/encoder.py", "/usr/lib/python3.11/json/encoder.py"),
        (TOP, "/home/me/perfgate-12/shop/prices.py", "/home/me/perfgate-12/shop/prices.py"),
        (TOP, "<frozen runpy>", "<frozen runpy>"),
    ],
)
def test_a_file_is_told_from_the_folder_of_the_service_or_the_top_of_its_tree_on(root, file, seen):
    assert seen_from(root, file) == seen
    assert Gathering(root).function("f", file, 1).file == seen


@pytest.mark.parametrize(
    ("folder", "below"),
    [(TOP, ""), (f"{TOP}/", ""), (f"{TOP}/services/pets", "services/pets"), ("/srv/services/pets", ""), ("", "")],
)
def test_the_folder_of_a_service_in_its_repository(folder, below):
    assert below_the_top(folder) == below


def test_the_work_trees_of_this_process_are_known():
    assert below_the_top(f"/var/tmp/perfgate-{this_process()}-abc_1234/my shop/services") == "services"
