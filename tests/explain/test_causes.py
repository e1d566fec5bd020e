"""From functions that rose to causes: names, callers, libraries, files that changed. Profiles by numbers."""

from dataclasses import replace

import pytest

from perfgate.explain.cause import CauseKind
from perfgate.explain.causes import find_causes, full_name, in_order, told_apart
from perfgate.explain.changes import Changes
from perfgate.explain.installed_copies import as_in_repository
from perfgate.explain.pairs import ProfiledPair
from perfgate.explain.profile import Function
from perfgate.explain.profilers.py_spy import PySpy
from perfgate.explain.rise import KnownRise
from perfgate.explain.subject import Subject
from tests.support.profiled_pairs import pairs, stack, timed

LIBRARY = "/usr/lib/python3.11/json/encoder.py:iterencode"
HANDLE, PRICE, OTHER = "serve.py:handle", "shop/prices.py:discount", "shop/stock.py:reserve"
BASE = {
    stack(HANDLE, OTHER): 0.5,
    stack(HANDLE, PRICE): 0.3,
    stack(HANDLE, PRICE, LIBRARY): 0.1,
    stack(HANDLE, OTHER, PRICE): 0.1,
}


EVERY_LINE = (range(1, 1000),)


PY_SPY = PySpy.__new__(PySpy)
CPU = Subject(CauseKind.CPU, "", PY_SPY)
WAITING = Subject(CauseKind.WAITING, "", PY_SPY)


def changes(*files, others=("serve.py", "shop/prices.py", "shop/stock.py")):
    """others: that are the same on both sides."""
    return Changes(dict.fromkeys(files, EVERY_LINE), (*files, *others), lambda path: None)


def causes(head, *changed):
    return find_causes("look", CPU, pairs(BASE, head), changes(*(changed or ("shop/prices.py",))))


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


def test_a_library_that_takes_more_is_named_itself_where_the_function_that_calls_it_is_as_it_was():
    (cause,) = causes({**BASE, stack(HANDLE, PRICE, LIBRARY): 0.5}, "requirements.txt")
    assert (cause.function, cause.within, cause.changed) == ("json.encoder.iterencode", "", None)
    assert cause.callers[0] == "shop.prices.discount"


def test_where_git_does_not_know_the_file_that_calls_a_library_the_caller_is_named():
    measured = pairs(BASE, {**BASE, stack(HANDLE, PRICE, LIBRARY): 0.5})
    (cause,) = find_causes("look", CPU, measured, changes("requirements.txt", others=()))
    assert (cause.function, cause.within, cause.changed) == ("shop.prices.discount", "json.encoder.iterencode", None)


INSTALLED = "/usr/local/lib/python3.12/site-packages"


def installed(times):
    """The same stacks of a service that was installed among libraries."""
    return {
        tuple(
            replace(one, file=f"{INSTALLED}/{one.file}") if one.file.startswith("shop/") else one for one in stack
        ): ms
        for stack, ms in times.items()
    }


@pytest.mark.parametrize("subject", [CPU, WAITING], ids=["cpu", "waiting"])
def test_a_service_that_was_installed_has_functions_of_its_own(subject):
    of = changes("src/shop/prices.py", others=("src/shop/stock.py",))
    measured = pairs(installed(BASE), installed({**BASE, stack(HANDLE, PRICE, LIBRARY): 0.5}))
    if subject is WAITING:
        measured = [ProfiledPair(timed(pair.base), timed(pair.head)) for pair in measured]
    (cause,) = find_causes("look", subject, as_in_repository(measured, of), of)
    assert (cause.function, cause.file, cause.line) == ("shop.prices.discount", "shop/prices.py", 10)
    assert (cause.within, cause.changed) == ("json.encoder.iterencode", True)
    assert "shop.stock.reserve" in cause.callers


def test_without_commits_files_keep_their_names():
    measured = pairs(installed(BASE), installed(BASE))
    assert as_in_repository(measured, None) == measured


def test_a_function_that_is_called_by_another_one_of_the_service_is_named_and_the_other_is_not():
    (cause,) = causes({**BASE, stack(HANDLE, OTHER, PRICE): 0.6})
    assert cause.function == "shop.prices.discount"
    assert cause.callers[0] == "shop.stock.reserve"


def test_a_file_that_is_the_same_in_both_commits():
    (cause,) = causes({**BASE, stack(HANDLE, PRICE): 0.7}, "shop/stock.py")
    assert cause.changed is False


def test_a_service_in_a_folder_of_its_repository():
    measured = pairs(BASE, {**BASE, stack(HANDLE, PRICE): 0.7})
    (cause,) = find_causes("look", CPU, measured, changes("backend/shop/prices.py", others=()))
    assert cause.changed is True


def test_without_commits_nobody_knows_what_changed():
    (cause,) = find_causes("look", CPU, pairs(BASE, {**BASE, stack(HANDLE, PRICE): 0.7}), None)
    assert cause.changed is None


def test_threads_that_wait_for_work_are_no_cause():
    idle = stack("serve.py:<module>", "/usr/lib/python3.11/selectors.py:select")
    measured = [
        ProfiledPair(timed(pair.base), timed(pair.head))
        for pair in pairs(BASE, {**BASE, idle: 5.0, stack(HANDLE, PRICE): 0.7})
    ]
    (cause,) = find_causes("look", WAITING, measured, None)
    assert (cause.function, cause.kind) == ("shop.prices.discount", CauseKind.WAITING)


def test_threads_that_wait_and_are_seen_all_the_same_take_no_cpu():
    measured = pairs(BASE, {**BASE, stack(HANDLE, PRICE): 1.3})
    # As many seconds of CPU as on base: what was seen more was no CPU.
    same = [replace(pair, head=replace(pair.head, cpu_seconds=pair.base.cpu_seconds)) for pair in measured]
    assert [cause.function for cause in find_causes("look", CPU, measured, None)] == ["shop.prices.discount"]
    assert find_causes("look", CPU, same, None) == ()


def test_work_and_waiting_are_told_apart_by_how_much_longer_it_took():
    (work,) = causes({**BASE, stack(HANDLE, PRICE): 0.7})
    queued = replace(work, kind=CauseKind.WAITING, change_ms=3 * work.change_ms)
    slept = replace(queued, change_ms=30 * work.change_ms)
    other = replace(slept, function="shop.stock.reserve")
    known = KnownRise(0.1, 0.01)
    assert told_apart([work], [queued], 2, known) == [work]
    assert told_apart([work], [slept], 2, known) == [slept]
    assert told_apart([work], [other], 2, known) == [other, work]
    assert told_apart([work], [other], 2, None) == [other, work]
    assert told_apart([work], [replace(other, change_ms=3 * work.change_ms)], 2, None) == [work]
    assert told_apart([], [other], 2, None) == [other]


def test_the_service_or_the_dependency_in_which_most_was_found_comes_first():
    small, large = causes({**BASE, stack(HANDLE, PRICE): 0.7, stack(HANDLE, OTHER): 0.8}, "README.md")[::-1]
    assert small.change_ms < large.change_ms
    whole = replace(small, dependency="postgres", function="", change_ms=3.0)
    assert in_order((large, small, whole)) == (whole, large, small)
    assert in_order((small, large)) == (small, large)


def test_what_waits_for_a_dependency_stands_behind_what_takes_longer_there():
    (work,) = causes({**BASE, stack(HANDLE, PRICE): 0.7})
    waits = replace(work, kind=CauseKind.WAITING, change_ms=0.41)
    query = replace(work, kind=CauseKind.QUERY_TIME, dependency="postgres", change_ms=0.3)
    assert in_order((waits, query)) == (query, waits)
    little = replace(query, change_ms=0.1)  # it waits for something else
    assert in_order((waits, little)) == (waits, little)


ROUTES = {"get /pets": 10, "get /orders": 30, "get /stock": 50}
SOURCE = "\n".join(
    "app.get(() => {" if line in ROUTES.values() else "})" if line % 10 == 9 else "" for line in range(1, 60)
)


def handlers(**times):
    """Stacks of functions without a name, each of a route, with what a request takes in it (ms)."""
    return {
        (Function("route", f"node_modules/{route}"), Function("<anonymous>", "app.js", line)): times[
            route.split("/")[1]
        ]
        for route, line in ROUTES.items()
        if route.split("/")[1] in times
    }


@pytest.mark.parametrize(("changed", "expected"), [(range(31, 32), True), (range(11, 12), False)])
def test_of_functions_of_one_name_in_a_file_the_one_that_rose_is_named(changed, expected):
    base = handlers(pets=0.5, orders=0.3, stock=0.2)
    of = Changes({"app.js": (changed,)}, ["app.js"], lambda path: SOURCE)
    (cause,) = find_causes("look", CPU, pairs(base, base | handlers(orders=0.8)), of)
    assert (cause.function, cause.file, cause.line, cause.changed) == ("<anonymous>", "app.js", 30, expected)


def test_functions_of_one_name_that_differ_in_number_have_no_line():
    base, head = handlers(pets=0.5, stock=0.5), handlers(pets=0.5, orders=0.5, stock=0.5)
    of = Changes({"app.js": (range(31, 32),)}, ["app.js"], lambda path: SOURCE)
    (cause,) = find_causes("look", CPU, pairs(base, head), of)
    assert (cause.function, cause.line, cause.changed) == ("<anonymous>", None, True)


def test_functions_of_one_name_that_are_others_on_head_have_no_line():
    # The first one is gone, and a new one that does little stands behind the others.
    base, head = handlers(pets=0.1, orders=0.9), handlers(orders=1.4, stock=0.1)
    (cause,) = find_causes("look", CPU, pairs(base, head), None)
    assert (cause.function, cause.line) == ("<anonymous>", None)


def test_stacks_without_files_are_charged_to_the_innermost_function():
    base = {stack("main", "work"): 0.5, stack("main", "other"): 0.5}
    (cause,) = find_causes("look", CPU, pairs(base, {**base, stack("main", "work"): 0.9}), changes("main.go"))
    assert (cause.function, cause.file, cause.line, cause.changed) == ("work", "", 10, None)


def test_nothing_changed_no_cause():
    assert causes(BASE) == ()


@pytest.mark.parametrize(
    ("name", "file", "full"),
    [
        ("discount", "shop/prices.py", "shop.prices.discount"),
        ("Shop.price", "shop/__init__.py", "shop.Shop.price"),
        ("encode", "/usr/lib/python3.11/json/encoder.py", "json.encoder.encode"),
        ("encode", "/usr/lib64/python3.11/json/encoder.py", "json.encoder.encode"),
        ("encode", "lib64/python3.11/json/encoder.py", "json.encoder.encode"),
        ("quote", "lib/python/shop/prices.py", "lib.python.shop.prices.quote"),
        ("get", "/srv/venv/lib/python3.12/site-packages/requests/api.py", "requests.api.get"),
        ("price", "/srv/other/prices.py", "prices.price"),
        ("main.discount", "", "main.discount"),
        ("handle", "server.js", "handle"),
    ],
)
def test_names_with_their_modules(name, file, full):
    assert full_name(Function(name, file)) == full
