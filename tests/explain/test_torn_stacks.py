"""Stacks that went on while they were read. Profiles by numbers."""

from perfgate.explain.cause import CauseKind
from perfgate.explain.causes import find_causes
from perfgate.explain.changes import Changes
from perfgate.explain.origin import charges
from perfgate.explain.pairs import sides
from perfgate.explain.profile import Function
from perfgate.explain.profilers.py_spy import PySpy
from perfgate.explain.subject import Subject
from perfgate.explain.torn_stacks import mended
from tests.support.profiled_pairs import pairs, stack

HANDLE, PRICE, NEXT = "serve.py:handle", "shop/prices.py:base_price", "shop/delivery.py:zones"
ENCODE = "/usr/lib/python3.11/json/encoder.py:encode"
BASE = {stack(HANDLE, PRICE): 0.3, stack(HANDLE, NEXT): 0.3, stack(HANDLE): 0.1}
# Most of what the first one calls is seen in the one that is called after it.
TORN = {**BASE, stack(HANDLE, PRICE, ENCODE): 0.05, stack(HANDLE, NEXT, ENCODE): 0.1}
CPU = Subject(CauseKind.CPU, "", PySpy.__new__(PySpy))


def changes(*files):
    on_head = (*files, "serve.py", "shop/prices.py", "shop/delivery.py")
    return Changes(dict.fromkeys(files, (range(1, 1000),)), on_head, lambda path: None)


def found(head, *changed, base=BASE):
    causes = find_causes("look", CPU, pairs(base, head), changes(*changed))
    return [(cause.function, cause.within) for cause in causes]


def test_a_new_call_is_that_of_the_function_that_was_changed():
    assert found(TORN, "shop/prices.py") == [("shop.prices.base_price", "json.encoder.encode")]


def test_all_of_its_samples_count_for_it():
    measured = pairs(BASE, TORN)
    _, head = sides(mended(measured, changes("shop/prices.py")))
    called = (Function("base_price", "shop/prices.py"), Function("encode", "/usr/lib/python3.11/json/encoder.py"))
    samples = sum(count for stack, count in sides(measured)[1].stacks.items() if stack[-1] == called[1])
    assert charges(head.stacks)[called] == samples > 0


def test_what_was_called_before_stays_where_it_was():
    before = {**BASE, stack(HANDLE, NEXT, ENCODE): 0.1}
    after = {**before, stack(HANDLE, NEXT, ENCODE): 0.3, stack(HANDLE, PRICE, ENCODE): 0.05}
    assert found(after, "shop/prices.py", base=before)[0] == ("json.encoder.encode", "")


def test_where_no_function_that_was_changed_calls_it_nothing_is_moved():
    measured = pairs(BASE, TORN)
    assert mended(measured, changes("README.md")) == measured
    assert found(TORN, "README.md")[0] == ("json.encoder.encode", "")
