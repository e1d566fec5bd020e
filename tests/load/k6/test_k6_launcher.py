"""What k6 is called with."""

from perfgate.load.k6.launcher import K6Settings, Launcher


def test_no_script_is_told_the_tokens_of_the_job():
    tokens = dict.fromkeys(("GITHUB_TOKEN", "PERFGATE_TOKEN", "ACTIONS_RUNTIME_TOKEN"), "a-secret")
    variables = Launcher(K6Settings(), {"PATH": "/bin", **tokens}).environment("http://localhost:8080")
    assert variables == {"PATH": "/bin", "BASE_URL": "http://localhost:8080"}
