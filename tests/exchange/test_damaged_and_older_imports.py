"""Files that are cut short, older, or not what they should be: a clear mistake, or what is there and nothing else."""

import gzip
import json

import pytest

from perfgate.errors import MistakeError
from perfgate.exchange.importing.assembling import ImportOverrides
from perfgate.exchange.importing.formats import FORMATS as KNOWN
from perfgate.exchange.importing.formats import read_file
from tests.support import older_files
from tests.support.importing import DATED, FIXTURES, FORMATS, NOON, UNDATED, content, kept, results, unpacked, written

BY_LINES = ("k6-json", "k6-csv", "jtl", "vegeta")
CUTS = 40


def cuts(data):
    """Where to cut: everywhere along the file, around the end most of all."""
    return sorted({*range(0, len(data), max(1, len(data) // CUTS)), *range(max(0, len(data) - 12), len(data))})


def attempt(path, overrides):
    """The runs of a file, or the mistake that it is."""
    try:
        return read_file(path, None, overrides).runs
    except MistakeError as mistake:
        return mistake


def requests_of(runs):
    return [result.requests for run in runs for result in run.results]


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_that_is_cut_short_is_refused_or_gives_the_whole_lines_that_are_left(name, tmp_path):
    data = content(name)
    whole = requests_of(kept(FIXTURES / name))
    refused = 0
    for cut in cuts(data):
        found = attempt(written(tmp_path, data[:cut], "cut"), UNDATED if name == "data.js" else DATED)
        lost = data[cut:]
        if isinstance(found, MistakeError):
            refused += 1
            assert found.message
            assert found.hint
        elif requests_of(found) != whole:
            assert FORMATS[name] in BY_LINES
            assert sum(requests_of(found)[1:]) == requests_of(found)[0] < whole[0]
        else:  # an end that says nothing, or points of metrics that do not count
            assert b"http_req_duration" not in lost
    assert refused > len(cuts(data)) // 2


@pytest.mark.parametrize("name", [name for name in FORMATS if not name.endswith((".gz", ".js"))])
def test_the_same_cut_of_a_packed_file_is_refused(name, tmp_path):
    packed = gzip.compress(unpacked(name), mtime=0)
    for cut in cuts(packed)[2:]:
        with pytest.raises(MistakeError, match="gzip file ends in the middle"):
            read_file(written(tmp_path, packed[:cut], "cut.gz"), None, DATED)


@pytest.mark.parametrize("format_name", KNOWN)
@pytest.mark.parametrize("name", ["k6.json", "oha.json", "locust_stats.csv", "vegeta.bin", "data.js"])
def test_a_file_of_another_format_is_refused_with_how_such_a_file_is_made(format_name, name):
    if FORMATS.get(name) != format_name:
        with pytest.raises(MistakeError, match=r"such a file is made by|is there|not text"):
            read_file(FIXTURES / name, format_name, DATED)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "it is empty"),
        (b"\n\n", "it is empty"),
        (b"hello, world\n", "of no format that can be imported"),
        (b"{}", "of no format that can be imported"),
        (b'{"metrics": {}}', "of no format that can be imported"),
        (b'{"metrics": {"mine": {"count": 1}}, "root_group": {}}', "none of k6's metrics"),
        (b'{"results": []}', "of no format that can be imported"),
        (b"[" * 100_000, "JSON"),
        (b'{"summary": NaN, "statusCodeDistribution": {}}', "NaN is not a number"),
        (b'{"summary": ' + b"9" * 5000 + b"}", "JSON cannot be read|of no format"),
        (b"\xff\xfe{\x00}\x00", "of no format that can be imported"),
        (b"\xff\xfe{\x00}\x00\n", "it begins as UTF-16 and does not go on so"),
        (b"\x00\x01\x02", "not text in UTF-8"),
        (b"SQLite format 3\0", "an SQLite database; histories are put together by `perfgate history merge`"),
        (b"scenario,avg_ms\ncreate_pet,fast\n", "line 2: avg_ms is 'fast', not a number"),
        (b"scenario,avg_ms\ncreate_pet,-1\n", "line 2: avg_ms is '-1', not a number"),
        (b"scenario,avg_ms\ncreate_pet,nan\n", "line 2: avg_ms is 'nan', not a number"),
        (b"scenario,avg_ms\ncreate_pet\n", "line 2 has 1 cells, and the header 2"),
        (b'scenario,avg_ms\n"create_pet,1\n', "not CSV"),
        (b"metric_name,timestamp,metric_value\n", "nothing in it that can be kept"),
        (b"metric_name,timestamp,metric_value,name\nhttp_req_duration,99999999999999,1,x\n", "is not a time"),
    ],
)
def test_what_cannot_be_imported_says_why(data, says, tmp_path):
    with pytest.raises(MistakeError, match=says):
        read_file(written(tmp_path, data), None, DATED)


def test_what_vegeta_writes_itself_is_told_how_to_convert():
    with pytest.raises(MistakeError, match="vegeta encode --to json"):
        read_file(FIXTURES / "vegeta.bin", None, DATED)


def test_a_format_that_does_not_exist_names_the_nearest():
    with pytest.raises(MistakeError, match="did you mean k6-json"):
        read_file(FIXTURES / "k6.json", "k6json", DATED)


def test_what_two_formats_fit_asks_which(tmp_path):
    both = json.loads(content("oha.json")) | json.loads(content("vegeta_report.json"))
    path = written(tmp_path, json.dumps(both))
    with pytest.raises(MistakeError, match="could be oha or vegeta-report"):
        read_file(path, None, DATED)
    assert read_file(path, "vegeta-report", DATED).runs[0].results[0].requests == 20


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("summary", "average"), "fast", "summary.average is 'fast', not a number"),
        (("summary", "average"), -1, "summary.average is -1, not 0 or more"),
        (("summary", "average"), 1e999, "not a finite number|not a number"),
        (("summary", "average"), True, "summary.average is True, not a number"),
        (("summary",), [], r"summary is \[\], not an object"),
        (("statusCodeDistribution", "200"), 1.5, "statusCodeDistribution.200 is 1.5, not a whole number"),
        (("statusCodeDistribution",), None, "statusCodeDistribution is missing"),
    ],
)
def test_a_value_that_does_not_fit_is_named_with_its_place(path, value, says, tmp_path):
    said = json.loads(content("oha.json"))
    place = said
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(MistakeError, match=says):
        read_file(written(tmp_path, json.dumps(said)), None, DATED)


def test_more_request_names_than_anyone_reads_are_refused(tmp_path):
    head = "timeStamp,elapsed,label,responseCode,success\n"
    lines = (f"1769860800000,5,GET /pet/{number},200,true\n" for number in range(600))
    with pytest.raises(MistakeError, match=r"more than 500 request names.*group requests by name"):
        kept(written(tmp_path, head + "".join(lines)))


def test_urls_with_ids_are_one_request_name(tmp_path):
    hits = [json.loads(line) for line in content("vegeta.json").splitlines()]
    for number in range(1000):
        hits.append(hits[0] | {"url": f"{hits[0]['url']}{number}"})
    found = results(written(tmp_path, "".join(json.dumps(hit) + "\n" for hit in hits)), overrides=UNDATED)
    assert found.keys() == {None, "GET /pet/{id}"}


def test_a_password_in_a_url_is_not_kept(tmp_path):
    text = content("vegeta.json").decode().replace("http://127", "http://me:secret@127")
    (run,) = kept(written(tmp_path, text))
    assert "secret" not in repr(run)


# Older versions


def test_a_k6_that_did_not_count_failures_leaves_them_unknown(tmp_path):
    found = results(written(tmp_path, older_files.k6_summary_of_0_26()))
    assert (found[None].requests, found[None].failed, found[None].duration.p99_ms) == (36, None, None)
    assert found[None].duration.avg_ms == pytest.approx(5.2238606)
    assert "durations are those of failed requests, too" in found[None].load.warnings


def test_points_of_an_old_k6_fail_by_their_status(tmp_path):
    found = results(written(tmp_path, older_files.k6_json_of_0_26()), overrides=UNDATED)
    assert (found[None].requests, found[None].failed) == (2, 1)
    assert found["GET /pet"].errors == {"status 500": 1}
    assert found[None].run.record.started_at == pytest.approx(1_583_484_304.05, abs=0.01)
    assert found[None].load.vus_max == 2


def test_an_old_k6_csv_is_read_by_its_columns(tmp_path):
    old, new = results(written(tmp_path, older_files.k6_csv_of_0_26())), results(FIXTURES / "k6.csv")
    assert (old[None].requests, old[None].failed) == (new[None].requests, new[None].failed)
    assert old[None].duration == new[None].duration


def test_a_handle_summary_without_state_has_no_length(tmp_path):
    whole = results(written(tmp_path, older_files.k6_handle_summary_of_0_30()))[None]
    assert (whole.seconds, whole.requests, whole.read("http_reqs", "rate")) == (None, 36, None)


def test_a_machine_summary_of_another_version_is_refused(tmp_path):
    text = content("k6_machine_summary.json").replace(b'"version": "1.0.0"', b'"version": "2.0.0"')
    with pytest.raises(MistakeError, match=r"version '2.0.0'.*reads version 1"):
        kept(written(tmp_path, text))


@pytest.mark.parametrize(
    ("make", "name"),
    [(older_files.locust_stats_of_1_0, "locust_stats.csv"), (older_files.locust_json_of_2_5, "locust.json")],
)
def test_an_old_locust_gives_the_same(make, name, tmp_path):
    old, new = results(written(tmp_path, make())), results(FIXTURES / name)
    assert {request: result.duration for request, result in old.items()} == {
        request: result.duration for request, result in new.items()
    }


def test_an_old_oha_gives_the_same(tmp_path):
    old, new = results(written(tmp_path, older_files.oha_of_0_5()))[None], results(FIXTURES / "oha.json")[None]
    assert (old.duration, old.requests) == (new.duration, new.requests)


def test_an_old_vegeta_knows_no_request_names(tmp_path):
    found = results(written(tmp_path, older_files.vegeta_of_12_0()))
    assert (found["(all)"].requests, found["(all)"].failed) == (20, 10)


def test_an_old_hyperfine_has_no_percentiles(tmp_path):
    found = results(written(tmp_path, older_files.hyperfine_of_1_0()))["sleep"]
    assert found.duration.avg_ms == pytest.approx(18.04016)
    assert (found.requests, found.failed, found.duration.med_ms, found.duration.p95_ms) == (None, None, None, None)


def test_an_old_pytest_benchmark_has_no_percentiles(tmp_path):
    found = results(written(tmp_path, older_files.pytest_benchmark_of_3_0()))["test_pets.py::test_join"]
    assert (found.requests, found.duration.p95_ms, found.packed) == (20, None, None)


def test_a_scenario_that_would_be_there_twice_is_refused(tmp_path):
    lines = content("k6.json").decode().splitlines(keepends=True)
    other = [line.replace('"scenario":"default"', '"scenario":"k6"') for line in lines]
    path = written(tmp_path, "".join(lines + other))
    with pytest.raises(MistakeError, match="has 'k6' twice"):
        kept(path)
    (run,) = kept(path, overrides=ImportOverrides(None, None, None, "checkout"))
    assert sorted(run.run.scenarios) == ["checkout", "k6"]
    assert [result.load.vus for result in run.results if result.load] == [None, None]


def test_a_benchmark_without_a_date_asks_for_one(tmp_path):
    said = json.loads(content("pytest_benchmark.json"))
    del said["datetime"]
    path = written(tmp_path, json.dumps(said))
    with pytest.raises(MistakeError, match="does not say when"):
        kept(path, overrides=UNDATED)
    assert kept(path)[0].run.record.started_at == NOON


def test_requests_of_setup_and_teardown_are_no_load(tmp_path):
    lines = content("k6.json").decode().splitlines(keepends=True)
    around = [
        line.replace('"group":""', f'"group":"{group}"').replace('"scenario":"default",', "")
        for group in ("::setup", "::teardown", "::setup::log in", "::teardown::log out::twice")
        for line in lines[1:6]
    ]
    assert any("http_req_duration" in line for line in around)
    found = results(written(tmp_path, "".join(lines + around)), overrides=UNDATED)
    assert found[None].requests == 36


def test_a_table_may_count_all_requests_apart(tmp_path):
    head = "scenario,request,requests,failed,avg_ms\n"
    found = results(written(tmp_path, head + "checkout,,300,3,7\ncheckout,GET /,,,5\ncheckout,POST /,,,9\n"))
    assert (found[None].requests, found[None].failed, found[None].duration.avg_ms) == (300, 3, 7)
    assert (found["GET /"].requests, found["GET /"].duration.avg_ms) == (None, 5)
    with pytest.raises(MistakeError, match="has 'GET /' twice"):
        kept(written(tmp_path, head + "checkout,GET /,,,5\ncheckout,GET /,,,9\n"))


def test_statistics_of_locust_that_lack_a_line_are_refused(tmp_path):
    lines = content("locust_stats.csv").decode().splitlines(keepends=True)
    with pytest.raises(MistakeError, match="do not add up to the aggregated one"):
        kept(written(tmp_path, "".join(lines[:1] + lines[2:])))
    with pytest.raises(MistakeError, match="the line Aggregated is missing"):
        kept(written(tmp_path, "".join(lines[:-1])))
