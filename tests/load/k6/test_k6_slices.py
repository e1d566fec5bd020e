"""Slices of load that k6 plays as one process a side: the real k6 against real services."""

import itertools
import os
import shutil
import textwrap
import time

import pytest

from perfgate.errors import NoVerdictError
from perfgate.load.engine import SlicePlan
from perfgate.load.k6.engine import K6Engine
from perfgate.load.k6.launcher import K6Settings, Launcher
from perfgate.load.k6.reader import K6Reader
from perfgate.load.pacer import Slice
from perfgate.load.phase import Phase
from tests.support.slices import plan, stopping, two_services, who_is_first

pytestmark = [
    pytest.mark.engines,
    pytest.mark.skipif(shutil.which("k6") is None, reason="k6 is not installed: make engines"),
]

THINKING = """
    export const options = { vus: 6, duration: '30s' };
    export default function () { http.get(`${__ENV.BASE_URL}/a`); sleep(0.05); }
"""


@pytest.fixture
def services():
    with two_services("/a", *(f"/{number}" for number in range(10))) as both:
        yield both


@pytest.fixture
def stage(tmp_path, services):
    """Write a script; get an engine that has it open on both services, and the scenario that it is."""
    with stopping(services) as opened:

        def make(text):
            file = tmp_path / "script.js"
            file.write_text("import http from 'k6/http';\nimport { sleep } from 'k6';\n" + textwrap.dedent(text))
            launcher = Launcher(K6Settings(), os.environ)
            (scenario,) = K6Reader(launcher).read(file).scenarios
            engine = K6Engine(launcher, 0)
            return opened(engine, scenario)

        yield make


def test_users_of_both_sides_begin_one_after_the_other_and_each_side_is_first_in_turn(stage, services):
    engine, scenario = stage(
        """
        export const options = { vus: 4, duration: '30s' };
        export default function () {
          http.get(`${__ENV.BASE_URL}/a`, { headers: { at: String(Date.now() / 1000) } });
          sleep(30);
        }
        """
    )
    list(engine.play_slices(scenario, ("base", "head"), plan(0.5, 1, spread=2.0)))
    assert who_is_first(services) == ["base", "head", "base", "head"]


@pytest.mark.parametrize("sides", [("base",), ("base", "head")])
def test_every_slice_has_the_requests_of_its_time_on_each_side(stage, sides):
    engine, scenario = stage(THINKING)
    found = list(engine.play_slices(scenario, sides, plan(2.0, 4, spread=0.1)))
    assert [tuple(slice_) for slice_ in found] == [sides] * 4
    for side in sides:
        tallies = [slice_[side].tally for slice_ in found]
        assert all(tally.seconds == 0.5 and tally.vus == 6 for tally in tallies)
        assert all(0 < tally.request_count <= 72 for tally in tallies)  # 6 VUs that take 50 ms and some
        assert sum(tally.request_count for tally in tallies) > 20
        assert all(slice_[side].problems == () for slice_ in found)


def test_vus_begin_one_after_the_other_and_those_of_the_sides_in_between(stage, services):
    engine, scenario = stage(
        """
        export const options = { vus: 3, duration: '30s' };
        export default function () { http.get(`${__ENV.BASE_URL}/a`); sleep(20); }
        """
    )
    (only,) = engine.play_slices(scenario, ("base", "head"), plan(0.3, 1, spread=0.6))
    assert {side: len(service.requests) for side, service in services.items()} == {"base": 3, "head": 3}
    assert only["base"].tally.request_count == only["head"].tally.request_count == 0


def test_the_wait_for_its_turn_is_not_part_of_an_iteration(stage):
    engine, scenario = stage(
        """
        export const options = { vus: 4, duration: '30s' };
        export default function () { http.get(`${__ENV.BASE_URL}/a`); sleep(0.5); }
        """
    )
    (only,) = engine.play_slices(scenario, ("base",), plan(1.5, 1, spread=0.6))
    iterations = only["base"].tally.iterations
    assert iterations.count >= 8
    assert iterations.total / iterations.count < 0.6e9


def test_both_sides_draw_the_same_numbers_and_another_round_draws_others(stage, services):
    engine, scenario = stage(
        """
        const once = Math.floor(Math.random() * 10);
        export const options = { vus: 1, duration: '30s' };
        export default function () {
          http.get(`${__ENV.BASE_URL}/${once}`);
          for (let n = 0; n < 12; n++) { http.get(`${__ENV.BASE_URL}/${Math.floor(Math.random() * 10)}`); }
          sleep(20);
        }
        """
    )

    def asked(number):
        for service in services.values():
            service.requests.clear()
        one = SlicePlan(Slice(0.0, 0.5, None, 0.0), 1, Phase.MEASURING, number, lambda _: None)
        list(engine.play_slices(scenario, ("base", "head"), one))
        return tuple([request.partition(b"\r")[0] for request in service.requests] for service in services.values())

    base, head = asked(0)
    assert len(base) == 13
    assert base == head
    assert asked(1)[0] != base


def test_setup_and_teardown_draw_the_same_numbers_on_both_sides(stage, services):
    engine, scenario = stage(
        """
        const once = Math.random();
        export const options = { vus: 1, duration: '30s' };
        const look = () => { http.get(`${__ENV.BASE_URL}/a?${once}-${Math.random()}`); };
        export function setup() { look(); look(); }
        export function teardown() { look(); }
        export default function () { sleep(1); }
        """
    )
    for side in services:
        engine.close(scenario, side)
    base, head = ([one.split()[1] for one in service.requests] for service in services.values())
    assert len(set(base)) == 3
    assert base == head


def test_the_boundary_is_called_in_time_when_slices_begin_and_end(stage):
    engine, scenario = stage(THINKING)
    calls = []
    slices = engine.play_slices(scenario, ("base",), plan(1.2, 3, boundary=lambda _: calls.append(time.monotonic())))
    for number, _ in enumerate(slices):
        assert len(calls) >= number + 2
    assert [late - early for early, late in itertools.pairwise(calls)] == pytest.approx([0.4] * 3, abs=0.1)


def test_closing_the_results_ends_the_load_and_leaves_an_engine_that_plays_on(stage, services):
    engine, scenario = stage(THINKING)
    slices = engine.play_slices(scenario, ("base", "head"), plan(25.0, 50))
    next(slices)
    slices.close()
    before = len(services["base"].requests)
    again = engine.play(scenario, "head", Slice(0.0, 0.5, None, 0.1), Phase.MEASURING, 1)
    assert again.tally.request_count > 0
    assert len(services["base"].requests) == before


def test_a_script_that_ends_the_test_makes_its_slice_invalid_and_is_refused_in_a_warm_up(stage):
    engine, scenario = stage(
        """
        import exec from 'k6/execution';
        export const options = { vus: 1, duration: '30s' };
        export default function () {
          http.get(`${__ENV.BASE_URL}/a`);
          sleep(0.1);
          if (exec.vu.iterationInInstance > 6) { exec.test.abort('enough'); }
        }
        """
    )
    found = list(engine.play_slices(scenario, ("base", "head"), plan(20.0, 40)))
    assert 1 <= len(found) < 10
    assert "enough" in found[-1]["head"].problems[0]
    with pytest.raises(NoVerdictError, match="enough"):
        list(engine.play_slices(scenario, ("base",), plan(20.0, 40, phase=Phase.WARM_UP)))


def test_an_iteration_that_is_longer_than_the_warm_up_is_seen_all_the_same(stage):
    engine, scenario = stage(
        """
        export const options = { vus: 2, duration: '30s' };
        export default function () { http.get(`${__ENV.BASE_URL}/a`); sleep(1.5); }
        """
    )
    found = list(engine.play_slices(scenario, ("base",), plan(0.5, 2, phase=Phase.WARM_UP)))
    assert sum(slice_["base"].tally.iterations.count for slice_ in found) == 2


@pytest.mark.parametrize(
    ("options", "can"),
    [
        ("vus: 1, duration: '2s'", True),
        ("stages: [{ duration: '2s', target: 3 }]", True),
        ("vus: 2, iterations: 10", False),
        ("scenarios: { a: { executor: 'per-vu-iterations', vus: 1, iterations: 3 } }", False),
        ("scenarios: { a: { executor: 'constant-arrival-rate', rate: 5, duration: '2s', preAllocatedVUs: 1 } }", True),
    ],
)
def test_only_load_that_time_ends_is_cut_into_slices(stage, options, can):
    engine, scenario = stage(f"export const options = {{ {options} }};\nexport default function () {{}}")
    assert engine.can_slice(scenario) is can


def test_a_schedule_begins_with_the_first_slice(stage):
    engine, scenario = stage(
        """
        export const options = { scenarios: { a: {
          executor: 'constant-arrival-rate', rate: 20, duration: '30s', preAllocatedVUs: 4 } } };
        export default function () { http.get(`${__ENV.BASE_URL}/a`); }
        """
    )
    found = list(engine.play_slices(scenario, ("base", "head"), plan(2.0, 2, spread=0.3)))
    for side in ("base", "head"):
        assert sum(slice_[side].tally.request_count for slice_ in found) == pytest.approx(40, abs=2)
