"""Load generators side by side: each sends the same POST with a JSON body, a unique id and one check.

Every peer is a function of a `Load` that returns what it sent and what it says of the latency. Its CPU time is taken
from the operating system, children included, and its requests from the service, both between the same two moments of
the load: starting up is no part of it. A peer that is not installed, or does not speak a protocol, is named, not
skipped in silence.
"""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

ROOT = Path(__file__).parents[2]


HTTP1, TLS, HTTP2 = "HTTP/1.1", "HTTP/1.1 over TLS", "HTTP/2 over TLS"
_RAMP = 1.5  # seconds of load before it is counted: connections, a warm-up, just-in-time compilers


@dataclass(frozen=True)
class Service:
    """The service of service/main.go, in process `pid`. urls: by protocol. authorities: the file of whom to trust."""

    urls: dict[str, str]
    authorities: str
    pid: int

    def cpu_seconds(self) -> float:
        """CPU time that it has used since it was started."""
        times = psutil.Process(self.pid).cpu_times()
        return float(times.user + times.system)

    def answered(self) -> int:
        """How many requests of a load it has answered since it was started."""
        with urllib.request.urlopen(f"{self.urls[HTTP1]}/count") as answer:
            return int(answer.read())


@dataclass(frozen=True)
class Load:
    """What to send: to `path` of a service, with so many VUs in a closed loop, for so many seconds, from one CPU."""

    service: Service
    protocol: str
    path: str
    vus: int
    seconds: int
    cpu: int

    @property
    def url(self) -> str:
        return self.service.urls[self.protocol]


@dataclass(frozen=True)
class Outcome:
    """cpu_us: of the generator, a request. med_ms, p99_ms: as the generator says."""

    cpu_us: float
    med_ms: float
    p99_ms: float


class NotHere(Exception):
    """The peer is not installed on this machine."""


def perfgate(load: Load) -> Outcome:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        version = "2" if load.protocol == HTTP2 else "1.1"
        (folder / "post.py").write_text(
            "from perfgate import scenario\n\n"
            f"@scenario(vus={load.vus}, duration='{load.seconds}s', http_version='{version}')\n"
            "def post(user):\n"
            "    pet = {'id': user.unique_id(), 'name': 'doggie', 'photoUrls': []}\n"
            f"    response = user.post('{load.path}', json=pet)\n"
            "    user.check('answered', response.status_code == 200)\n"
        )
        command = [sys.executable, "-m", "perfgate", "run", "--scenarios", name]
        command += ["--target", load.url, "--history", str(folder / "h.db"), "-q"]
        cpu = _watched(command, load, {"PYTHONPATH": str(ROOT)})
        return Outcome(cpu, *_history_values(folder / "h.db"))


def _history_values(path: Path) -> tuple[float, float]:
    import sqlite3

    with sqlite3.connect(path) as database:
        row = database.execute("select med_ms, p99_ms from results where request = ''").fetchone()
    return float(row[0]), float(row[1])


def k6(load: Load) -> Outcome:
    binary = _found("k6", os.environ.get("K6", ""))
    with tempfile.TemporaryDirectory() as name:
        script, summary = Path(name) / "post.js", Path(name) / "summary.json"
        script.write_text(
            "import http from 'k6/http'; import { check } from 'k6'; import exec from 'k6/execution';\n"
            "export const options = { summaryTrendStats: ['med', 'p(99)'] };\n"
            "export default function () {\n"
            "  const body = JSON.stringify({ id: exec.scenario.iterationInTest, name: 'doggie', photoUrls: [] });\n"
            "  const params = { headers: { 'Content-Type': 'application/json' } };\n"
            f"  const r = http.post('{load.url}{load.path}', body, params);\n"
            "  check(r, { answered: (r) => r.status === 200 });\n"
            "}\n"
        )
        command = [binary, "run", "--quiet", "--no-usage-report", "--vus", str(load.vus)]
        command += ["--duration", f"{load.seconds}s", "--summary-export", str(summary), str(script)]
        cpu = _watched(command, load, {"GOMAXPROCS": "1"})
        duration = json.loads(summary.read_text())["metrics"]["http_req_duration"]
        return Outcome(cpu, duration["med"], duration["p(99)"])


def locust_fast(load: Load) -> Outcome:
    return _locust(load, "FastHttpUser")


def locust_http(load: Load) -> Outcome:
    return _locust(load, "HttpUser")


def _locust(load: Load, user: str) -> Outcome:
    _need(load, HTTP1, TLS)
    binary = _found("locust", os.environ.get("LOCUST", ""))
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "locustfile.py"
        file.write_text(
            "from itertools import count\n"
            f"from locust import {user}, task\n"
            "ids = count()\n"
            f"class Poster({user}):\n"
            "    @task\n"
            "    def post(self):\n"
            "        body = {'id': next(ids), 'name': 'doggie', 'photoUrls': []}\n"
            f"        with self.client.post('{load.path}', json=body, catch_response=True) as response:\n"
            "            if response.status_code != 200:\n"
            "                response.failure('not answered')\n"
        )
        command = [binary, "-f", str(file), "--headless", "-u", str(load.vus), "-r", str(load.vus)]
        command += ["-t", f"{load.seconds}s", "--host", load.url, "--csv", f"{name}/out", "--only-summary"]
        cpu = _watched(command, load, {})
        with open(f"{name}/out_stats.csv", newline="") as lines:
            row = next(row for row in csv.DictReader(lines) if row["Name"] == "Aggregated")
        return Outcome(cpu, float(row["50%"]), float(row["99%"]))


def requests_on_gevent(load: Load) -> Outcome:
    _need(load, HTTP1, TLS)
    code = f"""
from gevent import monkey; monkey.patch_all()
import gevent, itertools, json, requests, time
ids, taken, end = itertools.count(), [], time.time() + {load.seconds}
def user():
    session = requests.Session()
    while time.time() < end:
        began = time.perf_counter()
        response = session.post("{load.url}{load.path}", json={{"id": next(ids), "name": "doggie", "photoUrls": []}})
        taken.append(time.perf_counter() - began)
        assert response.status_code == 200
gevent.joinall([gevent.spawn(user) for _ in range({load.vus})])
taken.sort()
print(json.dumps([taken[len(taken) // 2] * 1000, taken[int(len(taken) * 0.99)] * 1000]))
"""
    with tempfile.TemporaryFile("w+") as out:
        cpu = _watched([sys.executable, "-c", code], load, {}, out)
        out.seek(0)
        med, p99 = json.loads(out.read())
    return Outcome(cpu, med, p99)


def wrk(load: Load) -> Outcome:
    _need(load, HTTP1, TLS)
    binary = _found("wrk", "")
    with tempfile.TemporaryDirectory() as name:
        script = Path(name) / "post.lua"
        script.write_text(
            'local id = 0\nwrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\n'
            "function request()\n  id = id + 1\n"
            '  return wrk.format(nil, nil, nil, \'{"id":\' .. id .. \',"name":"doggie","photoUrls":[]}\')\nend\n'
        )
        with tempfile.TemporaryFile("w+") as out:
            command = [binary, "-t1", f"-c{load.vus}", f"-d{load.seconds}s", "--latency", "-s", str(script)]
            cpu = _watched([*command, load.url + load.path], load, {}, out)
            out.seek(0)
            said = out.read()
    return Outcome(cpu, _wrk_ms(said, "50%"), _wrk_ms(said, "99%"))


def _wrk_ms(said: str, quantile: str) -> float:
    number, unit = re.search(rf"{quantile}\s+([\d.]+)(us|ms|s)", said).groups()
    return float(number) * {"us": 1e-3, "ms": 1.0, "s": 1e3}[unit]


PEERS: dict[str, Callable[[Load], Outcome]] = {
    "perfgate": perfgate,
    "k6": k6,
    "Locust FastHttpUser": locust_fast,
    "Locust HttpUser": locust_http,
    "requests on gevent": requests_on_gevent,
    "wrk (ceiling)": wrk,
}


def _found(name: str, given: str) -> str:
    binary = given or shutil.which(name)
    if not binary or not Path(binary).exists():
        raise NotHere(f"{name} is not installed (on PATH, or named by {name.upper()}=...)")
    return binary


def _need(load: Load, *protocols: str) -> None:
    if load.protocol not in protocols:
        raise NotHere("does not speak it")


def _watched(
    command: list[str], load: Load, variables: dict[str, str], out: int | IO[str] = subprocess.DEVNULL
) -> float:
    """Run a command pinned to one CPU; the CPU time that it and its children take for a request (us)."""
    trust = {"SSL_CERT_FILE": load.service.authorities, "REQUESTS_CA_BUNDLE": load.service.authorities}
    before = load.service.answered()
    process = subprocess.Popen(
        ["taskset", "-c", str(load.cpu), *command],
        env={**os.environ, **trust, **variables},
        stdout=out,
        stderr=subprocess.DEVNULL,
    )
    try:
        while load.service.answered() < before + load.vus and process.poll() is None:
            time.sleep(0.05)
        time.sleep(_RAMP)
        first = _used(process.pid), load.service.answered()
        time.sleep(max(1.0, load.seconds - _RAMP - 1.0))
        last = _used(process.pid), load.service.answered()
        process.wait(300)
    finally:
        process.kill()
        process.wait()
    if process.returncode:
        raise RuntimeError(f"{command[0]} ended with exit code {process.returncode}")
    return 1e6 * (last[0] - first[0]) / (last[1] - first[1])


def _used(pid: int) -> float:
    """CPU seconds of a process and its children."""
    process = psutil.Process(pid)
    times = [each.cpu_times() for each in (process, *process.children(recursive=True))]
    return sum(each.user + each.system for each in times)
