"""`perfgate gate --dry-run`: what would be measured, for how long, and what it could see; nothing is built."""

import json
from dataclasses import replace

import pytest

from perfgate.machine.testbed import read_testbed
from perfgate.scenario.finding import load_scenarios
from perfgate.scenario.overrides import Overrides
from perfgate.testing import seeded_run
from tests.support.command import call
from tests.support.histories import put
from tests.support.pull_request import Pull

SCENARIO = """
from perfgate import scenario

@scenario(vus=20, duration="40s")
def create_pet(user):
    user.post("/pet", json={})
"""
SETTINGS = """
[measure]
budget = "90s"
warm_up = "2s"
warm_up_most = "20s"
[service]
build_command = "make clean"
command = "sh -c 'touch started; exit 1' {port}"
seed = "make seed"
[[dependencies]]
name = "db"
image = "postgres:16"
env = { POSTGRES_PASSWORD = "hunter2" }
[[dependencies]]
name = "cache"
url = "redis://me:hunter2@localhost:6379"
[[dependencies]]
name = "queue"
command = "queued --port {port}"
"""


@pytest.fixture
def pets(tmp_path):
    """A folder with a scenario, and no service."""
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "create_pet.py").write_text(SCENARIO)
    return tmp_path


def planned(folder, *arguments, **variables):
    """The dry run as JSON."""
    done = call("gate", "--dry-run", "--quiet", "--json", "-", *arguments, folder=folder, **variables)
    assert done.code == 0, done.err
    return json.loads(done.out)


def remember(folder, count=1):
    """So many runs of the scenario on this machine, in the history of the folder."""
    (scenario,) = load_scenarios(folder / "scenarios", (), Overrides())
    for number in range(count):
        run = seeded_run(number, {"create_pet": {"POST /pet": 12.0}})
        (played,) = run.scenarios
        here = replace(run.record, testbed=read_testbed({}), branch="main")
        put(
            folder / ".perfgate/local.db",
            replace(run, record=here, scenarios=(replace(played, scenario_hash=scenario.hash),)),
        )


def test_a_pull_request_is_planned_with_its_commits_and_all_that_they_need(tmp_path):
    pull = Pull(tmp_path, first={"perfgate.toml": SETTINGS, "scenarios/create_pet.py": SCENARIO})
    folder = pull.checkout(tmp_path / "here", "--depth=2")
    (tmp_path / "event.json").write_text(json.dumps(pull.payload))
    job = {"CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(tmp_path / "event.json")}
    found = planned(folder, **pull.environment, **job)
    base, head = found["sides"]
    assert (base["side"], base["commit"], head["side"], head["commit"]) == ("base", pull.base, "head", pull.merge)
    assert (base["way"], base["build_command"]) == ("command", "make clean")
    assert base["what"] == "sh -c 'touch started; exit 1' {port}"
    assert [(one["name"], one["way"], one["what"]) for one in found["dependencies"]] == [
        ("db", "image", "postgres:16"),
        ("cache", "running", ""),
        ("queue", "command", "queued --port {port}"),
    ]
    assert found["seed"] == "make seed"
    done = call("gate", "--dry-run", folder=folder, **pull.environment, **job)
    assert done.code == 0
    assert f"base    ref:{pull.base}, commit {pull.base[:12]}" in done.out
    assert "db (image postgres:16); cache (runs already, shared); queue (`queued --port {port}`)" in done.out
    assert "hunter2" not in done.out + json.dumps(found)
    assert not list(folder.rglob("started"))
    assert not (folder / ".perfgate").exists()


def test_the_most_that_it_takes_is_the_budget_and_the_longest_warm_ups(pets):
    (pets / "perfgate.toml").write_text('[measure]\nbudget = "90s"\nwarm_up = "2s"\nwarm_up_most = "20s"\n')
    found = planned(pets, "--base", "petstore")
    (scenario,) = found["scenarios"]
    # Two sides, two instances, and the last turn of a warm-up of 20 s.
    assert (scenario["load_seconds"], scenario["warm_up_seconds"], found["seconds"]) == (90.0, 4 * 21.0, 174.0)
    assert (scenario["pairs"], scenario["instances"], scenario["vus"]) == (180, 2, 20)
    assert planned(pets, "--base", "petstore", "--explain")["explain_seconds"] == 18.0
    assert planned(pets, "--base", "petstore", "--no-explain")["explain_seconds"] == 0.0
    done = call("gate", "--dry-run", "--base", "petstore", folder=pets)
    assert "nor is how long the end of a load waits for requests that hang" in " ".join(done.out.split())


def test_a_warm_up_takes_no_longer_than_the_budget_where_nobody_says(pets):
    (pets / "perfgate.toml").write_text('[measure]\nwarm_up = "2s"\ninstances = 1\n')
    for budget, longest in (("10s", 11.0), ("1s", 3.0), ("60s", 62.0), ("120s", 62.0)):
        (scenario,) = planned(pets, "--base", "petstore", "--budget", budget)["scenarios"]
        assert scenario["warm_up_seconds"] == 2 * longest, budget


def test_rounds_of_so_many_iterations_take_as_long_as_they_may_at_most(pets):
    counted = SCENARIO.replace(
        'vus=20, duration="40s"', 'executor="per-vu-iterations", vus=2, iterations=30, max_duration="300s"'
    )
    (pets / "scenarios" / "create_pet.py").write_text(counted)
    (scenario,) = planned(pets, "--base", "petstore", "--budget", "10s")["scenarios"]
    # Ten rounds of three iterations each, of which none may take longer than 30 s; one pair, and one warm-up a side.
    assert (scenario["pairs"], scenario["instances"]) == (1, 1)
    assert (scenario["load_seconds"], scenario["warm_up_seconds"]) == (60.0, 60.0)


def test_services_that_run_already_have_one_instance(pets):
    found = planned(pets, "--base", "http://localhost:1", "--head", "http://me:hunter2@localhost:2")
    assert [side["way"] for side in found["sides"]] == ["running", "running"]
    assert found["sides"][1]["target"] == "http://localhost:2"
    assert found["scenarios"][0]["instances"] == 1


def test_options_of_the_command_line_count(pets):
    found = planned(pets, "--base", "petstore", "--budget", "10s", "--vus", "3", "--round", "1s", "--scale", "auto")
    assert (found["scenarios"][0]["load_seconds"], found["scenarios"][0]["vus"], found["scaled"]) == (10.0, 3, True)
    assert found["round_seconds"] == 1.0
    done = call("gate", "--dry-run", "--base", "petstore", "--scale", "auto", folder=pets)
    assert "The load is fitted to the service first" in " ".join(done.out.split())


def test_without_a_base_head_alone_is_planned_for_its_own_duration(pets):
    found = planned(pets, "--head", "petstore?slow=10%")
    assert [side["side"] for side in found["sides"]] == ["head"]
    assert (found["scenarios"][0]["load_seconds"], found["scenarios"][0]["pairs"]) == (40.0, 0)
    assert found["runs_missing"] == 5
    done = call("gate", "--dry-run", folder=pets)
    assert "5 more runs of the base branch on this testbed are needed" in " ".join(done.out.split())


def test_a_scenario_without_stored_runs_is_not_known_and_says_what_would_tell(pets):
    (scenario,) = planned(pets, "--base", "petstore")["scenarios"]
    assert (scenario["rows"], scenario["seen_at"]) == ([], None)
    done = call("gate", "--dry-run", "--base", "petstore", folder=pets)
    said = (
        "create_pet: not known, as no stored run has this scenario as it is now on this testbed. A perfgate run or duet"
    )
    assert said in " ".join(done.out.split())


def test_a_stored_run_tells_what_a_duet_could_see(pets):
    remember(pets)
    rows = planned(pets, "--base", "petstore", "--margin", "http_req_duration=7%")["scenarios"][0]["rows"]
    seen = {(row["request"], row["metric"], row["stat"]): row for row in rows}
    median, tail = (seen["POST /pet", "http_req_duration", stat] for stat in ("med", "p(95)"))
    assert 0.01 <= median["smallest"] <= tail["smallest"] < 0.2
    assert (median["margin"], median["named"]) == (0.07, True)
    assert seen[None, "service_cpu", "value"]["smallest"] is None
    less = planned(pets, "--base", "petstore", "--budget", "1s")["scenarios"][0]["rows"]
    (shorter,) = [row for row in less if (row["request"], row["stat"]) == ("POST /pet", "p(95)")]
    assert shorter["smallest"] > tail["smallest"]


def test_a_run_of_the_scenario_as_it_was_tells_nothing(pets):
    remember(pets)
    (pets / "scenarios" / "create_pet.py").write_text(SCENARIO.replace("vus=20", "vus=21"))
    assert planned(pets, "--base", "petstore")["scenarios"][0]["seen_at"] is None


def test_enough_stored_runs_tell_what_the_next_could_see(pets):
    remember(pets, 9)
    found = planned(pets)
    assert found["runs_missing"] == 0
    rows = {(row["metric"], row["stat"]): row["smallest"] for row in found["scenarios"][0]["rows"]}
    assert 0 < rows["http_req_duration", "med"] < 1
    assert planned(pets, "--head", "petstore")["scenarios"][0]["seen_at"] is not None


def test_a_file_takes_it_beside_the_words(pets):
    done = call("gate", "--dry-run", "--base", "petstore", "--json", str(pets / "plan.json"), folder=pets)
    assert done.out.startswith("Dry run: nothing was built, started or loaded.\n")
    assert json.loads((pets / "plan.json").read_text())["schema"] == "perfgate.dry_run/1"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--head", "ref:main"), "nothing says how a commit of this repository is started"),
        (("--head", "nonsense"), "is not a target"),
        (("--duration", "100000s"), "asks for a load of 1 days"),
        (("no_such_scenario",), "no_such_scenario"),
        (("--markdown", "-"), "--dry-run measures nothing to report on"),
    ],
)
def test_what_a_gate_refuses_is_refused(pets, arguments, said):
    done = call("gate", "--dry-run", *arguments, folder=pets)
    assert done.code == 2
    assert said in done.err
