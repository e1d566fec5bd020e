"""What commits changed, and whether a function is among it."""

import pytest

from perfgate.explain.changes import Changes, parse_diff
from perfgate.explain.profile import Function

DIFF = """\
diff --git a/shop/prices.py b/shop/prices.py
index 1..2 100644
--- a/shop/prices.py
+++ b/shop/prices.py
@@ -3 +3,2 @@ def discount():
-    old
+    new
+    newer
@@ -9,2 +10,0 @@ def tax():
-    gone
-    gone
diff --git a/gone.py b/gone.py
--- a/gone.py
+++ /dev/null
@@ -1,2 +0,0 @@
-a
-b
diff --git a/a folder/new.go b/a folder/new.go
--- /dev/null
+++ b/a folder/new.go\t
@@ -0,0 +1,5 @@
+package main
"""
SOURCE = """\
import rules

def discount():
    return 1

@rules.cached
def tax():
    return (
        2)

class Shop:
    def price(self):
        return 3
"""


def changes(*lines, source=SOURCE):
    return Changes({"shop/prices.py": lines}, ["shop/prices.py", "shop/stock.py"], lambda path: source)


def touched(function, line, *lines, file="shop/prices.py", source=SOURCE):
    return changes(*lines, source=source).touch(Function(function, file), line)


def test_the_lines_of_head_are_read_by_file():
    lines = parse_diff(DIFF.splitlines())
    assert lines == {"shop/prices.py": [range(3, 5), range(10, 12)], "a folder/new.go": [range(1, 6)]}


@pytest.mark.parametrize(
    ("function", "line", "lines", "expected"),
    [
        ("discount", 3, range(4, 5), True),
        ("discount", 3, range(7, 10), False),
        ("tax", 6, range(9, 10), True),
        ("tax", 7, range(6, 7), True),
        ("tax", 6, range(3, 5), False),
        ("Shop.price", 12, range(13, 14), True),
        ("discount", None, range(13, 14), True),
        ("elsewhere", 400, range(13, 14), True),
    ],
)
def test_a_function_was_changed_where_one_of_its_lines_was(function, line, lines, expected):
    assert touched(function, line, lines) is expected


def test_a_file_that_is_the_same_on_both_sides():
    assert touched("count", 3, range(1, 9), file="shop/stock.py") is False


def test_a_service_in_a_folder_below_and_one_in_a_container():
    assert among(["backend/shop/prices.py"], [], "shop/prices.py") is True
    assert touched("discount", 3, range(4, 5), file="/srv/shop/prices.py")


def among(changed, others, file, folder=""):
    """Whether a function of a file was changed, where these files were changed and the others are on head as well."""
    lines = {path: [range(4, 5)] for path in changed}
    return Changes(lines, [*changed, *others], lambda path: SOURCE, folder).touch(Function("discount", file), 3)


@pytest.mark.parametrize(
    ("changed", "others", "file", "folder", "expected"),
    [
        (["scripts/main.py"], ["main.py"], "main.py", "", False),
        (["a/main.py"], ["b/main.py"], "main.py", "b", False),
        (["main.py"], ["b/main.py"], "main.py", "b", False),
        (["a/main.py", "b/main.py"], [], "main.py", "b", True),
        (["libs/rules.py"], ["b/main.py"], "libs/rules.py", "b", True),
        (["a/main.py"], ["b/main.py"], "main.py", "", None),
        (["prices.py"], ["shop/prices.py"], "/srv/shop/prices.py", "", False),
        (["shop/prices.py"], ["prices.py"], "/srv/shop/prices.py", "", True),
        (["encoder.py"], [], "/usr/lib/python3.11/json/encoder.py", "", None),
        (["vendor/site-packages/rules.py"], [], "/srv/vendor/site-packages/rules.py", "", True),
    ],
)
def test_a_change_of_another_file_of_the_same_name_is_none_of_this_one(changed, others, file, folder, expected):
    assert among(changed, others, file, folder) is expected


def test_a_file_with_the_end_of_another_name_is_another_file():
    assert touched("discount", 3, range(4, 5), file="prices.py") is True
    assert touched("discount", 3, range(4, 5), file="rices.py") is None


@pytest.mark.parametrize(
    ("changed", "others", "file", "folder", "expected"),
    [
        (["main.py"], [], "shop/main.py", "", True),
        ([], ["main.py"], "shop/main.py", "", None),
        (["README.md"], [], "shop/generated.py", "", None),
        (["index.js"], [], "node_modules/lodash/index.js", "", None),
        (["server.go"], [], "$GOROOT/src/net/http/server.go", "", None),
        (["src/prices.ts"], ["src/server.ts"], "dist/prices.js", "", True),
        (["src/prices.ts"], ["src/server.ts"], "dist/server.js", "", None),
        (["src/prices.ts"], [], "/app/dist/prices.js", "", True),
        (["src/prices.ts"], [], "build/src/prices.js", "", True),
        (["src/a/index.ts"], ["src/index.ts"], "dist/index.js", "", None),
        (["src/a/index.ts"], ["src/index.ts"], "dist/a/index.js", "", True),
        (["src/index.ts"], ["src/a/index.ts"], "dist/a/index.js", "", None),
        (["src/index.ts"], ["lib/index.ts"], "dist/index.js", "", None),
        (["shop/src/prices.tsx"], ["other/src/prices.ts"], "dist/prices.js", "shop", True),
        (["src/prices.js"], [], "dist/prices.js", "", True),
        (["src/prices.py"], [], "dist/prices.js", "", None),
        (["src/lodash.ts"], [], "node_modules/lodash/lodash.js", "", None),
    ],
)
def test_a_file_that_git_does_not_know_may_be_built_or_lie_elsewhere(changed, others, file, folder, expected):
    assert among(changed, others, file, folder) is expected


@pytest.mark.parametrize(
    ("files", "file", "name"),
    [
        (["src/shop/prices.py"], "/usr/local/lib/python3.12/site-packages/shop/prices.py", "shop/prices.py"),
        (["shop/prices.py"], "venv/lib/python3.12/site-packages/shop/prices.py", "shop/prices.py"),
        (["backend/src/shop/prices.py"], "/usr/lib/python3/dist-packages/shop/prices.py", "shop/prices.py"),
        (["src/prices.py"], "/venv/lib/python3.12/site-packages/prices.py", "prices.py"),
        (["shop/prices.py"], "/venv/lib/python3.12/site-packages/prices.py", None),
        (["a/shop/prices.py", "b/shop/prices.py"], "/venv/lib/python3.12/site-packages/shop/prices.py", None),
        (["vendor/site-packages/shop/prices.py"], "/venv/lib/python3.12/site-packages/shop/prices.py", None),
        (["myshop/prices.py"], "/venv/lib/python3.12/site-packages/shop/prices.py", None),
        (["json/encoder.py"], "/usr/lib/python3.12/json/encoder.py", None),
        (["shop/prices.py"], "shop/prices.py", None),
    ],
)
def test_a_module_that_was_installed_from_the_repository(files, file, name):
    assert Changes({}, files, lambda path: None).installed_name(file) == name


def test_only_the_lines_of_a_function_count_in_languages_with_braces():
    source = "function discount() {\n  return 1\n}\n\nfunction tax() {\n  return 2\n}\n"
    lines = {"shop/prices.js": [range(6, 7)]}
    of = Changes(lines, ["shop/prices.js"], lambda path: source)
    assert of.touch(Function("discount", "shop/prices.js"), 1) is False
    assert of.touch(Function("tax", "shop/prices.js"), 5) is True


def test_nobody_knows_of_libraries_on_the_machine_nor_of_functions_without_a_file():
    assert touched("encode", 3, range(4, 5), file="/usr/lib/python3.11/json/encoder.py") is None
    assert touched("main.discount", None, range(4, 5), file="") is None
    assert touched("<module>", 1, range(1, 99)) is None


def test_a_source_that_this_python_cannot_read_counts_as_a_whole():
    assert touched("discount", 3, range(40, 41), source="def f(:") is True
    assert touched("discount", 3, range(40, 41), source=None) is True
