"""What older versions of the tools wrote, after their documentation and their issue trackers: version -> a file.

Each differs from what the version of today writes in what it lacks.
"""

import csv
import io
import json

from tests.support.importing import content


def k6_summary_of_0_26():
    """Before k6 0.31 there was neither http_req_failed nor {expected_response:true}, nor p(99) by default."""
    summary = json.loads(content("k6_summary_export.json"))
    metrics = summary["metrics"]
    for name in ("http_req_failed", "http_req_duration{expected_response:true}"):
        del metrics[name]
    for metric in metrics.values():
        metric.pop("p(99)", None)
    return json.dumps(summary, indent=4)


def k6_json_of_0_26():
    """Points with `tainted`, times in a zone with seven digits, no scenario and no expected_response."""
    tags = '"tags":{"group":"","method":"GET","name":"http://localhost/pet","proto":"HTTP/1.1","status":"%d","url":"x"}'
    point = '{"type":"Point","data":{"time":"2020-03-06T16:45:0%d.3005713+08:00","value":%s,%s},"metric":"%s"}'
    lines = [
        '{"type":"Metric","data":{"name":"http_reqs","type":"counter","contains":"default","tainted":null,'
        '"thresholds":[],"submetrics":null,"sub":{"name":"","parent":"","suffix":"","tags":null}},"metric":"http_reqs"}',
        '{"type":"Point","data":{"time":"2020-03-06T16:45:02.7825645+08:00","value":2,"tags":null},"metric":"vus_max"}',
        *(point % (second, 250.5, tags % status, "http_req_duration") for second, status in ((4, 200), (5, 500))),
    ]
    return "\n".join(lines) + "\n"


def k6_csv_of_0_26():
    """Fewer columns."""
    table = csv.DictReader(io.StringIO(content("k6.csv").decode()))
    gone = {"expected_response", "scenario", "service", "metadata", "method"}
    columns = [column for column in table.fieldnames if column not in gone]
    written = io.StringIO()
    writer = csv.DictWriter(written, columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(table)
    return written.getvalue()


def k6_handle_summary_of_0_30():
    """Without the state, and so without the length of the run."""
    data = json.loads(content("k6_handle_summary.json"))
    del data["state"]
    return json.dumps(data)


def locust_stats_of_1_0():
    """Without 99.9 % and 99.99 %."""
    rows = [line.split(",") for line in content("locust_stats.csv").decode().splitlines()]
    return "".join(",".join(row[:-3] + row[-1:]) + "\r\n" for row in rows)


def locust_json_of_2_5():
    """Without num_fail_per_sec and without total_content_length."""
    entries = json.loads(content("locust.json"))
    for entry in entries:
        del entry["num_fail_per_sec"], entry["total_content_length"]
    return json.dumps(entries, indent=4)


def oha_of_0_5():
    """Without the error distribution, `metrics` and the newer histograms."""
    said = json.loads(content("oha.json"))
    kept = ("summary", "responseTimeHistogram", "latencyPercentiles", "rps", "details", "statusCodeDistribution")
    return json.dumps({name: said[name] for name in kept})


def vegeta_of_12_0():
    """Without method, url and headers."""
    hits = [json.loads(line) for line in content("vegeta.json").splitlines()]
    for hit in hits:
        del hit["method"], hit["url"], hit["headers"]
    return "".join(json.dumps(hit) + "\n" for hit in hits)


def hyperfine_of_1_0():
    """Without single times, exit codes and the median."""
    said = json.loads(content("hyperfine.json"))
    for result in said["results"]:
        del result["times"], result["exit_codes"], result["median"]
    return json.dumps(said)


def pytest_benchmark_of_3_0():
    """Without the single values, and a commit without a branch."""
    said = json.loads(content("pytest_benchmark.json"))
    del said["benchmarks"][0]["stats"]["data"], said["commit_info"]["branch"]
    return json.dumps(said)
