"""From functions that rose to causes: names, callers, libraries, files that changed. Profiles by numbers."""

import pytest

from perfgate.explain.causes import find_causes, full_name
from perfgate.explain.folded import Function
from tests.support.profiles import pairs, stack

LIBRARY = "/usr/lib/python3.11/json/encoder.py:iterencode"
HANDLE, PRICE, OTHER = "serve.py:handle", "shop/prices.py:discount", "shop/stock.py:reserve"
BASE = {
    stack(HANDLE, OTHER): 0.5,
    stack(HANDLE, PRICE): 0.3,
    stack(HANDLE, PRICE, LIBRARY): 0.1,
    stack(HANDLE, OTHER, PRICE): 0.1,
}


def causes(head, changed=frozenset({"shop/prices.py"})):
    return find_causes(pairs(BASE, head), "look", "py-spy", changed)


def test_a_cause_says_where_and_how_much():
    (cause,) = causes({**BASE, stack(HANDLE, PRICE): 0.7})
    assert (cause.function, cause.file, cause.line) == ("shop.prices.discount", "shop/prices.py", 10)
    assert cause.low_ms < 0.4 < cause.high_ms
    assert cause.share == pytest.approx(1.0, rel=0.3)
    assert cause.self_ms == pytest.approx(0.4, rel=0.3)
    assert (cause.within, cause.changed, cause.scenario, cause.profiler) == ("", True, "look", "py-spy")
    assert cause.callers == ("serve.handle", "shop.stock.reserve")


def test_work_of_a_library_is_charged_to_the_function_that_calls_it():
    (cause,) = causes({**BASE, stack(HANDLE, PRICE, LIBRARY): 0.5})
    assert (cause.function, cause.within) == ("shop.prices.discount", "json.encoder.iterencode")
    assert cause.self_ms == pytest.approx(0.0, abs=0.1)
    assert cause.total_ms == pytest.approx(0.4, rel=0.3)


def test_a_function_that_is_called_by_another_one_of_the_service_is_named_and_the_other_is_not():
    (cause,) = causes({**BASE, stack(HANDLE, OTHER, PRICE): 0.6})
    assert cause.function == "shop.prices.discount"
    assert cause.callers[0] == "shop.stock.reserve"


def test_a_file_that_is_the_same_in_both_commits():
    (cause,) = causes({**BASE, stack(HANDLE, PRICE): 0.7}, frozenset({"shop/stock.py"}))
    assert cause.changed is False


def test_a_service_in_a_folder_of_its_repository():
    (cause,) = causes({**BASE, stack(HANDLE, PRICE): 0.7}, frozenset({"backend/shop/prices.py"}))
    assert cause.changed is True


def test_without_commits_nobody_knows_what_changed():
    (cause,) = causes({**BASE, stack(HANDLE, PRICE): 0.7}, None)
    assert cause.changed is None


def test_stacks_without_files_are_charged_to_the_innermost_function():
    base = {stack("main", "work"): 0.5, stack("main", "other"): 0.5}
    (cause,) = find_causes(pairs(base, {**base, stack("main", "work"): 0.9}), "look", "perf", frozenset({"main.go"}))
    assert (cause.function, cause.file, cause.line, cause.changed) == ("work", "", 10, None)


def test_nothing_changed_no_cause():
    assert causes(BASE) == ()


@pytest.mark.parametrize(
    ("name", "file", "full"),
    [
        ("discount", "shop/prices.py", "shop.prices.discount"),
        ("Shop.price", "shop/__init__.py", "shop.Shop.price"),
        ("encode", "/usr/lib/python3.11/json/encoder.py", "json.encoder.encode"),
        ("get", "/srv/venv/lib/python3.12/site-packages/requests/api.py", "requests.api.get"),
        ("price", "/srv/other/prices.py", "prices.price"),
        ("main.discount", "", "main.discount"),
        ("handle", "server.js", "handle"),
    ],
)
def test_names_with_their_modules(name, file, full):
    assert full_name(Function(name, file)) == full
