"""Small pieces of evidence with everything that a test does not care about filled in."""

from __future__ import annotations

from dataclasses import replace

from perfgate.compare.comparison import Comparison, Interval, RowVerdict
from perfgate.compare.rows import Row
from perfgate.metrics.run import GeneratorRecord, Round, Run, RunRecord, ScenarioRun, Testbed
from perfgate.metrics.tally import Tally
from perfgate.verdict import Evidence

TESTBED = Testbed("testbed", "a CPU", 2, 4 * 2**30, "Linux", "")
HEAD = RunRecord("run", 0.0, "duet", "head", "duet", "petstore", "abc", "main", False, TESTBED, {}, 1, {})
BASE = replace(HEAD, id="other", side="base")
GENERATOR = GeneratorRecord("perfgate", 1, "kernel", 0, 0.0, 0.0, 0.0, 0.2, None)

UNCHANGED = Comparison(
    row=Row("create_pet", "POST /pet", "http_req_duration", "med"),
    base=10.0,
    head=10.0,
    change=0.0,
    interval=Interval(-0.01, 0.01),
    margin=0.05,
    smallest=0.01,
    rounds=30,
    gated=True,
    verdict=RowVerdict.UNCHANGED,
    warnings=(),
)
REGRESSED = replace(UNCHANGED, head=13.12, change=0.312, interval=Interval(0.289, 0.334), verdict=RowVerdict.REGRESSED)
UNDECIDED = replace(UNCHANGED, change=0.04, interval=Interval(-0.02, 0.1), verdict=RowVerdict.INCONCLUSIVE)
IMPROVED = replace(UNCHANGED, head=8.0, change=-0.2, interval=Interval(-0.22, -0.18), verdict=RowVerdict.IMPROVED)


def evidence(*rows: Comparison, thresholds=(), validity=()) -> Evidence:
    return Evidence(BASE, HEAD, rows, (), tuple(thresholds), tuple(validity))


def tally(ok: int, failed: int = 0, name: str = "POST /pet") -> Tally:
    made = Tally(seconds=1.0, vus=5, vus_max=5)
    request = made.request(name)
    for _ in range(ok):
        request.ok.record(10_000_000)
    for _ in range(failed):
        request.failed.record(1_000_000)
        request.errors["refused"] += 1
    return made


def scenario_run(name: str, tallies: list[Tally], invalid: tuple[int, ...] = (), side: str = "head") -> ScenarioRun:
    rounds = [
        Round(name, side, pair, float(pair), made, GENERATOR, (), ("hub lag of 80 ms",) if pair in invalid else ())
        for pair, made in enumerate(tallies)
    ]
    return ScenarioRun(name, "hash", "constant-vus", tuple(rounds))


def run(*scenarios: ScenarioRun, record: RunRecord = HEAD) -> Run:
    return Run(record, scenarios)
