"""Files of load tools that have no reader here: each is called by its name, with a way out."""

import json
import tarfile

import pytest

from perfgate.errors import MistakeError
from tests.support.importing import kept, written

FILES = {
    "wrk": "Running 10s test @ http://127.0.0.1:8000\n  2 threads and 10 connections\n",
    "ab": "Percentage served,Time in ms\n0,1.0\n50,2.0\n",
    "hey": "response-time,DNS+dialup,DNS,Request-write,Response-delay,status-code,offset\n0.01,0,0,0,0,200,0\n",
    "Gatling": "RUN\tS\ta\t1769860800000\t \t3.9\nREQUEST\t\tGET /a\t1769860800000\t1769860800010\tOK\t \n",
    "autocannon": json.dumps({"url": "http://a", "requests": {"average": 1}, "latency": {"p99": 2}, "throughput": {}}),
    "Artillery": json.dumps({"aggregate": {"counters": {"http.requests": 1}}, "intermediate": []}, indent=2),
}


@pytest.mark.parametrize("tool", FILES)
def test_a_file_of_another_tool_is_called_by_its_name(tmp_path, tool):
    with pytest.raises(MistakeError, match=f"{tool}.*cannot be imported") as caught:
        kept(written(tmp_path, FILES[tool]))
    assert "column scenario" in caught.value.hint


PRINTED = {
    "k6": "     data_sent......: 1 kB\n     http_req_duration..............: avg=1.2ms min=0.3ms\n",
    "locust": "Type     Name    # reqs      # fails |\n--------|----|\nGET      /pet     10     0(0.00%) |\n",
    "oha": "Summary:\n  Success rate:\t100.00%\n  Total:\t1.0021 sec\n",
    "vegeta": "Requests      [total, rate, throughput]         1200, 120.00, 65.87\n",
    "hyperfine": "Benchmark 1: sleep 0.1\n  Time (mean ± σ):     101.0 ms ±   0.3 ms\n",
}


@pytest.mark.parametrize("tool", PRINTED)
def test_what_a_tool_prints_for_people_is_told_with_the_option_that_writes_a_file(tmp_path, tool):
    with pytest.raises(MistakeError, match=f"it is what {tool} prints") as caught:
        kept(written(tmp_path, PRINTED[tool]))
    assert f"import what `{tool} " in caught.value.hint


RELATIVES = {
    "hey prints": ("\nSummary:\n  Total:\t1.0021 secs\n  Slowest:\t0.0230 secs\n", "column scenario"),
    "bombardier prints": ("Bombarding http://a with 10 connection(s)\n", "column scenario"),
    "a result of bombardier": (json.dumps({"spec": {"url": "http://a"}, "result": {"req2xx": 1}}), "column scenario"),
    "vegeta's CSV": ("1700000000000000000,200,1000000,0,12,,Ym9keQ==,,0,GET,http://x/,\n", "vegeta encode --to json"),
    "a report of JMeter's": ("Label,# Samples,Average,Median,90% Line\n/pet,10,1,1,2\n", "-l FILE.jtl"),
    "report of JMeter's, not": (json.dumps({"Total": {"transaction": "Total", "sampleCount": 3}}), "-l FILE.jtl"),
    "without the names": ("2026-11-23 05:42:54,46,/pet,200,OK,pets,unknown,true\n", "print_field_names=true"),
}


@pytest.mark.parametrize("what", RELATIVES)
def test_a_relative_of_a_known_file_is_named_with_what_to_import_instead(tmp_path, what):
    text, hint = RELATIVES[what]
    with pytest.raises(MistakeError, match=what) as caught:
        kept(written(tmp_path, text))
    assert hint in caught.value.hint


def test_an_archive_a_folder_and_a_file_of_blank_lines_are_told_as_what_they_are(tmp_path):
    with tarfile.open(tmp_path / "results.tar.gz", "w:gz") as archive:
        archive.add(written(tmp_path, FILES["wrk"]), "results.txt")
    with pytest.raises(MistakeError, match="a tar archive"):
        kept(tmp_path / "results.tar.gz")
    with pytest.raises(MistakeError, match="it is a folder"):
        kept(tmp_path)
    with pytest.raises(MistakeError, match="it is empty"):
        kept(written(tmp_path, "\n \n"))
