"""Files of load tools that have no reader here: each is called by its name, with a way out."""

import json

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
