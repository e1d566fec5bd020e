"""`perfgate compare` and `perfgate history`, over seeded runs: no load."""

import json
import os
import subprocess
import sys
from contextlib import closing
from dataclasses import replace

import pytest

from perfgate.application import pinned_release
from perfgate.history.store import open_history
from perfgate.metrics.threshold import evaluate, parse_threshold
from perfgate.testing import PET_STORE, seeded_record, seeded_run
from tests.support.command import COMMAND, environment
from tests.support.histories import invalid, small_run, with_dependencies, with_record


@pytest.fixture
def keep(folder):
    """Put seeded runs into the local history: keep(number, change=0.0)."""

    def save(number, path=".perfgate/local.db", **options):
        run = seeded_run(number=number, seed=number, **options)
        with closing(open_history(folder / path, create=True)) as history:
            history.save_run(run)
        return run

    return save


def compare(perfgate, *arguments):
    done = perfgate("compare", *arguments, "--json", "-", "-q")
    return done, json.loads(done.out) if done.out else None


def test_a_run_like_those_before_it_passes(perfgate, keep):
    for number in range(8):
        keep(number)
    done, result = compare(perfgate)
    assert done.code == 0
    assert "fail" not in result["verdict"]
    assert result["base"]["id"] < result["head"]["id"]


def test_a_run_much_slower_than_those_before_it_fails(perfgate_process, keep):
    for number in range(8):
        keep(number)
    keep(8, change=1.5)
    done, result = compare(perfgate_process)
    assert (done.code, result["verdict"]) == (1, "fail")


def test_the_page_of_stored_runs_shows_how_their_response_times_shifted(perfgate, folder, keep):
    pytest.importorskip("vl_convert")
    for number in range(3):
        keep(number)
    done = perfgate("compare", "--html", "page.html", "-q")
    assert done.code == 0
    page = (folder / "page.html").read_text()
    assert "<h3>Shift of each quantile" in page
    assert "base: 2 stored runs together" in page


def gone():
    """A pipe that nobody reads any more."""
    reading, writing = os.pipe()
    os.close(reading)
    return writing


@pytest.mark.parametrize(("change", "code"), [(1.5, 1), (0.0, 0)])
@pytest.mark.parametrize("open_stream", [gone, lambda: os.open("/dev/full", os.O_WRONLY)], ids=["gone", "full"])
def test_the_verdict_stands_where_nobody_reads_the_report(folder, keep, open_stream, change, code):
    for number in range(8):
        keep(number)
    keep(8, change=change)
    stdout = open_stream()
    try:
        done = subprocess.run(
            [*COMMAND, "compare"], cwd=folder, env=environment(), stdout=stdout, stderr=subprocess.PIPE, check=False
        )
    finally:
        os.close(stdout)
    assert done.returncode == code
    assert b"itself failed" not in done.stderr


def test_a_list_that_meets_a_full_disk_says_so(folder, keep):
    keep(0)
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*COMMAND, "history", "list"],
            cwd=folder,
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 3
    assert b"the disk is full" in done.stderr


QUOTA = """
import errno, os, sys
from perfgate.cli import app
def refuse(*_, **__):
    raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))
app.perfgate.main = refuse
sys.exit(app.invoke([]))
"""


def test_a_full_quota_is_told_like_a_full_disk(folder):
    done = subprocess.run(
        [sys.executable, "-c", QUOTA], cwd=folder, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    assert done.stderr.splitlines() == [
        "Error: perfgate cannot write: the disk is full (Disk quota exceeded)",
        "Hint: Make room on the disk, then try again.",
    ]


def test_too_few_runs_say_how_many_are_missing(perfgate, keep):
    keep(0)
    keep(1)
    done, result = compare(perfgate)
    assert (done.code, result["verdict"]) == (0, "inconclusive")
    assert "more run" in done.out


def test_too_few_runs_name_the_command_that_measures_both_sides(perfgate, keep, folder):
    keep(0)
    keep(1)
    command = "perfgate duet ref:main worktree measures base and head side by side"
    service = "say how the service starts under [service] in perfgate.toml: then "
    assert hints(compare(perfgate)) == {"4 more runs of the baseline needed": service + command}
    (folder / "perfgate.toml").write_text('[service]\ncommand = "serve"\n')
    assert hints(compare(perfgate)) == {"4 more runs of the baseline needed": command}


def hints(compared):
    _, result = compared
    return {note["message"]: note["remedy"] for note in result["validity"]}


def test_runs_of_two_histories_are_compared_as_one(perfgate, keep):
    for number in range(8):
        keep(number, "history/perfgate.db")
    keep(8, change=1.5)
    assert compare(perfgate)[0].code == 1


def alone(scenario, number, **options):
    """A seeded run of one scenario."""
    return seeded_run(number, {scenario: PET_STORE[scenario]}, seed=number, **options)


def keep_with_others_between(folder, other):
    """Keep eight runs of create_pet, more of another run than a series is long, and a slower one of create_pet."""
    between = (replace(other, record=replace(other.record, **of_number(number))) for number in range(8, 78))
    save(folder, [*(alone("create_pet", number) for number in range(8)), *between, alone("create_pet", 78, change=1.5)])


def of_number(number):
    record = seeded_record(number)
    return {"id": record.id, "started_at": record.started_at}


def test_a_testbed_that_few_runs_have_is_judged_by_all_of_its_runs(perfgate, folder):
    testbed = replace(seeded_record().testbed, id="0123456789abcdef", cpu_model="a common one")
    keep_with_others_between(folder, with_record(alone("create_pet", 8), testbed=testbed))
    done, result = compare(perfgate)
    assert (done.code, result["verdict"]) == (1, "fail"), notes(result)


def test_scenarios_may_be_measured_by_themselves(perfgate, folder):
    keep_with_others_between(folder, alone("order_pet", 8))
    done, result = compare(perfgate)
    assert (done.code, result["verdict"]) == (1, "fail"), notes(result)
    assert {row["scenario"] for row in result["rows"]} == {"create_pet"}
    assert max(row["rounds"] for row in result["rows"]) == 8


def experiment(number, change):
    return with_record(alone("create_pet", number, change=change), dirty=True)


def test_what_was_tried_with_uncommitted_changes_is_no_baseline(perfgate, folder):
    committed = [alone("create_pet", number) for number in range(8)]
    save(folder, [*committed, *(experiment(number, 0.5) for number in range(8, 15))])
    done, result = compare(perfgate)
    assert (done.code, result["verdict"]) == (1, "fail"), notes(result)
    assert max(row["rounds"] for row in result["rows"]) == 8
    assert result["base"]["id"] == committed[-1].record.id


@pytest.mark.parametrize("committed", [0, 3])
def test_where_few_runs_are_without_uncommitted_changes_all_are_the_baseline(perfgate, folder, committed):
    runs = [alone("create_pet", number) for number in range(committed)]
    save(folder, [*runs, *(experiment(number, 0.0) for number in range(committed, 10)), experiment(10, 1.5)])
    done, result = compare(perfgate)
    assert (done.code, result["verdict"]) == (1, "fail"), notes(result)
    assert max(row["rounds"] for row in result["rows"]) == 10


def test_a_candidate_can_lie_in_another_file(perfgate, keep):
    for number in range(8):
        keep(number)
    keep(9, "other.db", change=1.5)
    assert compare(perfgate, "main", "other.db:latest")[0].code == 1


def keep_spoiled(folder, number, spoiled, *names):
    """Keep a run of four rounds, of which so many are invalid: in the scenarios of these names, else in all."""
    run = small_run(number, seed=number, rounds=4)
    scenarios = tuple(
        replace(one, rounds=(*map(invalid, one.rounds[:spoiled]), *one.rounds[spoiled:]))
        if one.scenario in names or not names
        else one
        for one in run.scenarios
    )
    with closing(open_history(folder / ".perfgate/local.db", create=True)) as history:
        history.save_run(replace(run, scenarios=scenarios))


def test_runs_without_a_valid_round_are_nobodys_baseline(perfgate, folder):
    for number in range(8):
        keep_spoiled(folder, number, 4)
    keep_spoiled(folder, 8, 0)
    assert "there is no earlier run to compare with" in hints(compare(perfgate))


def test_of_a_run_the_scenarios_without_a_valid_round_are_nobodys_baseline(perfgate, folder):
    names = [one.scenario for one in small_run().scenarios]
    for number in range(8):
        keep_spoiled(folder, number, 4, names[0])
    keep_spoiled(folder, 8, 0)
    _, result = compare(perfgate)
    assert {row["scenario"]: row["base"] is not None for row in result["rows"]} == {
        name: name != names[0] for name in names
    }


@pytest.mark.parametrize(("spoiled", "code"), [(1, 0), (2, 3)])
def test_a_run_with_too_many_invalid_rounds_has_no_verdict(perfgate, folder, spoiled, code):
    for number in range(8):
        keep_spoiled(folder, number, 0)
    keep_spoiled(folder, 8, spoiled)
    done, result = compare(perfgate)
    assert done.code == code
    said = [note["message"] for note in result["validity"] if note["invalid"]]
    assert set(said) == ({"2 of 4 rounds are invalid: the generator was the bottleneck"} if code else set())


def test_a_wider_margin_accepts_it(perfgate, keep):
    for number in range(8):
        keep(number)
    keep(8, change=1.5)
    assert compare(perfgate, "--margin", "900%")[0].code == 0


def test_unknown_runs_say_how_to_see_those_that_are_there(perfgate, keep):
    keep(0)
    done, _ = compare(perfgate, "main", "no-such-run")
    assert done.code == 2
    assert "perfgate history list" in done.err


def test_without_any_history_it_says_how_to_get_one(perfgate):
    done, _ = compare(perfgate)
    assert done.code == 2
    assert "perfgate run" in done.err


def test_the_list_is_newest_first_and_says_what_it_leaves_out(perfgate_process, keep):
    runs = [keep(number) for number in range(3)]
    done = perfgate_process("history", "list", "--limit", "2")
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[2].startswith(runs[2].record.id)
    assert runs[0].record.id not in done.out
    assert "1 older runs are left out" in done.out


def test_a_run_is_shown_whole(perfgate_process, keep):
    run = keep(0)
    done = perfgate_process("history", "show", run.record.id[:13])
    assert done.code == 0
    for text in (run.record.id, run.record.commit[:12], run.record.testbed.cpu_model, "POST /pet", "p(95)"):
        assert text in done.out


def test_the_thresholds_of_a_stored_run_are_shown(folder, perfgate):
    run = small_run(0)
    (first, *_) = run.scenarios
    named = ("p(95)<1ms", "p(95)<1h")
    results = [evaluate(parse_threshold("http_req_duration", one), first.scenario, first.total) for one in named]
    with closing(open_history(folder / ".perfgate/local.db", create=True)) as history:
        history.save(run.record, first, results)
        history.finish(run.record.id)
    lines = perfgate("history", "show", run.record.id).out.splitlines()
    heading = next(line for line in lines if line.startswith("scenario"))
    assert heading.split()[-1] == "thresholds"
    assert next(line for line in lines if line.startswith(first.scenario)).endswith(" 1 of 2")


def keep_with_database(folder, numbers, cost_ms):
    with closing(open_history(folder / ".perfgate/local.db", create=True)) as history:
        for number in numbers:
            history.save_run(with_dependencies(small_run(number), postgres=cost_ms))


def test_what_dependencies_cost_is_shown_and_compared(perfgate, folder):
    keep_with_database(folder, range(8), 1.5)
    keep_with_database(folder, [8], 6.0)
    assert "postgres, 6.00 ms of CPU a request, 48.0 MB" in perfgate("history", "show").out
    done, result = compare(perfgate)
    assert done.code == 1
    assert result["reasons"][0].startswith("postgres spends 4.50 ms of CPU a request more in create_pet: +300.0 %")
    assert compare(perfgate, "--margin", "dependency_cpu{name:postgres}=900%")[0].code == 0


def test_a_margin_of_a_dependency_that_no_run_has_is_told(perfgate, folder):
    keep_with_database(folder, range(9), 1.5)
    said = hints(compare(perfgate, "--margin", "dependency_cpu{name:postgre}=5%"))
    message = (
        "--margin dependency_cpu{name:postgre} holds nowhere: no scenario has dependency_cpu{name:postgre} to compare"
    )
    assert said == {
        f"{message} (there is dependency_cpu{{name:postgres}})": "did you mean 'dependency_cpu{name:postgres}'?"
    }


def pin(folder, release):
    path = folder / "perfgate.toml"
    path.write_text(f'release = "{release}"\n' + path.read_text())


def notes(result):
    return [note["message"] for note in result["validity"]]


def test_slow_creep_since_the_release_is_told_and_fails_nothing(perfgate, keep, folder):
    release, *_ = [keep(number, change=0.03 * max(0, number - 2), noise=0.002) for number in range(16)][2:]
    pin(folder, release.record.commit[:10])
    done, result = compare(perfgate, "--margin", "15%")
    assert done.code == 0, (result["reasons"], notes(result))
    assert any("http_req_duration med of POST /pet" in note and "since" in note for note in notes(result)), notes(
        result
    )


def test_the_level_of_a_release_is_that_of_the_runs_next_to_it_however_many_came_since(perfgate, folder, monkeypatch):
    monkeypatch.setattr(pinned_release, "_MOST_RUNS", 10)
    changes = [1.015 ** min(number, 12) - 1 for number in range(40)]
    save(folder, [alone("create_pet", number, change=change, noise=0.002) for number, change in enumerate(changes)])
    pin(folder, seeded_record(2).commit[:10])
    _, result = compare(perfgate)
    assert any("http_req_duration med of POST /pet" in note and "since" in note for note in notes(result)), notes(
        result
    )


def test_what_landed_on_main_after_the_fork_is_no_baseline(perfgate, folder):
    def git(*words):
        who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        done = subprocess.run(["git", "-C", folder, *who, *words], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def run_of(number, branch, change=0.0):
        run = seeded_run(number, seed=number, change=change)
        return replace(run, record=replace(run.record, commit=git("rev-parse", "HEAD"), branch=branch))

    git("init", "-q", "-b", "main")
    runs = []
    for number in range(16):
        git("commit", "-q", "--allow-empty", "-m", str(number))
        runs.append(run_of(number, "main", change=0.0 if number < 8 else 1.5))
    git("switch", "-q", "-c", "topic", "HEAD~8")
    git("commit", "-q", "--allow-empty", "-m", "topic")
    runs.append(run_of(16, "topic"))
    (folder / ".perfgate").mkdir()
    with closing(open_history(folder / ".perfgate/local.db", create=True)) as history:
        for run in runs:
            history.save_run(run)
    _, result = compare(perfgate)
    assert result["base"]["commit"] == runs[7].record.commit
    assert max(row["rounds"] for row in result["rows"]) == 8


@pytest.fixture
def git(folder):
    """git in the folder: git(*words) -> what it prints."""

    def run(*words):
        who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        done = subprocess.run(["git", "-C", folder, *who, *words], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    return run


def save(folder, runs):
    (folder / ".perfgate").mkdir()
    with closing(open_history(folder / ".perfgate/local.db", create=True)) as history:
        for run in runs:
            history.save_run(run)


def test_a_release_can_be_named_by_a_tag(perfgate, git, folder):
    git("init", "-q")
    git("commit", "-q", "--allow-empty", "-m", "one")
    git("tag", "v1.2.0")
    runs = [seeded_run(number, seed=number, change=0.03 * max(0, number - 2), noise=0.002) for number in range(16)]
    runs[2] = replace(runs[2], record=replace(runs[2].record, commit=git("rev-parse", "HEAD")))
    save(folder, runs)
    pin(folder, "v1.2.0")
    _, result = compare(perfgate, "--margin", "15%")
    assert any("since v1.2.0" in note and "POST /pet" in note for note in notes(result)), notes(result)


def test_a_release_that_is_measured_late_is_compared_by_its_own_level(perfgate, git, folder):
    def run_of(number, commit, change):
        run = seeded_run(number, seed=number, change=change, noise=0.002)
        return replace(run, record=replace(run.record, commit=git("rev-parse", commit)))

    git("init", "-q", "-b", "main")
    git("commit", "-q", "--allow-empty", "-m", "release")
    git("tag", "v1.2.0")
    runs = []
    for number in range(10):
        git("commit", "-q", "--allow-empty", "-m", str(number))
        runs.append(run_of(number, "HEAD", 0.5))
    runs.append(run_of(10, "v1.2.0", 0.0))
    git("commit", "-q", "--allow-empty", "-m", "newest")
    runs.append(run_of(11, "HEAD", 0.5))
    save(folder, runs)
    pin(folder, "v1.2.0")
    _, result = compare(perfgate, "--margin", "15%")
    assert any("since v1.2.0" in note and "POST /pet" in note for note in notes(result)), notes(result)


def test_a_release_of_another_testbed_is_said_to_be_so(perfgate, keep, folder):
    other = seeded_run(2, seed=2)
    testbed = replace(other.record.testbed, id="0123456789abcdef", cpu_model="another one")
    keep(0)
    with closing(open_history(folder / ".perfgate/local.db", create=True)) as history:
        history.save_run(replace(other, record=replace(other.record, testbed=testbed)))
    for number in range(3, 12):
        keep(number)
    pin(folder, other.record.commit[:10])
    _, result = compare(perfgate)
    (note,) = [note for note in notes(result) if "since" in note]
    assert note.endswith("it was measured on another testbed")


def test_a_release_that_was_never_measured_is_said_to_be_missing(perfgate, keep, folder):
    for number in range(8):
        keep(number)
    pin(folder, "v9")
    done, result = compare(perfgate)
    assert done.code == 0
    assert any("v9 is not in the history" in note for note in notes(result))


def test_runs_can_be_named_by_what_git_calls_their_commits(perfgate, folder):
    def git(*words):
        who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        done = subprocess.run(["git", "-C", folder, *who, *words], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    git("init", "-q", "-b", "main")
    runs = []
    for number in range(2):
        git("commit", "-q", "--allow-empty", "-m", str(number))
        run = seeded_run(number, seed=number)
        runs.append(replace(run, record=replace(run.record, commit=git("rev-parse", "HEAD"), branch="")))
    git("commit", "-q", "--allow-empty", "-m", "not measured")
    git("tag", "v1")
    (folder / ".perfgate").mkdir()
    with closing(open_history(folder / ".perfgate/local.db", create=True)) as history:
        for run in runs:
            history.save_run(run)
    _, result = compare(perfgate, "HEAD~2", "HEAD~1")
    assert (result["base"]["id"], result["head"]["id"]) == (runs[0].record.id, runs[1].record.id)
    done, _ = compare(perfgate, "HEAD~2", "v1")
    assert done.code == 2
    assert f"'v1' is commit {git('rev-parse', 'HEAD')[:12]}, and the history has no run of that" in done.err
    assert "perfgate run --target ref:v1" in done.err
