"""Pairs of real duets, recorded to be judged again: the raw material of rates that no number of real duets could show.

    python -m tests.bench.record_pairs --out FILE [--duet NAME]... [--times 5]

Plays A/A and a head 30 % slower on each of the loads of `tests.bench.duet_cases`, at default settings, to the end of
the budget, decided or not; each of them several times, so that there are pairs on several instances. Of each pair FILE
keeps the figures that `tests.bench.judging_duets` reads, and everything that rows are made of: latencies as histograms
of 1 % precision, by request name. It is written after each duet, and what it holds already is not recorded again. Rates
come from `python -m tests.bench.judging_recorded FILE`.
"""

from __future__ import annotations

import argparse
import base64
import json
import math
import os
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from statistics import fmean
from typing import Any

from perfgate.application.context import Context
from perfgate.application.measurement import DuetTargets, measure_unkept
from perfgate.application.measuring import MeasuredDuet
from perfgate.application.plan import LoadOptions
from perfgate.application.planning import plan_measurement
from perfgate.cli.progress import LiveProgress
from perfgate.errors import PerfgateError
from perfgate.history.histogram_codec import pack
from perfgate.metrics.histogram import Histogram, middle_of
from perfgate.metrics.run import Round
from perfgate.metrics.tally import Tally
from perfgate.metrics.tally_statistics import latencies, read
from perfgate.units import parse_duration
from tests.bench.duet_cases import AA, LOADS, SLOWER, Case
from tests.bench.duet_playing import NoResultError, environment

DUETS = (*AA, *SLOWER)
UNITS = {
    "n": "requests",
    **dict.fromkeys(("mean", "p50", "p95", "p99", "beyond90"), "ms, of all requests that succeeded"),
    "cpu": "ms of service CPU per request",
    "tallies": "histograms of nanoseconds, packed by perfgate.history.histogram_codec, in base64",
}
_NO_OPTIONS: dict[str, Any] = dict.fromkeys(LoadOptions.__dataclass_fields__)


def main() -> None:
    chosen = arguments()
    kept: dict[str, Any] = json.loads(chosen.out.read_text())["duets"] if chosen.out.exists() else {}
    # In turns, so that a series that is stopped early has some of every load.
    for times in range(1, chosen.times + 1):
        for case in DUETS:
            if (chosen.duet and case.name not in chosen.duet) or kept.get(case.name, {}).get("played", 0) >= times:
                continue
            try:
                kept[case.name] = together(kept.get(case.name), recorded(case, chosen.budget))
            except (PerfgateError, NoResultError) as error:
                print(f"{case.name} is left out this time: {error}", file=sys.stderr, flush=True)
                continue
            half = chosen.out.with_name(f"{chosen.out.name}.part")
            half.write_text(json.dumps({"duets": kept}))
            os.replace(half, chosen.out)
            print(case.name, len(kept[case.name]["pairs"]), "pairs", file=sys.stderr, flush=True)


def together(before: dict[str, Any] | None, new: dict[str, Any]) -> dict[str, Any]:
    """The pairs of several duets as those of one; of a duet that was loaded in another way than the first, none."""
    if before is None:
        return new
    if _how(before) != _how(new):
        return {**before, "played": before["played"] + 1, "played_otherwise": before["played_otherwise"] + 1}
    pairs = before["pairs"] + [{**pair, "duet": before["played"]} for pair in new["pairs"]]
    return {
        **before,
        "played": before["played"] + 1,
        "invalid_pairs": before["invalid_pairs"] + new["invalid_pairs"],
        "round_seconds": fmean(tally["seconds"] for pair in pairs for tally in pair["tallies"].values()),
        "pairs": pairs,
    }


def _how(duet: dict[str, Any]) -> tuple[bool, bool]:
    """Whether it was loaded at once, and whether in turns that are shorter than rounds; a round of old is one turn."""
    return duet["at_once"], duet.get("turn_seconds", math.inf) < 0.9 * duet["round_seconds"]


def recorded(case: Case, budget: str) -> dict[str, Any]:
    """One duet, played to its end. budget: "" for the default."""
    with tempfile.TemporaryDirectory(prefix="perfgate-bench-") as folder:
        context = Context(Path(folder), environment(), lambda line: print(line, file=sys.stderr))
        options = LoadOptions(**{**_NO_OPTIONS, "scenarios": LOADS, "vus": case.vus})
        plan = plan_measurement(context, options, case.scenarios, (), parse_duration(budget) if budget else None)
        targets = DuetTargets(case.base, case.head)
        measured = measure_unkept(context, plan, targets, "duet", LiveProgress(quiet=False))
    if measured.ending.interrupted:
        raise SystemExit("interrupted")
    return described(case, measured)


def described(case: Case, measured: MeasuredDuet) -> dict[str, Any]:
    """The duet as the file keeps it: its pairs of which both rounds are valid."""
    base, head = measured.base.scenarios[0], measured.head.scenarios[0]
    both = list(zip(base.rounds, head.rounds, strict=False))
    valid = [(on_base, on_head) for on_base, on_head in both if on_base.valid and on_head.valid]
    if not valid:
        raise NoResultError(f"no pair is valid: {base.rounds[0].problems if base.rounds else measured.ending}")
    testbed = measured.head.record.testbed
    return {
        "load": base.scenario,
        "executor": base.executor,
        "vus": max(round_.tally.vus_max for pair in valid for round_ in pair),
        "base": case.base,
        "head": case.head,
        "recorded_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "testbed": {"cpu_model": testbed.cpu_model, "cores": testbed.cores},
        "versions": measured.head.record.versions,
        "at_once": measured.methods[0].at_once,
        "turn_seconds": measured.methods[0].turn_seconds,
        "round_seconds": fmean(round_.tally.seconds for pair in valid for round_ in pair),
        "played": 1,
        "played_otherwise": 0,
        "invalid_pairs": len(both) - len(valid),
        "units": UNITS,
        "pairs": [_pair(on_base, on_head) for on_base, on_head in valid],
    }


def _pair(base: Round, head: Round) -> dict[str, Any]:
    return {
        "base": figures_of(base.tally),
        "head": figures_of(head.tally),
        "duet": 0,
        "instance": base.instance,
        "started_at": [round(base.started_at, 3), round(head.started_at, 3)],
        "environment": [None if one.environment is None else asdict(one.environment) for one in (base, head)],
        "tallies": {"base": plain_tally(base.tally), "head": plain_tally(head.tally)},
    }


def figures_of(tally: Tally) -> dict[str, float | None]:
    """The figures of a round; None where nothing succeeded in it."""
    statistics = {"mean": "avg", "p50": "med", "p95": "p(95)", "p99": "p(99)"}
    figures = {name: read(tally, "http_req_duration", stat) for name, stat in statistics.items()}
    beyond = mean_beyond(latencies(tally, None), 0.9)
    cpu = read(tally, "service_cpu", "value")
    whole = {"n": float(tally.request_count), **figures, "beyond90": beyond, "cpu": cpu}
    return {name: None if value is None else round(value, 6) for name, value in whole.items()}


def mean_beyond(histogram: Histogram, quantile: float) -> float | None:
    """The mean of the largest values, from this quantile on (ms): the expected shortfall."""
    wanted = histogram.count * (1 - quantile)
    left, total = wanted, 0.0
    for bucket in sorted(histogram.buckets, reverse=True):
        taken = min(left, histogram.buckets[bucket])
        total += taken * middle_of(bucket)
        left -= taken
        if left <= 0:
            break
    return total / wanted / 1e6 if wanted else None


def plain_tally(tally: Tally) -> dict[str, Any]:
    """What rows are made of, as JSON; `tests.bench.recorded_pairs` reads it."""
    return {
        "seconds": tally.seconds,
        "vus": tally.vus,
        "vus_max": tally.vus_max,
        "service_cpu_seconds": tally.service_cpu_seconds,
        "service_memory_bytes": tally.service_memory_bytes,
        "iterations": _packed(tally.iterations),
        "requests": {
            name: {"ok": _packed(requests.ok), "failed": _packed(requests.failed), "retries": requests.retries}
            for name, requests in tally.requests.items()
        },
    }


def _packed(histogram: Histogram) -> str | None:
    packed = pack(histogram)
    return None if packed is None else base64.b64encode(packed).decode()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")
    names = [case.name for case in DUETS]
    parser.add_argument("--duet", action="append", choices=names, metavar="NAME", help=f"of {', '.join(names)}")
    parser.add_argument(
        "--times", type=int, default=5, metavar="N", help="duets of each, with those in FILE (default 5)"
    )
    parser.add_argument("--budget", default="", help="load of one duet; default: of perfgate (60s)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
