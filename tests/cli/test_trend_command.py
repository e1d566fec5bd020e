"""`perfgate trend` over seeded runs: no load."""

import json
import subprocess
import sys
from contextlib import closing
from dataclasses import replace

import pytest

from perfgate.history.store import open_history
from perfgate.testing import SEEDED_TESTBED, seeded_run
from tests.support.command import ROOT
from tests.support.histories import small_run, with_dependencies

IMPORTED = ROOT / "tests" / "exchange" / "fixtures" / "k6_summary_export.json"
ROW = {"scenario": "create_pet", "request": "POST /pet", "metric": "http_req_duration", "stat": "med", "unit": "ms"}


@pytest.fixture
def keep(folder):
    """Put seeded runs into a history: keep(range(3), change=0.0, branch=...)."""

    def save(numbers, path=".perfgate/local.db", change=0.0, **record):
        with closing(open_history(folder / path, create=True)) as history:
            for number in numbers:
                run = seeded_run(number, rounds=2, requests_per_round=60, change=change)
                history.save_run(replace(run, record=replace(run.record, **record)))

    return save


def trends_in(done):
    assert done.code == 0, done.err
    return json.loads(done.out)["trends"]


def test_a_slower_commit_is_named_as_a_change_point(perfgate, keep):
    keep(range(20))
    keep(range(20, 30), change=0.5)
    done = perfgate("trend")
    assert done.code == 0
    assert "Change points" in done.out
    assert seeded_run(20, rounds=1, requests_per_round=1).record.commit[:7] in done.out
    assert "create_pet · POST /pet" in done.out


def test_json_names_the_row_and_holds_its_runs(perfgate, keep):
    keep(range(3))
    found = trends_in(perfgate("trend", "create_pet", "--json", "-"))
    assert [{name: trend[name] for name in ROW} for trend in found] == [ROW]
    assert len(found[0]["points"]) == 3


def test_any_statistic_can_be_shown(perfgate, keep):
    keep(range(3))
    for arguments, count in (
        (("--stat", "p(95)"), 5),
        (("--stat", "p(99.9)"), 5),
        (("--metric", "http_reqs"), 6),
        (("--metric", "service_cpu"), 4),
    ):
        assert len(trends_in(perfgate("trend", "--json", "-", *arguments))) == count, arguments


def test_what_dependencies_cost_can_be_shown_of_all_or_of_one(perfgate, folder):
    with closing(open_history(folder / ".perfgate/local.db", create=True)) as history:
        for number in range(3):
            history.save_run(with_dependencies(small_run(number), postgres=1.0, redis=0.02))
    found = trends_in(perfgate("trend", "create_pet", "--metric", "dependency_cpu", "--json", "-"))
    assert [trend["metric"] for trend in found] == [f"dependency_cpu{{name:{name}}}" for name in ("postgres", "redis")]
    (one,) = trends_in(perfgate("trend", "create_pet", "--metric", "dependency_cpu{name:redis}", "--json", "-"))
    assert [point["value"] for point in one["points"]] == [0.02] * 3
    assert "CPU of postgres" in perfgate("trend", "--metric", "dependency_cpu").out


def test_what_to_expect_of_a_row_does_not_depend_on_what_else_is_shown(perfgate, keep):
    keep(range(8))
    (alone,) = trends_in(perfgate("trend", "create_pet", "--metric", "http_req_duration", "--json", "-"))
    among_all = trends_in(perfgate("trend", "--json", "-"))
    assert alone["baseline"] == next(
        trend["baseline"] for trend in among_all if all(trend[name] == alone[name] for name in ROW)
    )


def test_the_runs_of_both_histories_are_one_series(perfgate, keep):
    keep(range(4), "history/perfgate.db")
    keep(range(3, 6))
    assert len(trends_in(perfgate("trend", "create_pet", "--json", "-"))[0]["points"]) == 6


def test_limit_and_since_choose_the_window(perfgate, keep):
    keep(range(0, 72, 12))
    assert len(trends_in(perfgate("trend", "create_pet", "--limit", "2", "--json", "-"))[0]["points"]) == 2
    assert len(trends_in(perfgate("trend", "create_pet", "--since", "2026-01-02", "--json", "-"))[0]["points"]) == 4


def test_branch_and_testbed_choose_the_runs(perfgate, keep):
    keep(range(3))
    keep(range(3, 5), branch="feature")
    keep(range(5, 7), testbed=replace(SEEDED_TESTBED, id="0123456789", cpu_model="Other CPU"))
    assert len(trends_in(perfgate("trend", "create_pet", "--branch", "feature", "--json", "-"))[0]["points"]) == 2
    assert len(trends_in(perfgate("trend", "create_pet", "--json", "-"))) == 2
    for testbed in ("0123", "other cpu"):
        (trend,) = trends_in(perfgate("trend", "create_pet", "--testbed", testbed, "--json", "-"))
        assert trend["testbed"] == "0123456789"


def test_where_the_default_branch_has_no_runs_those_of_the_newest_are_shown(perfgate, keep):
    keep(range(3), branch="feature")
    assert "on feature" in perfgate("trend").out


def test_commits_link_to_the_remote_on_github(perfgate, keep, folder):
    keep(range(20))
    keep(range(20, 30), change=0.5)
    subprocess.run(["git", "init", "-q", folder], check=True)
    remote = ["remote", "add", "origin", "git@github.com:octo/pets.git"]
    subprocess.run(["git", "-C", folder, *remote], check=True)
    assert "](https://github.com/octo/pets/commit/" in perfgate("trend", "--markdown", "-").out
    chosen = perfgate("trend", "--markdown", "-", "--commit-url", "https://example.com/{sha}").out
    assert "](https://example.com/" in chosen


def test_imported_runs_are_shown_and_nothing_is_expected_of_them(perfgate):
    for day in range(1, 3):
        date = f"2026-01-0{day}T12:00:00Z"
        assert perfgate("history", "import", IMPORTED, "--branch", "main", "--date", date).code == 0
    found = trends_in(perfgate("trend", "--json", "-"))
    assert {(trend["testbed"], len(trend["points"]), trend["baseline"]) for trend in found} == {("imported", 2, None)}
    assert "imported" in perfgate("trend", "--metric", "http_req_failed").out


def test_charts_are_written_beside_the_table(perfgate, keep, folder):
    pytest.importorskip("altair")
    keep(range(9))
    done = perfgate("trend", "create_pet", "--png", "trend.png", "--svg", "trend.svg", "--html", "trend.html")
    assert done.code == 0, done.err
    assert "POST /pet" in done.out
    assert (folder / "trend.png").read_bytes().startswith(b"\x89PNG")
    assert "POST /pet" in (folder / "trend.svg").read_text()
    page = (folder / "trend.html").read_text()
    for statistic in (
        "http_req_duration med",
        "http_req_duration p(95)",
        "http_reqs/s",
        "http_req_failed",
        "service_cpu",
    ):
        assert f'value="{statistic}"' in page


@pytest.mark.parametrize(("option", "begins"), [("--svg", "<svg"), ("--html", "<!doctype html>")])
def test_a_chart_can_go_to_standard_output_as_any_report_can(perfgate, keep, folder, option, begins):
    pytest.importorskip("altair")
    keep(range(2))
    done = perfgate("trend", option, "-")
    assert done.code == 0, done.err
    assert done.out.startswith(begins)
    assert not (folder / "-").exists()


def test_without_the_extra_charts_are_refused_with_the_command_that_installs_it(perfgate, keep, folder, monkeypatch):
    keep(range(2))
    monkeypatch.setitem(sys.modules, "altair", None)
    done = perfgate("trend", "--png", "trend.png")
    assert done.code == 2
    assert "charts need altair" in done.err
    assert "pip install 'perfgate[chart]'" in done.err
    assert not (folder / "trend.png").exists()
    assert perfgate("trend").code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("creat_pet",), "did you mean create_pet"),
        (("--metric", "http_req_durations"), "did you mean http_req_duration"),
        (("--metric", "http_reqs", "--stat", "med"), "count, rate"),
        (("--branch", "nowhere"), "perfgate history list"),
        (("--since", "2100-01-01"), "--since"),
        (("--since", "yesterday"), "neither a date"),
        (("--testbed", "nothing"), SEEDED_TESTBED.id),
        (("--commit-url", "https://example.com"), "{sha}"),
        (("--markdown", "nowhere/trend.md"), "folder that does not exist"),
        (("--json", "-", "--markdown", "-"), "only one"),
        (("--history", "nowhere.db"), "perfgate run"),
    ],
)
def test_a_mistake_says_how_to_mend_it(perfgate, keep, arguments, said):
    keep(range(2))
    done = perfgate("trend", *arguments)
    assert done.code == 2
    assert said in done.err


def test_the_plain_table_needs_none_of_the_heavy_libraries(folder, keep):
    keep(range(2))
    code = (
        "import sys\n"
        "from perfgate.cli.app import invoke\n"
        "invoke(['trend', '--history', sys.argv[1]])\n"
        "print({'altair', 'numpy', 'pandas', 'vl_convert', 'sqlite_utils', 'gevent', 'requests'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, folder / ".perfgate/local.db"], capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("set()\n")
