"""How fast the load generator is, and whether it tells the truth. `python -m tests.bench.generator [--seconds 10]`.

Generator on one CPU, service on the other; peers run one after the other, several times around, so that whatever else
the machine does happens to all. K6=... and LOCUST=... name binaries that are not on the PATH. Needs Go for the service.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

import psutil
from tabulate import tabulate

from perfgate.load.engine import RoundResult
from perfgate.load.generator.engine import PerfgateEngine
from perfgate.load.generator.messages import WorkerConfig
from perfgate.load.pacer import Slice, least_spread
from perfgate.load.phase import Phase
from perfgate.metrics.histogram import Histogram
from perfgate.scenario.finding import load_scenarios
from perfgate.scenario.overrides import Overrides
from tests.bench.peers import HTTP1, HTTP2, PEERS, TLS, Load, NotHere, Outcome, Service

HERE = Path(__file__).parent
GENERATOR_CPU, SERVICE_CPU = 0, 1


@contextmanager
def fast_service() -> Iterator[Service]:
    """The service of service/main.go on a CPU of its own."""
    with tempfile.TemporaryDirectory() as folder:
        binary, authorities = Path(folder) / "service", f"{folder}/ca.pem"
        subprocess.run(["go", "build", "-o", str(binary), "main.go"], cwd=HERE / "service", check=True)
        process = subprocess.Popen(
            ["taskset", "-c", str(SERVICE_CPU), str(binary), authorities], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        try:
            urls = dict(zip((HTTP1, TLS, HTTP2), process.stdout.readline().split(), strict=True))
            yield Service(urls, authorities, process.pid)
        finally:
            process.terminate()
            process.wait()


def throughput(service: Service, protocol: str, peers: Sequence[str], seconds: int, times: int) -> None:
    """CPU time a request: POST with JSON body, unique id, one check, 30 VUs."""
    seen: dict[str, list[Outcome]] = {name: [] for name in peers}
    absent = {}
    for _ in range(times):
        for name in peers:
            try:
                seen[name].append(PEERS[name](Load(service, protocol, "/pet", 30, seconds, GENERATOR_CPU)))
            except NotHere as error:
                absent[name] = str(error)
    rows = []
    for name, outcomes in seen.items():
        if not outcomes:
            rows.append([name, absent[name]])
            continue
        cpu = statistics.median(outcome.cpu_us for outcome in outcomes)
        # Of neighbours in time: what disturbs the machine meanwhile disturbs both.
        ratios = [theirs.cpu_us / ours.cpu_us for theirs, ours in zip(outcomes, seen["perfgate"], strict=True)]
        p50 = statistics.median(outcome.med_ms for outcome in outcomes)
        rows.append([name, f"{1e6 / cpu:,.0f}", f"{cpu:.1f} us", f"{statistics.median(ratios):.2f}x", f"{p50:.2f} ms"])
    print(f"\n{protocol}: POST with JSON body, unique id, one check, 30 VUs, {times} x {seconds} s")
    print(tabulate(rows, ["generator", "requests per CPU second", "CPU a request", "perfgate is", "med it says"]))


@contextmanager
def hog() -> Iterator[None]:
    """A neighbour that wants all of the generator's CPU."""
    process = subprocess.Popen(["taskset", "-c", str(GENERATOR_CPU), sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def truth(service: Service, protocol: str, peers: Sequence[str], seconds: int, hogged: bool) -> None:
    """100 VUs on a service that sleeps 2 ms: what each generator says against the service's own clock."""
    rows = []
    for name in peers:
        _account(service)
        cpu, began = service.cpu_seconds(), time.monotonic()
        try:
            with hog() if hogged else nullcontext():
                outcome = PEERS[name](Load(service, protocol, "/sleep", 100, seconds, GENERATOR_CPU))
        except NotHere as error:
            rows.append([name, str(error)])
            continue
        # Starting up counts as time without load: the service was busier than this.
        busy = (service.cpu_seconds() - cpu) / (time.monotonic() - began)
        real = _account(service)
        rows.append(
            [name, f"{outcome.med_ms:.2f} ms", f"{real['p50']:.2f} ms", f"{outcome.med_ms / real['p50'] - 1:+.0%}",
             f"{outcome.p99_ms:.1f} ms", f"{real['p99']:.1f} ms", f"{busy:.0%}"]
        )  # fmt: skip
    beside = ", a hog on the generator's CPU" if hogged else ""
    print(f"\n{protocol}: 100 VUs on a service that sleeps 2 ms, {seconds} s{beside}")
    headers = ["generator", "med it says", "med in the service", "off by", "p(99) it says", "in the service"]
    print(tabulate(rows, [*headers, "service's CPU"]))


def _account(service: Service) -> dict[str, float]:
    with urllib.request.urlopen(f"{service.urls[HTTP1]}/account") as answer:
        found: dict[str, float] = json.load(answer)
    return found


SCENARIO = """
from perfgate import scenario

@scenario({options})
def post(user):
    response = user.post("/pet", json={{"id": user.unique_id(), "name": "doggie", "photoUrls": []}})
    user.check("answered", response.status_code == 200)
"""


@contextmanager
def engine_for(options: str, url: str, source: str = SCENARIO) -> Iterator[Callable[[float, int], RoundResult]]:
    """One worker of ours on the generator's CPU; what it yields plays so many seconds of the scenario as one round."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "post.py").write_text(source.format(options=options))
        (scenario,) = load_scenarios(Path(folder), (), Overrides())
        engine = PerfgateEngine(WorkerConfig(folder, (), None, None, 1, 1, 1, (GENERATOR_CPU,)))
        try:
            engine.open(scenario, "head", url)
            spread = least_spread(scenario.profile.vus_max)
            yield lambda seconds, number: engine.play(
                scenario, "head", Slice(0, seconds, None, spread), Phase.MEASURING, number
            )
        finally:
            engine.stop()


def worker_process() -> psutil.Process:
    """The one worker that there is."""
    (worker,) = [child for child in psutil.Process().children() if "perfgate.load.generator.worker" in child.cmdline()]
    return worker


def schedule(url: str, seconds: int) -> None:
    """A constant arrival rate below and above what the generator can do, which is what it manages of far too much."""
    capacity = _managed(url, seconds, 100_000).tally.iterations.count / seconds
    rows = []
    for share in (0.5, 0.7, 1.5):
        played = _managed(url, seconds, round(capacity * share))
        record, dropped = played.generator, played.tally.dropped_iterations
        said = "; ".join((*played.problems, *played.warnings)) or "valid"
        rows.append([f"{share:.0%}", record.offered, dropped, f"{record.schedule_lag * 1000:.2f} ms", said])
    print(f"\nconstant-arrival-rate beside a capacity of {capacity:,.0f} iterations/s, {seconds} s")
    print(
        tabulate(
            rows, ["rate", "offered", "dropped", "p(99) of schedule lag", "the round"], maxcolwidths=[None] * 4 + [60]
        )
    )


def _managed(url: str, seconds: int, rate: int) -> RoundResult:
    """One round at a constant arrival rate, after a warm-up."""
    with engine_for(f"rate={rate}, duration='1h', pre_allocated_vus=200, max_vus=1000", url) as play:
        play(2, 0)
        return play(seconds, 1)


def memory(url: str, minutes: float) -> None:
    """Resident memory of the worker at full speed."""
    with engine_for("vus=30, duration='1h'", url) as play:
        play(2, 0)
        worker = worker_process()
        before, requests = worker.memory_info().rss, 0
        for number in range(max(1, round(minutes * 60 / 5))):
            requests += play(5, number + 1).tally.request_count
        after = worker.memory_info().rss
    print(f"\nMemory: {(after - before) / 1e6:+.1f} MB over {minutes:g} minutes at full speed ({requests:,} requests)")


def accuracy() -> None:
    """Quantiles of the histogram against the same values kept exactly."""
    chance = random.Random(1)
    values = sorted(round(chance.lognormvariate(15, 1.2)) for _ in range(200_000))
    histogram = Histogram.of(values)
    worst = max(
        abs(histogram.quantile(q) / values[round(q * (len(values) - 1))] - 1) for q in (0.5, 0.9, 0.95, 0.99, 0.999)
    )
    print(f"\nHistogram: at most {worst:.3%} off the exact quantiles, p50 to p99.9, of {len(values):,} latencies")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=10, help="how long memory is watched")
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=list(PEERS), help="with perfgate among them")
    parser.add_argument("--protocols", nargs="+", choices=(HTTP1, TLS, HTTP2), default=(HTTP1, TLS, HTTP2))
    parser.add_argument("--only", choices=("throughput", "truth", "schedule", "accuracy", "memory"))
    options = parser.parse_args()
    print(time.strftime("%Y-%m-%d"), "Python", sys.version.split()[0])
    chosen = [options.only] if options.only else ["throughput", "truth", "schedule", "accuracy", "memory"]
    with fast_service() as service:
        for protocol in options.protocols:
            if "throughput" in chosen:
                throughput(service, protocol, options.peers, options.seconds, options.times)
            if "truth" in chosen:
                for hogged in (False, True):
                    truth(service, protocol, options.peers, options.seconds, hogged)
        if "schedule" in chosen:
            schedule(service.urls[HTTP1], options.seconds)
        if "accuracy" in chosen:
            accuracy()
        if "memory" in chosen:
            memory(service.urls[HTTP1], options.minutes)


if __name__ == "__main__":
    main()
