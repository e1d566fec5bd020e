"""Verdicts of every kind, made by hand: what the reports are tried on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from perfgate.compare.comparison import Comparison, Interval, RowVerdict
from perfgate.compare.rows import Row
from perfgate.compare.stored.baseline import BaselineSize
from perfgate.explain.cause import Cause, CauseKind
from perfgate.explain.differences.difference import Differences, FactDifference, NotCompared
from perfgate.explain.differences.facts import BASE_IMAGE, SERVICE, FactKind
from perfgate.github.put_label import PutLabel
from perfgate.metrics.run import RunRecord
from perfgate.metrics.threshold import ThresholdResult, parse_threshold
from perfgate.testing import SEEDED_TESTBED
from perfgate.verdict import (
    Acceptance,
    DuetMethod,
    Evidence,
    Policy,
    Reason,
    ReasonKind,
    ScenarioSummary,
    ValidityNote,
    Verdict,
    accept,
    check_baseline,
    decide,
)

TESTBED = SEEDED_TESTBED
HEAD = RunRecord(
    id="019b76da-a801-7c4e-9f0a-5b1d8e2f3a4c",
    started_at=1_767_225_601.25,
    command="duet",
    side="head",
    duet="019b76da-a800-7000-8000-000000000001",
    target="petstore?slow=30%",
    commit="9f8e7d6c5b4a39281706f5e4d3c2b1a098765432",
    branch="slow-path",
    dirty=False,
    testbed=TESTBED,
    versions={"perfgate": "0.1.0", "python": "3.12.8"},
    seed=7,
    cpus={"generator": [0, 1], "service": [2, 3]},
)
BASE = replace(
    HEAD,
    id="019b76da-a7ff-7c4e-9f0a-5b1d8e2f3a4b",
    started_at=1_767_225_600.0,
    side="base",
    target="petstore",
    commit="1a2b3c4d5e6f708192a3b4c5d6e7f80912345678",
    branch="main",
)
ALONE = replace(HEAD, command="run", side="", duet="", target="petstore", branch="main")
METHODS = tuple(DuetMethod(scenario, 40, 0.5, False, 0.5, 2, ()) for scenario in ("create_pet", "order_pet"))
REPRODUCE = "perfgate duet petstore 'petstore?slow=30%' create_pet --seed 7"
POLICY = Policy(on_inconclusive="pass", acceptances=(), today=date(2026, 1, 1), error_rate=0.01)


def reason(sentence: str) -> Reason:
    """A reason in words of its own."""
    return Reason(ReasonKind.OTHER, None, None, sentence)


def row(
    scenario: str,
    request: str | None,
    metric: str,
    stat: str,
    base: float,
    change: float,
    *,
    half_width: float = 0.02,
    gated: bool = True,
    verdict: RowVerdict = RowVerdict.UNCHANGED,
    warnings: tuple[str, ...] = (),
) -> Comparison:
    """A row whose interval reaches `half_width` to both sides of its change."""
    compared = Row(scenario, request, metric, stat)
    in_points = compared.in_points
    return Comparison(
        row=compared,
        base=base,
        head=base + change if in_points else base * (1 + change),
        change=change,
        interval=Interval(change - half_width, change + half_width),
        margin=0.005 if in_points else 0.05,
        smallest=half_width,
        rounds=40,
        gated=gated,
        verdict=verdict,
        warnings=warnings,
    )


def calm_rows() -> tuple[Comparison, ...]:
    """Two scenarios of which nothing changed."""
    few = ("few requests lie beyond this percentile: it is a guess at the tail",)
    return (
        row("create_pet", None, "http_req_failed", "rate", 0.001, 0.0, half_width=0.001),
        row("create_pet", None, "http_reqs", "rate", 1612.0, -0.004, half_width=0.011),
        row("create_pet", None, "service_cpu", "value", 0.412, 0.003, half_width=0.008),
        row("create_pet", "POST /pet", "http_req_duration", "med", 12.31, 0.004, half_width=0.012),
        row("create_pet", "POST /pet", "http_req_duration", "p(95)", 21.7, -0.011, half_width=0.03),
        row(
            "create_pet",
            "POST /pet",
            "http_req_duration",
            "p(99)",
            38.2,
            0.021,
            half_width=0.11,
            gated=False,
            verdict=RowVerdict.INCONCLUSIVE,
            warnings=few,
        ),
        row("create_pet", "POST /pet", "http_req_duration", "avg", 13.9, 0.002, half_width=0.014, gated=False),
        row("order_pet", None, "http_req_failed", "rate", 0.0, 0.0, half_width=0.0006),
        row("order_pet", None, "http_reqs", "rate", 2204.0, 0.002, half_width=0.009),
        row("order_pet", None, "service_cpu", "value", 0.288, -0.001, half_width=0.007),
        row("order_pet", "POST /store/order", "http_req_duration", "med", 8.02, 0.001, half_width=0.011),
        row("order_pet", "POST /store/order", "http_req_duration", "p(95)", 15.4, 0.006, half_width=0.028),
        row("order_pet", "GET /store/order/{id}", "http_req_duration", "med", 4.11, -0.003, half_width=0.01),
        row("order_pet", "GET /store/order/{id}", "http_req_duration", "p(95)", 8.85, 0.009, half_width=0.031),
    )


def summary(side: str, *, slower: float = 0.0, failed: float = 0.001, passed: int = 2) -> tuple[ScenarioSummary, ...]:
    """The lines of one side: create_pet with two thresholds, order_pet with none."""
    lines = []
    plan = (
        ("create_pet", None, 13.9, 20),
        ("create_pet", "POST /pet", 13.9, 20),
        ("order_pet", None, 6.6, 30),
        ("order_pet", "POST /store/order", 8.9, 30),
        ("order_pet", "GET /store/order/{id}", 4.3, 30),
    )
    for scenario, request, avg, vus in plan:
        average = avg * (1 + (slower if scenario == "create_pet" else 0))
        requests = round(20_000 * vus / average)
        lines.append(
            ScenarioSummary(
                scenario=scenario,
                side=side,
                request=request,
                avg_ms=average,
                med_ms=average * 0.9,
                p95_ms=average * 1.7,
                vus_max=vus,
                requests=requests,
                requests_per_second=requests / 20,
                failed=failed if scenario == "create_pet" else 0.0,
                retries=12 if scenario == "order_pet" and request in (None, "POST /store/order") else 0,
                dropped_iterations=0,
                thresholds_passed=passed if scenario == "create_pet" and request is None and side != "base" else 0,
                thresholds_total=2 if scenario == "create_pet" and request is None and side != "base" else 0,
            )
        )
    return tuple(lines)


def thresholds(p95: float | None = 23.6, failed: float = 0.001) -> tuple[ThresholdResult, ...]:
    duration = parse_threshold("http_req_duration{name:POST /pet}", "p(95)<30ms")
    failures = parse_threshold("http_req_failed", "rate<1%")
    return (
        ThresholdResult("create_pet", duration, p95, p95 is not None and p95 < 30),
        ThresholdResult("create_pet", failures, failed, failed < 0.01),
    )


NOTE = ValidityNote(
    "order_pet", "2 of 40 rounds are invalid on head: the generator's event loop was late by 61 ms", "", False
)


def passing() -> Verdict:
    """Nothing changed."""
    return decide(
        Evidence(
            BASE,
            replace(HEAD, target="petstore"),
            calm_rows(),
            summary("base") + summary("head"),
            thresholds(),
            (NOTE,),
            METHODS,
        ),
        POLICY,
        "perfgate duet petstore petstore create_pet order_pet --seed 7",
    )


def slowed_rows() -> tuple[Comparison, ...]:
    """POST /pet costs 30 % more; everything else is as it was."""
    slow = RowVerdict.REGRESSED
    few = ("few requests lie beyond this percentile: it is a guess at the tail",)
    return (
        row("create_pet", None, "http_req_failed", "rate", 0.001, 0.0, half_width=0.001),
        row("create_pet", None, "http_reqs", "rate", 1612.0, -0.231, half_width=0.012, verdict=slow),
        row("create_pet", None, "service_cpu", "value", 0.412, 0.297, half_width=0.009, verdict=slow),
        row("create_pet", "POST /pet", "http_req_duration", "med", 12.31, 0.312, half_width=0.0295, verdict=slow),
        row("create_pet", "POST /pet", "http_req_duration", "p(95)", 21.7, 0.284, half_width=0.051, verdict=slow),
        row(
            "create_pet",
            "POST /pet",
            "http_req_duration",
            "p(99)",
            38.2,
            0.191,
            half_width=0.131,
            gated=False,
            verdict=slow,
            warnings=few,
        ),
        row(
            "create_pet",
            "POST /pet",
            "http_req_duration",
            "avg",
            13.9,
            0.305,
            half_width=0.031,
            gated=False,
            verdict=slow,
        ),
        *(row for row in calm_rows() if row.row.scenario == "order_pet"),
    )


def regression() -> Verdict:
    """POST /pet got slower."""
    return decide(
        Evidence(
            BASE,
            HEAD,
            slowed_rows(),
            summary("base") + summary("head", slower=0.3),
            thresholds(p95=28.1),
            (NOTE,),
            METHODS,
        ),
        POLICY,
        REPRODUCE,
    )


def accepted() -> Verdict:
    """The same, and the team has said that it may be."""
    metrics = ("http_req_duration", "http_reqs", "service_cpu")
    acceptances = tuple(
        Acceptance("create_pet", None, metric, 0.4, date(2026, 3, 1), "the new validation is worth it")
        for metric in metrics
    )
    evidence = Evidence(
        BASE, HEAD, slowed_rows(), summary("base") + summary("head", slower=0.3), thresholds(28.1), (), METHODS
    )
    return decide(evidence, replace(POLICY, acceptances=acceptances), REPRODUCE)


def improvement() -> Verdict:
    """GET /store/order/{id} got faster."""
    fast = RowVerdict.IMPROVED
    get = "GET /store/order/{id}"
    rows = (
        *(row for row in calm_rows() if row.row.request != get),
        row("order_pet", get, "http_req_duration", "med", 4.11, -0.183, half_width=0.012, verdict=fast),
        row("order_pet", get, "http_req_duration", "p(95)", 8.85, -0.121, half_width=0.033, verdict=fast),
    )
    head = replace(HEAD, target="petstore", branch="faster-lookup")
    return decide(
        Evidence(BASE, head, rows, summary("base") + summary("head"), thresholds(), (), METHODS),
        POLICY,
        "perfgate duet petstore petstore order_pet --seed 7",
    )


def inconclusive() -> Verdict:
    """The interval of one row reaches beyond its margin."""
    rows = (
        *(row for row in calm_rows() if (row.row.request, row.row.stat) != ("POST /pet", "p(95)")),
        row(
            "create_pet",
            "POST /pet",
            "http_req_duration",
            "p(95)",
            21.7,
            0.041,
            half_width=0.062,
            verdict=RowVerdict.INCONCLUSIVE,
            warnings=("3 of 40 pairs were left out: no value on base",),
        ),
    )
    return decide(
        Evidence(
            BASE, replace(HEAD, target="petstore"), rows, summary("base") + summary("head"), thresholds(), (), METHODS
        ),
        POLICY,
        "perfgate duet petstore petstore create_pet --seed 7",
    )


def invalid() -> Verdict:
    """The generator was the bottleneck, and one scenario measured nothing."""
    notes = (
        ValidityNote(
            "create_pet",
            "31 of 40 rounds are invalid on head: the generator used 98 % of its CPU",
            "lower the load or give the generator more CPU",
            True,
        ),
        ValidityNote(
            "order_pet", "was declared and not measured on head", "see what stopped it, then run it again", True
        ),
        NOTE,
    )
    lines = tuple(line for line in summary("base") + summary("head") if line.scenario == "create_pet")
    return decide(Evidence(BASE, HEAD, slowed_rows()[:7], lines, thresholds(), notes, METHODS[:1]), POLICY, REPRODUCE)


def counted_beside_a_neighbour() -> Verdict:
    """A request asks once more, and others disturbed all rounds: counts stand, times do not."""
    bad = RowVerdict.REGRESSED
    rows = (
        row("create_pet", None, "counter{name:queries}", "value", 2.0, 0.5, half_width=0.0, verdict=bad),
        row("create_pet", "POST /pet", "http_req_duration", "med", 12.31, 0.312, verdict=bad),
    )
    note = ValidityNote("create_pet", "40 of 40 rounds are invalid on head: others took its CPUs", "", True, True)
    return decide(Evidence(BASE, HEAD, rows, (), (), (note,), METHODS[:1]), POLICY, REPRODUCE)


def alone() -> Verdict:
    """One run without a base; its thresholds passed."""
    return decide(
        Evidence(None, ALONE, (), summary(""), thresholds(), ()),
        POLICY,
        "perfgate run create_pet order_pet --target petstore --seed 7",
    )


def first_run() -> Verdict:
    """One run that was to be compared with a history which has nothing yet."""
    missing = ("5 more runs of the baseline needed",)
    rows = tuple(
        replace(
            row,
            base=None,
            change=None,
            interval=None,
            smallest=None,
            rounds=0,
            verdict=RowVerdict.INCONCLUSIVE,
            warnings=missing,
        )
        for row in calm_rows()
    )
    (note,) = check_baseline(BaselineSize(0, 0), "perfgate duet ref:main worktree measures base and head side by side")
    return decide(
        Evidence(None, replace(ALONE, command="gate", branch="slow-path"), rows, summary(""), thresholds(), (note,)),
        POLICY,
        "perfgate run create_pet order_pet --target petstore --seed 7",
    )


def threshold_failed() -> Verdict:
    """One run without a base; one threshold was crossed and another had no data."""
    missing = ThresholdResult("order_pet", parse_threshold("http_req_duration{name:GET /pet}", "med<10ms"), None, False)
    crossed = thresholds(p95=48.2)
    return decide(
        Evidence(None, ALONE, (), summary("", slower=1.0, passed=1), (*crossed, missing), ()),
        POLICY,
        "perfgate run create_pet order_pet --target petstore --seed 7",
    )


LABEL = PutLabel("perfgate: accepted", "maria", HEAD.started_at + 600, HEAD.commit)


def labelled() -> Verdict:
    """POST /pet got so much slower that it crosses its threshold, and maria accepts that by a label."""
    evidence = Evidence(
        BASE, HEAD, slowed_rows(), summary("base") + summary("head", slower=0.3), thresholds(31.2), (), METHODS
    )
    return accept(decide(evidence, POLICY, REPRODUCE), LABEL)


def more_queries() -> Verdict:
    """Ten queries a request instead of two, and a cache that base does not know."""
    slow = RowVerdict.REGRESSED
    cpu, memory = ("dependency_cpu{name:%s}", "dependency_memory{name:%s}")
    new = ("redis is new on head: nothing to compare it with; a threshold can limit it",)
    of_redis = [
        replace(
            row("create_pet", None, metric % "redis", "value", value, 0.0, gated=False, warnings=new),
            base=None,
            change=None,
            interval=None,
            smallest=None,
            verdict=RowVerdict.INCONCLUSIVE,
        )
        for metric, value in ((cpu, 0.021), (memory, 9_400_000.0))
    ]
    rows = (
        row("create_pet", None, "http_req_failed", "rate", 0.001, 0.0, half_width=0.001),
        row("create_pet", None, "http_reqs", "rate", 1612.0, -0.002, half_width=0.012),
        row("create_pet", None, "service_cpu", "value", 0.412, 0.003, half_width=0.009),
        row("create_pet", None, cpu % "postgres", "value", 1.0, 3.1, half_width=0.07, verdict=slow),
        row("create_pet", None, memory % "postgres", "value", 48_300_000.0, 0.001, half_width=0.004, gated=False),
        *of_redis,
        row("create_pet", "POST /pet", "http_req_duration", "med", 12.31, 0.312, half_width=0.0295, verdict=slow),
        row("create_pet", "POST /pet", "http_req_duration", "p(95)", 21.7, 0.11, half_width=0.051),
    )
    lines = tuple(line for line in summary("base") + summary("head", slower=0.3) if line.scenario == "create_pet")
    return decide(Evidence(BASE, HEAD, rows, lines, thresholds(p95=28.1), (), METHODS[:1]), POLICY, REPRODUCE)


def cause(function: str, change_ms: float, **known: Any) -> Cause:
    """A function of the service that takes more, of a scenario of the samples."""
    usual: dict[str, Any] = {
        "kind": CauseKind.CPU,
        "scenario": "create_pet",
        "dependency": "",
        "function": function,
        "file": "shop/prices.py",
        "line": 12,
        "base_ms": 0.2,
        "head_ms": 0.2 + change_ms,
        "change_ms": change_ms,
        "low_ms": 0.9 * change_ms,
        "high_ms": 1.1 * change_ms,
        "share": 0.84,
        "self_ms": change_ms,
        "total_ms": change_ms,
        "within": "",
        "callers": (),
        "changed": None,
        "profiler": "py-spy",
        "base_calls": None,
        "head_calls": None,
    }
    return Cause(**{**usual, **known})


def explained() -> Verdict:
    """A regression whose causes were looked for: a function that changed, one that calls a library, a database."""
    discount = cause("shop.prices.discount", 0.31, callers=("shop.cart.total", "shop.cart.show"), changed=True)
    tax = cause("shop.prices.tax", 0.04, share=0.11, within="json.encoder.encode", file="", line=None, changed=False)
    whole = {"file": "", "line": None, "share": None, "self_ms": None, "total_ms": None, "profiler": ""}
    return replace(more_queries(), causes=(discount, tax, cause("", 0.02, dependency="postgres", **whole)))


DIFFERENCES = Differences(
    (
        FactDifference(FactKind.RUNTIME, SERVICE, "python", "3.11.9", "3.12.4", False),
        FactDifference(FactKind.LIMIT, "postgres", "memory", "512 MB", "no limit", False),
        FactDifference(FactKind.IMAGE, "Dockerfile", "FROM", "python:3.11-slim", "python:3.12-slim", False),
        FactDifference(FactKind.IMAGE, SERVICE, BASE_IMAGE, "sha256:aaaa", "sha256:bbbb", False),
        FactDifference(FactKind.PACKAGE, "requirements.txt", "fastapi", "0.110.0", "0.115.2", False),
        FactDifference(FactKind.PACKAGE, "requirements.txt", "orjson", None, "3.10.0", False),
        FactDifference(FactKind.PACKAGE, "requirements.txt", "ujson", "5.9.0", None, False),
        FactDifference(FactKind.PACKAGE, "requirements.txt", "uvicorn", "0.29.0", "0.30.1", False),
        FactDifference(FactKind.PACKAGE, "uv.lock", "fastapi", "0.110.0", "0.115.2", False),
        FactDifference(FactKind.COMMAND, SERVICE, "command", "gunicorn -w 4 app:app", "gunicorn -w 2 app:app", False),
        FactDifference(FactKind.ENVIRONMENT, SERVICE, "API_KEY", "", "", True),
        FactDifference(FactKind.ENVIRONMENT, SERVICE, "NEW_KEY", None, "", True),
        FactDifference(FactKind.BUILD, "Makefile", "-O", "-O2", "-O0", False),
        FactDifference(FactKind.SETTING, "perfgate.toml", "[service] memory", "512MB", "256MB", False),
    ),
    (NotCompared("web/package-lock.json", "it cannot be understood on head"),),
)


def differing() -> Verdict:
    """A regression, and much that differs besides the code."""
    return replace(regression(), differences=DIFFERENCES)


SAMPLES = {
    "pass": passing,
    "regression": regression,
    "accepted": accepted,
    "labelled": labelled,
    "improvement": improvement,
    "inconclusive": inconclusive,
    "invalid": invalid,
    "first_run": first_run,
    "run": alone,
    "threshold_failed": threshold_failed,
    "dependency": more_queries,
    "explained": explained,
    "differing": differing,
}
