"""Garbage in: one screen, the place, the hint, the exit code, and no load."""

import pytest

HEADER = "from perfgate import scenario\n\n"


@pytest.mark.parametrize(
    ("scenario", "said"),
    [
        ("def create_pet(user)\n    pass\n", ["create_pet.py:3", "expected ':'"]),
        ("@scenario(executor='constant-vu')\ndef a(user): ...\n", ["create_pet.py:3", "constant-vus"]),
        ("@scenario(thresholds={'http_req_durations': 'p(95)<1s'})\ndef a(user): ...\n", [":3", "http_req_duration"]),
        ("@scenario(thresholds={'http_req_duration': 'p95<1s'})\ndef a(user): ...\n", [":3", "p(95)"]),
        ("@scenario(vus=0)\ndef a(user): ...\n", [":3", "vus"]),
        ("@scenario(preAllocatedVUs=3, rate=5)\ndef a(user): ...\n", [":3", "pre_allocated_vus"]),
        ("@scenario\ndef a(): ...\n", [":4", "user"]),
        ("import no_such_module\n", [":3", "no_such_module"]),
        ("x = 1\n", ["create_pet.py", "scenario"]),
    ],
    ids=["syntax", "executor", "metric", "statistic", "no VUs", "k6 spelling", "no user", "import", "no scenario"],
)
def test_a_mistake_in_a_scenario_file_is_named_with_its_place_and_hint(perfgate, folder, scenario, said):
    (folder / "scenarios" / "create_pet.py").write_text(HEADER + scenario)
    done = perfgate("run")
    assert done.code == 2
    for text in said:
        assert text in done.err
    assert len(done.err.splitlines()) < 20


def test_all_mistakes_of_all_files_come_at_once(perfgate, folder):
    (folder / "scenarios" / "create_pet.py").write_text(HEADER + "@scenario(vus=0, durations='1s')\ndef a(user): ...\n")
    (folder / "scenarios" / "other.py").write_text(HEADER + "@scenario(rate=-1)\ndef b(user): ...\n")
    done = perfgate("run")
    assert done.code == 2
    for text in ("vus", "durations", "other.py"):
        assert text in done.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["run", "--scenarios", "empty"], 2, "scenario"),
        (["run", "--scenarios", "nowhere"], 2, "nowhere"),
        (["run", "no_such_scenario"], 2, "create_pet"),
        (["run", "--target", "localhost:8080"], 2, "http://localhost:8080"),
        (["run", "--target", "ftp://localhost"], 2, "ftp"),
        (["run", "--target", "petstore?slow=fast"], 2, "slow"),
        (["run", "--target", "petstore?sloow=10%"], 2, "slow"),
        (["run", "--vus", "0"], 2, "vus"),
        (["run", "--duration", "soon"], 2, "20s"),
        (["run", "--scale", "lots"], 2, "'auto'"),
        (["run", "--scale", "auto", "--engine", "locust", "--workers", "2"], 2, "--scale 4"),
        (["run", "--history", "scenarios"], 2, "directory"),
        (["run", "--history", "result.json"], 2, "result.json"),
        (["run", "--config", "nowhere.toml"], 2, "nowhere.toml"),
        (["run", "--config", "broken.toml"], 2, "broken.toml"),
        (["run", "--json", "no/such/folder.json"], 2, "folder"),
        (["run", "--json", "-", "--markdown", "-"], 2, "standard output"),
        (["run", "--cpus", "one"], 2, "0-1"),
        (["duet", "petstore"], 2, "HEAD"),
        (["duet", "petstore", "petstore", "--margin", "wide"], 2, "5%"),
        (["duet", "petstore", "petstore", "--margin", "dependency_cpus{name:db}=5%"], 2, "dependency_cpu"),
        (["duet", "petstore", "petstore", "--margin", "http_req_durations=5%"], 2, "http_req_duration"),
        (["bisect", "HEAD~1", "HEAD", "--metric", "checks"], 2, "checks is not compared between base and head"),
        (["duet", "petstore", "petstore", "--margin", "checks=5%"], 2, "a threshold in the scenario can limit it"),
        (["compare", "result.json"], 2, "result"),
        (["compare", "k6.json"], 2, "k6"),
        (["compare", "result.json:latest"], 2, "result.json"),
        (["history", "show", "--history", "text.db"], 2, "text.db"),
        (["petstore", "--slow", "fast"], 2, "--slow"),
        (["nonsense"], 2, "nonsense"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_garbage_on_the_command_line_is_refused_on_one_screen(perfgate, folder, arguments, code, said):
    (folder / "empty").mkdir()
    (folder / "result.json").write_text('{"results": [], "other": "tool"}')
    (folder / "k6.json").write_text('{"metrics": {"http_req_duration": {"avg": 1.5}}, "root_group": {}}')
    (folder / "text.db").write_text("not a database at all, but long enough to be looked at")
    (folder / "broken.toml").write_text("[measure\n")
    done = perfgate(*arguments)
    assert done.code == code, done.err
    assert said in done.err
    assert len(done.err.splitlines()) < 20
    assert not (folder / ".perfgate" / "local.db").exists() or "--history" not in arguments


def test_all_mistakes_of_the_configuration_come_at_once(perfgate, folder):
    (folder / "perfgate.toml").write_text(
        """
        margin = "wide"
        mesure = 1
        [measure]
        round = "-1s"
        workers = 0
        [gate]
        on_inconclusive = "maybe"
        [[margins]]
        metric = "http_req_durations"
        allowed = "5%"
        [[accept]]
        scenario = "create_pet"
        """
    )
    done = perfgate("run")
    assert done.code == 2
    for text in (
        "wide",
        "did you mean 'measure'",
        "round",
        "workers",
        "on_inconclusive",
        "http_req_durations",
        "ceiling",
    ):
        assert text in done.err


def test_an_error_rate_of_everything_is_refused(perfgate, folder):
    (folder / "perfgate.toml").write_text('error_rate = "100%"\n')
    done = perfgate("run")
    assert done.code == 2
    assert "error_rate: '100%' must be less than 100 %" in done.err


def test_an_engine_that_cannot_play_a_scenario_is_refused(perfgate, folder):
    done = perfgate("run", "--engine", "k6")
    assert done.code == 2
    assert "k6 cannot play create_pet" in done.err
    assert "leave --engine out" in done.err


def test_an_unknown_engine_in_the_configuration_is_refused(perfgate, folder):
    (folder / "perfgate.toml").write_text('[measure]\nengine = "perfgat"\n')
    done = perfgate("run")
    assert done.code == 2
    assert "did you mean perfgate?" in done.err


def test_a_merge_that_was_left_unfinished_is_named_as_the_mistake(perfgate, folder):
    (folder / "perfgate.toml").write_text("<<<<<<< HEAD\nmargin = 1\n=======\nmargin = 2\n>>>>>>> topic\n")
    done = perfgate("run")
    assert done.code == 2
    assert "a merge was left unfinished" in done.err


@pytest.mark.parametrize(
    "words",
    [["run", "--config"], ["compare", "--history"], ["run", "--html"], ["trend", "--history"], ["run", "--scenarios"]],
    ids=" ".join,
)
def test_a_name_that_no_file_can_have_is_a_mistake(perfgate, words):
    done = perfgate(*words, "9" * 300)
    assert done.code == 2
    assert "the name is too long" in done.err
