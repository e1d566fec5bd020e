"""Made-up measurements that look like real ones, the same for the same seed: for tests, and for trying a report.

A latency is log-normal about its median with a few slow ones, as services have them. The machine's own drift is shared
by both sides of a pair and each round adds noise of its own, as duets on real machines show. The load is a closed model
without think time: a slower service takes longer for the same requests and spends more CPU on each.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Mapping

from perfgate.history.ids import new_run_id
from perfgate.metrics.run import GeneratorRecord, Round, Run, RunRecord, ScenarioRun, Testbed
from perfgate.metrics.tally import Tally

# 2026-01-01 00:00:00 UTC: when the first seeded run began. Each further one began an hour later.
FIRST_STARTED_AT = 1_767_225_600.0
_SECONDS_BETWEEN_RUNS = 3600.0

# The pet store's scenarios with the median latency of each request name, in milliseconds.
PET_STORE: Mapping[str, Mapping[str, float]] = {
    "create_pet": {"POST /pet": 10.0},
    "order_pet": {"POST /store/order": 8.0, "GET /store/order/{id}": 4.0},
    "create_user": {"POST /user": 9.0},
    "login_user": {"GET /user/login": 5.0},
}

SEEDED_TESTBED = Testbed(
    id="3f6c1b09a2d47e58",
    cpu_model="AMD EPYC 7763 64-Core Processor",
    cores=4,
    memory_bytes=16_768_000_000,
    kernel="6.8.0-1021-azure",
    image="ubuntu24 20260105.1",
)

_VUS = 20
_SPREAD = 0.25  # standard deviation of the log of one latency
_DRIFT = 0.03  # the same of what both sides of a pair share
_SLOW_SHARE = 0.01  # of requests, that take _SLOW_FACTOR times as long
_SLOW_FACTOR = 3.0
_FAILED_SHARE = 0.15  # of the median, after which an error is answered
_CPU_SHARE = 0.4  # of a latency that the service spends on its CPU
_MEMORY_BYTES = 64_000_000
_BYTES_SENT = 180
_BYTES_RECEIVED = 340


_GENERATOR = GeneratorRecord(
    engine="perfgate",
    workers=1,
    clock="kernel",
    stamps_missing=20,
    reader_lag=0.0003,
    hub_lag=0.004,
    schedule_lag=0.0,
    cpu=0.35,
    offered=None,
)


def seeded_rounds(
    scenario: str = "create_pet",
    requests: Mapping[str, float] | None = None,
    *,
    rounds: int = 20,
    side: str = "head",
    change: float = 0.0,
    failed: float = 0.0,
    seed: int = 1,
    requests_per_round: int = 400,
    noise: float = 0.02,
    first_started_at: float = FIRST_STARTED_AT,
) -> tuple[Round, ...]:
    """Rounds of one scenario on one side, all of them valid.

    requests: the median latency in ms of each request name, where None those of PET_STORE; every iteration sends each
    once, and a round has `requests_per_round` iterations. change: every latency grows by this fraction. failed: the
    share of requests that fail. noise: standard deviation of the log of one round's level. The rounds of base and head
    of one seed are pairs that share the machine's drift.
    """
    medians = PET_STORE[scenario] if requests is None else requests
    drift = random.Random(f"{seed}/{scenario}/drift")
    own = random.Random(f"{seed}/{scenario}/{side}/noise")
    made = []
    for pair in range(rounds):
        level = (1 + change) * math.exp(drift.gauss(0, _DRIFT) + own.gauss(0, noise))
        chance = random.Random(f"{seed}/{scenario}/{side}/{pair}/requests")
        tally = _seeded_tally(medians, level, requests_per_round, failed, chance)
        started_at = first_started_at + 2 * pair + (side == "head")
        made.append(Round(scenario, side, pair, started_at, tally, _GENERATOR, warnings=(), problems=()))
    return tuple(made)


def _seeded_tally(
    medians: Mapping[str, float], level: float, iterations: int, failed: float, chance: random.Random
) -> Tally:
    tally = Tally(vus=_VUS, vus_max=_VUS, service_memory_bytes=_MEMORY_BYTES)
    for _ in range(iterations):
        duration = sum(_send(tally, name, median * level, failed, chance) for name, median in medians.items())
        tally.iterations.record(duration)
    tally.seconds = tally.iterations.total / 1e9 / _VUS
    tally.service_cpu_seconds = iterations * sum(medians.values()) * level * _CPU_SHARE / 1000
    tally.data_sent = tally.request_count * _BYTES_SENT
    tally.data_received = tally.request_count * _BYTES_RECEIVED
    return tally


def _send(tally: Tally, name: str, median: float, failed: float, chance: random.Random) -> int:
    """One made-up request; its latency in nanoseconds."""
    latency = median * math.exp(chance.gauss(0, _SPREAD))
    if chance.random() < _SLOW_SHARE:
        latency *= _SLOW_FACTOR
    fails = chance.random() < failed
    if fails:
        latency *= _FAILED_SHARE
    nanoseconds = round(latency * 1e6)
    requests = tally.request(name)
    if fails:
        requests.failed.record(nanoseconds)
        requests.errors["status 500"] += 1
    else:
        requests.ok.record(nanoseconds)
    tally.check("answered", not fails)
    return nanoseconds


def seeded_record(number: int = 0, *, side: str = "", branch: str = "main") -> RunRecord:
    """Who, when and where of the run with this number: an hour, and a commit, after the one before."""
    began = FIRST_STARTED_AT + number * _SECONDS_BETWEEN_RUNS
    started_at = began + (side == "head")
    pick = random.Random(f"{number}/{side}")
    return RunRecord(
        id=new_run_id(started_at, pick.randbytes),
        started_at=started_at,
        command="duet" if side else "run",
        side=side,
        duet=new_run_id(began, random.Random(f"{number}/duet").randbytes) if side else "",
        target="petstore",
        commit=hashlib.sha1(f"{branch}/{number}/{side}".encode()).hexdigest(),
        branch=branch,
        dirty=False,
        testbed=SEEDED_TESTBED,
        versions={"perfgate": "0.1.0", "python": "3.12.8"},
        seed=number,
        cpus={"generator": [0, 1], "service": [2, 3]},
    )


def seeded_run(
    number: int = 0,
    scenarios: Mapping[str, Mapping[str, float]] = PET_STORE,
    *,
    side: str = "",
    rounds: int = 5,
    change: float = 0.0,
    failed: float = 0.0,
    seed: int | None = None,
    requests_per_round: int = 400,
    noise: float = 0.02,
) -> Run:
    """A run of these scenarios; see `seeded_record` for its number and `seeded_rounds` for the rest.

    side: "base" or "head" of a duet, "" for a run of one target. seed: of the measurements, the number where None.
    The scenario hash depends on the scenario's name and requests alone, so runs of different numbers compare.
    """
    record = seeded_record(number, side=side)
    return Run(
        record,
        tuple(
            ScenarioRun(
                scenario=name,
                scenario_hash=hashlib.sha256(f"{name} {sorted(medians.items())}".encode()).hexdigest()[:16],
                executor="constant-vus",
                rounds=seeded_rounds(
                    name,
                    medians,
                    rounds=rounds,
                    side=side or "head",
                    change=change,
                    failed=failed,
                    seed=number if seed is None else seed,
                    requests_per_round=requests_per_round,
                    noise=noise,
                    first_started_at=record.started_at,
                ),
            )
            for name, medians in scenarios.items()
        ),
    )
