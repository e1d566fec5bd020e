"""Files that the real tools have written, held against what these tools say of them themselves."""

import json
import statistics

import pytest

from perfgate.errors import MistakeError
from perfgate.exchange.importing.assembling import ImportOverrides
from perfgate.exchange.importing.formats import FORMATS as KNOWN
from perfgate.exchange.importing.formats import detected, read_file
from perfgate.exchange.importing.source import SourceFile
from perfgate.history.checking import faults_of
from perfgate.history.store import open_history
from tests.support.importing import DATED, FIXTURES, FORMATS, NOON, UNDATED, kept, results, unpacked, written

STATS = ("avg", "min", "med", "max", "p(90)", "p(95)", "p(99)")


@pytest.fixture(scope="module")
def k6_says():
    """The summary that k6 made of the run of k6.json and k6.csv."""
    return json.loads((FIXTURES / "k6_summary_export.json").read_text())["metrics"]


def durations(result):
    return [result.read("http_req_duration", stat) for stat in STATS]


@pytest.mark.parametrize(("name", "wanted"), FORMATS.items())
def test_the_format_is_found_out_by_what_is_in_the_file(name, wanted, tmp_path):
    anonymous = written(tmp_path, (FIXTURES / name).read_bytes(), "anonymous.txt")
    assert detected(SourceFile(anonymous)).name == wanted
    assert kept(anonymous, overrides=UNDATED if name == "data.js" else DATED)


def test_every_format_has_a_file_that_its_tool_wrote():
    assert {*FORMATS.values(), "csv", "table"} == KNOWN.keys()


@pytest.mark.parametrize("name", FORMATS)
def test_no_other_reader_takes_it_for_its_own(name):
    source = SourceFile(FIXTURES / name)
    assert [one.name for one in KNOWN.values() if one.reader.recognises(source)] == [FORMATS[name]]


@pytest.mark.parametrize("name", FORMATS)
def test_what_was_imported_is_a_sound_history_and_says_where_it_is_from(name, tmp_path):
    path = tmp_path / "perfgate.db"
    runs = kept(FIXTURES / name)
    with open_history(path, create=True) as history:
        assert history.add((run.run, run.results) for run in runs) == len(runs)
        for run in runs:
            assert history.results(run.run.record.id) == tuple(
                sorted(run.results, key=lambda result: (result.scenario, result.request or ""))
            )
            record = history.find(run.run.record.id).record
            assert (record.imported_from, record.testbed.id) == (FORMATS[name], "imported")
    assert faults_of(path) == ()


@pytest.mark.parametrize("name", FORMATS)
def test_importing_it_again_adds_nothing(name, tmp_path):
    path = tmp_path / "perfgate.db"
    with open_history(path, create=True) as history:
        history.add((run.run, run.results) for run in kept(FIXTURES / name))
        before = path.read_bytes()
        again = kept(written(tmp_path, (FIXTURES / name).read_bytes(), name))
        assert history.add((run.run, run.results) for run in again) == 0
    assert path.read_bytes() == before


def test_packed_and_plain_files_are_the_same_run(tmp_path):
    plain = written(tmp_path, unpacked("k6.json.gz"))
    assert kept(plain) == kept(FIXTURES / "k6.json.gz")


# k6


@pytest.mark.parametrize("name", ["k6.json", "k6.csv"])
def test_the_points_of_k6_give_what_k6_itself_summed_up(name, k6_says):
    found = results(FIXTURES / name)
    whole = found[None]
    said = k6_says["http_req_duration{name:POST /pet}"]
    assert durations(found["POST /pet"]) == pytest.approx([said[stat] for stat in STATS], rel=2e-3)
    assert (whole.requests, whole.failed) == (k6_says["http_reqs"]["count"], k6_says["http_req_failed"]["passes"])
    said = k6_says["http_req_duration{expected_response:true}"]
    assert durations(whole) == pytest.approx([said[stat] for stat in STATS], rel=2e-3)
    assert (whole.load.checks_passed, whole.load.checks_failed) == (12, 0)
    assert whole.load.iterations == k6_says["iterations"]["count"]
    assert whole.load.iteration_med_ms == pytest.approx(k6_says["iteration_duration"]["med"], rel=2e-3)
    assert whole.load.data_sent_bytes == k6_says["data_sent"]["count"]
    assert whole.load.data_received_bytes == k6_says["data_received"]["count"]
    assert found["GET /pet/{id}"].errors == {"status 404": 12}
    assert whole.run.record.target.startswith("http://127.0.0.1:")


@pytest.mark.parametrize("name", ["k6_summary_export.json", "k6_handle_summary.json"])
def test_a_summary_of_k6_says_where_the_time_went_as_far_as_it_went_somewhere(name):
    whole = results(FIXTURES / name)[None]
    phases = {"blocked", "connecting", "sending", "waiting", "receiving"}
    assert set(whole.timings) == {f"http_req_{phase}" for phase in phases}
    if name == "k6_summary_export.json":
        assert whole.read("http_req_waiting", "p(95)") == pytest.approx(18.62, rel=1e-3)
        assert whole.read("http_req_connecting", "med") == 0
    assert whole.timings["http_req_waiting"].count is None


def test_points_stamped_to_the_nanosecond_say_when_it_was_and_how_long_it_took(k6_says):
    (run,) = kept(FIXTURES / "k6.json", overrides=UNDATED)
    assert run.run.record.started_at == pytest.approx(1_795_412_568.61, abs=0.02)
    seconds = k6_says["iterations"]["count"] / k6_says["iterations"]["rate"]
    assert run.results[0].seconds == pytest.approx(seconds, abs=0.02)


def test_points_stamped_to_the_second_give_no_rate(tmp_path):
    whole = results(FIXTURES / "k6.csv")[None]
    assert whole.seconds is None
    assert "times are in whole seconds, so there is no rate" in whole.load.warnings
    moments = unpacked("k6.csv").replace(b",1795412568,", b",2026-11-23T06:49:28Z,")
    assert b"Z," in moments
    assert results(written(tmp_path, moments))[None].seconds is None
    finer = written(tmp_path, unpacked("k6.csv").replace(b",1795412568,", b",1795412568000,"))
    assert results(finer)[None].seconds is not None


def test_a_threshold_of_the_summary_export_is_true_where_it_was_crossed(k6_says):
    assert k6_says["http_req_duration"]["thresholds"] == {"p(95)<0.0001": True}
    load = results(FIXTURES / "k6_summary_export.json")[None].load
    assert (load.thresholds_passed, load.thresholds_total) == (2, 3)


def test_a_threshold_of_handle_summary_is_ok_where_it_was_kept():
    load = results(FIXTURES / "k6_handle_summary.json")[None].load
    assert (load.thresholds_passed, load.thresholds_total) == (2, 3)


def test_the_machine_readable_summary_says_when_it_was_and_by_which_k6():
    (run,) = kept(FIXTURES / "k6_machine_summary.json", overrides=UNDATED)
    assert run.run.record.started_at == pytest.approx(1_795_412_569.058, abs=0.01)
    assert run.run.record.versions == {"k6": "1.8.1"}
    assert run.results[0].seconds == pytest.approx(0.084278052)
    assert (run.results[0].failed, run.results[0].load.checks_passed) == (12, 12)
    assert (run.results[0].load.thresholds_total, run.results[0].duration.p99_ms) == (None, None)


@pytest.mark.parametrize("name", ["k6_summary_export.json", "k6_handle_summary.json", "k6_machine_summary.json"])
def test_a_summary_of_k6_has_no_distribution_and_says_what_else_it_lacks(name):
    found = results(FIXTURES / name)
    assert (found["(all)"].requests, found["(all)"].failed) == (36, 12)
    assert all(result.packed is None for result in found.values())
    assert (found["POST /pet"].requests, found["POST /pet"].failed) == (None, None)
    assert found["POST /pet"].duration.med_ms > 0
    assert found[None].load.vus is None


# Locust, JMeter


def test_the_statistics_of_locust_are_taken_as_they_are():
    found = results(FIXTURES / "locust_stats.csv")
    missing = found["GET /pet/{id} missing"]
    assert (missing.requests, missing.failed, missing.duration.p90_ms) == (99, 99, 17)
    assert (found[None].requests, found[None].failed) == (301, 99)
    assert found[None].duration.avg_ms == pytest.approx(5.226935)
    assert found[None].read("http_reqs", "rate") == pytest.approx(150.4715, rel=1e-5)
    assert found[None].load.warnings == (
        "percentiles are rounded to two digits, as Locust keeps them",
        "durations are those of failed requests, too",
    )
    assert all(result.packed is None for result in found.values())


def test_the_json_of_locust_gives_averages_exactly_and_percentiles_from_its_counts():
    entries = json.loads((FIXTURES / "locust.json").read_text())
    found = results(FIXTURES / "locust.json", overrides=UNDATED)
    for entry in entries:
        result = found[f"{entry['method']} {entry['name']}"]
        counted = sorted(float(time) for time, count in entry["response_times"].items() for _ in range(count))
        assert result.duration.avg_ms == pytest.approx(entry["total_response_time"] / entry["num_requests"])
        assert result.duration.med_ms == pytest.approx(statistics.median(counted), rel=1e-3)
        assert result.duration.max_ms == pytest.approx(entry["max_response_time"])
        assert (result.requests, result.failed) == (entry["num_requests"], entry["num_failures"])
    assert found[None].run.record.started_at == entries[0]["start_time"]
    assert found[None].requests == sum(entry["num_requests"] for entry in entries)


def test_a_request_log_gives_a_distribution_of_what_succeeded():
    found = results(FIXTURES / "jtl.csv", overrides=UNDATED)
    lines = [line.split(",") for line in (FIXTURES / "jtl.csv").read_text().splitlines()[1:]]
    posts = [float(line[1]) for line in lines if line[2] == "/pet"]
    assert found["/pet"].duration.avg_ms == pytest.approx(statistics.mean(posts), rel=1e-6)
    assert found["/pet"].histogram.count == len(posts)
    assert set(found["/pet/{id} missing"].errors) == {"failed"}
    assert (found[None].load.vus_max, found[None].seconds) == (2, None)


# oha, vegeta


def test_oha_gives_counts_and_percentiles():
    said = json.loads((FIXTURES / "oha.json").read_text())
    whole = results(FIXTURES / "oha.json")[None]
    assert (whole.requests, whole.failed) == (30, 0)
    assert whole.duration.avg_ms == pytest.approx(said["summary"]["average"] * 1000)
    assert whole.duration.p95_ms == pytest.approx(said["latencyPercentiles"]["p95"] * 1000)
    assert whole.read("http_reqs", "rate") == pytest.approx(said["summary"]["requestsPerSec"], rel=1e-5)
    assert whole.load.warnings == ()


def test_oha_answered_with_errors_says_so():
    found = results(FIXTURES / "oha_failed.json")
    assert (found["(all)"].failed, found["(all)"].errors) == (12, {"status 404": 12})
    assert found[None].load.warnings == ("durations are those of failed requests, too",)


def test_requests_that_oha_cut_at_its_deadline_are_not_counted(tmp_path):
    said = json.loads((FIXTURES / "oha.json").read_text())
    said["errorDistribution"] = {"aborted due to deadline": 2, "Connection refused (os error 111)": 3}
    found = results(written(tmp_path, json.dumps(said)))
    assert (found[None].requests, found["(all)"].errors) == (33, {"Connection refused (os error 111)": 3})


def test_the_results_of_vegeta_agree_with_its_report():
    found = results(FIXTURES / "vegeta.json", overrides=UNDATED)
    report = results(FIXTURES / "vegeta_report.json", overrides=UNDATED)
    hits = [json.loads(line) for line in (FIXTURES / "vegeta.json").read_text().splitlines()]
    assert (found[None].requests, found[None].failed) == (report[None].requests, report[None].failed) == (20, 10)
    assert found["GET /pet/{id}"].errors == report["(all)"].errors == {"status 404": 10}
    assert found[None].scenario == "pets"
    assert found[None].run.record.started_at == pytest.approx(report[None].run.record.started_at, abs=1e-6)
    assert found[None].seconds == pytest.approx(report[None].seconds, abs=0.01)
    good = [hit["latency"] / 1e6 for hit in hits if hit["code"] == 200]
    assert found[None].duration.avg_ms == pytest.approx(statistics.mean(good), rel=1e-6)
    assert found[None].duration.med_ms == pytest.approx(statistics.median(good), rel=2e-3)
    latencies = [hit["latency"] / 1e6 for hit in hits]
    assert report[None].duration.avg_ms == pytest.approx(statistics.mean(latencies), rel=1e-5)


# Benchmarks that know no requests


def test_hyperfine_gives_commands_with_their_times():
    said = {result["command"]: result for result in json.loads((FIXTURES / "hyperfine.json").read_text())["results"]}
    found = results(FIXTURES / "hyperfine.json")
    for command, result in said.items():
        assert found[command].duration.avg_ms == pytest.approx(result["mean"] * 1000, rel=1e-6)
        assert found[command].duration.med_ms == pytest.approx(result["median"] * 1000, rel=1e-3)
        assert (found[command].requests, found[command].failed) == (5, 0)
    assert (found[None].seconds, found[None].duration.avg_ms) == (None, None)


def test_a_command_that_failed_has_no_times_of_success():
    found = results(FIXTURES / "hyperfine_failed.json")["false"]
    assert (found.requests, found.failed, found.errors) == (3, 3, {"exit code 1": 3})
    assert found.duration.avg_ms is None


def test_pytest_benchmark_gives_benchmarks_and_their_commit(tmp_path):
    said = json.loads((FIXTURES / "pytest_benchmark.json").read_text())
    stats = said["benchmarks"][0]["stats"]
    (run,) = kept(FIXTURES / "pytest_benchmark.json", overrides=UNDATED)
    assert run.run.record.versions["pytest-benchmark"] == "5.3.1"
    result = run.results[1]
    assert (result.request, result.requests, result.failed) == ("test_pets.py::test_join", 20, None)
    assert result.duration.avg_ms == pytest.approx(stats["mean"] * 1000, rel=1e-6)
    assert result.duration.max_ms == pytest.approx(stats["max"] * 1000, rel=1e-6)
    said["commit_info"] |= {"id": "3f2a9c1", "branch": "main", "dirty": True}
    record = kept(written(tmp_path, json.dumps(said)), overrides=UNDATED)[0].run.record
    assert (record.commit, record.branch, record.dirty) == ("3f2a9c1", "main", True)


def test_data_js_gives_a_run_for_each_commit_of_each_suite():
    imported = read_file(FIXTURES / "data.js", None, ImportOverrides(None, None, "main", None))
    runs = {(run.run.record.commit[:4], run.run.scenarios): run for run in imported.runs}
    assert runs.keys() == {("3f2a", ("pytest",)), ("4a2a", ("pytest",)), ("3f2a", ("perfgate",))}
    assert {run.run.record.branch for run in imported.runs} == {"main"}
    pytest_run = runs["3f2a", ("pytest",)].results[1]
    assert pytest_run.duration.avg_ms == pytest.approx(0.03218419, rel=1e-6)
    assert (pytest_run.requests, pytest_run.failed, pytest_run.seconds) == (None, None, None)
    assert imported.left_out == ("8 values of 3f2a9c1d5e7b in perfgate: %, bytes is no duration",)


def test_a_data_js_that_grew_adds_only_what_is_new(tmp_path):
    text = (FIXTURES / "data.js").read_text()
    data = json.loads(text.partition("=")[2])
    shorter = json.loads(json.dumps(data))
    del shorter["entries"]["pytest"][1]
    path = tmp_path / "perfgate.db"
    with open_history(path, create=True) as history:
        for content, added in ((shorter, 2), (data, 1)):
            file = written(tmp_path, f"window.BENCHMARK_DATA = {json.dumps(content)}\n")
            assert history.add((run.run, run.results) for run in kept(file, overrides=UNDATED)) == added


# What a person says


def test_a_file_without_a_date_asks_for_one():
    with pytest.raises(MistakeError, match=r"does not say when it was measured.*--date"):
        kept(FIXTURES / "oha.json", overrides=UNDATED)


def test_what_a_person_states_is_kept():
    (run,) = kept(FIXTURES / "oha.json", overrides=ImportOverrides(NOON, "3f2a9c1", "main", "checkout"))
    record = run.run.record
    assert (record.started_at, record.commit, record.branch, run.run.scenarios) == (
        NOON,
        "3f2a9c1",
        "main",
        ("checkout",),
    )


def test_a_scenario_that_has_a_name_keeps_it():
    assert kept(FIXTURES / "vegeta.json", overrides=ImportOverrides(NOON, None, None, "checkout"))[0].run.scenarios == (
        "pets",
    )


def test_a_run_is_the_same_whatever_is_said_of_its_commit():
    one, other = (
        kept(FIXTURES / "oha.json", overrides=ImportOverrides(NOON, commit, None, None))[0] for commit in ("a", "b")
    )
    assert one.run.record.id == other.run.record.id


def test_many_runs_of_one_file_keep_their_own_commits_and_dates():
    for overrides in (ImportOverrides(NOON, None, None, None), ImportOverrides(None, "3f2a9c1", None, None)):
        with pytest.raises(MistakeError, match="commits and dates of their own"):
            kept(FIXTURES / "data.js", overrides=overrides)


def test_names_cannot_move_the_cursor_of_a_terminal(tmp_path):
    said = json.loads((FIXTURES / "hyperfine.json").read_text())
    said["results"][0]["command"] = "sleep\x1b[2J\n1" + "x" * 500
    name = next(request for request in results(written(tmp_path, json.dumps(said))) if request and "sleep" in request)
    assert name.isprintable()
    assert len(name) <= 200
