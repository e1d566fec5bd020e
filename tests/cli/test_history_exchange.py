"""Importing what other tools measured and exporting for others, as a person does it."""

import csv
import io
import json
import re
import shutil
from pathlib import Path

import pytest

from perfgate.exchange.exporting.formats import FORMATS as EXPORTED
from perfgate.exchange.importing.formats import FORMATS as IMPORTED
from perfgate.history.store import open_history
from perfgate.testing import SEEDED_TESTBED, seeded_run

FIXTURES = Path(__file__).parents[1] / "exchange" / "fixtures"


@pytest.fixture
def files(folder):
    """Where the files of the tools are."""
    return shutil.copytree(FIXTURES, folder / "files")


def put(folder, *runs):
    (folder / ".perfgate").mkdir(exist_ok=True)
    with open_history(folder / ".perfgate/local.db", create=True) as history:
        for run in runs:
            history.save_run(run)


def brief(number=0, **options):
    return seeded_run(number, **{"rounds": 2, "requests_per_round": 40} | options)


def stored(folder):
    path = folder / ".perfgate/local.db"
    if not path.exists():
        return []
    with open_history(path, create=False) as history:
        return history.runs()


def test_files_of_several_tools_are_imported_listed_shown_and_checked(perfgate, files, folder):
    names = ["k6.json", "locust_stats.csv", "oha.json", "hyperfine.json"]
    done = perfgate("history", "import", *(files / name for name in names), "--date", "2026-01-31", "--branch", "main")
    assert done.code == 0
    assert f"{files / 'k6.json'} (k6-json): 1 run added" in done.out
    assert perfgate("history", "list").out.count(" main ") == 4
    shown = perfgate("history", "show", stored(folder)[0].record.id).out
    assert "imported from" in shown
    assert re.search(r"^testbed +unknown$", shown, re.MULTILINE)
    assert "seed" not in shown
    assert perfgate("history", "check").code == 0
    assert perfgate("history", "textconv", folder / ".perfgate/local.db").out.count("imported from") == 8


def test_a_count_that_a_file_does_not_give_is_a_dash(perfgate, files):
    perfgate("history", "import", files / "data.js", "--branch", "main")
    shown = perfgate("history", "show", "4a2a9c1").out
    line = next(line for line in shown.splitlines() if "test_join" in line)
    assert line.split()[2:6] == ["0.0322", "ms", "-", "-"]
    assert " 0 " not in line
    assert "it stands as the average" in shown


def test_importing_again_adds_nothing(perfgate, files, folder):
    first = perfgate("history", "import", files / "k6.json")
    before = (folder / ".perfgate/local.db").read_bytes()
    again = perfgate("history", "import", files / "k6.json", files / "k6.json", "--commit", "another")
    assert (first.code, again.code) == (0, 0)
    assert "1 there already" in again.out
    assert (folder / ".perfgate/local.db").read_bytes() == before


def test_one_file_that_cannot_be_read_leaves_the_history_as_it_was_and_all_mistakes_are_told(perfgate, files, folder):
    (files / "cut.json").write_bytes((files / "k6.json").read_bytes()[:5000])
    done = perfgate("history", "import", files / "k6.json", files / "cut.json", files / "vegeta.bin", files / "none")
    assert done.code == 2
    assert "3 mistakes in what is to be imported; the history is as it was" in done.err
    assert "cut.json: line" in done.err
    assert "vegeta encode --to json" in done.err
    assert "No such file" in done.err
    assert not (folder / ".perfgate/local.db").exists()


def test_a_history_that_is_there_is_not_touched_by_a_mistake(perfgate, files, folder):
    put(folder, brief())
    before = (folder / ".perfgate/local.db").read_bytes()
    assert perfgate("history", "import", files / "k6.json", files / "vegeta.bin").code == 2
    assert (folder / ".perfgate/local.db").read_bytes() == before


def test_a_date_is_asked_for_and_can_be_that_of_the_file(perfgate, files, folder):
    done = perfgate("history", "import", files / "oha.json")
    assert done.code == 2
    assert "--date" in done.err
    assert perfgate("history", "import", files / "oha.json", "--date", "file").code == 0
    assert stored(folder)[0].record.started_at == pytest.approx((files / "oha.json").stat().st_mtime, abs=0.001)
    assert perfgate("history", "import", files / "oha.json", "--date", "yesterday").code == 2


def test_a_wrong_format_says_which_there_are(perfgate, files):
    done = perfgate("history", "import", files / "oha.json", "--format", "k6")
    assert done.code == 2
    assert "k6-" in done.err
    done = perfgate("history", "export", "--format", "cvs")
    assert done.code == 2
    assert "did you mean csv" in done.err


def tables(number, milliseconds):
    """A table of one's own of the scenario create_pet, each on its day."""
    head = "started_at,commit_sha,branch,scenario,request,requests,failed,avg_ms,med_ms,p95_ms\n"
    return head + "".join(
        f"2026-01-{day + 1:02}T12:00:00Z,c{day:06},main,create_pet,POST /pet,1000,0,{milliseconds},{milliseconds},20\n"
        for day in range(number)
    )


def test_imported_runs_are_compared_to_be_read_and_never_fail(perfgate, folder):
    (folder / "old.csv").write_text(tables(12, 5.0))
    (folder / "slow.csv").write_text(tables(1, 50.0).replace("2026-01-01", "2026-02-01").replace("c000000", "c999999"))
    assert perfgate("history", "import", "old.csv", "slow.csv").code == 0
    done = perfgate("compare", "main", "c999999", "--json", "result.json")
    assert done.code == 0
    rows = json.loads((folder / "result.json").read_text())["rows"]
    median = next(row for row in rows if (row["metric"], row["stat"]) == ("http_req_duration", "med"))
    assert (median["base"], median["head"], median["verdict"]) == (5.0, 50.0, "inconclusive")
    assert "shown, not judged" in " ".join(median["warnings"])
    assert "head  main at c999999, imported from table" in done.out
    assert "seed" not in perfgate("compare", "main", "c999999", "--verbose").out


def test_what_was_measured_is_not_compared_with_what_was_imported(perfgate, folder):
    # More, and newer, than a comparison looks at.
    lines = tables(1, 0.1).splitlines()
    many = [lines[1].replace("01T12:00:00", f"{number % 28 + 1:02}T{number // 28:02}:00:00") for number in range(100)]
    (folder / "fast.csv").write_text("\n".join([lines[0], *many]).replace("2026-01", "2026-03") + "\n")
    put(folder, *(brief(number) for number in range(7)))
    assert perfgate("history", "import", "fast.csv").code == 0
    late = brief(24 * 200)
    put(folder, late)
    perfgate("compare", "main", late.record.id, "--json", "result.json")
    rows = json.loads((folder / "result.json").read_text())["rows"]
    median = next(row for row in rows if row["request"] == "POST /pet" and row["stat"] == "med")
    assert median["rounds"] == 7
    assert median["base"] > 5


def test_a_measured_run_and_an_imported_one_can_be_looked_at_side_by_side(perfgate, folder):
    (folder / "old.csv").write_text(tables(1, 5.0))
    put(folder, brief())
    perfgate("history", "import", "old.csv")
    for pair in (("c000000", brief().record.id), (brief().record.id, "c000000")):
        assert perfgate("compare", *pair).code in (0, 3)


def test_what_is_exported_can_be_imported_elsewhere(perfgate_process, folder):
    put(folder, *(brief(number) for number in range(3)))
    done = perfgate_process("history", "export", "--format", "csv")
    assert done.code == 0
    (folder / "all.csv").write_text(done.out)
    assert perfgate_process("history", "import", "all.csv", "--history", "copy.db").out.startswith(
        "all.csv (csv): 3 runs added"
    )
    again = perfgate_process("history", "export", "--format", "csv", "--history", "copy.db", "-o", "again.csv")
    assert (again.code, (folder / "again.csv").read_text()) == (0, done.out)


def test_the_latest_run_or_those_that_are_named_are_exported(perfgate, folder):
    put(folder, *(brief(number) for number in range(3)))
    latest = perfgate("history", "export", "--format", "prometheus").out
    assert brief(2).record.commit in latest
    first = perfgate("history", "export", brief(0).record.commit, "--format", "bmf").out
    assert "create_pet · POST /pet" in json.loads(first)
    named = perfgate("history", "export", brief(0).record.id, brief(1).record.id, "--format", "otava").out
    assert len(list(csv.DictReader(io.StringIO(named)))) == 2
    assert perfgate("history", "export", brief(0).record.id, brief(1).record.id, "--format", "bmf").code == 2


def test_runs_are_chosen_by_branch_and_testbed(perfgate, folder, files):
    put(folder, brief(0))
    perfgate("history", "import", files / "oha.json", "--date", "2026-01-31", "--branch", "other")
    by_branch = perfgate("history", "export", "--format", "jsonl", "--branch", "other").out
    assert {json.loads(line)["branch"] for line in by_branch.splitlines()} == {"other"}
    by_testbed = perfgate("history", "export", "--format", "jsonl", "--testbed", "imported").out
    assert by_testbed == by_branch
    assert perfgate("history", "export", "latest", "--format", "jsonl", "--branch", "other").code == 2


@pytest.mark.parametrize("name", EXPORTED)
def test_a_branch_or_a_testbed_without_runs_is_a_mistake(perfgate, folder, name):
    put(folder, brief(0))
    export = ("history", "export", "--format", name)
    done = perfgate(*export, "--branch", "mian")
    assert (done.code, done.out) == (2, "")
    assert "no run is of branch 'mian'" in done.err
    assert "did you mean main?" in done.err
    done = perfgate(*export, "--testbed", "nope")
    assert (done.code, done.out) == (2, "")
    assert f"{SEEDED_TESTBED.id}  {SEEDED_TESTBED.cpu_model}" in done.err


def test_a_list_of_a_branch_without_runs_is_a_mistake(perfgate, folder):
    put(folder, brief(0))
    done = perfgate("history", "list", "--branch", "mian")
    assert (done.code, "did you mean main?" in done.err) == (2, True)


def test_a_testbed_is_named_by_the_start_of_its_id_or_its_cpu(perfgate, folder, files):
    put(folder, brief(0))
    perfgate("history", "import", files / "oha.json", "--date", "2026-01-31", "--branch", "main")
    export = ("history", "export", "--format", "jsonl", "--testbed")
    done, *others = (perfgate(*export, name) for name in (SEEDED_TESTBED.id, SEEDED_TESTBED.id[:6], "epyc"))
    assert len(done.out.splitlines()) > 1
    assert [other.out for other in others] == [done.out] * 2


def test_exporting_nothing_or_to_nowhere_is_a_mistake(perfgate, folder):
    assert perfgate("history", "export", "--format", "csv").code == 2
    put(folder, brief(0))
    done = perfgate("history", "export", "--format", "csv", "-o", "no/such/folder.csv")
    assert (done.code, "no/such/folder.csv" in done.err) == (2, True)


def test_every_format_is_in_the_help_and_on_their_page(perfgate):
    page = (Path(__file__).parents[2] / "docs/how-to/import-and-export.md").read_text(encoding="utf-8")
    imports, exports = (" ".join(perfgate("history", name, "--help").out.split()) for name in ("import", "export"))
    for name in IMPORTED:
        assert re.search(rf"(: |, ){name}( \(|,|\.)", imports), name
        assert f"`{name}`" in page
    assert "|".join(EXPORTED) in exports
    for name in EXPORTED:
        assert f"`{name}`" in page


def test_one_scenario_is_exported_alone(perfgate, folder):
    put(folder, *(brief(number) for number in range(2)))
    names = {scenario.scenario for scenario in brief(0).scenarios}
    assert len(names) > 1
    done = perfgate("history", "export", "--format", "otava", "--scenario", "create_pet")
    header, *lines = done.out.splitlines()
    assert {column.split("/")[0] for column in header.split(",")[5:]} == {"create_pet"}
    assert len(lines) == 2
    wrong = perfgate("history", "export", "--format", "otava", "--scenario", "create_pets")
    assert wrong.code == 2
    assert "did you mean create_pet?" in wrong.err


def test_runs_that_a_file_for_otava_cannot_have_are_told(perfgate, folder):
    put(folder, brief(0, scenarios={"create_pet": {"POST /pet": 10.0}}), brief(1))
    done = perfgate("history", "export", "--format", "otava")
    assert len(done.out.splitlines()) == 2
    assert "left out: 1 of 2 runs, which lack" in done.err


def test_options_that_come_too_late_for_a_run_that_is_there_are_told(perfgate, files):
    once = ("history", "import", files / "oha.json", "--date", "2026-01-31")
    assert "1 run added" in perfgate(*once).out
    assert perfgate(*once).out.endswith("1 there already\n")
    late = perfgate(*once, "--branch", "main", "--commit", "3f2a9c1")
    assert "1 there already, and left as it is: without the --branch and --commit given now" in late.out
    late = perfgate(*once, "--scenario", "checkout")
    assert "1 there already, and left as it is: without the --scenario given now" in late.out
