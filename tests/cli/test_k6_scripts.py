"""k6 scripts as scenarios, played by the real k6."""

import json
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import psutil
import pytest

from tests.support.command import INTERRUPTIBLE, QUICK, ROOT, environment
from tests.support.deciding import decided_command

pytestmark = [
    pytest.mark.engines,
    pytest.mark.skipif(shutil.which("k6") is None, reason="k6 is not installed: make engines"),
]

SCRIPTS = ROOT / "scenarios" / "k6"
HEAD = "import http from 'k6/http';\nimport { check } from 'k6';\n"
GET = HEAD + "export default function () { http.get(`${__ENV.BASE_URL}/pet/1`); }\n"


@pytest.fixture
def write(folder):
    """Write the one script of the folder: write(text) -> its path."""
    (folder / "scenarios" / "create_pet.py").unlink()

    def written(text, name="script.js"):
        path = folder / "scenarios" / name
        path.write_text(text)
        return path

    return written


@pytest.fixture
def service():
    """A service that remembers the requests that it answered, as "GET /path"."""
    heard = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            heard.append(f"{self.command} {self.path}")
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        do_POST = do_DELETE = do_GET

        def log_message(self, *_):
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_):
            """k6 breaks off what it has begun at the end of a scenario without a graceful stop."""

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield SimpleNamespace(heard=heard, url=f"http://127.0.0.1:{server.server_port}")
        server.shutdown()


def result_of(done):
    return json.loads(done.out)


def test_the_scripts_of_the_repository_make_the_load_test_table(perfgate):
    done = perfgate("run", *sorted(SCRIPTS.glob("*.js")), "--duration", "1s", "--vus", "4")
    assert done.code == 0, done.err
    for name in ("create_pet_test", "order_pet_test", "user_performance_test", "GET /store/order/{id}", "POST /user"):
        assert name in done.out
    assert "threshold" in done.out


@pytest.mark.parametrize("target", ["petstore", "petstore?errors=20%"])
def test_the_summary_agrees_with_that_of_k6_itself(perfgate, folder, target):
    # One round is one process of k6, and it writes its own summary of it.
    once = ("--duration", "2s", "--round", "2s", "--vus", "6", "--json", "-", "--quiet")
    done = perfgate(
        "run", SCRIPTS / "order_pet_test.js", "--target", target, *once, K6_SUMMARY_EXPORT=str(folder / "k6.json")
    )
    k6 = json.loads((folder / "k6.json").read_text())["metrics"]
    ours = result_of(done)["summary"][0]
    durations = k6["http_req_duration{expected_response:true}"]
    assert ours["requests"] == k6["http_reqs"]["count"]
    assert ours["avg_ms"] == pytest.approx(durations["avg"], rel=0.01)
    assert ours["med_ms"] == pytest.approx(durations["med"], rel=0.01)
    assert ours["p95_ms"] == pytest.approx(durations["p(95)"], rel=0.01)
    assert ours["failed"] == pytest.approx(k6["http_req_failed"]["value"], rel=0.01)
    assert ours["requests_per_second"] == pytest.approx(k6["http_reqs"]["rate"], rel=0.05)
    assert (ours["failed"] > 0) == ("errors" in target)
    duration, failed = result_of(done)["thresholds"]
    assert duration["value"] == pytest.approx(k6["http_req_duration"]["p(95)"], rel=0.01)
    assert failed["value"] == pytest.approx(k6["http_req_failed"]["value"], rel=0.01)


@pytest.mark.parametrize(
    ("head", "codes", "row"),
    [
        ("petstore", {0, 3}, None),  # a neighbour may spoil it, and must not turn it red
        ("petstore?slow=300%", {1}, "service_cpu"),
        ("petstore?errors=20%", {1}, "http_req_failed"),
    ],
)
def test_a_duet_tells_what_changed(perfgate, head, codes, row):
    brief = ("--budget", "10s", "--round", "0.2s", "--vus", "3", "--json", "-", "--quiet")
    measure = partial(perfgate, "duet", "petstore", head, SCRIPTS / "create_pet_test.js", *brief)
    done = decided_command(measure, row) if row else measure()
    assert done.code in codes, done.out
    regressed = {line["metric"] for line in result_of(done)["rows"] if line["verdict"] == "regressed"}
    assert row in regressed if row else not regressed


def test_scripts_and_scenarios_of_our_own_stand_in_one_run(perfgate, folder):
    (folder / "scenarios" / "script.js").write_text(GET)
    perfgate("run", "--duration", "0.5s", "--vus", "2", "--round", "0.5s")
    listed = perfgate("history", "show", "latest")
    assert "create_pet" in listed.out
    assert "script" in listed.out
    with sqlite3.connect(folder / ".perfgate" / "local.db") as database:
        engines = dict(database.execute("select scenario, engine from results where request = ''"))
        (versions,) = next(database.execute("select versions from runs"))
    assert engines == {"create_pet": "perfgate", "script": "k6"}
    assert json.loads(versions)["k6"]


def test_setup_and_teardown_run_once_and_hand_their_data_on(perfgate, write, service):
    write(
        "import http from 'k6/http';\n"
        "import { sleep } from 'k6';\n"
        "import { Counter } from 'k6/metrics';\n"
        "const carts = new Counter('carts');\n"
        "export const options = {\n"
        "  scenarios: {\n"
        "    shop: { executor: 'constant-vus', exec: 'shop', vus: 2, duration: '1s', env: { ROOM: 'a' } },\n"
        "  },\n"
        "  thresholds: { carts: ['count>2'], 'http_reqs{scenario:shop}': ['count>2'] },\n"
        "};\n"
        "const get = (path) => http.get(`${__ENV.THE_SERVICE}/${path}`);\n"
        "export function setup() { get('setup'); return { token: 'to\"ken' }; }\n"
        "export function shop(data) {\n"
        "  get(`shop/${__ENV.ROOM}/${encodeURIComponent(data.token)}`); carts.add(1); sleep(0.05);\n"
        "}\n"
        "export function teardown(data) { get(`teardown/${data.token.length}`); }\n"
        "export function handleSummary() { throw new Error('not asked for'); }\n"
    )
    done = perfgate("run", "--target", service.url, "--config", _with_variable(write), "--round", "0.3s")
    assert done.code == 0, done.out + done.err
    assert service.heard.count("GET /setup") == 1
    assert service.heard[-1] == "GET /teardown/6"
    assert service.heard.count("GET /teardown/6") == 1
    assert "GET /shop/a/to%22ken" in service.heard


def _with_variable(write):
    path = write(f'{QUICK}[k6]\nurl_variable = "THE_SERVICE"\n', "k6.toml")
    moved = path.parent.parent / path.name
    path.rename(moved)
    return moved


def test_arrival_rates_and_iterations_send_what_they_say(perfgate, write, service):
    write(
        HEAD + "export const options = { scenarios: {\n"
        "  rate: { executor: 'constant-arrival-rate', rate: 20, duration: '2s', preAllocatedVUs: 5, exec: 'rate' },\n"
        "  count: { executor: 'shared-iterations', vus: 2, iterations: 13, exec: 'count' },\n"
        "} };\n"
        "const get = (path) => http.get(`${__ENV.BASE_URL}/${path}`);\n"
        "export function rate() { get('rate'); }\n"
        "export function count() { get('count'); }\n"
    )
    done = perfgate("run", "--target", service.url, "--round", "0.5s", "--json", "-", "--quiet")
    lines = {line["request"]: line["requests"] for line in result_of(done)["summary"]}
    assert lines["GET /count"] == 13
    assert abs(lines["GET /rate"] - 40) <= 2


@pytest.mark.parametrize(
    ("script", "code", "said"),
    [
        ("export default function( {}\n", 2, ["script.js:2", "Unexpected end of input"]),
        ("export const a = 1;\n", 2, ["script.js", "no exported functions", "export default function"]),
        ("export function other() {}\n", 2, ["function 'default' not found", "exec"]),
        (
            "export const options = { scenarios: { a: { executor: 'constant-vu', vus: 1 } } };" + GET,
            2,
            ["unknown executor", "constant-vus"],
        ),
        ("export const options = { thresholds: { http_reqs: ['fast'] } };" + GET, 2, ["threshold", "fast"]),
        ("import './nowhere.js';\n" + GET, 2, ["nowhere.js", "couldn't be found"]),
        ("undefined.foo;\n" + GET, 2, ["script.js:1", "TypeError"]),
        (
            HEAD + "export default function () { http.get('http://127.0.0.1:9/pet/1'); }",
            3,
            ["http://127.0.0.1:9", "${__ENV.BASE_URL}"],
        ),
        (
            HEAD + "export const options = { scenarios: { a: {\n"
            "  executor: 'constant-vus', vus: 1, duration: '1s', gracefulStop: '200ms',\n} } };\n"
            "export default function () { while (true) { http.get(`${__ENV.BASE_URL}/pet/1`); } }",
            3,
            ["no iteration came to its end"],
        ),
        (GET.replace("{ http", "{ throw new Error('boom'); http"), 3, ["Error: boom", "script.js"]),
        ("export function setup() { throw new Error('no setup'); }\n" + GET, 3, ["the setup of script", "no setup"]),
        (
            "import exec from 'k6/execution';\nexport default function () { exec.test.abort('enough'); }",
            3,
            ["exec.test.abort", "enough"],
        ),
    ],
    ids=["syntax", "no function", "no default", "executor", "threshold", "import", "raises", "hard-coded URL",
         "endless", "only exceptions", "setup", "abort"],
)  # fmt: skip
def test_a_mistake_in_a_script_fits_on_one_screen(perfgate, write, script, code, said):
    write(script)
    done = perfgate("run", "--duration", "1s") if code == 2 else perfgate("run")
    assert done.code == code, done.out + done.err
    for text in said:
        assert text in done.err
    assert len(done.err.splitlines()) < 20


def test_a_threshold_on_a_scenario_that_begins_later_aborts_nothing(perfgate, write, service):
    write(
        GET + "export const options = {\n"
        "  scenarios: {\n"
        "    early: { executor: 'constant-vus', vus: 1, duration: '1.5s', gracefulStop: '0s' },\n"
        "    late: { executor: 'constant-vus', vus: 1, duration: '1s', startTime: '1.5s', gracefulStop: '0s' },\n"
        "  },\n"
        "  thresholds: {\n"
        "    'http_req_duration{scenario:late}': [{ threshold: 'p(95)<60000', abortOnFail: true }],\n"
        "    'http_reqs{scenario:late}': [{ threshold: 'count>0', abortOnFail: true }],\n"
        "    'http_reqs{status:500}': ['count<1'],\n"
        "    'http_req_duration{scenario:never}': [{ threshold: 'p(95)<60000', abortOnFail: true }],\n"
        "  },\n};\n"
    )
    done = perfgate("run", "--target", service.url, "--round", "0.5s", "--json", "-", "--quiet")
    assert {one["metric"]: one["passed"] for one in result_of(done)["thresholds"]} == {
        "http_req_duration{scenario:late}": True,
        "http_reqs{scenario:late}": True,
        "http_reqs{status:500}": True,
        "http_req_duration{scenario:never}": False,
    }
    assert "abort" not in done.out.partition('"thresholds"')[0]
    assert done.code == 1


def test_a_hard_coded_url_is_caught_behind_names_too(perfgate, write, service):
    write(
        HEAD + "export const options = { vus: 2, duration: '1s' };\n"
        f"export default function () {{ http.get('{service.url}/pet', {{ tags: {{ name: 'pet' }} }}); }}"
    )
    done = perfgate("run", "--target", "petstore")
    assert done.code == 3
    assert service.url.removeprefix("http://") in done.err
    assert "${__ENV.BASE_URL}" in done.err


def test_a_variable_that_is_not_there_is_told_before_the_load(perfgate, write, service):
    write(HEAD + "export default function () { http.get(`${__ENV.NOBODY}/pet`, { tags: { name: 'pet' } }); }\n")
    done = perfgate("run", "--duration", "2s", "--vus", "1", "--target", service.url)
    assert done.code == 3
    assert "script asks for 'pet', whose URL names no host" in done.err
    assert "GET /pet" not in service.heard


def test_a_teardown_that_fails_is_a_note_beside_what_was_measured(perfgate, write, service):
    write(GET + "export function teardown() { throw new Error('not today'); }\n")
    done = perfgate("run", "--duration", "1s", "--vus", "1", "--target", service.url)
    assert done.code == 0
    assert "the teardown of script failed" in done.out
    assert "not today" in done.out


def test_a_load_in_the_environment_stands_above_that_of_the_script(perfgate, write, service):
    write(GET + "export const options = { vus: 1, duration: '60s' };\n")
    assert perfgate("run", "--target", service.url, K6_ITERATIONS="7").code == 0
    heard = service.heard.count("GET /pet/1")
    assert 7 < heard < 100  # those of the warm-up, too


def test_a_request_elsewhere_among_others_is_noted(perfgate, write, service):
    write(
        HEAD + "export const options = { vus: 1, duration: '1s' };\n"
        f"export default function () {{ http.get('{service.url}/token'); http.get(`${{__ENV.BASE_URL}}/pet/1`); }}"
    )
    done = perfgate("run", "--target", "petstore", "--verbose")
    assert f"requests went to {service.url}" in " ".join(done.out.split())


@pytest.mark.parametrize(
    ("said", "expected"),
    [("k6 v0.49.0 (go1.21)", "takes 0.50 or newer"), ("hello", "is not k6"), (None, "there is no")],
)
def test_a_k6_that_is_missing_old_or_something_else_is_refused(perfgate, folder, write, said, expected):
    write(GET)
    other = folder / "k6"
    if said is not None:
        other.write_text(f"#!/bin/sh\necho '{said}'\n")
        other.chmod(0o755)
    (folder / "perfgate.toml").write_text(f'[k6]\npath = "{other}"\n')
    done = perfgate("run")
    assert done.code == 2
    assert expected in done.err
    assert "go install go.k6.io/k6@latest" in done.err


def test_a_rate_at_which_nothing_is_due_yet_is_no_mistake(perfgate, write):
    write(
        HEAD + "export const options = { scenarios: { a: {\n"
        "  executor: 'ramping-arrival-rate', preAllocatedVUs: 1, stages: [{ duration: '4s', target: 2 }],\n} } };\n"
        "export default function () { http.get(`${__ENV.BASE_URL}/pet/1`); }"
    )
    done = perfgate("run", "--json", "-", "--quiet")
    assert result_of(done)["summary"][0]["requests"] in (3, 4)


def test_a_k6_that_is_killed_makes_its_round_invalid_and_the_next_goes_on(folder, write):
    # It thinks, so that its warm-up is one k6.
    thinking = GET.replace("{ http", "{ sleep(0.2); http").replace("{ check }", "{ sleep }")
    write("export const options = { vus: 2, duration: '4s' };\n" + thinking)
    running = subprocess.Popen(
        [*INTERRUPTIBLE, "run", "--round", "2s", "--json", "-", "--quiet"],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    warm_up = _k6_of(running.pid)
    warm_up.wait()
    _k6_of(running.pid).kill()
    result = json.loads(running.communicate(timeout=60)[0])
    assert "signal 9" in str(result["validity"])
    assert result["summary"][0]["requests"] > 0


def test_workers_are_refused_where_k6_plays_all_that_was_chosen(perfgate, folder, write):
    write("export const options = { vus: 2, duration: '1s' };\n" + GET)
    done = perfgate("run", "--workers", "2")
    assert done.code == 2
    assert "--workers does nothing for" in done.err


def test_ctrl_c_leaves_no_k6_behind(folder, write):
    write("export const options = { vus: 2, duration: '60s' };\n" + GET)
    running = subprocess.Popen(
        [*INTERRUPTIBLE, "run", "--round", "60s"],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    _k6_of(running.pid).wait()  # of the warm-up
    played = _k6_of(running.pid)
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=60)
    assert running.returncode == 130
    assert not psutil.pid_exists(played.pid) or played.status() == psutil.STATUS_ZOMBIE


def _k6_of(pid):
    """The k6 that plays a round for that process."""
    for _ in range(600):
        for child in psutil.Process(pid).children(recursive=True):
            try:
                if child.name() == "k6" and "run" in child.cmdline():
                    return child
            except psutil.Error:
                continue
        time.sleep(0.05)
    raise AssertionError("k6 was never started")
