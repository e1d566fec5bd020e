"""`perfgate gate` in a job of GitHub Actions: what it tells the runner and the pull request, and what it never does."""

import json
import re
import shutil

import pytest

from perfgate.testing import FakeGitHub, Fault
from tests.support.command import BRIEF, call
from tests.support.deciding import decided

DUET = ["--base", "petstore", *BRIEF, "--budget", "3.2s", "--seed", "7"]
RUN = ["--head", "petstore", *BRIEF, "--duration", "500ms"]
TOKEN = "ghs_a_token_that_nobody_should_see"


def pull_request(fork=False, **changes):
    """The event of a pull request, as far as it is read."""
    head = {"ref": "slow-path", "sha": "9" * 40, "repo": {"full_name": "stranger/pets" if fork else "octo/pets"}}
    base = {"ref": "main", "sha": "1" * 40, "repo": {"full_name": "octo/pets"}}
    return {"action": "opened", "pull_request": {"number": 7, "draft": False, "head": head, "base": base, **changes}}


@pytest.fixture
def github():
    with FakeGitHub() as fake:
        yield fake


@pytest.fixture
def job(folder, github):
    """The variables of a job: job(event_name, payload) -> environment."""

    def variables(name="pull_request", payload=None, **more):
        (folder / "event.json").write_text(json.dumps(pull_request() if payload is None else payload))
        return {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": name,
            "GITHUB_EVENT_PATH": str(folder / "event.json"),
            "GITHUB_REPOSITORY": "octo/pets",
            "GITHUB_SHA": "5" * 40,
            "GITHUB_REF": "refs/pull/7/merge",
            "GITHUB_API_URL": github.url,
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_OUTPUT": str(folder / "output"),
            "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
            "RUNNER_TEMP": str(folder),
            **more,
        }

    return variables


def outputs(folder):
    """The outputs of the step, read as the runner reads them."""
    lines = iter((folder / "output").read_text().splitlines())
    found = {}
    for line in lines:
        name, _, delimiter = line.partition("<<")
        value = []
        for part in lines:
            if part == delimiter:
                break
            value.append(part)
        found[name] = "\n".join(value)
    return found


def unquoted(log):
    """The lines of a log in which the runner looks for commands."""
    token, lines = None, []
    for line in log.splitlines():
        if token is None and line.startswith("::stop-commands::"):
            token = line.removeprefix("::stop-commands::")
        elif token is not None and line == f"::{token}::":
            token = None
        elif token is None:
            lines.append(line)
    return lines


def test_a_regression_is_told_everywhere_and_fails(perfgate, folder, github, job):
    before = github.add_comment("### ✅ Nothing got worse.\n\n<!-- perfgate:perfgate.toml -->")
    run = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_RUN_ID": "81"}
    told_in = [folder / name for name in ("output", "summary.md")]

    def measure():
        for file in told_in:
            file.unlink(missing_ok=True)
        head = ["--head", "petstore?errors=40%", "--html", str(folder / "page.html")]
        return perfgate("gate", *DUET, *head, **job(**run))

    done = decided(measure, lambda _: outputs(folder)["verdict"])
    assert done.code == 1, done.err
    (comment,) = github.comments
    assert comment is before, "the comment of the run before is edited"
    assert comment["body"].startswith("### ❌ `")
    assert re.search(r"\n\n<!-- perfgate:perfgate\.toml@testbed%20\w{12} \w{40} run 81\.1 -->$", comment["body"])
    link = "`page.html` among the files of [this run](<https://github.com/octo/pets/actions/runs/81#artifacts>)"
    assert link in comment["body"]
    assert (folder / "page.html").read_text().endswith("</html>\n\n")
    assert (folder / "summary.md").read_text().startswith("### ❌ `")
    told = outputs(folder)
    assert told["verdict"] == "fail"
    assert ", margin " in told["summary"]
    assert told["comment-url"] == comment["html_url"]
    assert json.loads((folder / "perfgate-result.json").read_text())["verdict"] == "fail"
    assert told["result-file"] == str(folder / "perfgate-result.json")
    lines = unquoted(done.err)
    assert lines[0] == "::group::perfgate gate: measuring"
    assert lines[1] == "::endgroup::"
    assert lines[2] == f"::error title=perfgate::{told['summary']}".replace("%", "%25")
    assert not [line for line in lines if "(for information, not gated)" in line]
    assert done.out == ""
    assert TOKEN not in done.err


LABEL = "perfgate: accepted"


@pytest.fixture
def proposed(github, folder):
    """The pull request of the job, which crosses a threshold; maria may write. When it was pushed (Unix time, s)."""
    text = (folder / "scenarios" / "create_pet.py").read_text()
    impossible = text.replace('"http_req_failed": "rate<50%"', '"http_req_duration": "med<0.001"')
    (folder / "scenarios" / "create_pet.py").write_text(impossible)
    pushed = 1_767_225_600.0
    github.add_pull(7, "octo/pets", "slow-path", "9" * 40)
    github.labels.push("octo/pets", "slow-path", "9" * 40, pushed)
    github.labels.roles["maria"] = "write"
    return pushed


def test_a_label_of_somebody_who_may_write_turns_a_red_gate_green(perfgate, folder, github, job, proposed):
    github.labels.put(LABEL, "maria", proposed + 60)
    done = perfgate("gate", *RUN, **job())
    assert done.code == 0, done.err
    (comment,) = github.comments
    assert comment["body"].startswith(f"### ✅ Accepted by `maria` with the label `{LABEL}`: `create_pet` crossed its")
    assert outputs(folder)["verdict"] == "pass"
    assert outputs(folder)["summary"].startswith(f"Accepted by maria with the label {LABEL}: ")
    result = json.loads((folder / "perfgate-result.json").read_text())
    assert (result["verdict"], result["exit_code"]) == ("pass", 0)
    assert result["accepted"] == {"label": LABEL, "by": "maria", "put_at": 1_767_225_660.0, "commit": "9" * 40}
    assert result["reason_kinds"][0]["kind"] == "labelled"
    assert unquoted(done.err)[2].startswith("::notice title=perfgate::Accepted by maria")


def test_a_label_that_is_older_than_the_push_accepts_nothing_and_says_so(perfgate, folder, github, job, proposed):
    github.labels.put(LABEL, "maria", proposed - 60)
    assert perfgate("gate", *RUN, **job()).code == 1
    (comment,) = github.comments
    assert comment["body"].startswith("### ❌ `")
    told = "the label perfgate: accepted accepts nothing: maria put it there before 9999999 was pushed"
    assert told in comment["body"]
    result = json.loads((folder / "perfgate-result.json").read_text())
    assert result["accepted"] is None
    assert told in [note["message"] for note in result["validity"]]


def test_the_report_of_an_older_commit_leaves_that_of_the_newest_alone(perfgate, folder, github, job):
    before = github.add_comment("### ✅ Nothing got worse.\n\n<!-- perfgate:perfgate.toml -->")
    github.add_pull(7, "octo/pets", "feature", "f" * 40)
    # The push comes while it measures.
    github.faults.append(Fault("GET", "/pulls/7", 200, {"head": {"sha": "9" * 40}}))
    done = perfgate("gate", *RUN, **job())
    assert done.code == 0
    (notice,) = [line for line in unquoted(done.err) if "No comment" in line]
    assert notice.startswith("::notice title=perfgate::No comment: this run is of 9999999, and ")
    assert "the pull request is at fffffff by now" in notice
    assert before["body"].startswith("### ✅ Nothing got worse.")
    assert (folder / "summary.md").read_text().startswith("### ")


def test_a_commit_that_is_not_the_newest_any_more_is_not_measured(github, job, folder, failing_here):
    """Runs of one pull request wait for each other, and nobody would see the report of this one."""
    before = github.add_comment("### ✅ Nothing got worse.\n\n<!-- perfgate:perfgate.toml -->")
    github.add_pull(7, "octo/pets", "feature", "f" * 40)
    done = failing_here(**job())
    assert (done.code, done.out) == (3, "")
    told = "this run is of 9999999, and the pull request is at fffffff by now, whose own run measures it."
    assert unquoted(done.err) == [f"::notice title=perfgate::Not measured: {told}"]
    assert (outputs(folder)["verdict"], outputs(folder)["result-file"]) == ("invalid", "")
    assert (folder / "summary.md").read_text().startswith("### ⚠️ No verdict: this run is of 9999999, and ")
    assert before["body"].startswith("### ✅ Nothing got worse.")


@pytest.mark.parametrize("status", [403, 404, 429])
def test_a_commit_of_which_github_does_not_say_whether_it_is_the_newest_is_measured(github, job, failing_here, status):
    github.add_pull(7, "octo/pets", "feature", "f" * 40)
    github.faults.append(Fault("GET", "/pulls/7", status))
    assert failing_here(**job()).code == 2


def test_each_configuration_of_a_monorepo_has_a_section(folder, github, job, monkeypatch):
    for name in ("backend", "frontend"):
        shutil.copytree(folder / "scenarios", folder / name / "scenarios")
        shutil.copy(folder / "perfgate.toml", folder / name)
        monkeypatch.chdir(folder / name)
        assert call("gate", *RUN, **job(GITHUB_WORKSPACE=str(folder))).code == 0
    (comment,) = github.comments
    assert re.findall(r"<!-- perfgate:([^@]+)@", comment["body"]) == ["backend/perfgate.toml", "frontend/perfgate.toml"]


@pytest.fixture
def failing_here(folder, monkeypatch):
    """A gate that ends at once, of a configuration with a mistake, in this process: failing_here(*options, **job)."""
    (folder / "perfgate.toml").write_text("mistake = 1\n")
    monkeypatch.chdir(folder)
    return lambda *options, **variables: call("gate", *options, **variables)


def headings(comment):
    return re.findall(r"^`perfgate.*`$", comment["body"], re.MULTILINE)


def test_each_job_of_a_matrix_has_a_section_by_its_place_in_the_matrix(github, job, failing_here):
    run = {"GITHUB_JOB": "gate", "GITHUB_RUN_ID": "81"}
    for matrix in ({"os": "arm", "size": 2}, {"os": "amd", "size": {"vus": 5, "warm": True}}):
        done = failing_here(**job(**run, PERFGATE_MATRIX=json.dumps(matrix)))
        assert done.code == 2
    failing_here("--section", "by hand", **job(**run, PERFGATE_MATRIX="null"))
    (comment,) = github.comments
    assert headings(comment) == [
        "`perfgate.toml` · `by hand`",
        "`perfgate.toml` · `gate (amd, 5, true)`",
        "`perfgate.toml` · `gate (arm, 2)`",
    ]


def test_a_job_without_a_matrix_is_named_by_itself_whatever_machine_it_runs_on(github, job, failing_here):
    failing_here(**job(GITHUB_JOB="gate", GITHUB_RUN_ID="81", PERFGATE_MATRIX="null"))
    assert github.comments[0]["body"].endswith(f"\n\n<!-- perfgate:perfgate.toml@gate {'9' * 40} run 81.1 -->")


def test_an_older_run_leaves_the_report_of_a_newer_one_alone(github, job, failing_here):
    run = {"GITHUB_JOB": "gate", "PERFGATE_MATRIX": "null"}
    before = github.add_comment(f"newer\n\n<!-- perfgate:perfgate.toml@gate {'9' * 40} run 82.1 -->")["body"]
    done = failing_here(**job(**run, GITHUB_RUN_ID="81", GITHUB_RUN_ATTEMPT="5"))
    assert "a newer run has reported already" in done.err
    assert github.comments[0]["body"] == before
    failing_here(**job(**run, GITHUB_RUN_ID="82", GITHUB_RUN_ATTEMPT="2"))
    assert github.comments[0]["body"].endswith(" run 82.2 -->")


def test_no_fault_of_github_changes_the_verdict(perfgate, folder, github, job):
    github.permitted = False
    done = perfgate("gate", *RUN, **job())
    assert done.code == 0
    (warning,) = [line for line in unquoted(done.err) if "No comment" in line]
    assert warning.startswith("::warning title=perfgate::")
    assert "pull-requests: write" in warning
    assert outputs(folder)["comment-url"] == ""
    assert github.comments == []


@pytest.mark.parametrize(
    ("payload", "more", "told"),
    [
        (pull_request(fork=True), {}, "comes from a fork"),
        (pull_request(), {"GITHUB_TOKEN": ""}, "there is no token"),
    ],
)
def test_where_it_may_not_comment_there_is_a_summary_and_a_notice(perfgate, folder, github, job, payload, more, told):
    variables = job(payload=payload, **more)
    done = perfgate("gate", *RUN, **variables)
    assert done.code == 0
    assert any(line.startswith("::notice") and told in line for line in unquoted(done.err))
    assert (folder / "summary.md").read_text().startswith("### ")
    # Whether it is the newest commit, where there is a token.
    assert [(asked.method, asked.path) for asked in github.asked] == (
        [("GET", "/repos/octo/pets/pulls/7")] if variables["GITHUB_TOKEN"] else []
    )


def test_where_nothing_could_be_measured_the_comment_says_so(perfgate, folder, github, job):
    with (folder / "perfgate.toml").open("a") as file:
        file.write('[service]\nready_timeout = "500ms"\n')
    github.add_comment("### ✅ Nothing got worse.\n\n<!-- perfgate:perfgate.toml -->")
    done = perfgate("gate", "--head", "http://127.0.0.1:9", **job())
    assert done.code == 3
    assert github.comments[0]["body"].startswith("### ⚠️ No verdict")
    assert (folder / "summary.md").read_text().startswith("### ⚠️ No verdict")
    assert (outputs(folder)["verdict"], outputs(folder)["result-file"]) == ("invalid", "")


def test_pull_request_target_is_refused_before_anything_is_measured(perfgate, github, job):
    done = perfgate("gate", *RUN, **job("pull_request_target"))
    assert done.code == 2
    assert "stranger's code" in done.err
    assert "Hint: " in done.err
    assert github.asked == []


def test_a_push_is_measured_without_a_comment(perfgate, folder, github, job):
    variables = job("push", payload={"ref": "refs/heads/main"}, GITHUB_REF="refs/heads/main", GITHUB_REF_NAME="main")
    done = perfgate("gate", *RUN, **variables)
    assert done.code == 0, done.err
    assert outputs(folder)["verdict"] == "inconclusive"
    (only,) = [line for line in unquoted(done.err) if line.startswith("::warning title=perfgate::")]
    assert "First run" in only
    assert github.asked == []


def test_a_name_that_looks_like_a_command_is_not_obeyed(perfgate, folder, job):
    text = (folder / "scenarios" / "create_pet.py").read_text()
    hostile = text.replace("@scenario(", '@scenario(name="::error::owned",')
    (folder / "scenarios" / "create_pet.py").write_text(hostile)
    done = perfgate("gate", *RUN, **job())
    assert "::error::owned" in done.err
    assert not [line for line in unquoted(done.err) if line.startswith("::error::owned")]


def test_an_event_file_that_cannot_be_read_is_an_error_with_a_hint(perfgate, folder, job):
    variables = job()
    (folder / "event.json").write_text("{")
    done = perfgate("gate", *RUN, **variables)
    assert done.code == 2
    assert "event file" in done.err


def test_what_an_error_quotes_is_not_obeyed(perfgate, folder, job):
    (folder / "perfgate.toml").write_text('[gate]\nhead = "::error::owned"\nwrong = """\n::error::owned\n"""\n')
    done = perfgate("gate", **job())
    assert done.code == 2
    assert "Error: " in done.err
    assert not [line for line in unquoted(done.err) if line.startswith("::error::owned")]
