"""`perfgate calibrate`, and what it writes into perfgate.toml."""

import re

import pytest

from perfgate.compare.rules import Margin
from perfgate.config.margins_file import with_margins_written, with_measure_written, write_proposed
from perfgate.config.reading import load_config
from perfgate.errors import UsageError
from perfgate.units import parse_duration
from tests.support.command import BRIEF
from tests.support.petstores import opened

BASKET = """
from perfgate import scenario

@scenario(vus=2, duration="1s")
def basket(user):
    user.get("/basket")
"""
MARGINS = [Margin(0.1, "http_req_duration", "med"), Margin(0.03, "service_cpu", "value")]
OWN = """\
margin = "7%"  # ours

[measure]
round = "1s"

[[margins]] # by hand
metric = "http_reqs"
allowed = "9%"
"""


def test_a_target_is_measured_against_itself_and_nothing_is_kept(perfgate, folder):
    done = perfgate("calibrate", "petstore", "create_pet", *BRIEF, "--budget", "4s")
    assert done.code == 0, done.err
    for said in ("service_cpu value", "POST /pet", "noise of a pair", "3 min", "is proposed"):
        assert said in done.out
    assert not (folder / ".perfgate").exists()


def test_write_puts_the_budget_and_the_margins_into_the_configuration(perfgate_process, folder):
    path = folder / "perfgate.toml"
    path.write_text('[measure]\nbudget = "7s" # for now\n' + path.read_text().partition("\n")[2])
    done = perfgate_process("calibrate", "petstore", "create_pet", *BRIEF, "--budget", "4s", "--write")
    assert done.code == 0, done.err
    config = load_config(path)
    proposed = re.search(r"^A budget of (\S+) is proposed", done.out, re.MULTILINE)
    assert config.budget == parse_duration(proposed[1])
    assert "# for now" in path.read_text()
    assert f"The margins are in {path.name} now, and budget" in done.out
    assert {"http_req_duration", "http_reqs", "service_cpu"} <= {margin.metric for margin in config.rules.margins}


@pytest.mark.parametrize(
    ("settings", "target"),
    [("", "petstore"), ("[gate]\nhead = 'petstore?latency=1ms'\n", "petstore?latency=1ms")],
)
def test_a_service_that_answers_errors_alone_is_not_calibrated(perfgate, folder, settings, target):
    (folder / "scenarios" / "create_pet.py").write_text(BASKET)
    path = folder / "perfgate.toml"
    path.write_text(path.read_text() + settings)
    before = path.read_text()
    done = perfgate("calibrate", *BRIEF, "--budget", "0.4s", "--write")
    assert (done.code, path.read_text()) == (3, before)
    assert f"every request of basket to {target} failed (status 404): nothing to calibrate" in done.err
    assert "name your service: `perfgate calibrate http://localhost:8080`" in done.err


def test_a_service_that_mostly_fails_is_not_calibrated(perfgate):
    done = perfgate("calibrate", "petstore?errors=80%", *BRIEF, "--budget", "0.4s")
    assert done.code == 3
    assert re.search(r"[\d,]+ of [\d,]+ requests of create_pet to petstore\?errors=80% failed \(status 500\)", done.err)


def test_the_hint_is_about_the_service_where_that_is_named(perfgate, folder):
    (folder / "scenarios" / "create_pet.py").write_text(BASKET)
    with opened("petstore") as petstore:
        done = perfgate("calibrate", petstore.instance.url, *BRIEF, "--budget", "0.4s")
    assert (done.code, "see whether the service works" in done.err) == (3, True)


def test_the_help_says_what_is_measured_where_no_target_is_named(perfgate):
    assert "ref:HEAD with [service]" in " ".join(perfgate("calibrate", "--help").out.split())


def test_the_self_test_has_no_target(perfgate):
    done = perfgate("calibrate", "petstore", "--self-test")
    assert done.code == 2
    assert "brings its own target" in done.err


def test_a_file_is_made_where_there_is_none(tmp_path):
    path = tmp_path / "perfgate.toml"
    write_proposed(path, MARGINS, "today", {})
    assert load_config(path).rules.margins == tuple(MARGINS)


def test_all_else_in_the_file_stays_as_it_is(tmp_path):
    path = tmp_path / "perfgate.toml"
    path.write_text(OWN)
    write_proposed(path, MARGINS, "today", {})
    assert path.read_text().startswith(OWN)
    assert load_config(path).rules.margins == (Margin(0.09, "http_reqs"), *MARGINS)


def test_margins_of_the_last_time_are_replaced_where_they_stand():
    once = with_margins_written(OWN, MARGINS, "yesterday") + '\n[gate]\nbase = "petstore"\n'
    twice = with_margins_written(once, MARGINS[:1], "today")
    assert twice.startswith(OWN)
    assert twice.endswith('\n[gate]\nbase = "petstore"\n')
    assert (twice.count("[[margins]]"), twice.count("yesterday"), twice.count("today")) == (2, 0, 1)
    assert with_margins_written(twice, MARGINS[:1], "today") == twice


def test_line_ends_stay_what_they_are(tmp_path):
    path = tmp_path / "perfgate.toml"
    path.write_bytes(OWN.replace("\n", "\r\n").encode())
    write_proposed(path, MARGINS, "today", {})
    assert path.read_bytes().count(b"\n") == path.read_bytes().count(b"\r\n")


def test_a_lost_comment_is_not_guessed_at():
    text = with_margins_written(OWN, MARGINS, "today").replace("# End of the margins by perfgate calibrate.", "")
    with pytest.raises(UsageError, match="lost"):
        with_margins_written(text, MARGINS, "today")


def test_a_file_that_cannot_take_them_is_left_alone(tmp_path):
    path = tmp_path / "perfgate.toml"
    path.write_text('margins = [{metric = "http_reqs", allowed = "9%"}]\n')
    with pytest.raises(UsageError, match="cannot be added"):
        write_proposed(path, MARGINS, "today", {})
    assert path.read_text() == 'margins = [{metric = "http_reqs", allowed = "9%"}]\n'
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", '[measure]\nscale = 4\ninstance_noise = "1%"\n'),
        ('margin = "7%"\n', 'margin = "7%"\n\n[measure]\nscale = 4\ninstance_noise = "1%"\n'),
        (
            '[measure] # ours\nround = "1s"\nscale = 2 # for now\n\n[gate]\nbase = "petstore"\n',
            '[measure] # ours\ninstance_noise = "1%"\nround = "1s"\nscale = 4 # for now\n\n[gate]\nbase = "petstore"\n',
        ),
    ],
)
def test_keys_of_the_measuring_stand_in_its_table_and_nothing_else_changes(tmp_path, before, after):
    values = {"scale": "4", "instance_noise": '"1%"'}
    assert with_measure_written(before, values) == after
    windows = with_measure_written(before.replace("\n", "\r\n"), values)
    assert windows.replace("\r\n", "\n") == after
    path = tmp_path / "perfgate.toml"
    path.write_text(before)
    write_proposed(path, MARGINS, "today", values)
    config = load_config(path)
    assert path.read_text().startswith(after)
    assert (config.scale, config.instance_noise, config.rules.margins) == (4.0, 0.01, tuple(MARGINS))


def test_a_measuring_that_is_no_table_is_left_alone(tmp_path):
    path = tmp_path / "perfgate.toml"
    path.write_text('measure = {round = "1s"}\n')
    with pytest.raises(UsageError, match="cannot be added"):
        write_proposed(path, MARGINS, "today", {"scale": "4"})
    assert path.read_text() == 'measure = {round = "1s"}\n'
