"""Options as k6 reads them: with the system's variables, of scripts that say no load, and whatever tags they want."""

import os
import shutil
import textwrap

import pytest

from perfgate.errors import NoVerdictError
from perfgate.load.k6.engine import K6Engine
from perfgate.load.k6.launcher import K6Settings, Launcher
from perfgate.load.k6.reader import K6Reader
from perfgate.load.pacer import Slice
from perfgate.load.phase import Phase
from perfgate.metrics.catalogue import Kind
from perfgate.scenario.finding import load_scenarios
from perfgate.scenario.overrides import Overrides
from perfgate.scenario.profile import ConstantVUs, SharedIterations
from perfgate.testing import ScriptedServer

pytestmark = [
    pytest.mark.engines,
    pytest.mark.skipif(shutil.which("k6") is None, reason="k6 is not installed: make engines"),
]

GET = "export default function () { http.get(`${__ENV.BASE_URL}/a`); sleep(0.05); }"
AS_WRITTEN = Overrides()
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


@pytest.fixture
def read(tmp_path):
    """Write a script; the scenario that it is, and the engine that plays it."""

    def written(text, overrides=AS_WRITTEN, **variables):
        file = tmp_path / "script.js"
        file.write_text("import http from 'k6/http';\nimport { sleep } from 'k6';\n" + textwrap.dedent(text))
        launcher = Launcher(K6Settings(), {**os.environ, **variables})
        (scenario,) = load_scenarios(tmp_path, (str(file),), overrides, (K6Reader(launcher),))
        return scenario, K6Engine(launcher, 0)

    return written


def test_options_are_read_with_the_systems_variables_and_a_target(read):
    scenario, _ = read(
        "if (!__ENV.BASE_URL) { throw new Error('no target'); }\n"
        "export const options = { vus: Number(__ENV.USERS || 1), duration: '5s' };\n" + GET,
        USERS="3",
    )
    assert scenario.profile.vus == 3


def test_a_threshold_by_url_keeps_a_place_for_the_target(read):
    scenario, _ = read(
        "export const options = { vus: 1, duration: '5s', thresholds: {\n"
        "  [`http_req_duration{url:${__ENV.BASE_URL}/a}`]: ['max<9'] } };\n" + GET
    )
    assert scenario.thresholds[0].selector == "http_req_duration{url:${BASE_URL}/a}"


@pytest.mark.parametrize(
    ("options", "overrides", "expected"),
    [
        ("", Overrides(4, 3.0), ConstantVUs(4, 3.0)),
        ("", Overrides(None, 3.0), ConstantVUs(1, 3.0)),
        ("export const options = { thresholds: {} };", Overrides(None, 3.0), ConstantVUs(1, 3.0)),
    ],
)
def test_a_duration_makes_a_load_of_a_script_that_says_none(read, options, overrides, expected):
    assert read(f"{options}\n{GET}", overrides)[0].profile == expected


def test_a_script_that_says_its_iterations_keeps_them(read):
    scenario, _ = read("export const options = { vus: 1, iterations: 1 };\n" + GET, Overrides(None, 3.0))
    assert isinstance(scenario.profile, SharedIterations)


def test_the_counters_and_rates_of_a_script_are_known_before_anything_is_added_to_them(read):
    scenario, _ = read(
        "import { Counter, Rate, Trend } from 'k6/metrics';\n"
        "const c = new Counter('lost'), r = new Rate('wrong'), t = new Trend('waiting');\n"
        "export const options = { vus: 1, duration: '5s', thresholds: {\n"
        "  lost: ['count<1'], 'wrong{a:b}': ['rate<1'], waiting: ['avg<1'], http_reqs: ['count>1'] } };\n" + GET
    )
    own = dict.fromkeys(("http_reqs", "iterations", "dropped_iterations", "data_sent", "data_received"), Kind.COUNTER)
    assert scenario.counted == {**own, "lost": Kind.COUNTER, "wrong": Kind.RATE}


@pytest.mark.parametrize("tags", ["'url', 'method', 'error'", "'status', 'method'", "'vu'"])
def test_system_tags_of_a_script_do_not_change_what_is_counted(read, tags):
    scenario, engine = read(f"export const options = {{ vus: 1, duration: '5s', systemTags: [{tags}] }};\n{GET}")
    with ScriptedServer({"/a": [OK]}) as service:
        engine.open(scenario, "head", service.url)
        tally = engine.play(scenario, "head", Slice(0.0, 0.5, None), Phase.MEASURING, 0).tally
        engine.stop()
    assert list(tally.requests) == ["GET /a"]
    assert tally.failed_count == 0


@pytest.mark.parametrize(
    "variable",
    [
        {"K6_NO_SUMMARY": "true"},
        {"K6_SUMMARY_MODE": "disabled"},
        {"K6_NEW_MACHINE_READABLE_SUMMARY": "true"},
        {"K6_INCLUDE_SYSTEM_ENV_VARS": "false"},
        {"K6_TYPE": "archive"},
    ],
    ids=str,
)
def test_the_data_of_setup_comes_to_rounds_whatever_the_environment_says_of_summaries(read, variable):
    scenario, engine = read(
        "export const options = { vus: 1, iterations: 2 };\n"
        "export function setup() { return { url: __ENV.BASE_URL }; }\n"
        "export default function (data) { http.get(`${data.url}/a`); }",
        **variable,
    )
    with ScriptedServer({"/a": [OK]}) as service:
        engine.open(scenario, "head", service.url)
        tally = engine.play(scenario, "head", Slice(0.0, 10.0, 2), Phase.MEASURING, 0).tally
        engine.stop()
    assert {name: counted.ok.count for name, counted in tally.requests.items()} == {"GET /a": 2}


def test_a_configuration_file_of_k6_that_pauses_or_leaves_out_setup_is_not_waited_for(read, tmp_path):
    (tmp_path / "k6.json").write_text('{"paused": true, "noSetup": true, "noTeardown": true}')
    scenario, engine = read(
        "export const options = { vus: 1, iterations: 2 };\n"
        "export function setup() { return { path: '/a' }; }\n"
        "export default function (data) { http.get(`${__ENV.BASE_URL}${data.path}`); }",
        K6_CONFIG=str(tmp_path / "k6.json"),
    )
    with ScriptedServer({"/a": [OK]}) as service:
        engine.open(scenario, "head", service.url)
        tally = engine.play(scenario, "head", Slice(0.0, 10.0, 2), Phase.MEASURING, 0).tally
        engine.stop()
    assert {name: counted.ok.count for name, counted in tally.requests.items()} == {"GET /a": 2}


def test_a_setup_that_asks_for_the_options_of_the_test_is_told_that_they_are_others(read):
    scenario, engine = read(
        "import exec from 'k6/execution';\nexport const options = { vus: 3, duration: '5s' };\n"
        "export function setup() { return exec.test.options.scenarios.default.vus; }\n" + GET
    )
    with pytest.raises(NoVerdictError) as raised:
        engine.open(scenario, "head", "http://127.0.0.1:9")
    engine.stop()
    assert "exec.test.options" in raised.value.hint
