"""`perfgate comment`: the trusted half, with results that strangers wrote."""

import json
from dataclasses import replace

import pytest

from perfgate.cli.app import invoke
from perfgate.report import result_file
from perfgate.testing import FakeGitHub, Fault
from tests.support.command import Done
from tests.support.hostile import HOSTILE, assert_harmless, verdict_of
from tests.support.verdict_samples import labelled, regression

TOKEN = "ghs_a_token_that_nobody_should_see"
HEAD = regression().head.commit
RUN = "https://github.com/octo/pets/actions/runs/81"
MARKER = f"<!-- perfgate:perfgate.toml@testbed%20{regression().head.testbed.id} {HEAD} run 81.2 -->"


@pytest.fixture
def github():
    with FakeGitHub() as fake:
        fake.add_pull(7, "stranger/pets", "slow-path", HEAD)
        yield fake


@pytest.fixture
def half(folder, github):
    """The variables of the trusted half, which `workflow_run` starts: half(head_repository, commit) -> environment."""

    def variables(repository="stranger/pets", commit=HEAD, event="pull_request", conclusion="success"):
        head = {"full_name": repository} if repository else None
        run = {
            "id": 81,
            "run_attempt": 2,
            "event": event,
            "conclusion": conclusion,
            "html_url": RUN,
            "head_branch": "slow-path",
            "head_sha": commit,
            "head_repository": head,
        }
        (folder / "event.json").write_text(json.dumps({"workflow_run": {**run, "pull_requests": []}}))
        return {
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": "workflow_run",
            "GITHUB_EVENT_PATH": str(folder / "event.json"),
            "GITHUB_REPOSITORY": "octo/pets",
            "GITHUB_API_URL": github.url,
            "GITHUB_TOKEN": TOKEN,
        }

    return variables


@pytest.fixture
def here(folder, monkeypatch, capsys):
    """perfgate in this process, for many cases: here("comment", "result.json", **variables) -> Done."""

    def run(*arguments, **variables):
        monkeypatch.chdir(folder)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        code = invoke([str(argument) for argument in arguments])
        return Done(code, *capsys.readouterr())

    return run


@pytest.fixture
def result(folder):
    path = folder / "result.json"
    path.write_text(result_file.dumps(regression()))
    return path


def test_a_result_of_a_fork_becomes_the_comment_of_its_pull_request(perfgate_process, github, half, result):
    done = perfgate_process("comment", result, **half())
    assert done.code == 0, done.err
    (comment,) = github.comments
    assert comment["body"].startswith("### ❌ `POST /pet` got slower")
    assert "Measured by the workflow of a fork" in comment["body"]
    assert comment["body"].endswith(MARKER)
    assert comment["html_url"] in done.err
    assert TOKEN not in done.out + done.err


def test_a_section_can_be_named_and_a_newer_run_counts(here, github, half, result):
    newer = github.add_comment(f"newer\n\n<!-- perfgate:perfgate.toml@arm {HEAD} run 82.1 -->")["body"]
    done = here("comment", "result.json", "--section", "arm", **half())
    assert (done.code, github.comments[0]["body"]) == (0, newer)
    assert "a newer run has reported already" in done.err


def test_the_next_result_edits_it(here, github, half, result):
    github.add_comment(f"old\n\n{MARKER}")
    assert here("comment", result, **half()).code == 0
    assert len(github.comments) == 1
    assert github.comments[0]["body"].startswith("### ❌")


def test_a_branch_of_the_repository_itself_gets_no_remark_about_forks(here, github, half, result):
    github.pulls.clear()
    github.add_pull(7, "octo/pets", "slow-path", HEAD)
    assert here("comment", result, **half("octo/pets")).code == 0
    assert "fork" not in github.comments[0]["body"]


@pytest.mark.parametrize(
    "pull",
    [
        ("stranger/pets", "slow-path", "a" * 40),
        ("stranger/pets", "other", HEAD),
        ("stranger/other", "slow-path", HEAD),
        ("mallory/pets", "slow-path", HEAD),
    ],
)
def test_only_the_pull_request_that_was_measured_gets_it(here, github, half, result, pull):
    github.pulls.clear()
    github.add_pull(7, *pull)
    done = here("comment", result, **half())
    assert done.code == 0
    assert "no open pull request" in done.err
    assert github.comments == []


@pytest.mark.parametrize("other", [6, 8])
def test_of_two_pull_requests_of_one_branch_it_is_the_one_into_the_measured_base(here, github, half, result, other):
    github.pulls.clear()
    for number in sorted((7, other)):
        base = "main" if number == 7 else "release/1"
        github.add_pull(number, "stranger/pets", "slow-path", HEAD, rest={"base": {"ref": base}})
    assert here("comment", result, **half()).code == 0
    assert len(github.comments) == 1


def test_where_nothing_tells_two_pull_requests_apart_none_gets_it(here, github, half, result):
    github.add_pull(8, "stranger/pets", "slow-path", HEAD)
    done = here("comment", result, **half())
    assert done.code == 2
    assert f"#7 and #8 all propose {HEAD[:7]}" in done.err
    assert "--pull-request" in done.err
    assert github.comments == []


def test_where_the_head_repository_is_gone_nothing_is_posted(here, github, half, result):
    assert here("comment", result, **half(repository=None)).code == 0
    assert github.comments == []


def test_a_result_of_another_commit_is_refused(here, github, half, result):
    done = here("comment", result, **half(commit="b" * 40))
    assert done.code == 2
    assert "bbbbbbb" in done.err
    assert github.asked == []


def test_the_number_can_be_given(here, github, half, result):
    variables = {**half(), "GITHUB_ACTIONS": ""}
    assert here("comment", result, "--pull-request", "7", **variables).code == 0
    assert len(github.comments) == 1


def test_the_report_of_an_older_commit_leaves_that_of_the_newest_alone(here, github, half, result):
    """Another CI has no event that says which commit is the newest."""
    newest = "f" * 40
    github.pulls.clear()
    github.add_pull(7, "stranger/pets", "slow-path", newest)
    github.commits.add(HEAD, newest)
    before = github.add_comment(f"newest\n\n<!-- perfgate:perfgate.toml@arm {newest} -->")["body"]
    done = here("comment", result, "--pull-request", "7", **{**half(), "GITHUB_ACTIONS": ""})
    assert (done.code, [comment["body"] for comment in github.comments]) == (0, [before])
    assert f"Nothing to comment: {HEAD[:7]} was measured, and fffffff is newer." in done.err


@pytest.mark.parametrize(
    "fault", [None, Fault("GET", "/commits", 403, {"message": "No"}), Fault("GET", "/pulls/7", 404)]
)
def test_a_commit_that_the_pull_request_does_not_have_counts(here, github, half, result, fault):
    """Such as a merge that another CI made by itself; and where GitHub does not tell, too."""
    github.pulls.clear()
    github.add_pull(7, "stranger/pets", "slow-path", "f" * 40)
    github.commits.add("e" * 40, "f" * 40)
    github.faults += [fault] if fault else []
    done = here("comment", result, "--pull-request", "7", **{**half(), "GITHUB_ACTIONS": ""})
    assert (done.code, len(github.comments)) == (0, 1)


def test_without_an_event_or_a_number_it_says_what_is_missing(here, github, half, result):
    done = here("comment", result, **{**half(), "GITHUB_ACTIONS": ""})
    assert done.code == 2
    assert "--pull-request" in done.err


def test_without_a_token_it_says_what_is_missing(here, github, half, result):
    done = here("comment", result, **{**half(), "GITHUB_TOKEN": ""})
    assert done.code == 2
    assert "GITHUB_TOKEN or PERFGATE_TOKEN" in done.err


def test_a_token_that_may_only_read_is_told_which_permission_it_lacks(perfgate, github, half, result):
    github.permitted = False
    done = perfgate("comment", result, **half())
    assert done.code == 2
    assert "pull-requests: write" in done.err
    assert TOKEN not in done.err


def test_a_github_of_ones_own_is_asked_below_its_path(here, github, half, result):
    variables = {**half(), "GITHUB_API_URL": f"{github.url}/api/v3"}
    assert here("comment", result, **variables).code == 0
    assert {asked.path.split("/repos/")[0] for asked in github.asked} == {"/api/v3", "/api/graphql"}
    assert len(github.comments) == 1


def test_the_history_of_the_trusted_half_is_drawn(perfgate, github, half):
    done = perfgate("run", "--duration", "300ms", "--history", "history/perfgate.db", "--json", "own.json")
    assert done.code == 0, done.err
    done = perfgate("comment", "own.json", "--pull-request", "7", **{**half(), "GITHUB_ACTIONS": ""})
    assert done.code == 0, done.err
    assert "```mermaid" in github.comments[0]["body"]


LABEL = "perfgate: accepted"


@pytest.fixture
def labelled_result(folder):
    """A result in which the code of a fork says that maria accepts it."""
    path = folder / "labelled.json"
    path.write_text(result_file.dumps(labelled()))
    return path


def test_an_acceptance_that_github_confirms_is_told_as_github_knows_it(here, github, half, labelled_result):
    github.labels.push("stranger/pets", "slow-path", HEAD, 1_767_225_600.0)
    github.labels.roles["paula"] = "write"
    github.labels.put(LABEL, "paula", 1_767_225_900.0)
    assert here("comment", labelled_result, **half()).code == 0
    assert github.comments[0]["body"].startswith("### ✅ Accepted by `paula` with the label `perfgate: accepted`: ")


@pytest.mark.parametrize(
    ("accepting", "named", "said"),
    [
        ("perfgate: accepted", "bug", "the one that accepts here is perfgate: accepted"),
        ("slower: fine", LABEL, "the one that accepts here is slower: fine"),
        ("", LABEL, "no label accepts anything here"),
    ],
)
def test_a_result_chooses_no_label_that_accepts_it(here, folder, github, half, accepting, named, said):
    """That is up to the configuration here, also where somebody who may write has put the label of the result there."""
    with (folder / "perfgate.toml").open("a") as file:
        file.write(f'[gate]\naccept_label = "{accepting}"\n')
    verdict = replace(labelled(), accepted=replace(labelled().accepted, label=named))
    (folder / "theirs.json").write_text(result_file.dumps(verdict))
    github.labels.push("stranger/pets", "slow-path", HEAD, 1_767_225_600.0)
    github.labels.roles["paula"] = "write"
    github.labels.put(named, "paula", 1_767_225_900.0)
    assert here("comment", "theirs.json", **half()).code == 0
    body = github.comments[0]["body"]
    assert body.startswith("### ❌ `POST /pet` got slower")
    assert f"the label {named} accepts nothing: {said}" in body


def test_an_acceptance_that_only_the_result_knows_is_taken_back(here, github, half, labelled_result):
    assert here("comment", labelled_result, **half()).code == 0
    body = github.comments[0]["body"]
    assert body.startswith("### ❌ `POST /pet` got slower")
    assert "the label perfgate: accepted accepts nothing: the pull request has no such label" in body


def test_an_acceptance_that_github_does_not_tell_of_is_taken_back(here, github, half, labelled_result):
    github.labels.put(LABEL, "maria", 1_767_225_900.0)
    assert here("comment", labelled_result, **half()).code == 0
    body = github.comments[0]["body"]
    assert body.startswith("### ❌ `POST /pet` got slower")
    assert "accepts nothing: maria put it there, who may not write to the repository" in body


# A run that left no result

OLDER = "a" * 40
GREEN = f"### ✅ Nothing got worse.\n\n<!-- perfgate:perfgate.toml@testbed%20old {OLDER} run 80.1 -->"


def test_a_failed_run_without_a_result_takes_the_place_of_an_older_report(here, github, half):
    other = f"beside\n\n<!-- perfgate:perfgate.toml@arm {OLDER} run 79.1 -->"
    github.add_comment(f"{other}\n\n{GREEN}")
    done = here("comment", "missing.json", **half(conclusion="failure"))
    assert done.code == 0, done.err
    (comment,) = github.comments
    assert comment["body"].startswith("### ⚠️ No verdict: the run for ")
    assert f"It ended as failure; its page says why\n\n[The run](<{RUN}>)" in comment["body"]
    assert comment["body"].endswith(f"\n\n<!-- perfgate:perfgate.toml@no%20result {HEAD} run 81.2 -->")
    assert "Nothing got worse" not in comment["body"]
    assert "beside" not in comment["body"]


@pytest.mark.parametrize("options", [[], ["--section", "arm"]])
@pytest.mark.parametrize("before", [None, GREEN.replace("perfgate.toml", "shop/perfgate.toml")])
def test_where_there_is_no_older_report_a_missing_result_is_not_told(here, github, half, before, options):
    if before:
        github.add_comment(before)
    done = here("comment", "missing.json", *options, **half(conclusion="failure"))
    assert (done.code, [comment["body"] for comment in github.comments]) == (0, [before] if before else [])
    assert "Nothing to comment: nothing was measured, and there is no older report to replace." in done.err


def test_the_next_attempt_takes_the_place_of_a_missing_result_on_whatever_machine(here, github, half, result):
    github.add_comment(GREEN)
    assert here("comment", "missing.json", **half(conclusion="failure")).code == 0
    failed = github.comments[0]["body"]
    assert failed.startswith("### ⚠️ No verdict: ")
    github.comments[0]["body"] = failed.replace("run 81.2", "run 81.1")
    assert here("comment", "missing.json", **half(conclusion="failure")).code == 0
    assert github.comments[0]["body"] == failed
    github.comments[0]["body"] = failed.replace("run 81.2", "run 81.1")
    assert here("comment", "result.json", **half(conclusion="failure")).code == 0
    (comment,) = github.comments
    assert comment["body"].startswith("### ❌ `POST /pet` got slower")
    assert comment["body"].endswith(MARKER)
    assert "No verdict" not in comment["body"]


def test_a_missing_result_takes_nothing_of_the_other_jobs_of_its_run(here, github, half):
    """Nobody knows on which machine it would have measured: it could be any job of a matrix."""
    other = github.add_comment(f"slower\n\n{MARKER}")["body"]
    assert here("comment", "missing.json", **half(conclusion="failure")).code == 0
    body = github.comments[0]["body"]
    assert body.startswith("`perfgate.toml` · `no result`\n\n### ⚠️ No verdict: the run for ")
    assert body.endswith(other)


def test_a_named_section_is_told_of_its_missing_result_in_its_own_place(here, github, half):
    older = MARKER.replace("81.2", "80.1")
    github.add_comment(f"slower\n\n{older}\n\nbeside\n\n<!-- perfgate:perfgate.toml@arm {HEAD} -->")
    assert here("comment", "missing.json", "--section", "arm", **half(conclusion="failure")).code == 0
    body = github.comments[0]["body"]
    assert body.startswith("`perfgate.toml` · `arm`\n\n### ⚠️ No verdict: the run for ")
    assert "slower" in body
    assert "beside" not in body


def test_a_run_that_has_reported_since_is_left_alone_by_one_without_a_result(here, github, half):
    newer = github.add_comment(GREEN.replace("80.1", "82.1"))["body"]
    assert here("comment", "missing.json", **half(conclusion="failure")).code == 0
    assert github.comments[0]["body"] == newer


# Hostile files


def test_whatever_stands_in_the_names_the_comment_is_harmless(here, folder, github, half):
    """All names at once that the report's own tests try one by one; in a field that shows them."""
    verdict = verdict_of("<!-- perfgate:perfgate.toml --> @everyone ../../../etc/passwd <script>")
    plain = json.loads(result_file.dumps(verdict))
    plain["head"]["commit"] = HEAD
    plain["reasons"] += [text[:4000] for text in HOSTILE if text.isprintable()]
    (folder / "hostile.json").write_text(json.dumps(plain))
    done = here("comment", "hostile.json", **half())
    assert done.code == 0, done.err
    body = github.comments[0]["body"]
    assert body.count("<!--") == body.count("-->") == 1
    assert "@everyone" not in body
    assert "<script" not in body
    assert_harmless(body.removesuffix(MARKER))
    assert not [line for line in done.err.splitlines() if line.startswith("::")]


def change(**changes):
    return json.dumps({**json.loads(result_file.dumps(regression())), **changes})


WHOLE = result_file.dumps(regression())
REFUSED = {
    "nothing": "",
    "no JSON": "perfgate",
    "not text": b"\xff\xfe\x00",
    "a list": "[]",
    "deep nesting": "[" * 100_000 + "]" * 100_000,
    "deep nesting of objects": '{"a":' * 100_000,
    "NaN": WHOLE.replace('"exit_code": 1', '"exit_code": NaN'),
    "infinity": change(exit_code=1).replace('"seed": 7', '"seed": 1e999'),
    "a key twice": WHOLE.replace("{", '{"verdict": "pass",', 1),
    "another schema": change(schema="perfgate.result/9"),
    "a field more": change(script="<script>"),
    "a verdict that does not exist": change(verdict="::error::owned"),
    "a path for a record": change(head="../../../etc/passwd"),
    "a reason of a megabyte": change(reasons=["x" * 1_000_000]),
    "a million reasons": change(reasons=["x"] * 1_000_000),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_hostile_file_is_refused_before_anything_is_asked(here, folder, github, half, kind):
    content = REFUSED[kind]
    (folder / "hostile.json").write_bytes(content if isinstance(content, bytes) else content.encode())
    done = here("comment", "hostile.json", **half())
    assert done.code == 2
    assert "\nError: hostile.json" in done.err
    assert len(done.err) < 2_000
    assert github.asked == []


def test_a_file_of_100_megabytes_is_refused_unread(here, folder, github, half):
    with (folder / "huge.json").open("wb") as file:
        file.truncate(100_000_000)
    done = here("comment", "huge.json", **half())
    assert done.code == 2
    assert "larger than" in done.err
    assert github.asked == []


@pytest.mark.parametrize("path", ["missing.json", ".", "../missing/result.json"])
def test_a_file_that_is_none_is_refused(here, github, half, path):
    done = here("comment", path, **half())
    assert done.code == 2
    assert github.asked == []


@pytest.mark.parametrize("fault", [Fault("GET", "/pulls", 404, {"message": "Not Found"}), Fault("GET", "/pulls", 401)])
def test_where_pull_requests_cannot_be_listed_nothing_is_posted(here, github, half, result, fault):
    github.faults.append(fault)
    assert here("comment", result, **half()).code == 2
    assert github.comments == []
