"""A mistake in a file is named with its line, member, suite or commit, and the one thing to do."""

import json
import re

import pytest

from perfgate.errors import MistakeError
from perfgate.exchange.importing.formats import read_file
from tests.support.importing import DATED, UNDATED, content, kept, written

JTL = "timeStamp,elapsed,label,responseCode,success\n"
JTL_ROW = "1769860800000,5,a,200,true\n"
K6 = "metric_name,timestamp,metric_value,name\n"
STATS = content("locust_stats.csv").decode()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (JTL + JTL_ROW + JTL + JTL_ROW, "line 3 is the header again: .*split it there"),
        (JTL + JTL_ROW + "2026-31-12 10:00:00,5,a,200,true\n", "line 3: timeStamp: .*timestamp_format=ms"),
        (JTL + JTL_ROW + f"{'9' * 5000},5,a,200,true\n", "line 3: timeStamp: inf is not a time"),
        (JTL + JTL_ROW + "1769860800000,9999999999999999,a,200,true\n", "line 3: .* is not a duration"),
        (K6 + "http_req_duration,soon,1,x\n", "line 2: timestamp: 'soon' is not a time"),
        (K6 + "http_req_duration,1769860800,9999999999999999,x\n", "line 2: .* is not a duration"),
        ("scenario,avg_ms,started_at\na,1,soon\n", "line 2: started_at: 'soon' is not a time"),
        ("scenario,request,avg_ms\na,x,1\nb,x,1\na,x,2\n", "line 4: 'a' has 'x' twice, first on line 2"),
        ("scenario,request,avg_ms\na,x,1\na,,1\na,,2\n", "line 4: 'a' has a line of the whole twice, first on line 3"),
        ("scenario,requests\na,99999999999999999999\n", "line 2: requests is .*, not a whole number"),
        ("scenario,requests,failed,avg_ms\na,1,2,1\n", "'a' has 2 failed of 1 requests"),
        (STATS.replace(",Aggregated,", ",Aggregated,1"), "Request Count is .* do not add up to the aggregated one"),
    ],
)
def test_a_mistake_in_a_table_is_named_with_its_line(data, says, tmp_path):
    with pytest.raises(MistakeError, match=says):
        read_file(written(tmp_path, data), None, DATED)


def test_failures_of_locust_that_do_not_add_up_are_refused(tmp_path):
    lines = STATS.splitlines()
    cells = lines[-1].split(",")
    cells[3] = str(int(cells[3]) + 1)
    with pytest.raises(MistakeError, match=f"line {len(lines)}: Failure Count is .* do not add up"):
        kept(written(tmp_path, "\n".join([*lines[:-1], ",".join(cells)])))


@pytest.mark.parametrize(
    ("name", "path", "value", "says"),
    [
        ("pytest_benchmark.json", ("datetime",), "soon", "datetime: 'soon' is not a time"),
        ("vegeta_report.json", ("earliest",), "soon", "earliest: 'soon' is not a time"),
        ("vegeta_report.json", ("status_codes",), {"200": 1}, "requests is 20, and status_codes do not add up"),
        ("k6_machine_summary.json", ("metadata", "generated_at"), "soon", "metadata.generated_at: 'soon' is not a"),
        ("locust.json", (0, "start_time"), 1e15, r"\[0\].start_time: .* is not a time"),
        ("hyperfine.json", ("results", 0, "times", 0), 10**400, r"results\[0\].times\[0\] is .*, not a finite number"),
        ("hyperfine.json", ("results", 0, "times", 0), 1e200, r"results\[0\]: .* is not a duration"),
        ("pytest_benchmark.json", ("benchmarks", 0, "stats", "data", 0), 1e200, r"benchmarks\[0\].stats: .* is not a"),
        ("locust.json", (0, "response_times", "inf"), 1, r"\[0\].response_times: inf ms is not a duration"),
        ("data.js", ("entries", "pytest", 1, "date"), 1e30, r"entries.pytest\[1\].date: .* is not a time"),
    ],
)
def test_a_mistake_in_a_document_is_named_with_its_member(name, path, value, says, tmp_path):
    head, _, text = content(name).decode().rpartition("window.BENCHMARK_DATA = ")
    said = json.loads(text)
    place = said
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    start = "window.BENCHMARK_DATA = " if name == "data.js" else head
    with pytest.raises(MistakeError, match=says):
        read_file(written(tmp_path, start + json.dumps(said)), None, UNDATED)


@pytest.mark.parametrize(
    ("name", "member", "places"),
    [
        ("hyperfine.json", "results", r"results\[0\] and results\[\d\]"),
        ("pytest_benchmark.json", "benchmarks", r"benchmarks\[0\] and benchmarks\[\d\]"),
    ],
)
def test_a_name_that_is_there_twice_is_named_with_both_places(name, member, places, tmp_path):
    said = json.loads(content(name))
    said[member].append(said[member][0])
    with pytest.raises(MistakeError, match=f"has '.*' twice: {places}; give each its own name"):
        kept(written(tmp_path, json.dumps(said)))


def test_a_line_of_locust_that_is_there_twice_is_named_with_both(tmp_path):
    lines = STATS.splitlines()
    none = ",".join([*lines[1].split(",")[:2], *["0"] * (len(lines[0].split(",")) - 2)])
    with pytest.raises(MistakeError, match="twice: line 2 and line 3; give each its own name"):
        kept(written(tmp_path, "\n".join([*lines[:2], none, *lines[2:]])))


def data_js(tmp_path, *benches):
    entries = [
        {"commit": {"id": f"{number:040x}"}, "date": 1_780_507_761_127 + number, "tool": "go", "benches": benched}
        for number, benched in enumerate(benches)
    ]
    return written(tmp_path, f"window.BENCHMARK_DATA = {json.dumps({'entries': {'Parser': entries}})}")


def bench(name, value, unit="ns/op", **more):
    return {"name": name, "value": value, "unit": unit, **more}


def test_a_name_that_a_commit_has_twice_is_left_out_there_and_told(tmp_path):
    path = data_js(tmp_path, [bench("A", 10), bench("B", 11)], [bench("A", 10), bench("A", 12), bench("B", 11)])
    imported = read_file(path, None, UNDATED)
    assert [[result.request for result in run.results] for run in imported.runs] == [[None, "A", "B"], [None, "B"]]
    assert imported.left_out == ("2 values of 000000000000 in Parser: 'A' is there more than once",)


def test_a_value_that_is_no_duration_keeps_no_other_commit_out(tmp_path):
    odd = [bench("A", -5), bench("B", None), bench("C", -0.5, "%"), bench("D", 1, "x", extra="mean: 1.2.3 usec")]
    imported = read_file(data_js(tmp_path, [bench("A", 10)], odd), None, UNDATED)
    assert len(imported.runs) == 1
    assert imported.left_out == ("4 values of 000000000000 in Parser: %, -5 ns/op, None ns/op, ... is no duration",)


def test_what_a_tool_wrote_as_another_type_keeps_no_other_commit_out(tmp_path):
    odd = [bench("A", "3.5"), bench(7, 2), bench("C", "soon"), bench("D", [1]), bench("E", 1, unit=3), bench("F", True)]
    imported = read_file(data_js(tmp_path, [bench("A", 10)], [*odd, bench("G", 5, extra={"n": 1})]), None, UNDATED)
    assert [[result.request for result in run.results] for run in imported.runs] == [
        [None, "A"],
        [None, "7", "A", "G"],
    ]
    assert [result.duration.avg_ms for result in imported.runs[1].results[1:]] == [2e-6, 3.5e-6, 5e-6]
    assert imported.left_out == ("4 values of 000000000000 in Parser: 3, True ns/op, [1] ns/op, ... is no duration",)


def test_the_data_of_the_action_as_json_is_the_same_runs(tmp_path):
    said = {"lastUpdate": 1, "repoUrl": "", **json.loads(content("data.js").decode().partition("=")[2].strip(" \n;"))}
    script = read_file(written(tmp_path, f"window.BENCHMARK_DATA = {json.dumps(said)}", "data.js"), None, UNDATED)
    plain = read_file(written(tmp_path, json.dumps(said, indent=2), "data.json"), None, UNDATED)
    assert plain == script
    assert plain.runs


# Names


def test_long_names_that_differ_anywhere_stay_apart(tmp_path):
    says = "docker run " + "--quiet " * 30
    names = [f"{says}--threads {count} {says}" for count in (1, 2, 4)] + [f"{says}{says}1", f"1{says}{says}"]
    benches = [bench(name, 10) for name in names]
    (run,) = read_file(data_js(tmp_path, benches), None, UNDATED).runs
    kept_names = [result.request for result in run.results if result.request]
    assert len(kept_names) == len(names)
    assert all(len(name) <= 200 for name in kept_names)
    assert {name[:11] for name in kept_names} == {"docker run ", "1docker run"}


# Files that people take for one that can be imported


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (content("locust_stats_history.csv"), "Locust's history of a run; import NAME_stats.csv"),
        (b"Method,Name,Error,Occurrences\nGET,/,e,1\n", "Locust's list of failures; import NAME_stats.csv"),
        (b"Count,Message,Traceback,Nodes\n", "Locust's list of exceptions; import NAME_stats.csv"),
        (b'<?xml version="1.0" encoding="UTF-8"?>\n<testResults version="1.2">\n', "JMeter's log as XML; .*=csv"),
        (
            b"1769860800000,5,a,200,OK,t,text,true\n",
            "JMeter's log without the names of its columns; .*field_names=true",
        ),
        (b"<!DOCTYPE html>\n<html>", "a web page, made for people; import the data"),
        (b"PK\x03\x04\x14\0", "a ZIP archive; unpack it"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a pointer of Git LFS; .*git lfs pull"),
        (b'{"schema": "perfgate.result/1"}', "a result of perfgate, whose runs are in a history"),
    ],
)
def test_a_file_beside_the_one_that_is_meant_says_which_to_import(data, says, tmp_path):
    with pytest.raises(MistakeError, match=says):
        read_file(written(tmp_path, data), None, DATED)


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_cells_may_be_separated_as_a_spreadsheet_does(mark, tmp_path):
    commas = written(tmp_path, JTL + JTL_ROW, "commas")
    (one,), (other,) = kept(commas), kept(written(tmp_path, (JTL + JTL_ROW).replace(",", mark), "other"))
    assert [result.duration for result in one.results] == [result.duration for result in other.results]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ('{"summary": {\n "total": "1', "^it is not whole JSON: Unterminated string starting at line 2, column 11$"),
        ('{"summary": "1', "^it is not whole JSON: Unterminated string starting at column 13$"),
    ],
)
def test_cut_json_is_named_with_the_place_where_it_breaks_off(data, says, tmp_path):
    with pytest.raises(MistakeError) as caught:
        read_file(written(tmp_path, data), None, DATED)
    assert re.search(says, caught.value.message)
