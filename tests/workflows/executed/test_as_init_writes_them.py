"""The workflows that perfgate init writes, executed for a service with a Dockerfile: both commits are built."""

import json
import math
import random
import subprocess
from itertools import starmap

import pytest

from perfgate.testing import seeded_run
from tests.support.command import COMMAND, QUICK, environment
from tests.support.events import labelled, merge_group, pull_request, push, workflow_dispatch, workflow_run
from tests.support.forge import OWNER
from tests.support.histories import put, small_run
from tests.support.sources import Source, checked_out

FORK = "stranger/pets"

DOCKERFILE = """
FROM perfgate-test-base
EXPOSE 8000
COPY service.py /
CMD ["python3", "/service.py"]
"""

OPENAPI = """
openapi: 3.0.3
info: {title: Pets, version: "1"}
paths:
  /pets:
    get: {}
"""

SERVICE = """
import http.server
import time

WAIT = 0.010


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_GET(self):
        time.sleep(WAIT)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"[]")

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("", 8000), Handler).serve_forever()
"""
SLOWER = SERVICE.replace("0.010", "0.080")
FASTER = SERVICE.replace("0.010", "0.001")


@pytest.fixture
def pets(forge, tmp_path):
    """A repository with a service, in which perfgate init has just been."""
    source = Source(forge, tmp_path / "pets")
    source.commit("Serve pets", {"Dockerfile": DOCKERFILE, "service.py": SERVICE, "openapi.yaml": OPENAPI})
    subprocess.run([*COMMAND, "init", "--site"], cwd=source.folder, env=environment(), check=True, timeout=60)
    configuration = (source.folder / "perfgate.toml").read_text()
    # Whatever else runs on this machine decides nothing here.
    source.commit("Measure", {"perfgate.toml": f"{configuration}\n{QUICK}"})
    return source


def propose(forge, pets, service, work):
    """A pull request with this service, checked out as its workflow has it; base, head and the work tree."""
    pets.branch("change")
    head = pets.commit("Change", {"service.py": service, "README.md": str(len(service))})
    base = pets.merged(head)
    return base, head, checked_out(forge, work, "refs/pull/7/merge", 2)


def result_of(runner, ran):
    return json.loads((runner.artifacts / str(ran.run) / "perfgate" / "result.json").read_text())


def test_a_pull_request_gets_one_comment_that_its_next_push_edits_and_a_label_turns_green(
    forge, pets, runner, tmp_path
):
    base, head, work = propose(forge, pets, SERVICE, tmp_path / "work")
    ran = runner.compare(work, "perfgate.yml", "pull_request", pull_request(base, head))
    assert ran.code == 0, ran.log
    assert ran.output("exit-code") == "0", ran.log
    (comment,) = forge.api.comments
    assert ran.output("comment-url") == comment["html_url"], ran.log
    assert ran.output("verdict") in ("pass", "inconclusive"), ran.log
    assert result_of(runner, ran)["base"]["commit"] == base
    before = comment["body"]

    base, head, work = propose(forge, pets, SLOWER, tmp_path / "work")
    ran = runner.decide(work, "perfgate.yml", "pull_request", pull_request(base, head))
    assert ran.code == 1, ran.log
    assert ran.output("verdict") == "fail", ran.log
    (comment,) = forge.api.comments
    assert comment["body"] != before
    assert "got slower" in comment["body"]
    assert f"[this run](<{forge.url}/octo/pets/actions/runs/{ran.run}#artifacts>)" in comment["body"]
    assert "</html>" in (runner.artifacts / str(ran.run) / "perfgate" / "report.html").read_text()
    assert result_of(runner, ran)["exit_code"] == 1

    forge.api.add_pull(7, OWNER, "change", head)
    forge.api.labels.push(OWNER, "change", head, 1_767_225_600.0)
    forge.api.labels.roles["maria"] = "write"
    forge.api.labels.put("perfgate: accepted", "maria", 1_767_225_660.0)
    ran = runner.decide(work, "perfgate.yml", "pull_request", pull_request(base, head))
    assert ran.code == 0, ran.log
    assert ran.job("Measure and judge") is True
    (comment,) = forge.api.comments
    assert comment["body"].startswith("### ✅ Accepted by `maria` with the label `perfgate: accepted`: ")
    assert result_of(runner, ran)["accepted"]["by"] == "maria"


def test_an_improvement_passes_and_is_told(forge, pets, runner, tmp_path):
    base, head, work = propose(forge, pets, FASTER, tmp_path / "work")

    def verdicts(ran):
        return {row["verdict"] for row in result_of(runner, ran)["rows"]}

    def verdict(ran):
        # Green needs no proof that anything improved, and on a busy machine may come without.
        said = ran.output("verdict")
        return "" if said == "pass" and "improved" not in verdicts(ran) else said

    ran = runner.decide(work, "perfgate.yml", "pull_request", pull_request(base, head), verdict)
    assert ran.code == 0, ran.log
    assert ran.output("verdict") == "pass", ran.log
    assert "improved" in verdicts(ran)
    assert "regressed" not in verdicts(ran)
    assert "improved" in forge.api.comments[0]["body"]


def test_a_fork_is_measured_in_one_workflow_and_commented_on_in_another(forge, pets, runner, tmp_path):
    """The report names the label of the configuration on main; a push that does not build takes its place."""
    configuration = (pets.folder / "perfgate.toml").read_text()
    pets.commit("Name the label", {"perfgate.toml": f'{configuration}\n[gate]\naccept_label = "slower: fine"\n'})
    base, head, work = propose(forge, pets, SLOWER, tmp_path / "work")
    ran = runner.decide(work, "perfgate.yml", "pull_request", pull_request(base, head, FORK))
    assert ran.code == 1, ran.log
    assert forge.api.comments == []
    assert "comes from a fork" in ran.log

    forge.api.add_pull(7, FORK, "change", head)
    trusted = checked_out(forge, tmp_path / "trusted", "refs/heads/main", 1)
    ended = workflow_run(ran.run, head, FORK, "failure")
    ran = runner.execute(trusted, "perfgate-comment.yml", "workflow_run", ended)
    assert ran.code == 0, ran.log
    (comment,) = forge.api.comments
    assert "got slower" in comment["body"]
    assert "slower: fine" in comment["body"]

    forge.api.pulls.clear()
    forge.api.add_pull(7, FORK, "change", "b" * 40)
    ended = workflow_run(9999, "b" * 40, FORK, "failure")
    ran = runner.execute(trusted, "perfgate-comment.yml", "workflow_run", ended)
    assert ran.code == 0, ran.log
    (comment,) = forge.api.comments
    assert comment["body"].startswith("### ⚠️ No verdict: the run for bbbbbb"), comment["body"]

    (runner.artifacts / "9999").mkdir()
    (runner.artifacts / "9999" / "perfgate").touch()  # no folder: it is there, and cannot be downloaded
    forge.api.comments[0]["body"] = before = comment["body"].replace("run 9999", "run 9998")
    ran = runner.execute(trusted, "perfgate-comment.yml", "workflow_run", ended)
    assert (ran.code, forge.api.comments[0]["body"]) == (1, before), ran.log


def test_the_label_that_accepts_a_gate_runs_it_again_and_other_labels_do_nothing(forge, pets, runner, tmp_path):
    base, head, _ = propose(forge, pets, SLOWER, tmp_path / "work")
    forge.api.runs.add(81, "perfgate.yml", head, "failure")
    trusted = checked_out(forge, tmp_path / "trusted", "refs/heads/main", 1)
    for name, again in (("documentation", []), ("perfgate: accepted", [(81, "rerun-failed-jobs")])):
        event = labelled(pull_request(base, head), name)
        ran = runner.execute(trusted, "perfgate-accept.yml", "pull_request_target", event)
        assert ran.code == 0, ran.log
        assert forge.api.runs.again == again


def test_a_push_to_main_lands_in_the_history_of_main(forge, pets, push_to_main):
    after = push_to_main(pets)
    assert forge.runs() == [(after, "ref:HEAD")]


def test_a_slowdown_of_main_has_an_issue_where_the_workflow_asks_for_it(forge, pets, runner, tmp_path):
    path = ".github/workflows/perfgate.yml"
    workflow = (pets.folder / path).read_text()
    for line in ("issues: write # for", "issue: true # opens"):
        assert workflow.count(f"# {line}") == 1
        workflow = workflow.replace(f"# {line}", line)
    before = pets.commit("Open issues", {path: workflow})
    lots = random.Random(11)
    levels = [level * math.exp(lots.gauss(0, 0.02)) for level in [1.0] * 30 + [1.3] * 6]
    put(pets.folder / "history" / "perfgate.db", *starmap(main_run, enumerate(levels)))
    after = pets.commit("Measure and get slower")
    work = checked_out(forge, tmp_path / "work", "refs/heads/main", 2)
    ran = runner.execute(work, "perfgate.yml", "push", push(before, after))
    assert ran.code == 0, ran.log
    (issue,) = forge.api.issues.all
    assert (issue["state"], issue["title"].startswith("Slower since ")) == ("open", True)
    assert "perfgate bisect " in issue["body"]
    assert main_run(30, 1.3).record.commit[:7] in issue["body"]


def main_run(number, level):
    """A run of the default branch, at so many times the usual level."""
    return seeded_run(number, {"pets": {"GET /pets": 10.0}}, rounds=2, requests_per_round=60, change=level - 1)


def test_the_history_of_main_is_published_as_a_site(forge, pets, runner, tmp_path):
    history = pets.folder / "history" / "perfgate.db"
    put(history, *(small_run(number) for number in range(3)))
    after = pets.commit("Measure three times")
    work = checked_out(forge, tmp_path / "work", "refs/heads/main", 1)
    ended = workflow_run(1, after, "octo/pets", "success")
    ended["workflow_run"] |= {"event": "push", "head_branch": "main"}
    ran = runner.execute(work, "perfgate-site.yml", "workflow_run", ended)
    assert ran.code == 0, ran.log
    site = runner.artifacts / str(ran.run) / "github-pages"
    assert "3 runs of 4 scenarios" in (site / "index.html").read_text()
    assert "https://octo.github.io/pets/feed.xml" in (site / "feed.xml").read_text()
    assert ran.job("Publish it") is True


def test_a_pull_request_publishes_no_site(forge, pets, runner, tmp_path):
    work = checked_out(forge, tmp_path / "work", "refs/heads/main", 1)
    ran = runner.execute(work, "perfgate-site.yml", "workflow_run", workflow_run(1, "a" * 40, FORK, "success"))
    assert ran.code == 0, ran.log
    assert ran.job("Write the site") is None


def test_a_dispatch_on_a_branch_is_measured_and_kept_out_of_the_history(forge, pets, runner, tmp_path):
    pets.branch("change")
    pets.commit("Document", {"README.md": "Pets"})
    main = forge.git("rev-parse", "main")
    work = checked_out(forge, tmp_path / "work", "refs/heads/change", 2)
    ran = runner.execute(work, "perfgate.yml", "workflow_dispatch", workflow_dispatch("change"))
    assert ran.code == 0, ran.log
    assert ran.job("Measure and judge") is True
    assert ran.job("Add the run to the history") is None
    assert forge.git("rev-parse", "main") == main
    assert forge.api.comments == []


MATRIX = """\
    strategy:
      matrix:
        machine: [small, large]
    runs-on:"""


def test_a_merge_queue_is_gated_on_its_base_and_a_monorepo_has_one_comment_of_all_its_jobs(
    forge, pets, runner, tmp_path
):
    """The queue's check is red where the group is slower, and green without load where it touches nothing of paths."""
    work = tmp_path / "work"
    base, head, _ = propose(forge, pets, SLOWER, work)
    merged = forge.git("rev-parse", "refs/pull/7/merge")
    ran = runner.decide(work, "perfgate.yml", "merge_group", merge_group(base, merged))
    assert ran.code == 1, ran.log
    assert (ran.output("verdict"), ran.job("Add the run to the history")) == ("fail", None), ran.log
    result = result_of(runner, ran)
    assert (result["base"]["commit"], result["head"]["commit"]) == (base, merged)
    assert forge.api.comments == []

    pets.branch("main", "main")
    configuration = (pets.folder / "perfgate.toml").read_text()
    workflow = ".github/workflows/perfgate.yml"
    twice = (pets.folder / workflow).read_text().replace("    runs-on:", MATRIX, 1)
    twice = twice.replace("          name: perfgate\n", "          name: perfgate-${{ matrix.machine }}\n", 1)
    pets.commit(
        "Measure the pets alone", {"perfgate.toml": f'paths = ["service.py"]\n{configuration}', workflow: twice}
    )
    base, head, _ = propose(forge, pets, SERVICE, work)
    merged = forge.git("rev-parse", "refs/pull/7/merge")
    for name, event in (("merge_group", merge_group(base, merged)), ("pull_request", pull_request(base, head))):
        ran = runner.execute(work, "perfgate.yml", name, event)
        assert ran.code == 0, ran.log
        assert ran.log.count("Not measured, since this change touches nothing that its paths name: service.py.") >= 2
    assert forge.api.comments == []

    pets.branch("change")
    head = pets.commit("Mistake", {"perfgate.toml": f"mistake = 1\n{configuration}"})
    base = pets.merged(head)
    work = checked_out(forge, work, "refs/pull/7/merge", 2)
    ran = runner.execute(work, "perfgate.yml", "pull_request", pull_request(base, head))
    assert ran.code == 1, ran.log
    (comment,) = forge.api.comments
    sections = [line for line in comment["body"].splitlines() if line.startswith("`perfgate.toml` ·")]
    assert sections == ["`perfgate.toml` · `gate (large)`", "`perfgate.toml` · `gate (small)`"]
