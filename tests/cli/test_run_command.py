"""`perfgate run`, as a person runs it."""

import json
import signal
import sqlite3
import subprocess
import time
from contextlib import closing, suppress

import psutil

from perfgate.service.processes.owned_processes import is_alive
from tests.support.command import BRIEF, INTERRUPTIBLE, environment

LONG = ["run", "--target", "petstore", "--duration", "60s", "--round", "0.25s", "--vus", "2"]


def query(path, sql):
    with closing(sqlite3.connect(path)) as database:
        return database.execute(sql).fetchall()


def test_a_run_prints_the_summary_checks_the_thresholds_and_keeps_itself(perfgate_process, folder):
    done = perfgate_process("run", *BRIEF, "--target", "petstore", "--json", "result.json")
    assert done.code == 0, done.err
    assert done.out.startswith("PASS")
    for column in ("average", "VUs", "errors", "compliance"):
        assert column in done.out
    # Ten of 0.1 s, and fewer where the machine is so slow that they must be longer.
    (rounds,) = {row["rounds"] for row in json.loads((folder / "result.json").read_text())["rows"]}
    assert 1 <= rounds <= 10
    assert query(folder / ".perfgate/local.db", "select scenario, request, rounds from results order by request") == [
        ("create_pet", "", rounds),
        ("create_pet", "POST /pet", None),
    ]
    assert query(folder / ".perfgate/local.db", "select finished, target from runs") == [(1, "petstore")]


def test_a_crossed_threshold_fails_the_run(perfgate):
    done = perfgate("run", *BRIEF, "--target", "petstore?errors=100%")
    assert done.code == 3  # nothing but errors: that is no measurement
    done = perfgate("run", *BRIEF, "--target", "petstore?errors=80%")
    assert done.code == 1
    assert "http_req_failed" in done.out


def test_a_threshold_without_data_fails(perfgate, folder):
    path = folder / "scenarios" / "create_pet.py"
    path.write_text(path.read_text().replace('"http_req_failed"', '"http_req_failed{name:GET /nothing}"'))
    done = perfgate("run", *BRIEF)
    assert done.code == 1
    assert "nothing" in done.out


def test_no_scenario_is_told_the_tokens_of_the_job(perfgate_process, folder):
    path = folder / "scenarios" / "create_pet.py"
    tells = 'import os\nwith open("told", "a") as told:\n    print(*os.environ, file=told)\n'
    path.write_text(tells + path.read_text())
    tokens = ("GITHUB_TOKEN", "GH_TOKEN", "PERFGATE_TOKEN", "ACTIONS_RUNTIME_TOKEN")
    done = perfgate_process("run", *BRIEF, "--target", "petstore", **dict.fromkeys(tokens, "a-secret"))
    assert done.code == 0, done.err
    importing, *workers = (folder / "told").read_text().splitlines()
    assert workers, "each process that imports the file tells its variables"
    for told in (importing, *workers):
        assert "PATH" in told.split()
        assert not set(tokens) & set(told.split())


def test_a_threshold_that_aborts_ends_the_run_early(perfgate, folder):
    path = folder / "scenarios" / "create_pet.py"
    aborting = '{"threshold": "p(95)<0.001ms", "abort_on_fail": True}'
    path.write_text(path.read_text().replace('"http_req_failed": "rate<50%"', f'"http_req_duration": {aborting}'))
    done = perfgate("run", "--round", "0.25s", "--duration", "60s")
    assert done.code == 1
    assert "abort" in done.out
    assert query(folder / ".perfgate/local.db", "select rounds from results where request = ''") == [(1,)]


def test_a_threshold_without_data_aborts_nothing(perfgate, folder):
    path = folder / "scenarios" / "create_pet.py"
    aborting = '{"threshold": "max<1h", "abort_on_fail": True}'
    path.write_text(
        path.read_text().replace('"http_req_failed": "rate<50%"', f'"http_req_duration{{name:GET /pet}}": {aborting}')
    )
    done = perfgate("run", *BRIEF)
    assert done.code == 1  # at its end it fails
    assert "aborted" not in done.out
    assert query(folder / ".perfgate/local.db", "select finished from runs") == [(1,)]


def test_every_report_can_be_had_at_once(perfgate, folder):
    done = perfgate("run", *BRIEF, "--json", "-", "--markdown", "report.md", "--junit", "report.xml", "--quiet")
    result = json.loads(done.out)
    assert (result["schema"], result["verdict"], result["exit_code"]) == ("perfgate.result/1", "pass", 0)
    assert done.err == ""
    assert "create_pet" in (folder / "report.md").read_text()
    assert (folder / "report.xml").read_text().startswith("<?xml")


def test_a_report_that_cannot_be_written_is_told_and_the_others_are_there(perfgate_process, folder):
    done = perfgate_process("run", *BRIEF, "--json", "/dev/full", "--markdown", "report.md", "--quiet")
    assert (done.code, done.err) == (0, "The report /dev/full could not be written: No space left on device.\n")
    assert "create_pet" in (folder / "report.md").read_text()


def test_the_command_that_repeats_a_run_names_its_configuration(perfgate, folder):
    (folder / "perfgate.toml").rename(folder / "quick.toml")
    done = perfgate("run", *BRIEF, "--config", "quick.toml", "--json", "-", "--quiet")
    assert " --config quick.toml " in json.loads(done.out)["reproduce"]


def test_options_can_come_from_the_environment(perfgate, folder):
    variables = {"VUS": "3", "DURATION": "500ms", "ROUND": "0.25s", "HISTORY": "mine.db", "JSON": "-"}
    done = perfgate("run", "--quiet", **{f"PERFGATE_{name}": value for name, value in variables.items()})
    assert json.loads(done.out)["reproduce"].endswith(" --vus 3 --duration 500ms --round 250ms")
    assert query(folder / "mine.db", "select vus_max from results where request = ''") == [(3,)]


def test_the_scale_multiplies_the_users_of_a_run_and_of_the_command_that_repeats_it(perfgate, folder):
    done = perfgate("run", "create_pet", *BRIEF, "--vus", "2", "--scale", "2.5", "--history", "mine.db")
    assert query(folder / "mine.db", "select vus_max from results where request = ''") == [(5,)]
    assert "--scale 2.5" in done.out


def test_a_scale_of_auto_multiplies_users_that_think_by_what_the_service_bears(perfgate, folder):
    file = folder / "scenarios" / "create_pet.py"
    file.write_text(
        "from perfgate import scenario\n\n\n@scenario(vus=2, duration='1s')\ndef think(user):\n"
        "    user.get('/store/inventory')\n    user.think(0.05)\n"
    )
    done = perfgate("run", "think", "--round", "0.25s", "--scale", "auto", "--history", "mine.db")
    (scale,) = (float(line.split()[2].rstrip(",")) for line in done.err.splitlines() if "think: --scale" in line)
    assert scale > 1
    ((most,),) = query(folder / "mine.db", "select vus_max from results where request = ''")
    assert most == round(2 * scale)


def test_a_target_that_refuses_connections_is_no_verdict_and_said_in_time(perfgate, folder):
    (folder / "perfgate.toml").write_text('[service]\nready_timeout = "1s"\n')
    done = perfgate("run", *BRIEF, "--target", "http://127.0.0.1:9")
    assert done.code == 3
    assert "not ready within 1s" in done.err
    assert "refused" in done.err


def test_user_info_of_a_target_is_nowhere_to_be_seen(perfgate, folder):
    (folder / "perfgate.toml").write_text('[service]\nready_timeout = "300ms"\n')
    done = perfgate("run", *BRIEF, "--target", "http://me:secret@127.0.0.1:9")
    assert "secret" not in done.out + done.err


def _interrupt_after_two_rounds(folder, how):
    """Start a long run, send it a signal when two rounds are kept, and wait until nobody of its family is left.

    Its exit code, and what it wrote.
    """
    process = subprocess.Popen(
        [*INTERRUPTIBLE, *LONG], cwd=folder, env=environment(), stdout=subprocess.PIPE, text=True
    )
    _until(lambda: _rounds_kept(folder) > 1)
    family = psutil.Process(process.pid).children(recursive=True)
    assert len(family) >= 2
    process.send_signal(how)
    out, _ = process.communicate(timeout=60)
    _until(lambda: not any(map(is_alive, family)))
    return process.returncode, out


def _rounds_kept(folder):
    history = folder / ".perfgate/local.db"
    if history.exists():
        with suppress(sqlite3.OperationalError):  # it is being made, or written
            return max(query(history, "select rounds from results where request = ''"), default=(0,))[0]
    return 0


def _until(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_ctrl_c_stops_everything_keeps_what_was_measured_and_ends_with_130(folder):
    code, out = _interrupt_after_two_rounds(folder, signal.SIGINT)
    assert code == 130
    assert "create_pet" in out
    history = folder / ".perfgate/local.db"
    assert query(history, "pragma integrity_check") == [("ok",)]
    assert query(history, "select finished from runs") == [(0,)]
    assert query(history, "select rounds from results where request = ''")[0][0] >= 2


def test_being_killed_leaves_a_sound_history_and_no_process(folder):
    code, _ = _interrupt_after_two_rounds(folder, signal.SIGKILL)
    assert code == -signal.SIGKILL
    history = folder / ".perfgate/local.db"
    assert query(history, "pragma integrity_check") == [("ok",)]
    assert query(history, "select rounds from results where request = ''")[0][0] >= 2


def test_a_polite_request_to_end_is_an_interruption(folder):
    code, _ = _interrupt_after_two_rounds(folder, signal.SIGTERM)
    assert code == 130
