"""config/reading: the error rates and the noise of instances in perfgate.toml."""

import re

import pytest

from perfgate.config.reading import load_config
from perfgate.errors import ProblemsError


def read(tmp_path, text):
    path = tmp_path / "perfgate.toml"
    path.write_text(text)
    return load_config(path)


def test_the_rates_are_read(tmp_path):
    config = read(tmp_path, 'error_rate = "2%"\nmiss_rate = "5%"\n[measure]\ninstance_noise = "1.5%"\n')
    assert (config.rules.error_rate, config.rules.miss_rate, config.instance_noise) == (0.02, 0.05, 0.015)


def test_the_noise_of_instances_is_unknown_by_default(tmp_path):
    config = read(tmp_path, "")
    assert (config.rules.miss_rate, config.instance_noise) == (0.025, None)


@pytest.mark.parametrize("rate", ["26%", "100%"])
def test_a_miss_rate_that_proves_nothing_is_refused(tmp_path, rate):
    with pytest.raises(ProblemsError, match=f"'{rate}' must be more than 0 and at most 25%"):
        read(tmp_path, f'miss_rate = "{rate}"')


@pytest.mark.parametrize("runs", [5, 60])
def test_so_many_runs_can_make_the_baseline(tmp_path, runs):
    assert read(tmp_path, f"[gate]\nbaseline_runs = {runs}\n").baseline_runs == runs


@pytest.mark.parametrize("runs", [0, 1, 4, 61])
def test_fewer_or_more_make_none(tmp_path, runs):
    with pytest.raises(ProblemsError, match=f"{runs} must be (from 5 to 60|1 or more)"):
        read(tmp_path, f"[gate]\nbaseline_runs = {runs}\n")


@pytest.mark.parametrize(
    "text",
    [
        "margin = 5",
        'margin = "5"',
        "[measure]\nforeign_cpu = 5",
        '[[margins]]\nmetric = "http_req_failed"\nallowed = 2',
        '[[accept]]\nscenario = "a"\nmetric = "service_cpu"\nceiling = 5\nexpires = 2030-01-01\nreason = "r"',
    ],
)
def test_a_percentage_without_its_sign_is_refused(tmp_path, text):
    with pytest.raises(ProblemsError, match=r"would be [25]00 %; write '[25]%' or '[25]00%'"):
        read(tmp_path, text)


def test_a_configuration_may_begin_with_a_mark_of_its_encoding(tmp_path):
    assert read(tmp_path, "\ufeffmargin = '7%'\n").rules.margin == 0.07


def test_a_configuration_in_another_encoding_is_named(tmp_path):
    (tmp_path / "perfgate.toml").write_bytes("margin = '7%'\n".encode("utf-16"))
    with pytest.raises(ProblemsError, match=r"is not text in UTF-8: byte 0xff\n +save it as UTF-8"):
        load_config(None, tmp_path)


def test_a_configuration_that_is_nested_too_deeply_is_a_mistake_and_no_traceback(tmp_path):
    (tmp_path / "perfgate.toml").write_text("a = " + "[" * 5_000)
    with pytest.raises(ProblemsError, match=r"perfgate\.toml"):
        load_config(None, tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[measure]\nseed = " + "9" * 5_000, r"perfgate\.toml"),
        ("[measure]\nseed = 0x" + "f" * 5_000, r"\[measure\] seed: must be a whole number that fits into 64 bits"),
        ("[service]\ncommand = 'a'\nenv = { A = 0x" + "f" * 5_000 + " }", r"\[service\] env: A"),
        ("[service]\nbuild = '.'\nport = 1\nmemory = '" + "9" * 400 + "GB'", r"\[service\] memory: .* less than 8 EiB"),
    ],
)
def test_a_number_with_too_many_digits_is_a_mistake_with_its_place_and_no_traceback(tmp_path, text, message):
    with pytest.raises(ProblemsError) as caught:
        read(tmp_path, text)
    assert re.search(message, str(caught.value))
