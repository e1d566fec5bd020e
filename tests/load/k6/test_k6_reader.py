"""Options as k6 tells them, and what a k6 says that is none that we know."""

import pytest

from perfgate.load.k6.launcher import K6Settings, Launcher
from perfgate.load.k6.reader import K6Reader

FOUND = {"perfgate": {"functions": ["default"], "complaints": {}, "loads": ["vus"]}}
LOAD = {"executor": "constant-vus", "vus": 2, "duration": "5s"}


class Told(Launcher):
    """A k6 that says what it is told to."""

    def __init__(self, options):
        super().__init__(K6Settings(), {})
        self._options = options

    def inspect(self, arguments):
        return self._options


@pytest.mark.parametrize(
    "options",
    [
        {"ext": FOUND},
        {"ext": None, "scenarios": {"a": LOAD}},
        {"ext": FOUND, "scenarios": {"a": LOAD | {"vus": "two"}}},
        {"ext": FOUND, "scenarios": {"a": {"executor": "constant-arrival-rate"}}},
        {"ext": FOUND, "scenarios": {"a": LOAD}, "thresholds": {"http_reqs": [1]}},
        {"ext": FOUND, "scenarios": {"a": None}},
    ],
    ids=["no scenarios", "no exports", "no number", "no rate", "no threshold", "no scenario"],
)
def test_options_that_k6_does_not_tell_are_a_problem_of_the_script_and_no_traceback(tmp_path, options):
    file = tmp_path / "a.js"
    file.write_text("export default function () {}\n")
    loaded = K6Reader(Told(options)).read(file)
    assert (len(loaded.scenarios), len(loaded.problems)) == (0, 1)
    assert "a.js" in loaded.problems[0].place
