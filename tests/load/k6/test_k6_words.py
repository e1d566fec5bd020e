"""What k6 writes to its log, and the modules that are written for it."""

from pathlib import Path

import pytest

from perfgate.load.k6.inspect_errors import problems_of
from perfgate.load.k6.log import K6Log
from perfgate.load.k6.script import K6Script
from perfgate.load.k6.wrapper import slice_wrapper, teardown_wrapper
from perfgate.scenario.profile import ConstantVUs

SCRIPT = Path("/scripts/a.js")


def entry(message, level="error", **more):
    import json

    return json.dumps({"level": level, "msg": message, **more})


def test_exceptions_of_iterations_are_counted_with_their_place():
    raised = "TypeError: no foo\n\tat default (file:///scripts/a.js:6:278(40))\n"
    log = K6Log.of([entry(raised, source="stacktrace")] * 3 + [entry("hello", "info"), entry("oh", source="console")])
    assert log.raised == {"TypeError: no foo at default (file:///scripts/a.js:6:278(40))": 3}
    assert log.complaints == []
    assert log.written == ["oh"]


def test_of_what_a_script_writes_the_first_lines_are_kept():
    lines = [entry(f"pet {number}", "info", source="console") for number in range(9)]
    assert K6Log.of(lines).written == [f"pet {number}" for number in range(5)]


def test_what_is_nested_too_deeply_is_a_complaint():
    assert K6Log.of(["[" * 9_000]).complaints == ["[" * 9_000]


def test_what_is_not_json_is_a_complaint():
    assert K6Log.of(["panic: out of luck", "", entry("broken")]).complaints == ["panic: out of luck", "broken"]


@pytest.mark.parametrize(
    ("said", "place", "message"),
    [
        (
            "could not initialize 'a.js': could not load JS test 'file:///scripts/a.js': file:///scripts/a.js: "
            "Line 2:1 Unexpected end of input (and 3 more errors)",
            "/scripts/a.js:2",
            "Unexpected end of input (and 3 more errors)",
        ),
        (
            "ReferenceError: foo is not defined\n\tat file:///scripts/b.js:7:1(3)\n",
            "/scripts/b.js:7",
            "ReferenceError: foo is not defined",
        ),
        (
            "could not initialize 'a.js': could not load JS test 'file:///scripts/a.js': unknown executor type 'foo'",
            "/scripts/a.js",
            "unknown executor type 'foo'",
        ),
        ("no exported functions in script", "/scripts/a.js", "no exported functions in script"),
    ],
)
def test_a_mistake_gets_its_place_and_a_hint(said, place, message):
    (problem,) = problems_of(SCRIPT, entry(said))
    assert (problem.place, problem.message) == (place, message)
    assert problem.hint


def test_several_mistakes_are_several():
    said = "There were problems with the specified script configuration:\n\t- the duration is unspecified\n\t- no VUs"
    assert [problem.message for problem in problems_of(SCRIPT, entry(said))] == [
        "the duration is unspecified",
        "no VUs",
    ]


def test_k6_saying_nothing_is_a_mistake_too():
    assert len(problems_of(SCRIPT, "")) == 1


def test_a_module_hands_on_the_scripts_functions_and_the_setups_data_and_nothing_else():
    script = K6Script(
        "a",
        "k6",
        ConstantVUs(),
        (),
        SCRIPT,
        1,
        {"default": {}},
        frozenset({"default", "buy", "setup", "handleSummary"}),
        {},
        True,
    )
    module = slice_wrapper(script, {"default": {"exec": "buy"}}, {"quote": '"', "line": "\u2028"}, waits=False)
    assert 'import * as script from "file:///scripts/a.js";' in module
    assert "export default function (...given) { perfgate.begin(); return script.default(...given); }" in module
    assert "export const buy = script.buy;" in module
    assert "handleSummary" not in module
    assert "\u2028" not in module
    assert "setup" not in slice_wrapper(script, {}, None, waits=False)
    hook = "export function teardown(...given) { perfgate.begin(); return script.teardown(...given); }"
    assert hook in teardown_wrapper(script, None)


def test_exceptions_with_an_id_in_them_are_some_and_the_others_together():
    raised = K6Log.of([entry(f"Error: no pet {number}", source="stacktrace") for number in range(90)]).raised
    assert (len(raised), raised.total(), raised["other exceptions"]) == (6, 90, 85)
