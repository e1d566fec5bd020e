"""What is exported, as the formats' own documents want it; the CSV comes back without loss."""

import csv
import io
import json
from contextlib import closing
from dataclasses import replace

import fastjsonschema
import pytest
from prometheus_client.parser import text_string_to_metric_families

from perfgate.errors import MistakeError
from perfgate.exchange.exporting.formats import FORMATS
from perfgate.exchange.importing.assembling import ImportOverrides
from perfgate.exchange.importing.formats import read_file
from perfgate.history.checking import faults_of
from perfgate.history.merging import versions_of
from perfgate.history.opening import open_for_reading
from perfgate.history.store import open_history
from perfgate.metrics.run import ScenarioRun
from perfgate.testing import seeded_run
from tests.support.histories import with_counts, with_dependencies, with_phases, with_record
from tests.support.importing import DATED, FIXTURES, kept, written

# https://bencher.dev/docs/reference/bencher-metric-format/
BMF = {
    "$schema": "http://json-schema.org/draft-07/schema",
    "type": "object",
    "patternProperties": {
        ".+": {
            "type": "object",
            "patternProperties": {
                ".+": {
                    "type": "object",
                    "properties": {
                        "value": {"type": "number"},
                        "lower_value": {"type": "number"},
                        "upper_value": {"type": "number"},
                    },
                    "required": ["value"],
                }
            },
        }
    },
}


def brief(number=0, **options):
    return seeded_run(number, **{"rounds": 2, "requests_per_round": 40} | options)


@pytest.fixture
def path(tmp_path):
    """Runs of two commits, a duet, a run that was killed, one that answered only errors, and imported ones."""
    path = tmp_path / "perfgate.db"
    with open_history(path, create=True) as history:
        for run in (
            with_phases(with_dependencies(brief(0), postgres=1.5, redis=0.01)),
            with_counts(brief(1, failed=0.1)),
            brief(2, side="base"),
            brief(2, side="head"),
            brief(4, failed=1.0),
        ):
            history.save_run(run)
        killed = brief(3)
        history.save(killed.record, killed.scenarios[0])
        silent = ScenarioRun("silent", "", "constant-vus", ())
        history.save(killed.record, silent)
        for name in ("k6.json", "k6_summary_export.json", "hyperfine.json", "pytest_benchmark.json"):
            history.add((run.run, run.results) for run in kept(FIXTURES / name))
    return path


def everything(path):
    with open_history(path, create=False) as history:
        return [(run, history.results(run.record.id)) for run in reversed(history.runs())]


def exported(format_name, runs):
    return "".join(FORMATS[format_name].write(runs))


def versions_in(path):
    with closing(open_for_reading(path, 1)) as connection:
        return versions_of(connection)


def test_the_csv_comes_back_without_loss(path, tmp_path):
    text = exported("csv", everything(path))
    copy = tmp_path / "copy.db"
    with open_history(copy, create=True) as history:
        runs = kept(written(tmp_path, text), overrides=ImportOverrides(None, None, None, None))
        assert history.add((run.run, run.results) for run in runs) == 10
    assert versions_in(copy) == versions_in(path)
    assert exported("csv", everything(copy)) == text
    assert faults_of(copy) == ()


def test_nothing_can_be_said_of_runs_that_an_export_tells(path, tmp_path):
    file = written(tmp_path, exported("csv", everything(path)))
    for overrides in (
        DATED,
        ImportOverrides(None, "a", None, None),
        ImportOverrides(None, None, "a", None),
        ImportOverrides(None, None, None, "a"),
    ):
        with pytest.raises(MistakeError, match="says all of its runs itself"):
            kept(file, overrides=overrides)


def test_names_with_anything_in_them_come_back_from_the_csv(tmp_path):
    odd = {'quo"te, comma\nand line': {'GET /ü/"x",\n{id}': 5.0}, "{}": {"{}": 3.0}}
    copies = []
    for name, run in (("one.db", brief(0, scenarios=odd)),):
        with open_history(tmp_path / name, create=True) as history:
            history.save_run(run)
        copies.append(tmp_path / name)
    text = exported("csv", everything(copies[0]))
    with open_history(tmp_path / "other.db", create=True) as history:
        runs = kept(written(tmp_path, text), overrides=ImportOverrides(None, None, None, None))
        history.add((run.run, run.results) for run in runs)
    assert versions_in(tmp_path / "other.db") == versions_in(copies[0])


def test_a_csv_that_was_cut_short_is_refused_or_lacks_whole_lines(path, tmp_path):
    text = exported("csv", everything(path)[:1])
    whole = 0
    for cut in range(len(text) // 5, len(text) - 1, 37):
        try:
            runs = read_file(written(tmp_path, text[:cut]), "csv", ImportOverrides(None, None, None, None)).runs
        except MistakeError:
            continue
        whole += 1
        assert len(runs[0].results) < text.count("\n") - 1
    assert whole <= 2


def test_a_csv_that_lacks_a_line_is_refused(path, tmp_path):
    lines = exported("csv", everything(path)[:1]).splitlines(keepends=True)
    for lost, says in ((1, "has no line of the whole scenario"), (2, "do not add up")):
        with pytest.raises(MistakeError, match=says):
            kept(
                written(tmp_path, "".join(lines[:lost] + lines[lost + 1 :])),
                overrides=ImportOverrides(None, None, None, None),
            )
    with pytest.raises(MistakeError, match="do not follow each other"):
        kept(written(tmp_path, "".join(exported("csv", everything(path)[:2]).splitlines(keepends=True) + lines[1:])))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("run_id", "1"),
        ("seed", "x"),
        ("started_at", "yesterday"),
        ("requests", "many"),
        ("requests", "1.5"),
        ("avg_ms", "-1"),
        ("versions", "{"),
        ("errors", "[]"),
        ("histogram", "AAAA"),
        ("histogram", "%"),
        ("cores", ""),
    ],
)
def test_a_csv_with_a_value_that_no_export_writes_is_refused(path, tmp_path, column, value):
    table = csv.DictReader(io.StringIO(exported("csv", everything(path)[:1])))
    rows = list(table)
    rows[1][column] = value
    rows[0] |= {column: value} if column in ("run_id", "seed", "started_at", "versions", "cores") else {}
    text = io.StringIO()
    writer = csv.DictWriter(text, table.fieldnames)
    writer.writeheader()
    writer.writerows(rows)
    with pytest.raises(MistakeError):
        kept(written(tmp_path, text.getvalue()), overrides=ImportOverrides(None, None, None, None))


def test_the_lines_of_json_say_what_is_known_and_nothing_else(path):
    lines = [json.loads(line) for line in exported("jsonl", everything(path)).splitlines()]
    named = next(line for line in lines if line["scenario"] == "create_pet" and "request" in line)
    assert named["request"] == "POST /pet"
    assert named["requests"] == 120  # 80, and twenty of each round with phases
    assert isinstance(named["med_ms"], float)
    assert "vus" not in named
    imported = next(line for line in lines if line["command"] == "import hyperfine" and "request" not in line)
    assert "avg_ms" not in imported
    assert "seconds" not in imported


def test_the_bencher_metric_format_fits_its_schema(path):
    run = everything(path)[0]
    found = json.loads(exported("bmf", [run]))
    fastjsonschema.validate(BMF, found)
    result = next(result for result in run[1] if result.request == "POST /pet")
    measures = found["create_pet · POST /pet"]
    assert measures["latency"]["value"] == pytest.approx(result.duration.med_ms * 1e6)
    assert found["create_pet"]["throughput"]["value"] == pytest.approx(run[1][0].read("http_reqs", "rate"))


def test_the_custom_json_has_what_is_better_when_smaller(path):
    found = json.loads(exported("github-action-benchmark", [everything(path)[1]]))
    assert {frozenset(entry) for entry in found} == {frozenset(("name", "unit", "value"))}
    values = {entry["name"]: (entry["value"], entry["unit"]) for entry in found}
    assert values["create_pet · http_req_failed"] == (pytest.approx(10, abs=8), "%")
    assert values["create_pet · POST /pet · http_req_duration med"][1] == "ms"
    assert not any("http_reqs" in name for name in values)
    assert values["create_pet · counter{name:queries}"] == (pytest.approx(2.5), "")


def test_prometheus_understands_the_text_with_names_of_any_kind(tmp_path):
    odd = {'quo"te\\': {'GET /"x"\n{id}': 5.0}}
    with open_history(tmp_path / "perfgate.db", create=True) as history:
        history.save_run(brief(0, scenarios=odd))
    run = everything(tmp_path / "perfgate.db")[0]
    families = {family.name: family for family in text_string_to_metric_families(exported("prometheus", [run]))}
    (began,) = families["perfgate_run_timestamp_seconds"].samples
    assert began.value == run[0].record.started_at
    durations = families["perfgate_http_request_duration_seconds"].samples
    assert {sample.labels["scenario"] for sample in durations} == {'quo"te\\'}
    assert {sample.labels["request"] for sample in durations} == {'GET /"x"\n{id}'}
    medians = [sample.value for sample in durations if sample.labels.get("quantile") == "0.5"]
    assert medians == [pytest.approx(run[1][1].duration.med_ms / 1000)]


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_bears_every_metric(tmp_path, name):
    with open_history(tmp_path / "perfgate.db", create=True) as history:
        history.save_run(with_counts(with_phases(with_dependencies(brief(0), postgres=1.5))))
    assert "queries" in exported(name, everything(tmp_path / "perfgate.db"))


def test_otava_gets_a_line_for_each_run_that_the_branch_got(tmp_path):
    runs = kept_runs(tmp_path, brief(0), brief(1, side="base"), brief(1, side="head"), brief(2))
    table = list(csv.DictReader(io.StringIO(exported("otava", runs))))
    assert [row["run"] for row in table] == [run.record.id for run, _ in runs if run.record.side != "head"]
    assert table[0]["time"] == "2026-01-01 00:00:00 +0000"
    assert float(table[0]["create_pet/POST /pet/http_req_duration_med"]) > 0
    assert FORMATS["otava"].left_out(runs) == ()


def test_otava_gets_no_gap_and_what_has_one_is_told(tmp_path):
    one, two = {"create_pet": {"POST /pet": 10.0}}, {"create_pet": {"POST /pet": 10.0}, "login": {"GET /login": 5.0}}
    runs = kept_runs(
        tmp_path,
        brief(0, scenarios=one),
        brief(1, scenarios=two),
        brief(2, scenarios=two),
        with_dependencies(brief(3, scenarios=two), postgres=1.5),
        brief(4, scenarios=two, failed=1.0),  # no request of it has a latency
    )
    table = list(csv.DictReader(io.StringIO(exported("otava", runs))))
    assert [row["run"] for row in table] == [run.record.id for run, _ in runs[1:4]]
    assert not {"", "nan"} & {cell for row in table for cell in row.values()}
    fewer, columns = FORMATS["otava"].left_out(runs)
    assert fewer.startswith("2 of 5 runs, which lack ")
    assert "--scenario NAME" in fewer
    assert columns.startswith("columns that not every run has: ")
    assert "dependency_cpu_postgres" in columns


def test_that_otava_sees_machines_and_branches_as_one_series_is_told(tmp_path):
    run, other = brief(2), brief(3)
    elsewhere = with_record(run, testbed=replace(run.record.testbed, id="elsewhere"))
    *here, there, fix = kept_runs(tmp_path, brief(0), brief(1), elsewhere, with_record(other, branch="fix"))
    assert FORMATS["otava"].remarks(here) == ()
    (said,) = FORMATS["otava"].remarks([*here, there])
    assert said.startswith("the runs of 2 testbeds are one series here")
    assert "--testbed ID" in said
    (said,) = FORMATS["otava"].remarks([*here, fix])
    assert "--branch NAME" in said
    assert FORMATS["csv"].remarks([*here, there, fix]) == ()


def test_otava_gets_a_header_of_no_run():
    assert exported("otava", []) == "time,commit,branch,testbed,run\n"
    assert FORMATS["otava"].left_out([]) == FORMATS["otava"].remarks([]) == ()


def kept_runs(folder, *runs):
    with open_history(folder / "own.db", create=True) as history:
        for run in runs:
            history.save_run(run)
    return everything(folder / "own.db")


def test_a_table_without_a_value_is_refused_and_an_unknown_column_is_told(tmp_path):
    with pytest.raises(MistakeError, match="no duration or count, such as med_ms or requests") as refused:
        kept(written(tmp_path, "scenario,date,p50\ncheckout,2026-01-01,5\n"))
    assert "started_at, commit_sha, branch, scenario" in refused.value.hint
    text = "scenario,started_at,med_ms,p50,host\n" + "".join(
        f"checkout,2026-01-0{day}T12:00:00Z,5,5,a\n" for day in (1, 2)
    )
    (told,) = read_file(written(tmp_path, text), None, ImportOverrides(None, None, None, None)).left_out
    assert told.startswith("the columns host, p50; a table may have started_at")


def test_a_table_of_ones_own_needs_but_a_scenario_and_a_value(tmp_path):
    text = "started_at,commit_sha,scenario,request,avg_ms,requests\n" + "".join(
        f"2026-01-{day:02}T12:00:00Z,c{day},checkout,POST /cart,{day}.5,100\n" for day in (1, 2, 3)
    )
    runs = kept(written(tmp_path, text), overrides=ImportOverrides(None, None, "main", None))
    assert [run.run.record.commit for run in runs] == ["c1", "c2", "c3"]
    assert [run.results[1].duration.avg_ms for run in runs] == [1.5, 2.5, 3.5]
    assert {run.run.record.imported_from for run in runs} == {"table"}
    assert runs[0].results[0].scenario == "checkout"
    with pytest.raises(MistakeError, match="of their own"):
        kept(written(tmp_path, text), overrides=DATED)
