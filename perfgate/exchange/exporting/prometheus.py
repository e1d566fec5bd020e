"""Prometheus text exposition format 0.0.4, for a node exporter's textfile collector or a Pushgateway.

https://prometheus.io/docs/instrumenting/exposition_formats/. Base units, as Prometheus wants: seconds, ratios, bytes.
There are no timestamps, which both receivers refuse; when the run was stands in perfgate_run_timestamp_seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from perfgate.exchange.exporting.rows import Exported, ExportedValue, values_of
from perfgate.history.stored import StoredRun
from perfgate.metrics.catalogue import dependency_of, metric_of, name_in, quantile_of

_NAMES = {
    "http_req_duration": ("perfgate_http_request_duration_seconds", "Response time of requests that succeeded.", 1e-3),
    "http_req_failed": ("perfgate_http_requests_failed_ratio", "Share of requests that failed.", 1.0),
    "http_reqs": ("perfgate_http_requests_per_second", "Requests a second.", 1.0),
    "service_cpu": ("perfgate_service_cpu_seconds_per_request", "CPU time that the service spent on a request.", 1e-3),
    "service_memory": ("perfgate_service_memory_peak_bytes", "Peak memory of the service.", 1.0),
    "dependency_cpu": (
        "perfgate_dependency_cpu_seconds_per_request",
        "CPU time that a dependency spent on a request.",
        1e-3,
    ),
    "dependency_memory": ("perfgate_dependency_memory_peak_bytes", "Peak memory of a dependency.", 1.0),
    "counter": ("perfgate_counter", "What a counter rose by in one request; a gauge as it was.", 1.0),
    "server_timing": (
        "perfgate_server_timing_seconds_per_request",
        "Time that answers said in Server-Timing, for one request.",
        1e-3,
    ),
    "server_timing_count": ("perfgate_server_timing_count", "Count that answers said there, for one request.", 1.0),
}
_BEGAN = "perfgate_run_timestamp_seconds"


def write(runs: Iterable[Exported]) -> Iterator[str]:
    """All samples of one name follow each other, as the format wants."""
    samples: dict[str, list[str]] = {}
    for run, results in runs:
        samples.setdefault(_BEGAN, []).append(_sample(_BEGAN, _of_run(run), run.record.started_at))
        for value in values_of(results):
            name, _, scale = _NAMES[metric_of(value.metric).name]
            labels = {"scenario": value.scenario, "request": value.request or "", **_stat(value), **_of_run(run)}
            samples.setdefault(name, []).append(_sample(name, labels, value.value * scale))
    helps = {name: text for name, text, _ in _NAMES.values()} | {_BEGAN: "When the run began."}
    for name, lines in samples.items():
        yield f"# HELP {name} {helps[name]}\n# TYPE {name} gauge\n{''.join(lines)}"


def _of_run(run: StoredRun) -> dict[str, str]:
    record = run.record
    return {"branch": record.branch, "commit": record.commit, "testbed": record.testbed.id, "side": record.side}


def _stat(value: ExportedValue) -> dict[str, str]:
    """As Prometheus labels the quantiles of its summaries; the average, and a dependency, have labels of their own."""
    dependency = dependency_of(value.metric)
    if dependency:
        return {"dependency": dependency}
    if name := name_in(value.metric):
        return {"name": name}
    if value.metric != "http_req_duration":
        return {}
    quantile = quantile_of(value.stat)
    return {"stat": value.stat} if quantile is None else {"quantile": f"{quantile:g}"}


def _sample(name: str, labels: dict[str, str], value: float) -> str:
    written = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items() if text)
    return f"{name}{{{written}}} {value!r}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
