"""What k6 is called with, and what it says."""

import json

import pytest

from perfgate.errors import MistakeError
from perfgate.load.k6.launcher import K6Settings, Launcher


def test_no_script_is_told_the_tokens_of_the_job():
    tokens = dict.fromkeys(("GITHUB_TOKEN", "PERFGATE_TOKEN", "ACTIONS_RUNTIME_TOKEN"), "a-secret")
    variables = Launcher(K6Settings(), {"PATH": "/bin", **tokens}).environment("http://localhost:8080")
    assert variables == {"PATH": "/bin", "BASE_URL": "http://localhost:8080"}


def test_the_load_goes_straight_to_the_target_and_the_rest_through_the_proxy():
    proxied = {"HTTP_PROXY": "http://proxy:3128", "NO_PROXY": "localhost"}
    found = Launcher(K6Settings(), proxied).environment("http://shop.test:8080/api")
    assert found["HTTP_PROXY"] == "http://proxy:3128"
    assert found["NO_PROXY"] == "localhost,shop.test"
    assert found["no_proxy"] == "shop.test"
    assert "NO_PROXY" not in Launcher(K6Settings(), {}).environment("http://shop.test:8080")


def test_the_certificate_of_the_target_is_verified_as_perfgate_toml_says():
    for verify, told in (
        (True, {}),
        (False, {"K6_INSECURE_SKIP_TLS_VERIFY": "true"}),
        ("/ca", {"SSL_CERT_FILE": "/ca"}),
    ):
        assert Launcher(K6Settings(), {}, verify).environment("https://a") == {"BASE_URL": "https://a", **told}


def test_system_tags_are_not_taken_from_the_environment():
    assert "K6_SYSTEM_TAGS" not in Launcher(K6Settings(), {"K6_SYSTEM_TAGS": "url"}).environment("http://a")


def test_the_target_is_shown_to_scripts_whatever_the_environment_says():
    variables = {"K6_INCLUDE_SYSTEM_ENV_VARS": "false", "K6_TYPE": "archive"}
    assert Launcher(K6Settings(), variables).environment("http://a") == {"BASE_URL": "http://a"}


def test_setup_has_a_summary_and_rounds_have_none_but_one_that_is_kept():
    mode = {"K6_SUMMARY_MODE": "disabled", "K6_NEW_MACHINE_READABLE_SUMMARY": "true"}
    launcher = Launcher(K6Settings(), {"K6_NO_SUMMARY": "true", "K6_SETUP_TIMEOUT": "1s", **mode})
    own = {"BASE_URL": "http://a", "K6_PAUSED": "false", "K6_NO_SETUP": "false", "K6_NO_TEARDOWN": "false"}
    assert launcher.hook_environment("http://a") == {"K6_SETUP_TIMEOUT": "1s", **own}
    assert launcher.round_environment("http://a") == {"K6_NO_SUMMARY": "true", **mode, **own}
    kept = Launcher(K6Settings(), {"K6_SUMMARY_EXPORT": "k6.json"})
    assert kept.hook_environment("http://a") == own
    assert kept.round_environment("http://a") == {"K6_SUMMARY_EXPORT": "k6.json", **own}


@pytest.fixture
def told(tmp_path):
    """A Launcher of a k6 that warns of an option, and writes its variables beside it."""

    def make(option, **environment):
        warning = json.dumps({"level": "warning", "error": f'json: unknown field "{option}"', "msg": "unknown fields"})
        k6 = tmp_path / "k6"
        k6.write_text(
            f"#!/bin/sh\n[ $1 = version ] && echo k6 v1.8.1 && exit\nenv > {tmp_path}/variables\n"
            f"cat >&2 <<'E'\n{warning}\nE\necho '{{\"vus\": 1, \"duration\": null}}'\n"
        )
        k6.chmod(0o755)
        return Launcher(K6Settings(str(k6)), {"PATH": "/usr/bin:/bin", **environment})

    return make


def test_an_option_that_is_mistyped_is_a_mistake(told):
    with pytest.raises(MistakeError, match="k6 knows no option 'duraton'") as caught:
        told("duraton").inspect(["a.js"])
    assert caught.value.hint == "did you mean duration?"


def test_an_option_that_is_like_no_other_is_let_through_as_by_k6(told):
    assert told("ours").inspect(["a.js"]) == {"vus": 1, "duration": None}


def test_a_load_of_the_environment_is_read_with_the_options_and_kept_from_rounds(told, tmp_path):
    launcher = told("ours", K6_VUS="5", K6_DURATION="1s", K6_OUT="json", K6_WEB_DASHBOARD="true")
    launcher.inspect(["a.js"])
    read = (tmp_path / "variables").read_text()
    assert "K6_VUS=5" in read
    assert "K6_DURATION=1s" in read
    assert "K6_OUT" not in read
    assert "K6_WEB_DASHBOARD" not in read
    assert not [name for name in launcher.environment("http://a") if name.startswith("K6_")]
    assert launcher.says_load
    assert not told("ours", K6_VUS="5").says_load
