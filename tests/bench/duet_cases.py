"""The cases of real duets: what is measured on which load, and what must come out.

"30 % slower in every request" is true of the time that a request spends in the service, not only of its Python code. In
the closed loop and with 10 ms of thinking it is `slow=30%`: what the petstore spends, its event loop included, is spent
again by 30 % while the request is handled. Where load is thin, a fast answer takes most of its time on the way, so the
service takes milliseconds on both sides: k6 and Locust have `work=2ms` on base and `work=2ms&slow=30%` on head, and
arrival rates 5 ms; fifty users that think for 0.4 s have `latency=10ms` on base and `latency=13.2ms` on head, since as
much work for their 250 requests a second would be another load. Where a change must be near the truth, both sides do
1 ms of work: answers that come later find more clients asleep, and waking them is CPU, too.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LOADS = Path(__file__).parent / "loads"
K6 = str(LOADS / "k6" / "sleep.js")
K6_ARRIVALS = str(LOADS / "k6" / "arrivals.js")
LOCUST = str(LOADS / "locust" / "tasks.py")
OWN_SCENARIOS = tuple(
    str(ROOT / "scenarios" / f"{name}.py") for name in ("create_pet", "order_pet", "user_performance")
)

Result = dict[str, Any]

# The seed tells head's process from base's; it changes nothing where no chance is involved.
HEAD = "petstore?seed=2"
WORKERS = "workers"
"""The target of a petstore in three processes."""
TAILS = ("p(95)", "p(99)", "max")


@dataclass(frozen=True)
class Case:
    """One case of real duets.

    name: of the case.
    wanted: what must come out, in words.
    least: the share of duets of which it must be true.
    base, head: the target strings; `workers` is started by the bench.
    scenarios: names or files of what is played.
    right: whether a result file is as wanted.
    row: metric and statistic whose change the table shows.
    options: more of the command line.
    hog: how a CPU hog runs; "" for none.
    hog_beside: a word in the command of the dependency whose CPUs it burns; "" for the service's.
    heads_word: what the command of head's service has and that of base has not.
    budget: of its duets; "" for the default of perfgate.
    jvm: whether the targets are commits of the service on a JVM.
    vus: virtual users, where the scenario does not say how many; None where it does.
    most_load: the load within which it must be decided, of all scenarios together (s).
    setting: makes the case's repository and scenarios in the folder that perfgate is called in, and runs what belongs
        beside it; None for the loads of tests/bench.
    """

    name: str
    wanted: str
    least: float
    base: str
    head: str
    scenarios: tuple[str, ...]
    right: Callable[[Result], bool]
    row: tuple[str, str] = ("http_req_duration", "med")
    options: tuple[str, ...] = ()
    hog: str = ""
    hog_beside: str = ""
    heads_word: str = "--seed=2"
    budget: str = ""
    jvm: bool = False
    vus: int | None = None
    most_load: float = math.inf
    setting: Callable[[Path], AbstractContextManager[None]] | None = None


def is_green(result: Result) -> bool:
    return bool(result["exit_code"] == 0 and result["verdict"] == "pass")


def is_red(result: Result) -> bool:
    return bool(result["exit_code"] == 1)


def not_red(result: Result) -> bool:
    return not is_red(result)


def verdicts(result: Result, metric: str, *stats: str) -> list[str]:
    return [row["verdict"] for row in result["rows"] if row["metric"] == metric and row["stat"] in stats]


def change_of(result: Result, metric: str, stat: str) -> float | None:
    """The change of the first row of this metric and statistic."""
    found = [row["change"] for row in result["rows"] if (row["metric"], row["stat"]) == (metric, stat)]
    return found[0] if found else None


def cpu_is_red(result: Result) -> bool:
    return is_red(result) and verdicts(result, "service_cpu", "value") == ["regressed"]


def tail_is_told(result: Result) -> bool:
    """Red, or a tail that is said to have got slower, though it does not gate."""
    return is_red(result) or "regressed" in verdicts(result, "http_req_duration", *TAILS)


def improved(result: Result) -> bool:
    return is_green(result) and "improved" in verdicts(result, "service_cpu", "value")


def red_and_near(truth: float, metric: str, stat: str) -> Callable[[Result], bool]:
    """Red, and the change of that row within two points of the truth."""

    def right(result: Result) -> bool:
        change = change_of(result, metric, stat)
        return is_red(result) and change is not None and abs(change - truth) <= 0.02

    return right


@dataclass(frozen=True)
class LoadKind:
    """A load, the services that it is aimed at, and how many of its duets must be as wanted.

    base: the base of the slower head.
    slower: a head that takes 30 % longer for every request.
    calm: the base of A/A.
    vus: virtual users, where the scenario does not say how many.
    """

    name: str
    scenario: str
    calm: str
    base: str
    slower: str
    least: float
    vus: int | None = None


LOAD_KINDS = (
    LoadKind("closed", "closed", "petstore", "petstore", "petstore?slow=30%", 0.95),
    LoadKind("think_10ms", "think_10ms", "petstore", "petstore", "petstore?slow=30%", 0.9),
    LoadKind("think_400ms", "think_400ms", "petstore", "petstore?latency=10ms", "petstore?latency=13.2ms", 0.85),
    LoadKind("k6", K6, "petstore?work=2ms", "petstore?work=2ms", "petstore?work=2ms&slow=30%", 0.8),
    LoadKind("locust", LOCUST, "petstore?work=2ms", "petstore?work=2ms", "petstore?work=2ms&slow=30%", 0.8, vus=50),
    LoadKind("arrivals", "arrivals", "petstore?work=5ms", "petstore?work=5ms", "petstore?work=5ms&slow=30%", 0.8),
    LoadKind("arrivals_k6", K6_ARRIVALS, "petstore?work=5ms", "petstore?work=5ms", "petstore?work=5ms&slow=30%", 0.8),
)


def seeded(target: str) -> str:
    """The same petstore as a head that can be told from its base."""
    return f"{target}{'&' if '?' in target else '?'}seed=2"


AA = tuple(
    Case(f"aa_{kind.name}", "green", kind.least, kind.calm, seeded(kind.calm), (kind.scenario,), is_green, vus=kind.vus)
    for kind in LOAD_KINDS
)
SLOWER = tuple(
    Case(f"slower_{kind.name}", "red", kind.least, kind.base, kind.slower, (kind.scenario,), is_red, vus=kind.vus)
    for kind in LOAD_KINDS
)
_CPU = ("service_cpu", "value")
_MORE_WORK = Case(
    "slow_10", "red", 0.95, "petstore?work=1ms", "petstore?work=1ms&slow=10%", ("think",), is_red, row=_CPU
)
_HOGGED = Case("hog_half", "not red", 1.0, "petstore", HEAD, ("closed",), not_red, row=_CPU, hog="half")
_JVM = Case("jvm_aa", "green", 0.8, "ref:main", "ref:main", ("get",), is_green, jvm=True)

CASES = (
    *AA,
    *SLOWER,
    Case(
        "four_scenarios",
        "green, load under 120 s",
        0.95,
        "petstore",
        HEAD,
        OWN_SCENARIOS,
        is_green,
        most_load=120.0,
    ),
    _JVM,
    replace(_JVM, name="jvm_more", wanted="red", least=0.9, head="ref:more", right=is_red),
    Case(
        "warmup",
        "red, within 2 points of +10 %",
        0.8,
        "petstore?work=1ms&warmup=20s",
        "petstore?work=1ms&warmup=20s&slow=10%",
        ("closed",),
        red_and_near(0.1, *_CPU),
        row=_CPU,
    ),
    Case(
        "tail_closed",
        "red, or the tail told",
        0.95,
        "petstore",
        "petstore?tail=3%",
        ("closed",),
        tail_is_told,
        row=("http_req_duration", "p(99)"),
    ),
    Case(
        "tail_think",
        "red, or the tail told",
        0.95,
        "petstore",
        "petstore?tail=3%",
        ("think",),
        tail_is_told,
        row=("http_req_duration", "p(99)"),
    ),
    Case("aa_think", "not red", 1.0, "petstore", HEAD, ("think",), not_red),
    Case("workers", "not red", 1.0, WORKERS, WORKERS, ("closed",), not_red),
    _HOGGED,
    replace(_HOGGED, name="hog_half_think", scenarios=("think",)),
    replace(_HOGGED, name="hog_head", hog="while"),
    replace(_HOGGED, name="hog_head_think", hog="while", scenarios=("think",)),
    Case("faster", "improved, exit 0", 0.95, "petstore?slow=25%", "petstore", ("closed",), improved, row=_CPU),
    Case(
        "cpu_5",
        "red",
        0.99,
        "petstore?work=1ms",
        "petstore?work=1ms&slow=5%",
        ("closed",),
        cpu_is_red,
        row=_CPU,
        options=("--margin", "service_cpu=2%"),
        budget="30s",
    ),
    _MORE_WORK,
)


def url_case(url: str) -> Case:
    """A/A on a service that is not ours."""
    return Case("aa_url", "not red", 1.0, url, url, ("get",), not_red)
