"""`perfgate duet` and `perfgate gate` with real load. Effects are large: a busy neighbour must not decide a test."""

import json
import sqlite3
from contextlib import closing
from functools import partial

import pytest

from perfgate.testing import ScriptedServer
from tests.support.command import BRIEF, QUICK, SCENARIO, WIDE
from tests.support.deciding import decided, decided_command, valid_command, verdict_in

# Thirty pairs: twice what the effects below need, so that a few that a neighbour spoils decide nothing. Few VUs, since
# rounds get longer and fewer where iterations take long.
DUET = [*BRIEF, "--vus", "2", *WIDE, "--budget", "6s", "--json", "-", "--quiet"]


def rows(result, **wanted):
    return [row for row in result["rows"] if all(row[name] == value for name, value in wanted.items())]


def test_the_same_service_twice_passes(perfgate):
    done = valid_command(partial(perfgate, "duet", "petstore", "petstore", *DUET))
    assert done.code == 0, done.out
    result = json.loads(done.out)
    assert result["verdict"] in ("pass", "inconclusive")
    assert {row["verdict"] for row in rows(result, gated=True)} <= {"unchanged", "inconclusive", "improved"}
    (method,) = result["methods"]
    assert method["scenario"] == "create_pet"
    assert method["instances"] in (1, 2)  # what is decided early needs no second one


def test_a_slower_head_fails_and_is_named(perfgate_process):
    done = decided_command(partial(perfgate_process, "duet", "petstore", "petstore?slow=300%", *DUET))
    result = json.loads(done.out)
    assert (done.code, result["verdict"]) == (1, "fail"), done.out
    # Neighbours may leave one of its rows open, and not all of them.
    assert "POST /pet" in " ".join(result["reasons"])
    (median,) = rows(result, metric="http_req_duration", stat="med")
    assert median["request"] == "POST /pet"
    assert median["change"] > 0.5
    assert median["low"] < median["change"] < median["high"]
    assert result["base"]["target"] == "petstore"
    assert result["head"]["target"] == "petstore?slow=300%"


def test_a_faster_head_passes_as_improved(perfgate):
    done = decided_command(partial(perfgate, "duet", "petstore?slow=300%", "petstore", *DUET), "service_cpu")
    result = json.loads(done.out)
    assert done.code == 0, done.out
    assert rows(result, metric="service_cpu")[0]["verdict"] == "improved"


def test_a_head_that_fails_requests_fails_for_that(perfgate):
    done = decided_command(partial(perfgate, "duet", "petstore", "petstore?errors=20%", *DUET), "http_req_failed")
    result = json.loads(done.out)
    assert done.code == 1, done.out
    assert rows(result, metric="http_req_failed")[0]["verdict"] == "regressed"


def test_a_head_that_is_not_there_is_no_verdict(perfgate, folder):
    (folder / "perfgate.toml").write_text('[service]\nready_timeout = "500ms"\n')
    done = perfgate("duet", "petstore", "http://127.0.0.1:9", *DUET)
    assert done.code == 3
    assert "refused" in done.err


def test_one_seed_gives_one_order_of_pairs(perfgate, folder):
    for name in ("one", "two"):
        perfgate(
            "duet", "petstore", "petstore", *BRIEF, "--budget", "1s", "--seed", "7", "--history", f"{name}.db", "-q"
        )
    first, second = (order(folder / f"{name}.db") for name in ("one", "two"))
    assert first == second == [("7", "base"), ("7", "head")]


def order(path):
    with closing(sqlite3.connect(path)) as database:
        return database.execute("select seed, side from runs order by side").fetchall()


def test_a_gate_with_a_base_is_a_duet(perfgate_process, folder):
    (folder / "perfgate.toml").write_text(
        f'{QUICK}budget = "3.2s"\n[gate]\nbase = "petstore"\nhead = "petstore?errors=40%"\n'
    )
    measure = partial(perfgate_process, "gate", *BRIEF, "--json", "result.json", "--markdown", "-")
    done = decided(measure, lambda _: verdict_in(json.loads((folder / "result.json").read_text())))
    assert done.code == 1, done.err
    assert "POST /pet" in done.out
    assert json.loads((folder / "result.json").read_text())["base"]["side"] == "base"


def test_a_gate_without_a_base_compares_with_the_history(perfgate):
    first = perfgate("gate", *BRIEF, "--json", "-", "-q")
    assert (first.code, json.loads(first.out)["verdict"]) == (0, "inconclusive")
    for _ in range(5):
        perfgate("run", *BRIEF, "-q")
    later = json.loads(perfgate("gate", *BRIEF, "--json", "-", "-q").out)
    assert later["base"] is not None


POINTER = "version https://git-lfs.github.com/spec/v1\n"


def test_a_duet_needs_no_history(perfgate, folder):
    spoil_history(folder)
    duet = ("duet", "petstore", "petstore", *BRIEF, "--budget", "1s", "--json", "-", "-q")
    done = perfgate(*duet)
    assert done.code == 0, done.err
    assert json.loads(done.out)["rows"]
    assert "LFS" not in done.out
    (folder / "perfgate.toml").write_text(f'release = "v1.2.0"\n{QUICK}')
    pinned = perfgate(*duet)
    assert pinned.code == 0, pinned.err
    assert "nothing can be said of the way since v1.2.0: " in pinned.out
    assert "is a Git LFS pointer" in pinned.out


def test_a_gate_that_needs_the_history_is_refused_before_the_load_where_it_cannot_be_read(perfgate, folder):
    spoil_history(folder)
    (folder / "scenarios" / "create_pet.py").write_text(with_first_line(f"open({str(folder / 'loaded')!r}, 'w')"))
    done = perfgate("gate", *BRIEF)
    assert done.code == 2
    assert "is a Git LFS pointer" in done.err
    assert not (folder / "loaded").exists()


def test_what_was_measured_is_told_where_the_history_cannot_be_read_any_more(perfgate, folder):
    (folder / "history").mkdir()
    line = f"open({str(folder / 'history' / 'perfgate.db')!r}, 'w').write({POINTER!r})"
    (folder / "scenarios" / "create_pet.py").write_text(with_first_line(line))
    done = perfgate("gate", *BRIEF, "--json", "-", "-q")
    assert (done.code, json.loads(done.out)["verdict"]) == (0, "inconclusive"), done.err
    assert json.loads(done.out)["rows"]
    assert "there is nothing to compare with: " in done.out


def spoil_history(folder):
    (folder / "history").mkdir()
    (folder / "history" / "perfgate.db").write_text(POINTER)


def with_first_line(line):
    """The scenario with a line at its beginning."""
    head, colon, rest = SCENARIO.partition("(user):\n")
    return f"{head}{colon}    {line}\n{rest}"


def test_a_stored_result_can_be_shown_again_with_its_exit_code(perfgate, folder):
    options = ["--budget", "3.2s", "--margin", "http_req_duration=20%", "--json", "result.json", "-q"]
    measure = partial(perfgate, "duet", "petstore", "petstore?errors=40%", *BRIEF, *options)
    done = decided(measure, lambda _: verdict_in(json.loads((folder / "result.json").read_text())))
    again = perfgate("compare", "result.json", "--markdown", "-", "-q")
    assert again.code == done.code == 1
    assert "POST /pet" in again.out or "create_pet" in again.out
    assert "--budget 3.2s --margin http_req_duration=20%" in again.out


def test_an_acceptance_of_no_scenario_is_noted_where_all_scenarios_are_measured(perfgate, folder):
    accepted = 'metric = "http_req_duration"\nceiling = "20%"\nexpires = 2999-01-31\nreason = "meant"\n'
    with (folder / "perfgate.toml").open("a") as file:
        file.write(f'[[accept]]\nscenario = "basket"\n{accepted}')
    said = "[[accept]] 1 accepts nothing: there is no scenario 'basket' (there is create_pet)"
    quiet = (*BRIEF, "--quiet", "--json", "-")
    assert said in perfgate("duet", "petstore", "petstore", *quiet, "--budget", "0.2s").out
    assert said in perfgate("run", *quiet, "--duration", "0.1s").out
    assert said not in perfgate("run", "create_pet", *quiet, "--duration", "0.1s").out


NEW_SCENARIO = """
from perfgate import scenario

@scenario(vus=2, duration="1s", thresholds={"http_req_failed": "rate<1%"})
def reports(user):
    user.get("/reports").json()["rows"]
"""


def answer(status, body):
    return f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


def test_an_endpoint_that_came_with_its_scenario_is_new_and_neither_red_nor_green(perfgate, folder):
    (folder / "scenarios" / "create_pet.py").unlink()
    (folder / "scenarios" / "reports.py").write_text(NEW_SCENARIO)
    ready = [answer("200 OK", "{}")]
    on_base = ScriptedServer({"/": ready, "/reports": [answer("404 Not Found", '{"error": "no such path"}')]})
    on_head = ScriptedServer({"/": ready, "/reports": [answer("200 OK", '{"rows": []}')]})
    with on_base as base, on_head as head:
        done = valid_command(partial(perfgate, "duet", base.url, head.url, *DUET))
    result = json.loads(done.out)
    assert (done.code, result["verdict"]) == (0, "inconclusive"), done.out
    said = "GET /reports is new on head: base answers status 404 alone, so there is nothing to compare with"
    assert said in [note["message"] for note in result["validity"]]
    assert not any("only errors" in note["message"] for note in result["validity"])
    assert {row["request"] for row in rows(result, gated=True)} == {"GET /reports"}


def test_a_threshold_on_a_count_is_about_the_load_that_the_scenario_declares(perfgate, folder):
    file = folder / "scenarios" / "create_pet.py"
    file.write_text(
        file.read_text().replace('duration="1s"', 'duration="100s"').replace("{", '{"http_reqs": "count>1", ', 1)
    )
    done = perfgate("duet", "petstore", "petstore", *BRIEF, "--budget", "1s", "--json", "-", "--quiet")
    result = json.loads(done.out)
    counted = next(one for one in result["thresholds"] if one["metric"] == "http_reqs")
    (line,) = (one for one in result["summary"] if (one["side"], one["request"]) == ("head", None))
    assert counted["value"] == pytest.approx(100 * line["requests_per_second"], rel=1e-6)
