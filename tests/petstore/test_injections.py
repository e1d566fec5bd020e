"""What goes wrong on purpose: the account of the injector on a clock of our own, and the effect over real HTTP."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
import requests

from perfgate.petstore.injections import Injections
from perfgate.petstore.injector import Injector
from perfgate.service.own_service import OwnService

NOTHING: dict[str, Any] = {
    "work": 0.0,
    "slow": 0.0,
    "latency": 0.0,
    "errors": 0.0,
    "tail": 0.0,
    "warmup": 0.0,
    "seed": 1,
}


class Thread:
    """A thread that spends CPU only where it is told to: `work`, and 200 ns for each look at a clock."""

    def __init__(self) -> None:
        self.spent = 0
        self.slept: list[float] = []

    def work(self, nanoseconds: int) -> None:
        self.spent += nanoseconds

    def clock(self) -> int:
        self.spent += 200
        return self.spent


def injector_on(thread: Thread, **injections: float) -> Injector:
    return Injector(
        Injections(**{**NOTHING, **injections}),
        wait=thread.slept.append,
        cpu_clock=thread.clock,
        clock=thread.clock,
    )


@pytest.mark.parametrize("slow", [0.01, 0.1, 0.3, 1.0, 3.0])
def test_slow_adds_its_share_of_what_the_service_spends(slow: float) -> None:
    thread, own = Thread(), 0
    injector = injector_on(thread, slow=slow)
    for number in range(500):
        injector.disturb()
        work = 50_000 + 10_000 * (number % 5)
        thread.work(work)
        own += work
    assert thread.spent / own == pytest.approx(1 + slow, rel=0.02)


def test_slow_makes_up_for_a_spin_that_was_cut_short() -> None:
    thread, own, looks = Thread(), 0, count()
    injector = Injector(
        Injections(work=0, slow=1.0, latency=0, errors=0, tail=0, warmup=0, seed=1),
        wait=thread.slept.append,
        cpu_clock=thread.clock,
        # At every 700th look the processor was away for a second that the wall clock counts and the thread's does not.
        clock=lambda: thread.clock() + next(looks) // 700 * 10**9,
    )
    for _ in range(500):
        injector.disturb()
        thread.work(100_000)
        own += 100_000
    assert next(looks) > 700 * 100
    assert thread.spent / own == pytest.approx(2, rel=0.02)


def test_the_tail_is_a_share_of_requests_that_cost_three_times_the_mean() -> None:
    thread = Thread()
    injector = injector_on(thread, tail=0.1)
    costs = []
    for _ in range(2000):
        before = thread.spent
        injector.disturb()
        thread.work(100_000)
        costs.append(thread.spent - before)
    slow_ones = [cost for cost in costs[100:] if cost > 150_000]
    assert len(slow_ones) == pytest.approx(190, rel=0.25)
    assert sum(slow_ones) / len(slow_ones) == pytest.approx(300_000, rel=0.02)


def test_the_tail_also_takes_three_times_what_slow_made_of_a_request() -> None:
    thread = Thread()
    injector = injector_on(thread, slow=1.0, tail=0.05)
    for _ in range(2000):
        injector.disturb()
        thread.work(100_000)
    assert thread.spent / 2000 == pytest.approx(200_000 * 1.1, rel=0.03)


@pytest.mark.parametrize("slow", [0.0, 0.1])
def test_a_cold_service_takes_twice_its_cpu_and_ever_less_until_it_is_warm(slow: float) -> None:
    thread, waited, costs = Thread(), count(), []
    injector = Injector(
        Injections(**{**NOTHING, "warmup": 20.0, "slow": slow}),
        wait=thread.slept.append,
        cpu_clock=thread.clock,
        # Between two requests the service waits for a tenth of a second.
        clock=lambda: thread.clock() + elapsed * 10**8,
    )
    for elapsed in waited:
        before = thread.spent
        injector.disturb()
        thread.work(100_000)
        costs.append((thread.spent - before) / 100_000 / (1 + slow))
        if elapsed == 300:
            break
    assert costs[1] == pytest.approx(2, rel=0.03)
    assert costs[100] == pytest.approx(1.5, rel=0.03)
    assert costs[150] == pytest.approx(1.25, rel=0.03)
    assert costs[250:] == pytest.approx([1.0] * len(costs[250:]), rel=0.03)
    assert sum(costs[1:]) == pytest.approx(400, rel=0.02)


def test_work_counts_as_the_services_own() -> None:
    thread = Thread()
    injector = injector_on(thread, work=0.002, slow=0.05)
    for _ in range(500):
        injector.disturb()
    assert thread.spent / 500 == pytest.approx(0.002 * 1.05 * 1e9, rel=0.005)


def test_latency_waits_and_burns_nothing() -> None:
    thread = Thread()
    injector = injector_on(thread, latency=0.005)
    injector.disturb()
    injector.disturb()
    assert (thread.slept, thread.spent) == ([0.005, 0.005], 0)


def test_one_seed_fails_the_same_requests() -> None:
    def failures(seed: int) -> list[bool]:
        injector = injector_on(Thread(), errors=0.2, seed=seed)
        return [injector.disturb() for _ in range(1000)]

    assert failures(1) == failures(1)
    assert failures(1) != failures(2)
    assert sum(failures(1)) == pytest.approx(200, rel=0.2)


def statuses(url: str, count: int) -> list[int]:
    with requests.Session() as session:
        session.trust_env = False
        return [session.get(f"{url}/pet/1", timeout=10).status_code for _ in range(count)]


def test_a_share_of_requests_answers_500_and_changes_nothing(open_petstore: Callable[[str], OwnService]) -> None:
    url = open_petstore("petstore?errors=20%&seed=3").instance.url
    answered = statuses(url, 500)
    assert set(answered) == {200, 500}
    assert 60 < answered.count(500) < 140
    assert answered == statuses(open_petstore("petstore?errors=20%&seed=3").instance.url, 500)

    always = open_petstore("petstore?errors=100%").instance.url
    answer = requests.post(f"{always}/pet", json={"id": 9, "name": "x"}, timeout=10)
    assert (answer.status_code, answer.json()["code"]) == (500, 500)
    assert requests.get(always, timeout=10).status_code == 200, "the root is left alone, so that readiness can be seen"


def test_latency_is_waited_for(open_petstore: Callable[[str], OwnService]) -> None:
    url = open_petstore("petstore?latency=30ms").instance.url
    answer = requests.get(f"{url}/pet/1", timeout=10)
    assert answer.status_code == 200
    assert answer.elapsed.total_seconds() >= 0.03


def test_slow_doubles_the_cpu_of_a_request(open_petstore: Callable[[str], OwnService]) -> None:
    plain, slowed = open_petstore("petstore"), open_petstore("petstore?slow=100%")

    def cpu_of_requests(service: OwnService) -> float:
        before = service.instance.usage()
        statuses(service.instance.url, 60)
        after = service.instance.usage()
        assert before is not None
        assert after is not None
        return after.cpu_seconds - before.cpu_seconds

    # Turn and turn about, so that whatever else the machine does meets both.
    ratios = sorted(1 / (cpu_of_requests(plain) / cpu_of_requests(slowed)) for _ in range(9))
    assert 1.4 < ratios[4] < 3.2
