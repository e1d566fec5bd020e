"""What action.yml does with a verdict, step by step, as bash runs it; executed as a whole it is in the other tests."""

import configparser
import os
import re
import subprocess

import pytest
import yaml

from tests.support.toolbox import ROOT

ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
GATE = (
    "gate --history {folder}/runs.db --json {folder}/result.json --markdown {folder}/report.md"
    " --junit {folder}/junit.xml"
)
# Inputs that are checked, each with what it is by default.
SOUND = {
    f"PERFGATE_{name.upper().replace('-', '_')}": ACTION["inputs"][name]["default"]
    for name in ("command", "fail-on", "page", "issue", "profilers", "extras", "packages")
}
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}


def run(step, folder, **variables):
    """The exit code of a step, and what it wrote: the outputs, and what it said."""
    output = folder / "output"
    environment = {"PATH": os.environ["PATH"], "RUNNER_TEMP": str(folder), "GITHUB_OUTPUT": str(output), **variables}
    command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", STEPS[step]["run"]]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, output.read_text() if output.exists() else "", done.stdout


@pytest.mark.parametrize(
    ("fail_on", "code", "verdict", "result", "expected"),
    [
        ("fail", 0, "pass", "result.json", 0),
        ("fail", 0, "inconclusive", "result.json", 0),
        ("fail", 1, "fail", "result.json", 1),
        ("fail", 2, "invalid", "", 2),
        ("fail", 3, "invalid", "result.json", 3),
        ("inconclusive", 0, "pass", "result.json", 0),
        ("inconclusive", 0, "inconclusive", "result.json", 1),
        ("inconclusive", 1, "fail", "result.json", 1),
        ("never", 1, "fail", "result.json", 0),
        ("never", 1, "inconclusive", "result.json", 0),
        ("never", 3, "invalid", "result.json", 0),
        ("never", 2, "invalid", "", 2),
        ("never", 3, "invalid", "", 3),
        ("never", 130, "", "", 130),
    ],
)
def test_the_step_ends_as_fail_on_says(tmp_path, fail_on, code, verdict, result, expected):
    """Where nothing was measured, the gate tells `invalid` and no result file."""
    told = {"PERFGATE_FAIL_ON": fail_on, "PERFGATE_EXIT_CODE": str(code), "PERFGATE_VERDICT": verdict}
    told["PERFGATE_RESULT"] = result
    assert run("Fail if the gate says no", tmp_path, **told)[0] == expected


def stand_in(folder, script):
    """A perfgate that does this instead, where the action has installed it."""
    binary = folder / "perfgate" / "bin" / "perfgate"
    binary.parent.mkdir(parents=True)
    binary.write_text(f"#!/bin/sh\n{script}\n")
    binary.chmod(0o755)


@pytest.mark.parametrize(
    ("command", "page", "called"),
    [
        ("gate", "true", f"{GATE} --html {{folder}}/report.html"),
        ("gate", "false", GATE),
        ("comment", "true", "comment theirs.json"),
        ("publish", "true", "history publish {folder}/runs.db"),
        ("rerun", "true", "rerun"),
    ],
)
def test_a_command_is_carried_out_to_its_end_whatever_its_exit_code(tmp_path, command, page, called):
    stand_in(tmp_path, 'echo "$@"\nexit 3')
    told = {
        "PERFGATE_COMMAND": command,
        "PERFGATE_PAGE": page,
        "PERFGATE_RESULT": "theirs.json",
        "PERFGATE_ISSUE": "false",
    }
    code, output, said = run("Run perfgate", tmp_path, **told)
    assert code == 0
    assert said == called.format(folder=tmp_path / "perfgate-result") + "\n"
    assert "exit-code=3\n" in output
    assert ("folder=" in output) == (command == "gate")


def test_each_gate_of_a_job_has_a_folder_of_its_own_and_publishing_takes_the_first(tmp_path):
    """Two services that are measured on one runner: neither gets the other's report, or its runs."""
    stand_in(tmp_path, 'echo "$@"')

    def play(command):
        told = {"PERFGATE_COMMAND": command, "PERFGATE_PAGE": "false", "PERFGATE_ISSUE": "false"}
        return run("Run perfgate", tmp_path, **told)

    first, second = tmp_path / "perfgate-result", tmp_path / "perfgate-result-2"
    assert play("gate")[2] == GATE.format(folder=first) + "\n"
    _, output, said = play("gate")
    assert said == GATE.format(folder=second) + "\n"
    assert re.findall(r"folder=(.*)", output) == [str(first), str(second)]
    assert play("publish")[2] == f"history publish {first}/runs.db\n"
    assert play("gate")[2] == GATE.format(folder=tmp_path / "perfgate-result-3") + "\n"


@pytest.mark.parametrize(
    ("issue", "published", "ended", "called", "expected"),
    [
        ("false", 0, 0, ["history"], 0),
        ("true", 0, 0, ["history", "trend --issue"], 0),
        ("true", 0, 2, ["history", "trend --issue", "::warning title=perfgate::The issues are not up to date"], 0),
        ("true", 2, 0, ["history"], 2),
    ],
)
def test_issues_are_kept_once_the_runs_are_published_and_fail_nothing(
    tmp_path, issue, published, ended, called, expected
):
    stand_in(tmp_path, f'case "$1" in\nhistory) echo history; exit {published};;\n*) echo "$@"; exit {ended};;\nesac')
    code, output, said = run("Run perfgate", tmp_path, PERFGATE_COMMAND="publish", PERFGATE_ISSUE=issue)
    assert (code, said.splitlines()) == (0, called)
    assert f"exit-code={expected}\n" in output


@pytest.mark.parametrize(
    ("issue", "command", "said"),
    [
        ("true", "publish", ""),
        ("true", "gate", "issue goes with command: publish, after which the runs say what got slower"),
        ("yes", "publish", "issue cannot be yes: write true or false"),
    ],
)
def test_an_issue_goes_with_what_publishes(tmp_path, issue, command, said):
    expected = (2, "", f"::error::{said}\n") if said else (0, "", "")
    assert (
        run("Check the inputs", tmp_path, **{**SOUND, "PERFGATE_COMMAND": command, "PERFGATE_ISSUE": issue}) == expected
    )


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({}, ""),
        ({"command": "comment", "fail_on": "inconclusive"}, ""),
        ({"command": "publish", "fail_on": "never", "page": "false", "profilers": "false"}, ""),
        (
            {"command": "guess; exit 0"},
            "There is no command guess; exit 0: write gate, comment, publish, rerun or site",
        ),
        ({"fail_on": "always"}, "fail-on cannot be always: write fail, inconclusive or never"),
        ({"fail_on": ""}, "fail-on cannot be : write fail, inconclusive or never"),
        ({"page": "yes"}, "page cannot be yes: write true or false"),
        ({"profilers": "perf"}, "profilers cannot be perf: write true or false"),
    ],
)
def test_unknown_inputs_are_refused_before_anything_is_installed_or_measured(tmp_path, inputs, said):
    assert next(iter(STEPS)) == "Check the inputs"
    told = {**SOUND, **{f"PERFGATE_{name.upper()}": text for name, text in inputs.items()}}
    expected = (2, "", f"::error::{said}\n") if said else (0, "", "")
    assert run("Check the inputs", tmp_path, **told) == expected


@pytest.fixture
def installed(tmp_path):
    """What pip is told to install by a step with these inputs, in a job whose environment is made already."""
    python = tmp_path / "perfgate" / "bin" / "python"
    python.parent.mkdir(parents=True)
    for tool in (python, python.with_name("perfgate")):
        tool.write_text('#!/bin/sh\nprintf "%s|" "$@"\necho\n')
        tool.chmod(0o755)

    def install(command, page, **inputs):
        told = {f"PERFGATE_{name.upper()}": text for name, text in inputs.items()}
        told |= {"PERFGATE_COMMAND": command, "PERFGATE_PAGE": page}
        code, _, said = run("Install perfgate", tmp_path, PERFGATE_PYTHON="false", PERFGATE_SOURCE="source", **told)
        assert code == 0
        *pip, version = said.splitlines()
        assert version == "--version|"
        return [line.partition("--|")[2].rstrip("|").split("|") for line in pip]

    return install


def test_the_libraries_of_charts_are_installed_for_a_page_alone_and_also_where_perfgate_is_already(installed):
    assert installed("publish", "true") == [["source[docker]"]]
    assert installed("gate", "false") == [["source[docker,explain]"]]
    assert installed("gate", "true", version="1.2.0") == [["perfgate[docker,explain,chart]==1.2.0"]]
    assert installed("gate", "true") == []


def test_extras_and_packages_of_scenario_files_are_installed_with_it_and_once(installed):
    assert installed("gate", "false", extras="locust, http2") == [["source[docker,explain,locust,http2]"]]
    assert installed("gate", "false", extras="locust,http2,") == []
    packages = "faker  pyjwt[crypto]==2.10.1\n$(touch,it) *\n"
    told = [["source[docker,explain]", "faker", "pyjwt[crypto]==2.10.1", "$(touch,it)", "*"]]
    assert installed("gate", "false", packages=packages) == told
    assert installed("gate", "false", packages=packages) == []


@pytest.mark.parametrize(
    ("extras", "packages", "said"),
    [
        ("", "", ""),
        ("locust, http2", "faker 'x' ./libraries/pets\npyjwt>=2,<3", "packages cannot have 'x': write"),
        ("locust", "faker ./libraries/pets\npyjwt>=2,<3 https://pets.example/pets-1.0.tar.gz", ""),
        ("dev", "", "There is no extra dev: write locust, http2, chart, docker or explain"),
        ("locust] evil[x", "", "There is no extra locust]: write"),
        ("", "faker --index-url=https://evil.example", "packages cannot have --index-url=https://evil.example: write"),
        ("", "-r requirements.txt", "packages cannot have -r: write what pip installs, like faker or pyjwt==2.10.1"),
    ],
)
def test_extras_and_packages_are_names_and_no_options(tmp_path, extras, packages, said):
    inputs = {**SOUND, "PERFGATE_EXTRAS": extras, "PERFGATE_PACKAGES": packages}
    code, _, told = run("Check the inputs", tmp_path, **inputs)
    assert (code, bool(told)) == ((2, True) if said else (0, False))
    assert told.startswith(f"::error::{said}" if said else "")


def test_every_extra_that_the_action_knows_is_one_of_perfgate():
    known = re.search(r'"" \| ([\w| ]+)\) ;;', STEPS["Check the inputs"]["run"])[1].split(" | ")
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    assert set(known) <= set(config["options.extras_require"])


HOSTED = {
    "PERFGATE_COMMAND": "gate",
    "PERFGATE_PROFILERS": "true",
    "RUNNER_ENVIRONMENT": "github-hosted",
    "RUNNER_OS": "Linux",
}
SAID = "perfgate: profilers may look into the service, to name what is slower: {}. profilers: false leaves that out\n"
BOTH = "kernel.yama.ptrace_scope=0 kernel.perf_event_paranoid=1"


@pytest.mark.parametrize(
    ("job", "scope", "paranoid", "allowed"),
    [
        ({}, 1, 4, BOTH),
        ({}, 0, 4, "kernel.perf_event_paranoid=1"),
        ({}, 0, -1, ""),
        ({"PERFGATE_PROFILERS": "false"}, 1, 4, ""),
        ({"PERFGATE_COMMAND": "publish"}, 1, 4, ""),
        ({"RUNNER_ENVIRONMENT": "self-hosted"}, 1, 4, ""),
        ({"RUNNER_OS": "macOS"}, 1, 4, ""),
    ],
)
def test_profilers_are_allowed_where_github_hosts_the_runner_and_nothing_is_made_stricter(
    tmp_path, job, scope, paranoid, allowed
):
    log = hosted_tools(tmp_path, scope, paranoid, "exit 0")
    told = {**HOSTED, **job, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    assert run("Allow profilers", tmp_path, **told) == (0, "", SAID.format(allowed) if allowed else "")
    assert (log.read_text() if log.exists() else "") == (f"sudo -n sysctl -qw {allowed}\n" if allowed else "")


def test_a_runner_that_allows_no_profilers_fails_nothing(tmp_path):
    hosted_tools(tmp_path, 1, 4, "echo 'sudo: a password is required' >&2; exit 1")
    told = {**HOSTED, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    assert run("Allow profilers", tmp_path, **told) == (0, "", "")


def hosted_tools(folder, scope, paranoid, sudo):
    """A sysctl that tells these settings, and a sudo that notes its words in the returned file, and then does this."""
    log = folder / "sudo.log"
    told = f"case $2 in *ptrace_scope) echo {scope};; *) echo {paranoid};; esac"
    for name, script in (("sysctl", told), ("sudo", f'echo sudo "$@" >> {log}; {sudo}')):
        tool = folder / name
        tool.write_text(f"#!/bin/sh\n{script}\n")
        tool.chmod(0o755)
    return log


def test_no_step_has_an_expression_in_its_script_and_every_input_is_used():
    assert all("${{" not in step["run"] for step in STEPS.values())
    text = (ROOT / "action.yml").read_text()
    assert set(re.findall(r"inputs\.([\w-]+)", text)) == set(ACTION["inputs"])


def test_what_reads_files_of_the_repository_does_so_where_it_is_checked_out():
    places = {name: step.get("working-directory") for name, step in STEPS.items()}
    here = "${{ inputs.working-directory }}"
    assert {name for name, place in places.items() if place} == {"Install perfgate", "Run perfgate"}
    assert {place for place in places.values() if place} == {here}


def test_the_reference_names_every_input_and_output():
    page = (ROOT / "docs/reference/action.md").read_text()
    for name in (*ACTION["inputs"], *ACTION["outputs"]):
        assert f"`{name}`" in page, name
