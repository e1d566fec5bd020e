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
